#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Installs a build into a folder of its own and builds and runs every example against it, the way a
# user would: by pkg-config, by pkg-config with the static library, and by the CMake package.
#
# usage: test_install.sh SOURCE BUILD
set -eu

source=$1
build=$2
unset DESTDIR
prefix=$build/tests/installed
work=$build/tests/examples
rm -rf "$prefix" "$work"
mkdir -p "$work"

cmake --install "$build" --prefix "$prefix" >"$work/install.log"
pc=$(dirname "$(find "$prefix" -name elea.pc)")
lib=$(dirname "$pc")

# Example files, those of the memory where it is installed: "library file" a line.
programs() {
    for file in "$source"/examples/*.c; do echo "elea $file"; done
    [ ! -f "$pc/elea_memory.pc" ] || for file in "$source"/examples/memory/*.c; do
        echo "elea_memory $file"
    done
}

run_all() {
    programs | while read -r _ file; do
        name=$(basename "$file" .c)
        echo "$1: $name"
        LD_LIBRARY_PATH=$lib "$2/$name${3-}" >"$work/$name.out" || {
            cat "$work/$name.out"
            exit 1
        }
    done
}

make -s -C "$source/examples/with-pkg-config" OUT="$work/shared" PKG_CONFIG_PATH="$pc"
run_all "pkg-config, shared" "$work/shared"

export PKG_CONFIG_PATH="$pc"
mkdir -p "$work/static"
programs | while read -r library file; do
    flags=$(pkg-config --static --cflags --libs "$library" | sed 's/-l\(elea[a-z_]*\)/-l:lib\1.a/g')
    # shellcheck disable=SC2086 # the flags are words
    ${CC:-cc} -o "$work/static/$(basename "$file" .c)" "$file" $flags
done
run_all "pkg-config, static" "$work/static"

cmake -S "$source/examples/with-cmake" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$prefix" \
    >"$work/cmake.log"
cmake --build "$work/cmake" >>"$work/cmake.log"
run_all "CMake package, shared" "$work/cmake"
run_all "CMake package, static" "$work/cmake" _static

if [ -x "$prefix/bin/elea" ]; then
    echo "the installed program finds its library:"
    "$prefix/bin/elea" version
fi
