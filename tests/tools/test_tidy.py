# SPDX-License-Identifier: Apache-2.0
"""tools/tidy refuses each thing it knows of, at the right line, and takes a good tree."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parents[2] / "tools" / "tidy"

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"


def function_of(lines):
    """A function of that many lines."""
    return "int count(int a) {\n" + "    a++;\n" * (lines - 3) + "    return a;\n}\n"


GOOD = {
    "src/base/README.md": "# base  \nA line of words may be long" + " and longer" * 20 + ".\n",
    "src/base/CMakeLists.txt": "# SPDX-License-Identifier: Apache-2.0\nelea_room_sources(base\n"
    "  good.c\n  os_posix.c)\n",
    "src/base/good.c": SPDX
    + '// calls no malloc() here\nstatic const char *text = "free(it)";\n'
    + "void drop(struct pool *pool) {\n    pool->ops->free(pool);\n    elea_free(pool);\n}\n"
    + "int prototype(int a,\n              int b,\n              int c);\n"
    + "struct wide {\n" + "    int a;\n" * 90 + "};\n"
    + "static const int table[] = {\n" + "    1,\n" * 90 + "};\n"
    + function_of(70),
    "src/base/os_posix.c": SPDX + "void *get(void) {\n    return malloc(1);\n}\n",
    "tests/base/test_good.c": SPDX + 'int main(void) {\n    printf("x");\n}\n',
    "tools/sums": "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"
    + "# " + "0123456789abcdef" * 4 + " a name" * 10 + "\n",
}

MARK = "TO" + "DO"

# The text of src/base/good.c -> what the tool must say.
BAD_TEXTS = {
    "no licence": ("int a;\n", "good.c:1: the first line must hold"),
    "long function": (SPDX + function_of(71), "good.c:2: a function of 71 lines"),
    "long function, folded signature": (
        SPDX + "int f(int a,\n      int b) {\n" + "    a++;\n" * 70 + "}\n",
        "good.c:2: a function of 73 lines",
    ),
    "long file": (SPDX + "int a;\n" * 800, "801 lines"),
    "long line": (SPDX + "// " + "a" * 98 + "\n", "good.c:2: 101 columns"),
    "marker": (SPDX + f"// {MARK}: more\n", "good.c:2: a leftover marker"),
    "switched off": (SPDX + "#if 0\n#endif\n", "good.c:2: a leftover marker"),
    "conflict": (SPDX + "<<<<<<< HEAD\n", "good.c:2: a leftover marker"),
    "banner": (SPDX + "// --------\n", "good.c:2: a banner line"),
    "space": (SPDX + "int a; \n", "good.c:2: white space"),
    "tab": (SPDX + "\tint a;\n", "good.c:2: a tab"),
    "no end": (SPDX + "int a;", "no newline"),
    "strcpy": (SPDX + "void f(void) { strcpy(a, b); }\n", "good.c:2: strcpy()"),
    "sprintf": (SPDX + "void f(void) { sprintf(a, b); }\n", "good.c:2: sprintf()"),
    "malloc": (SPDX + "void f(void) { a = malloc(1); }\n", "good.c:2: malloc()"),
    "free": (SPDX + "void f(void) { free(a); }\n", "good.c:2: free()"),
    "printf": (SPDX + 'void f(void) { printf("a"); }\n', "good.c:2: printf()"),
    "exit": (SPDX + "void f(void) { exit(1); }\n", "good.c:2: exit()"),
}

# Other changes of the tree -> what the tool must say.
BAD_TREES = {
    "no README": ({"src/io/CMakeLists.txt": GOOD["src/base/CMakeLists.txt"]}, "src/io: no README"),
    "a dead file": ({"src/base/dead.c": SPDX}, "src/base/dead.c: not in src/base/CMakeLists.txt"),
    "strcpy in a test": (
        {"tests/base/test_good.c": SPDX + "void f(void) { strcpy(a, b); }\n"},
        "test_good.c:2: strcpy()",
    ),
    "script without licence": ({"tools/sums": "#!/bin/sh\necho\n"}, "tools/sums:1: the first line"),
}


def run_on(files):
    with tempfile.TemporaryDirectory() as folder:
        for name, text in files.items():
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        command = [sys.executable, "-B", str(TOOL), folder]
        return subprocess.run(command, capture_output=True, text=True)


class Tidy(unittest.TestCase):
    def refuse(self, change, message):
        result = run_on(GOOD | change)
        self.assertEqual(result.returncode, 1)
        self.assertIn(message, result.stderr)
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)

    def test_good_tree(self):
        result = run_on(GOOD)
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_bad_texts(self):
        for name, (text, message) in BAD_TEXTS.items():
            with self.subTest(name):
                self.refuse({"src/base/good.c": text}, message)

    def test_bad_trees(self):
        for name, (change, message) in BAD_TREES.items():
            with self.subTest(name):
                self.refuse(change, message)


if __name__ == "__main__":
    unittest.main()
