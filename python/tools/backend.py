# SPDX-License-Identifier: Apache-2.0
"""scikit-build-core, with one thing more: a source distribution carries the C sources.

They lie outside this folder, where no source distribution reaches. While one is made they are
copied to libelea/, which CMakeLists.txt prefers to the repository around it.
"""

import pathlib
import shutil

from scikit_build_core.build import *  # noqa: F403
from scikit_build_core.build import build_sdist as plain_build_sdist

PYTHON = pathlib.Path(__file__).resolve().parent.parent
CARRIED = ["CMakeLists.txt", "LICENSE", "cmake", "include", "src"]


def build_sdist(sdist_directory, config_settings=None):
    target = PYTHON / "libelea"
    if target.exists():  # this is an unpacked source distribution
        return plain_build_sdist(sdist_directory, config_settings)
    try:
        target.mkdir()
        for name in CARRIED:
            source = PYTHON.parent / name
            if source.is_dir():
                shutil.copytree(source, target / name)
            else:
                shutil.copy2(source, target / name)
        return plain_build_sdist(sdist_directory, config_settings)
    finally:
        shutil.rmtree(target)
