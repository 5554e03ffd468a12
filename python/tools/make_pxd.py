# SPDX-License-Identifier: Apache-2.0
"""Makes elea/_c/*.pxd, the low tier of the package, from the public C headers.

What Cython may call is thereby what the headers declare, and cannot drift apart from them. The
headers keep to a plain style, and that is all this understands: one typedef, struct or prototype
at a time, enumerators by name or from an X-macro list.

usage: make_pxd.py INCLUDE_FOLDER TARGET_FOLDER
"""

import keyword
import pathlib
import re
import sys

# A module for each room; those below may use all above them.
ROOMS = {
    "base": ["base.h", "base/*.h"],
    "columnar": ["columnar.h", "columnar/*.h"],
    "abi": ["abi.h", "abi/*.h"],
    "io": ["io.h", "io/*.h"],
    "ipc": ["ipc.h", "ipc/*.h"],
    "vector": ["vector.h", "vector/*.h"],
    "embed": ["embed.h", "embed/*.h"],
    "memory": ["memory.h", "memory/*.h"],
}
HEAD = """\
# SPDX-License-Identifier: Apache-2.0
# Made by tools/make_pxd.py from elea/{room}.h, whose comments are the contracts.
from libc.stdint cimport (
    int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t, uintptr_t)
from libc.stdio cimport FILE
"""
LIST = re.compile(r"#define (ELEA_\w+_LIST)\(X\)((?:[^\n]*\\\n)*[^\n]*\n)")
LIST_USE = re.compile(r"#define (\w+)\(name[^)]*\)\s+(\w+)##name")
CONSTANT = re.compile(r"^#define ([A-Z][A-Z0-9_]+) +(-?\d+)$", re.MULTILINE)
DECLARATION = re.compile(
    r"typedef enum (?P<enum>\w+) \{(?P<items>[^}]*)\}[^;]*;"
    r"|(?:typedef )?struct (?P<struct>\w+) \{(?P<fields>[^}]*)\}[^;]*;"
    r"|typedef struct (?P<opaque>\w+) \w+;"
    r"|^struct (?P<tag>\w+);"
    r"|typedef (?P<alias>[^;{]*);"
    r"|ELEA_API (?P<prototype>[^;{]*);"
    r"|static inline (?P<inline>[^;{]*)\{",
    re.MULTILINE,
)


def plain(text):
    """C to Cython: one line, no struct keyword, bool by the name it has in base.pxd."""
    text = re.sub(r"\bELEA_CHECKED\b|\bELEA_PRINTF\([^)]*\)", " ", " ".join(text.split()))
    text = re.sub(r"\bstruct (?=\w)", "", text)
    text = re.sub(r"\bbool\b", "c_bool", text)
    text = re.sub(r"\(void\)\s*$", "()", text)
    text = re.sub(r"\b([a-z]+)(?=[,)]|$)",
                  lambda m: m[1] + "_" if keyword.iskeyword(m[1]) else m[1], text)
    return re.sub(r"  +", " ", text).strip()


def enumerators(body, uses, lists):
    for name in re.findall(r"\b(ELEA_\w+)\b(?!\s*\))(?=\s*(?:=[^,]*)?(?:,|$))", body):
        yield name
    for name, use in re.findall(r"(\w+_LIST)\((\w+)\)", body):
        for item in lists[name]:
            yield uses[use] + item


def block(head, lines):
    return [head, *(f"    {line}" for line in lines or ["pass"])]


def declarations(text, uses, lists):
    code = re.sub(r"//[^\n]*", "", text)
    constants = [name for name, _ in CONSTANT.findall(code)]
    if constants:
        yield from block("enum:", constants)
    code = re.sub(r"^ *#(?:[^\n]*\\\n)*[^\n]*\n", "", code, flags=re.MULTILINE)
    code = code.replace('extern "C" {', "")
    defined = set(re.findall(r"struct (\w+) \{", code))
    seen = set()
    for found in DECLARATION.finditer(code):
        kind, value = found.lastgroup, found
        if value["enum"]:
            items = list(enumerators(value["items"].strip().rstrip(",") + ",", uses, lists))
            yield from block(f"ctypedef enum {value['enum']}:", items)
        elif value["struct"]:
            word = "ctypedef struct" if value["struct"].startswith("elea_") else "struct"
            fields = [plain(line) for line in value["fields"].split(";") if line.strip()]
            yield from block(f"{word} {value['struct']}:", fields)
        elif kind in ("opaque", "tag"):
            name = value[kind]
            word = "ctypedef struct" if kind == "opaque" else "struct"
            if name in seen:
                continue
            seen.add(name)
            # One that is defined below is only named here.
            yield from [f"{word} {name}"] if name in defined else block(f"{word} {name}:", None)
        elif kind == "alias":
            yield f"ctypedef {plain(value['alias'])}"
        else:
            yield plain(value[kind])


def fold(line, width=99):
    """Continuation lines, inside parentheses."""
    if len(line) <= width or "(" not in line:
        return line
    parts, indent = [], " " * (line.index("(") + 1)
    while len(line) > width:
        cut = line.rindex(", ", 0, width) + 1
        parts.append(line[:cut])
        line = indent + line[cut + 1:]
    return "\n".join([*parts, line])


def make(include, room, above, uses, lists):
    files = sorted((p for glob in ROOMS[room] for p in include.glob(glob)),
                   key=lambda p: (p.name != f"{room}.h", p))
    if not files:
        return None
    out = [HEAD.format(room=room)]
    out += [f"from elea._c.{name} cimport *" for name in above]
    for path in files:
        lines = list(declarations(path.read_text(), uses, lists))
        if path.name == "base.h":
            lines.insert(0, 'ctypedef bint c_bool "bool"')
        if lines:
            out += ["", "", f'cdef extern from "elea/{path.relative_to(include)}" nogil:']
            out += [fold(f"    {line}") for line in lines]
    return "\n".join(out) + "\n"


def main():
    include, target = (pathlib.Path(argument) for argument in sys.argv[1:3])
    include = include / "elea"
    text = "".join(p.read_text() for p in sorted(include.rglob("*.h")))
    lists = {name: re.findall(r"X\((\w+)", body) for name, body in LIST.findall(text)}
    uses = dict(LIST_USE.findall(text))
    target.mkdir(parents=True, exist_ok=True)
    written = {"__init__": "# SPDX-License-Identifier: Apache-2.0\n# The C API.\n"}
    for room in ROOMS:
        above = [name for name in written if name != "__init__"]
        body = make(include, room, above, uses, lists)
        if body is not None:
            written[room] = body
    for name, body in written.items():
        path = target / f"{name}.pxd"
        if not path.exists() or path.read_text() != body:
            path.write_text(body)


if __name__ == "__main__":
    main()
