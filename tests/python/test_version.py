# SPDX-License-Identifier: Apache-2.0
"""The library through ctypes and the program say the same version."""

import ctypes
import os
import subprocess


def test_library_and_program_agree():
    library = ctypes.CDLL(os.environ["ELEA_LIBRARY"])
    library.elea_version.restype = ctypes.c_char_p
    version = library.elea_version().decode()
    answer = subprocess.run(
        [os.environ["ELEA_PROGRAM"], "version"], check=True, capture_output=True, text=True
    )
    assert version in answer.stdout
