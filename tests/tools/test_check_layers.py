# SPDX-License-Identifier: Apache-2.0
"""tools/check-layers refuses trees that break the order of the rooms, and takes good ones."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools" / "check-layers"

LAYERS = """\
# from the ground up
base
columnar
left right
top
top except right
"""

GOOD = {
    "src/LAYERS": LAYERS,
    "include/elea/elea.h": "#include <elea/base.h>\n#include <elea/columnar.h>\n",
    "include/elea/base.h": "#include <stdint.h>\n",
    "include/elea/columnar.h": "#include <elea/base.h>\n#include <elea/base/list.h>\n",
    "include/elea/base/list.h": "",
    "include/elea/right.h": "",
    "src/base/pool.h": "",
    "src/base/math_internal.h": "",
    "src/base/pool.c": '#include "pool.h"\n#include "base/math_internal.h"\n#include <stdio.h>\n',
    "src/columnar/array.c": '#include <elea/columnar.h>\n#include "base/math_internal.h"\n',
    "src/left/left.c": "#include <elea/columnar.h>\n",
    "src/right/right_internal.h": "",
    "src/top/top.c": "#include <elea/base.h>\n",
    "cli/main.c": "#include <elea/elea.h>\n",
}

# What is changed in the good tree -> what the tool must say.
BAD = {
    "downwards": ({"src/base/pool.c": "#include <elea/columnar.h>\n"}, "base may not use columnar"),
    "downwards, private": (
        {"src/base/pool.c": '#include "right/right_internal.h"\n'},
        "base may not use right",
    ),
    "a peer": ({"src/left/left.c": "#include <elea/right.h>\n"}, "left may not use right"),
    "an exception": ({"src/top/top.c": "#include <elea/right.h>\n"}, "top may not use right"),
    "another room's own header": (
        {"src/columnar/array.c": '#include "base/pool.h"\n'},
        "belongs to base",
    ),
    "by a path upwards": (
        {"src/columnar/array.c": '#include "../base/pool.h"\n'},
        "belongs to base",
    ),
    "a public header that is not whole": (
        {"include/elea/columnar.h": '#include "../../src/base/math_internal.h"\n'},
        "not public",
    ),
    "a public header downwards": (
        {"include/elea/base.h": "#include <elea/columnar.h>\n"},
        "base may not use columnar",
    ),
    "the table of contents": ({"src/top/top.c": "#include <elea/elea.h>\n"}, "not elea/elea.h"),
    "a header that is not there": ({"src/top/top.c": "#include <elea/gone.h>\n"}, "no public"),
    "the program": ({"cli/main.c": '#include "base/pool.h"\n'}, "is not a public header"),
    "a room without a place": ({"src/attic/box.c": "\n"}, "attic is not in src/LAYERS"),
    "a room named twice": ({"src/LAYERS": LAYERS + "base\n"}, "named twice"),
    "an exception for nobody": ({"src/LAYERS": LAYERS + "top also attic\n"}, "no room above"),
}


def run_on(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        command = [sys.executable, "-B", str(TOOL), folder]
        return subprocess.run(command, capture_output=True, text=True)


class CheckLayers(unittest.TestCase):
    def test_good_tree(self):
        result = run_on(GOOD)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_also_grants(self):
        change = {"src/LAYERS": LAYERS + "right also left\n", "include/elea/left.h": ""}
        result = run_on(GOOD | change | {"src/right/right.c": "#include <elea/left.h>\n"})
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_bad_trees(self):
        for name, (change, message) in BAD.items():
            with self.subTest(name):
                result = run_on(GOOD | change)
                self.assertEqual(result.returncode, 1)
                self.assertIn(message, result.stderr)
                self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)


if __name__ == "__main__":
    unittest.main()
