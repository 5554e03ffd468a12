# SPDX-License-Identifier: Apache-2.0
"""The wheel in an empty environment: it brings its libraries along and remembers.

The wheel is ELEA_WHEEL, which `make wheel` gives, or one packed from the modules of the build
folder.
"""

import os
import pathlib
import re
import subprocess
import sys
import tarfile
import zipfile

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUNDLED = "dnnl jansson utf8proc yaml lz4 zstd bz2 snappy brotlienc brotlidec brotlicommon".split()

MAPPED = """
def mapped(word):
    lines = open("/proc/self/maps").read().splitlines()
    return {line.split()[-1] for line in lines if word in line.rpartition("/")[2]}
"""


def run(*command, **options):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                          **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    given = os.environ.get("ELEA_WHEEL")
    if given:
        return pathlib.Path(given)
    build = pathlib.Path(os.environ["ELEA_BUILD_DIR"])
    if not list(build.glob("python/elea/_core.*.so")):
        pytest.skip("the build folder has no Python package: -DELEA_BUILD_PYTHON=ON")
    out = tmp_path_factory.mktemp("wheel") / "packed"
    return pathlib.Path(run(ROOT / "tools/wheel", "--packed", build, out).strip())


@pytest.fixture(scope="module")
def python(wheel, tmp_path_factory):
    """An interpreter that has the wheel, and nothing else, not even pip."""
    folder = tmp_path_factory.mktemp("empty")
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin/python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index",
        "--disable-pip-version-check", wheel)
    return python


def recall(python, folder, code):
    """Runs code in the empty environment, in a folder of its own, without any path of ours."""
    kept = {"HOME", "XDG_CACHE_HOME", "ELEA_MODELS"}
    environment = {name: value for name, value in os.environ.items() if name in kept}
    return run(python, "-I", "-c", MAPPED + code, cwd=folder, env=environment)


def test_bundled(wheel):
    """Every library is in it once, and nothing of elea is among them."""
    names = zipfile.ZipFile(wheel).namelist()
    libraries = [name for name in names if name.startswith("elea.libs/lib")]
    for bundled in BUNDLED:
        found = [name for name in libraries if re.search(rf"/lib{bundled}[-.]", name)]
        assert len(found) == 1, (bundled, libraries)
    assert not [name for name in names if name.startswith("elea.libs/_")]
    assert "manylinux" in wheel.name


def test_license(wheel):
    """The terms come along: with the wheel, and with the source distribution it was built from."""
    terms = (ROOT / "LICENSE").read_bytes()
    with zipfile.ZipFile(wheel) as packed:
        [name] = [name for name in packed.namelist() if name.endswith("/licenses/LICENSE")]
        assert packed.read(name) == terms
    for source in wheel.parent.glob("plain/*.tar.gz"):
        with tarfile.open(source) as packed:
            assert packed.extractfile(f"{source.name[:-len('.tar.gz')]}/LICENSE").read() == terms


def test_recall_by_vectors(python, tmp_path):
    """No NumPy: the first recall over vectors that the user brings; oneDNN comes with it only."""
    recall(python, tmp_path, """
import importlib.util, sys
assert importlib.util.find_spec("numpy") is None
import elea
assert not mapped("libdnnl")
storage = elea.ArrowStorage("mind", dimension=3)
vectors = elea.array([[1, 0, 0], [0, 0.6, 0.8]], elea.list_(elea.float16(), 3))
texts = ["one price for all regions", "the cat slept all day"]
assert storage.add(elea.table({"text": texts, "embedding": vectors})) == 2
before = elea.copied_bytes()
hits = elea.NetworkNavigator(storage).retrieve_arrow([0, 0, 1], max_results=1)
assert hits["text"].to_pylist() == texts[1:] and elea.copied_bytes() == before
for word in ("libdnnl", "_core.", "libjansson", "libzstd"):
    assert len(mapped(word)) == 1 and sys.prefix in mapped(word).pop(), mapped(word)
""")


def test_recall_by_text(python, tmp_path):
    """The first recall: a text is remembered and found by what it means."""
    path = run(ROOT / "tools/get-model", "--path").strip()
    if not os.path.exists(os.path.join(path, "model.safetensors")):
        pytest.skip("tools/get-model was not run")
    recall(python, tmp_path, """
import elea
texts = ["We keep one price for all regions.", "The cat slept all day on the windowsill."]
elea.ArrowStorage("mind", elea.LocalEmbedder()).add(texts)
storage = elea.ArrowStorage("mind", elea.LocalEmbedder())
hits = elea.NetworkNavigator(storage).retrieve_arrow("pricing")
assert hits["text"].to_pylist() == texts and "numpy" not in __import__("sys").modules
""")


def test_codecs(python, tmp_path):
    """The codecs that were bundled are those that are used."""
    recall(python, tmp_path, """
import elea
table = elea.table({"n": list(range(1000))})
for codec in ("lz4", "zstd"):
    elea.write_table(table, f"{codec}.arrow", compression=codec)
    assert elea.read_table(f"{codec}.arrow").equals(table)
""")
