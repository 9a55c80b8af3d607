#!/usr/bin/env bash
# Every script parses, and no merge has left its marks: what runs only in a long test is looked at first.
set -uo pipefail
cd "$(dirname "$0")/../.."
bad=0
marks=$(git grep -nE '^(<<<<<<<|>>>>>>>) ' -- . || true)
[ -z "$marks" ] || { echo "$marks"; bad=1; }
count=0
while IFS= read -r file; do
    count=$((count + 1))
    case $file in
    *.js | *.mjs) node --check "$file" || bad=1 ;;
    *.py) python3 -c 'import ast, sys; ast.parse(open(sys.argv[1], encoding="utf-8").read(), sys.argv[1])' "$file" || bad=1 ;;
    esac
done < <(git ls-files '*.js' '*.mjs' '*.py')
echo "$count scripts"
[ "$count" -gt 0 ] && exit $bad
