# SPDX-License-Identifier: Apache-2.0
"""The tokenizer, through ctypes, beside the `tokenizers` package: the ids are equal."""

import ctypes
import itertools
import json
import os
import pathlib
import random
import subprocess
from ctypes import byref, c_bool, c_char, c_char_p, c_int, c_int32, c_int64, c_void_p

import pytest
import tokenizers
from tokenizers import models, normalizers, pre_tokenizers

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEED = 20261122
LENGTH = 256


class CBytes(ctypes.Structure):
    _fields_ = [("data", c_char_p), ("size", c_int64)]


class CError(ctypes.Structure):
    _fields_ = [("status", c_int), ("os_code", c_int), ("message", c_char * 1000)]


class Tokenizer:
    library = ctypes.CDLL(os.environ["ELEA_MEMORY_LIBRARY"])

    def __init__(self, directory):
        self.handle = c_void_p()
        self.error = CError()
        path = os.fsencode(directory)
        status = self.library.elea_tokenizer_open(path, None, byref(self.handle), byref(self.error))
        assert status == 0, self.error.message

    def __del__(self):
        self.library.elea_tokenizer_free(self.handle)

    def encode(self, text, capacity=LENGTH):
        """The ids, and whether there were more."""
        data = text.encode()
        ids = (c_int32 * capacity)()
        length, cut = c_int32(), c_bool()
        status = self.library.elea_tokenizer_encode(
            self.handle, CBytes(data, len(data)), ids, c_int32(capacity), byref(length), byref(cut),
            byref(self.error),
        )
        assert status == 0, self.error.message
        return ids[: length.value], cut.value


def model_directory():
    get_model = ROOT / "tools" / "get-model"
    path = subprocess.run([get_model, "--path"], check=True, capture_output=True, text=True).stdout
    if not (pathlib.Path(path.strip()) / "tokenizer.json").exists():
        pytest.skip(f"no model in {path.strip()}: run tools/get-model")
    return pathlib.Path(path.strip())


def their_tokenizer(directory):
    theirs = tokenizers.Tokenizer.from_file(str(directory / "tokenizer.json"))
    theirs.no_padding()
    theirs.no_truncation()
    return theirs


def assert_equal_ids(ours, theirs, texts, capacity=LENGTH):
    """Both cut at `capacity`; theirs must be without truncation, to tell what is cut."""
    for text in texts:
        expected = theirs.encode(text).ids
        cut = len(expected) > capacity
        if cut:
            expected = expected[: capacity - 1] + expected[-1:]
        assert ours.encode(text, capacity) == (expected, cut), ascii(text)


# ---- generated texts ----

RANGES = {
    "ascii": [(0x20, 0x7E)],
    "latin": [(0xA0, 0x24F), (0x1E00, 0x1EFF)],
    "greek": [(0x370, 0x3FF), (0x1F00, 0x1FFF)],
    "cyrillic": [(0x400, 0x52F), (0x1C80, 0x1C8F)],
    "hebrew, arabic": [(0x590, 0x6FF), (0x750, 0x77F), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFE)],
    "indic": [(0x900, 0xDFF)],
    "thai, lao, tibetan": [(0xE00, 0xFFF)],
    "burmese, khmer": [(0x1000, 0x109F), (0x1780, 0x17FF)],
    "georgian, ethiopic, cherokee": [(0x10A0, 0x10FF), (0x1200, 0x13FF), (0xAB70, 0xABBF)],
    "hangul": [(0x1100, 0x11FF), (0xAC00, 0xD7A3)],
    "kana": [(0x3040, 0x30FF), (0xFF66, 0xFF9F)],
    "cjk": [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x2A6DF),
            (0x2B820, 0x2CEAF), (0x2F800, 0x2FA1F)],
    "signs": [(0x2000, 0x2BFF), (0x2E00, 0x2E7F), (0x3000, 0x303F), (0xFF00, 0xFF65)],
    "marks": [(0x300, 0x36F), (0x483, 0x489), (0x1AB0, 0x1AFF), (0x1DC0, 0x1DFF),
              (0x20D0, 0x20F0), (0x302A, 0x302F), (0xFE20, 0xFE2F), (0x1D165, 0x1D172)],
    "controls": [(0x00, 0x1F), (0x7F, 0x9F), (0x200B, 0x200F), (0x2028, 0x202E),
                 (0x2060, 0x206F), (0xFFF0, 0xFFFF), (0xE0000, 0xE007F)],
    "emoji": [(0x1F300, 0x1FAFF), (0x2600, 0x27BF), (0x1F1E6, 0x1F1FF), (0x1F3FB, 0x1F3FF)],
    "ancient": [(0x10000, 0x10FFF), (0x12000, 0x1254F), (0x16A0, 0x16FF)],
    "late": [(0x1E900, 0x1E95F), (0x11F00, 0x11F5F), (0xA700, 0xA7FF), (0x10D40, 0x10D8F)],
    "private": [(0xE000, 0xF8FF), (0xF0000, 0xF0FFF)],
}
MARKED = ["[CLS]", "[SEP]", "[MASK]", "[PAD]", "[UNK]", "[mask]", "[ SEP ]", "[[MASK]]", "[MASK",
          "[UNK]s", "##able", "[unused1]"]
