# SPDX-License-Identifier: Apache-2.0
"""Gives the build the version that include/elea/base.h says."""

import pathlib
import re

__all__ = ["dynamic_metadata"]


def library_root():
    """The C sources: carried by a source distribution, else the repository around this folder."""
    python = pathlib.Path(__file__).resolve().parent.parent
    carried = python / "libelea"
    return carried if carried.is_dir() else python.parent


def dynamic_metadata(settings, project):
    text = (library_root() / "include" / "elea" / "base.h").read_text()
    parts = [re.search(rf"define ELEA_VERSION_{part} (\d+)", text)[1]
             for part in ("MAJOR", "MINOR", "PATCH")]
    return {"version": ".".join(parts)}
