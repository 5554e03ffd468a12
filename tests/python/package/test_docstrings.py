# SPDX-License-Identifier: Apache-2.0
"""The examples in the docstrings are true."""

import doctest
import importlib
import importlib.util
import pkgutil

import elea
import pytest

MODULES = ["elea", *(f"elea.{found.name}" for found in pkgutil.iter_modules(elea.__path__))]


@pytest.mark.parametrize("name", MODULES)
def test_examples_run(name, tmp_path, monkeypatch):
    if name == "elea.memory" and importlib.util.find_spec("elea._memory") is None:
        pytest.skip("built with ELEA_BUILD_MEMORY=OFF")
    monkeypatch.chdir(tmp_path)
    result = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert result.failed == 0


def test_there_are_examples():
    found = doctest.DocTestFinder().find(importlib.import_module("elea._core"))
    assert sum(bool(one.examples) for one in found) > 20


def test_public_names_have_docstrings():
    for name in elea.__all__:
        value = getattr(elea, name)
        if isinstance(value, type):
            assert value.__doc__, name