SPACES = [" ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u3000", "\u2028", "\u1680", "\v"]
EMOJI = ["\u2764\uFE0F", "\U0001F44D\U0001F3FD", "1\uFE0F\u20E3",
         "\U0001F468\u200D\U0001F469\u200D\U0001F467\u200D\U0001F466"]


class Generator:
    def __init__(self, vocabulary):
        self.random = random.Random(SEED)
        self.pieces = [token.removeprefix("##") for token in vocabulary if token[0] != "["]

    def char(self, name):
        first, last = self.random.choice(RANGES[name])
        char = chr(self.random.randint(first, last))
        return char if not 0xD800 <= ord(char) <= 0xDFFF else "?"

    def run(self, name, longest=12):
        return "".join(self.char(name) for _ in range(self.random.randint(1, longest)))

    def word(self):
        return "".join(self.random.choices(self.pieces, k=self.random.randint(1, 4)))

    def accented(self):
        return "".join(char + self.run("marks", 3) * self.random.randint(0, 1)
                       for char in self.word())

    def cased(self):
        word = self.word()
        return self.random.choice([word.upper(), word.title(), word.swapcase()])

    def long_word(self):
        length = self.random.choice([98, 99, 100, 101, 102, 150, 1500])
        return self.random.choice(["a", "\u00e9", "e\u0301", "\u0436", "\u0939\u094D"]) * length

    def part(self):
        choice = self.random.random()
        if choice < 0.30:
            return self.word()
        if choice < 0.40:
            return self.random.choice([self.cased, self.accented])()
        if choice < 0.80:
            return self.run(self.random.choice(list(RANGES)))
        if choice < 0.86:
            return self.random.choice(MARKED)
        if choice < 0.90:
            return self.random.choice(EMOJI)
        if choice < 0.91:
            return self.long_word()
        return self.random.choice(SPACES)

    def text(self, parts):
        joints = ["", " "] + [self.random.choice(SPACES)]
        return "".join(self.part() + self.random.choice(joints) for _ in range(parts))

    def texts(self, count):
        for index in range(count):
            if index % 50 == 0:
                yield self.text(self.random.randint(100, 400))
            else:
                yield self.text(self.random.randint(0, 12))


@pytest.fixture(scope="module")
def pair():
    directory = model_directory()
    return Tokenizer(directory), their_tokenizer(directory)


def test_generated_texts(pair):
    ours, theirs = pair
    generator = Generator(theirs.get_vocab())
    texts = list(generator.texts(10_000))
    assert_equal_ids(ours, theirs, texts)
    # The generator does what it says: whole words, unknown ones and cut texts are all there.
    lengths = [ours.encode(text) for text in texts]
    assert 150 < sum(cut for _, cut in lengths) < 1000
    unknown = sum(ids.count(100) for ids, _ in lengths) / sum(len(ids) for ids, _ in lengths)
    assert 0.05 < unknown < 0.6


def test_cut_as_the_package_cuts(pair):
    ours, theirs = pair
    text = "unaffable words, hyperventilating [MASK] \u6f22\u5b57 " * 60
    cutting = tokenizers.Tokenizer.from_str(theirs.to_str())
    for length in range(2, 300):
        cutting.enable_truncation(length)
        assert ours.encode(text, length)[0] == cutting.encode(text).ids


def test_every_character(pair):
    """Each character inside a word and alone; of the planes that nobody uses, some."""
    ours, theirs = pair
    used = itertools.chain(range(0xD800), range(0xE000, 0xE200), range(0xF800, 0x33480),
                           range(0xE0000, 0xE0200), range(0x33480, 0x110000, 997))
    words = (f"cat{chr(c)}s {chr(c)} " for c in used)
    for chunk in iter(lambda: "".join(itertools.islice(words, 64)), ""):
        assert_equal_ids(ours, theirs, [chunk], capacity=2048)


