#!/bin/sh
# clang-tidy finds nothing in the program's files. usage: tidy.sh BUILD_DIR
set -eu
cd "$(dirname "$0")/../.."
find src -name '*.c' ! -name '*_win32.c' -print0 | xargs -0 -n 8 -P "$(nproc)" clang-tidy -p "$1" --quiet 2>/dev/null
