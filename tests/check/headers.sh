#!/bin/sh
# Every header compiles alone, so the order of includes never matters. usage: headers.sh CC
set -eu
cd "$(dirname "$0")/../.."
flags=$(pkg-config --cflags gtk+-3.0 libwebsockets libpcsclite libcrypto)
failed=0
for header in src/*/*.h; do
    # shellcheck disable=SC2086
    printf '#include "%s"\n' "${header#src/}" |
        "$1" -std=c11 -D_GNU_SOURCE -Wall -Wextra -Werror -Isrc $flags -x c -fsyntax-only - || failed=1
done
exit "$failed"
