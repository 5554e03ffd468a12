# SPDX-License-Identifier: Apache-2.0
"""What the tests of the package share: how hypothesis runs, and that nothing leaks."""

import gc
import os

import elea
import hypothesis
import pytest

hypothesis.settings.register_profile(
    "house", deadline=None, derandomize=True, database=None,
    max_examples=int(os.environ.get("ELEA_EXAMPLES", "60")))
hypothesis.settings.load_profile("house")


@pytest.fixture
def nothing_left():
    """The pool holds after the test what it held before."""
    gc.collect()
    before = elea.allocated_bytes()
    yield
    gc.collect()
    assert elea.allocated_bytes() == before


@pytest.fixture
def nothing_copied():
    """The test copies no payload."""
    before = elea.copied_bytes()
    yield
    assert elea.copied_bytes() == before
