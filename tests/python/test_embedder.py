# SPDX-License-Identifier: Apache-2.0
"""The embedder, through ctypes, beside the float64 reference of tools/embed-reference."""

import ctypes
import importlib.machinery
import importlib.util
import os
import pathlib
import random
import shutil

import numpy as np
import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
EINVAL, ENOTFOUND, EUNSUPPORTED = 1, 6, 9
F32, BF16 = 1, 2
COSINE_MIN = {F32: 0.9999, BF16: 0.999}


def model_directory():
    cache = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    models = os.environ.get("ELEA_MODELS") or pathlib.Path(cache) / "elea" / "models"
    return pathlib.Path(models) / "all-MiniLM-L6-v2"


if not (model_directory() / "model.safetensors").exists():
    pytest.skip("no model: run tools/get-model", allow_module_level=True)


class Bytes(ctypes.Structure):
    _fields_ = [("data", ctypes.c_char_p), ("size", ctypes.c_int64)]


class Error(ctypes.Structure):
    _fields_ = [
        ("status", ctypes.c_int),
        ("os_code", ctypes.c_int),
        ("message", ctypes.c_char * 1000),
    ]


class Options(ctypes.Structure):
    _fields_ = [
        ("precision", ctypes.c_int),
        ("threads", ctypes.c_void_p),
        ("pool", ctypes.c_void_p),
        ("length_max", ctypes.c_int32),
    ]


class Figures(ctypes.Structure):
    _fields_ = [
        ("texts", ctypes.c_int64),
        ("texts_cut", ctypes.c_int64),
        ("tokens", ctypes.c_int64),
        ("tokens_padded", ctypes.c_int64),
        ("operations", ctypes.c_double),
    ]


def load_libraries():
    base = pathlib.Path(os.environ["ELEA_LIBRARY"])
    library = ctypes.CDLL(str(base), mode=ctypes.RTLD_GLOBAL)
    memory = ctypes.CDLL(str(base.with_name(base.name.replace("libelea", "libelea_memory"))))
    memory.elea_embedder_fingerprint.restype = ctypes.c_char_p
    return library, memory


BASE, LIBRARY = load_libraries()


class EleaError(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


def checked(status, error):
    if status != 0:
        raise EleaError(status, error.message.decode())


class Embedder:
    def __init__(self, precision=0, workers=2, directory=None, length_max=0):
        error = Error()
        self.threads = ctypes.c_void_p()
        checked(
            BASE.elea_thread_pool_new(
                None, workers, ctypes.byref(self.threads), ctypes.byref(error)
            ),
            error,
        )
        options = Options(precision, self.threads, None, length_max)
        self.handle = ctypes.c_void_p()
        path = str(directory or model_directory()).encode()
        checked(
            LIBRARY.elea_embedder_open(
                path, ctypes.byref(options), ctypes.byref(self.handle), ctypes.byref(error)
            ),
            error,
        )
        self.dimension = LIBRARY.elea_embedder_dimension(self.handle)

    def encode(self, texts):
        raw = [t if isinstance(t, bytes) else t.encode() for t in texts]
        array = (Bytes * len(raw))(*(Bytes(t, len(t)) for t in raw))
        out = np.empty((len(raw), self.dimension), np.float16)
        error, self.figures = Error(), Figures()
        checked(
            LIBRARY.elea_embedder_encode_halves(
                self.handle,
                array,
                ctypes.c_int64(len(raw)),
                None,
                out.ctypes.data_as(ctypes.c_void_p),
                ctypes.byref(self.figures),
                ctypes.byref(error),
            ),
            error,
        )
        return out

    def close(self):
        LIBRARY.elea_embedder_free(self.handle)
        BASE.elea_thread_pool_free(self.threads)


@pytest.fixture(params=[F32, BF16], ids=["f32", "bf16"])
def precision(request):
    return request.param


@pytest.fixture
def embedder(precision):
    try:
        made = Embedder(precision)
    except EleaError as error:
        if error.status != EUNSUPPORTED:
            raise
        pytest.skip(str(error))
    yield made
    made.close()


@pytest.fixture(scope="module")
def reference():
    path = str(ROOT / "tools" / "embed-reference")
    loader = importlib.machinery.SourceFileLoader("embed_reference", path)
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(loader.name, loader))
    loader.exec_module(module)
    return module.Reference(model_directory())


@pytest.fixture(scope="module")
def expected(reference):
    """The reference's vectors of the sentences: computed once, as it is slow."""
    return reference.encode(sentences(200))


WORDS = (
    "the arrow in flight does not move data is written once and every layer above works on views "
    "of same bytes river stone memory agent vector seventeen Zürich naïve COFFEE don't e-mail "
    "3.14159 antidisestablishmentarianism parmenides turtle"
).split()

