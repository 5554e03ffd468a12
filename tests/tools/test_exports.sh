#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Reads the dynamic symbol tables of the shared libraries: they may define elea_noun_verb and
# nothing else, and libelea_memory may take from libelea only such names. Each must define one at
# least, so that an empty table does not pass.
#
# usage: test_exports.sh LIBRARY...
set -eu

status=0
for library in "$@"; do
    defined=$(nm --dynamic --defined-only --format=posix "$library" | cut -d ' ' -f 1)
    wrong=$(echo "$defined" | grep -Ev '^elea_[a-z]' || :)
    if [ -n "$wrong" ]; then
        echo "$library exports:" "$wrong"
        status=1
    fi
    if ! echo "$defined" | grep -q '^elea_[a-z]'; then
        echo "$library exports nothing"
        status=1
    fi
    borrowed=$(nm --dynamic --undefined-only --format=posix "$library" | cut -d ' ' -f 1 |
        grep '^elea__' || :)
    if [ -n "$borrowed" ]; then
        echo "$library needs private functions of another library:" "$borrowed"
        status=1
    fi
done
exit $status
