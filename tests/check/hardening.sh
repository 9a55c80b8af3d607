#!/bin/sh
# What the compiler's and the linker's protections leave in the programs: position independence, read-only relocations
# bound at start, no executable stack, stack protector. usage: hardening.sh BIN_DIR
set -eu
bin=$1
failed=0

must() { # program, what it must have, whether it has
    if [ "$3" = 0 ]; then
        echo "$1: no $2"
        failed=1
    fi
}
count() { grep -cE "$1" || true; }

for program in korttisilta korttisilta-host korttisilta-agent korttisilta-signer korttisilta-revocation korttisilta-prompt korttisilta-manager; do
    file=$bin/$program
    headers=$(readelf -hlW "$file")
    dynamic=$(readelf -dW "$file")
    must $program "position independence" "$(echo "$dynamic" | count 'FLAGS_1.*PIE')"
    must $program "binding at start" "$(echo "$dynamic" | count 'BIND_NOW')"
    must $program "read-only relocations" "$(echo "$headers" | count 'GNU_RELRO')"
    must $program "stack that is not executable" "$(echo "$headers" | count 'GNU_STACK.* RW ')"
    must $program "stack protector" "$(nm -D --undefined-only "$file" | count '__stack_chk_fail')"
done
[ "$failed" = 0 ] && echo "hardened"