STRANGE = [
    "",
    " ",
    "a",
    "\t\n\r ",
    "word " * 3000,
    "x" * 5000,
    "今天天气很好,我们去公园散步吧。",
    "日本語のテキストと English mixed",
    "👩‍👩‍👧‍👦 emoji 🎉🎉 and 🏳️‍🌈",
    "e\u0301 cafe\u0301 Å A\u030a \u0327c",
    "control\x00\x01\x1f characters\x7f\u200b\ufeff here",
    "Ünïcödé ÀÉÎÕÜ ß ſ İ ı",
    "[CLS] [SEP] [MASK] in the text",
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629 עברית हिन्दी ไทย",
    "https://example.org/a?b=c&d=%20#frag",
    "\ufffd \U0010ffff \ue000",
    "." * 300,
]


def sentences(count):
    rng = random.Random(7)
    made = list(STRANGE)
    while len(made) < count:
        words = rng.choices(WORDS, k=rng.choice([1, 3, 8, 11, 12, 15, 30]))
        made.append(" ".join(words) + rng.choice([".", "?", "", "!"]))
    return made[:count]


def cosines(a, b):
    a, b = a.astype(np.float64), b.astype(np.float64)
    return (a * b).sum(1) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


def test_close_to_the_reference(embedder, precision, reference, expected):
    texts = sentences(200)
    out = embedder.encode(texts)
    agreement = cosines(out, expected)
    assert agreement.min() >= COSINE_MIN[precision], texts[int(agreement.argmin())][:80]
    assert np.abs(np.linalg.norm(out.astype(np.float64), axis=1) - 1).max() < 1e-3
    tokens = sum(map(len, reference.ids(texts)))
    assert embedder.figures.tokens == tokens
    assert embedder.figures.texts == 200 and embedder.figures.texts_cut >= 2
    assert embedder.figures.tokens_padded < tokens / 50


def test_company_does_not_matter(embedder, precision):
    texts = sentences(40)
    together = embedder.encode(texts)
    alone = np.concatenate([embedder.encode([text]) for text in texts])
    assert cosines(together, alone).min() >= 0.9999
    backwards = embedder.encode(texts[::-1])[::-1]
    assert cosines(together, backwards).min() >= 0.9999


def test_threads_do_not_matter(embedder, precision):
    texts = sentences(60)
    expected = embedder.encode(texts).tobytes()
    for workers in (1, 5):
        other = Embedder(precision, workers)
        assert other.encode(texts).tobytes() == expected
        other.close()


def test_windows_join():
    """More texts than are taken at a time."""
    embedder = Embedder()
    texts = [f"number {i % 700}" for i in range(4096 + 5)]
    out = embedder.encode(texts)
    assert cosines(out[:700], out[700:1400]).min() >= 0.9999
    assert cosines(out[-5:], out[4096 % 700 : 4096 % 700 + 5]).min() >= 0.9999
    embedder.close()


def test_not_utf8_names_text_and_byte(embedder):
    with pytest.raises(EleaError, match=r"text 2.*\b3\b") as caught:
        embedder.encode(["fine", "fine", b"abc\xff"])
    assert caught.value.status == EINVAL


def test_length_is_limited(reference):
    short = Embedder(F32, length_max=8)
    out = short.encode(["one two three four five six seven eight nine ten"])
    assert short.figures.tokens == 8 and short.figures.texts_cut == 1
    ids = reference.ids(["one two three four five six"])
    assert cosines(out, reference.encode_ids(ids)).min() >= 0.9999
    short.close()


def link_model(target, *without):
    for path in model_directory().rglob("*"):
        relative = path.relative_to(model_directory())
        if path.is_file() and str(relative) not in without:
            (target / relative).parent.mkdir(parents=True, exist_ok=True)
            (target / relative).symlink_to(path)


@pytest.mark.parametrize("missing", ["config.json", "model.safetensors"])
def test_missing_file_is_named(tmp_path, missing):
    link_model(tmp_path, missing)
    with pytest.raises(EleaError, match=missing) as caught:
        Embedder(directory=tmp_path)
    assert caught.value.status == ENOTFOUND


def test_cut_file_is_refused(tmp_path):
    link_model(tmp_path, "model.safetensors")
    copy = tmp_path / "model.safetensors"
    shutil.copyfile(model_directory() / "model.safetensors", copy)
    os.truncate(copy, copy.stat().st_size - 1)
    with pytest.raises(EleaError, match="model.safetensors.*not inside") as caught:
        Embedder(directory=tmp_path)
    assert caught.value.status == EINVAL


def test_wrong_shape_is_refused(tmp_path):
    link_model(tmp_path, "config.json")
    config = (model_directory() / "config.json").read_text()
    (tmp_path / "config.json").write_text(config.replace("1536", "1537"))
    with pytest.raises(EleaError, match=r"\[1536, 384\], expected \[1537, 384\]") as caught:
        Embedder(directory=tmp_path)
    assert caught.value.status == EINVAL


def test_fingerprint():
    made = Embedder(F32)
    assert LIBRARY.elea_embedder_fingerprint(made.handle) == b"%016x" % hash_of_weights()
    made.close()


def hash_of_weights():
    data = (model_directory() / "model.safetensors").read_bytes()
    BASE.elea_hash64.restype = ctypes.c_uint64
    return BASE.elea_hash64(data, ctypes.c_int64(len(data)), ctypes.c_uint64(0))