# ---- other tokenizers than the model's ----

TOKENS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
TRICKY = [
    "\u00c9t\u00e9 \u0130stanbul \u01c5ungla STRASSE stra\u00dfe \u1e9e \ufb01n \u212a\u212b",
    "\u6f22\u5b57kanji\u6f22 \u30ab\u30bf\u30ab\u30ca \uac00\uac01 \uf900\ufa47",
    "e\u0301\u0327 e\u0327\u0301 a\u302e\U0001D165 a\U0001D165\u302e a\u302e\u0941\U0001D165",
    "zero\u200bwidth soft\u00adhyphen nul\0nul del\x7fdel bad\ufffdbad nel\x85nel vt\x0bvt",
    "don't stop $5.00 \u20ac5 \u00bfqu\u00e9? \u2014 \u00abx\u00bb \u061f \u0964 \u3002",
    "[MASK][SEP]a[PAD]b [CLS] [UNK]",
]


def small_vocabulary():
    """All characters of the tricky texts in any form, so that differences show as ids."""
    chars = set()
    for text in TRICKY:
        for form in (text, text.lower(), normalizers.NFD().normalize_str(text)):
            chars.update(form, form.lower())
            chars.update(normalizers.NFD().normalize_str(form.lower()))
    chars = sorted(char for char in chars if char.strip() and char not in "\0\r\n")
    # Sequences of marks in both orders, to see which one came out.
    marks = ["\u302e\U0001D165", "\U0001D165\u302e", "\u0327\u0301", "\u0301\u0327"]
    tokens = TOKENS + chars + ["##" + char for char in chars] + ["##" + mark for mark in marks]
    return {token: index for index, token in enumerate(tokens)}


@pytest.mark.parametrize("clean_text", [True, False])
@pytest.mark.parametrize("handle_chinese_chars", [True, False])
@pytest.mark.parametrize("strip_accents", [True, False, None])
@pytest.mark.parametrize("lowercase", [True, False])
def test_normalizer_options(tmp_path, clean_text, handle_chinese_chars, strip_accents, lowercase):
    model = models.WordPiece(small_vocabulary(), unk_token="[UNK]", max_input_chars_per_word=30)
    theirs = tokenizers.Tokenizer(model)
    theirs.add_special_tokens(TOKENS)
    theirs.normalizer = normalizers.BertNormalizer(
        clean_text, handle_chinese_chars, strip_accents, lowercase
    )
    theirs.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    theirs.post_processor = tokenizers.processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    theirs.save(str(tmp_path / "tokenizer.json"))
    ours = Tokenizer(tmp_path)
    assert_equal_ids(ours, theirs, TRICKY)
    shuffled = random.Random(SEED)
    for _ in range(300):
        text = "".join(shuffled.sample("".join(TRICKY), shuffled.randint(1, 40)))
        assert_equal_ids(ours, theirs, [text])


@pytest.mark.parametrize("lowercase", [True, False])
def test_vocabulary_lines(tmp_path, lowercase):
    lines = [token for token in small_vocabulary() if "\n" not in token]
    (tmp_path / "vocab.txt").write_text("\n".join(lines) + "\n", "utf-8", newline="\n")
    (tmp_path / "tokenizer_config.json").write_text(json.dumps({"do_lower_case": lowercase}))
    theirs = tokenizers.BertWordPieceTokenizer(str(tmp_path / "vocab.txt"), lowercase=lowercase)
    assert_equal_ids(Tokenizer(tmp_path), theirs, TRICKY)


def test_added_tokens(tmp_path):
    theirs = tokenizers.Tokenizer(models.WordPiece(small_vocabulary(), unk_token="[UNK]"))
    theirs.normalizer = normalizers.BertNormalizer()
    theirs.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    theirs.add_special_tokens(TOKENS + ["<a>", "<a>b", "na\u00efve", "\u6f22\u5b57", "  "])
    theirs.add_special_tokens([tokenizers.AddedToken("<m>", lstrip=True, rstrip=True)])
    theirs.save(str(tmp_path / "tokenizer.json"))
    texts = ["<a>b<a>", "<a><a>bb", "na\u00efve na\u00efvena\u00efve NA\u00cfVE",
             "\u6f22\u5b57\u6f22", "a  b   c    ", "a <m> b<m>c  <m>", "<a", "<m", "<"]
    assert_equal_ids(Tokenizer(tmp_path), theirs, texts + TRICKY)
