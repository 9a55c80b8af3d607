#!/bin/sh
# clang-format agrees with every C file of ours.
set -eu
cd "$(dirname "$0")/../.."
find src tests -name node_modules -prune -o -name '*.[ch]' -print0 | xargs -0 clang-format --dry-run --Werror
