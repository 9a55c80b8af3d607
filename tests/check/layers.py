#!/usr/bin/env python3
"""Checks the structure of src/: who may include whom, which file is the door of which foreign
library, where platform code may stand, how long functions and files may be. Prints each breach as
file:line and ends with status 1 when there is one."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
SRC = ROOT / "src"

MAY_INCLUDE = {
    "base": {"base"},
    "os": {"os", "base"},
    "wire": {"wire", "base", "os"},
    "crypto": {"crypto", "base"},
    "card": {"card", "base", "os"},
    "ui": {"ui", "base", "os", "wire"},
    "core": {"core", "base", "os", "wire", "crypto", "card", "ui"},
    "serve": {"serve", "base", "os", "wire", "crypto", "core"},
}
# What a program may name: its wiring shows which side of which border it stands on.
PROGRAMS = {
    "host.c": {"base", "os", "wire"},
    "agent.c": {"base", "os", "wire", "core", "serve", "card"},
    "signer.c": {"base", "os", "wire", "core"},
    "revocation.c": {"base", "os", "wire", "crypto"},
    "prompt.c": {"base", "os", "wire", "ui"},
    "manager.c": {"base", "os", "core", "ui"},
    "tool.c": {"base", "os", "wire", "crypto", "card", "core", "ui"},
}
AGENT_CARD_HEADERS = {"card/readers.h"}
DOORS = [
    (re.compile(r"jsmn\.h"), {"wire/json_read.c"}),
    (re.compile(r"winscard\.h|wintypes\.h|pcsclite\.h|reader\.h"), {"card/pcsc.c", "card/pcsc_pad.c", "card/readers.c", "card/scard.h"}),
    (re.compile(r"libwebsockets\.h"), {"serve/"}),
    (re.compile(r"openssl/"), {"crypto/"}),
    (re.compile(r"gtk/|gdk/|glib|atk/|pango"), {"ui/dialog_", "ui/manager_gtk", "ui/origin_text", "ui/texts"}),
    (re.compile(r"(unistd|fcntl|poll|pthread|dirent|netdb|pwd|termios)\.h|sys/|arpa/|netinet/|linux/"),
     {"os/", "card/readers.c"}),
    (re.compile(r"windows\.h"), {"os/", "ui/dialog_win32"}),
]
BANNED_FILES = re.compile(r"(^|_)(util|utils|misc|common|helpers?)\.[ch]$")
BANNED_CALLS = re.compile(r"\b(strcpy|strcat|sprintf|gets|alloca|strtok|atoi|system|popen|sleep|usleep)\s*\(")
PLATFORM = re.compile(r"#\s*if.*\b(_WIN32|__linux__|__APPLE__|__unix__)\b")
MAX_FUNCTION, MAX_FILE = 80, 500

breaches = []


def breach(path, line, text):
    breaches.append(f"{path.relative_to(ROOT)}:{line}: {text}")


def layer_of(path):
    rel = path.relative_to(SRC)
    return rel.parts[0] if len(rel.parts) > 1 else None


def check_includes(path, lines):
    layer = layer_of(path)
    rel = path.relative_to(SRC).as_posix()
    may = MAY_INCLUDE.get(layer) or PROGRAMS.get(rel)
    if may is None:
        breach(path, 1, "belongs to no layer and is not a known program")
        return
    for n, line in enumerate(lines, 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)', line)
        if not found:
            continue
        kind, name = found.groups()
        if kind == '"':
            target = name.split("/")[0]
            if target not in may:
                breach(path, n, f"{layer or rel} may not include {name}")
            if rel == "agent.c" and target == "card" and name not in AGENT_CARD_HEADERS:
                breach(path, n, f"the agent may not include {name}")
            continue
        for pattern, doors in DOORS:
            if pattern.match(name) and not any(rel.startswith(d) for d in doors):
                breach(path, n, f"<{name}> has its own door: {', '.join(sorted(doors))}")


def check_functions(path, lines):
    start = None
    for n, line in enumerate(lines, 1):
        if line.startswith("{"):
            start = n
        elif line.startswith("}") and start is not None:
            if n - start > MAX_FUNCTION:
                breach(path, start, f"function of {n - start} lines, at most {MAX_FUNCTION}")
            start = None
    if len(lines) > MAX_FILE:
        breach(path, len(lines), f"file of {len(lines)} lines, at most {MAX_FILE}")


def check_text(path, lines):
    for n, line in enumerate(lines, 1):
        code = re.sub(r'"(\\.|[^"\\])*"|/\*.*?\*/', "", line)
        if BANNED_CALLS.search(code) and not code.lstrip().startswith("*"):
            breach(path, n, f"banned call: {line.strip()}")
        if PLATFORM.search(line) and layer_of(path) != "os":
            breach(path, n, "platform condition outside os/")


def main():
    seen = {}
    files = sorted(p for p in SRC.rglob("*") if p.suffix in (".c", ".h"))
    for path in files:
        lines = path.read_text(encoding="utf-8").splitlines()
        check_includes(path, lines)
        check_functions(path, lines)
        check_text(path, lines)
        if BANNED_FILES.search(path.name):
            breach(path, 1, "a file name that says nothing")
        if seen.setdefault(path.name, path) is not path:
            breach(path, 1, f"same name as {seen[path.name].relative_to(ROOT)}")
    for line in breaches:
        print(line)
    print(f"{len(files)} files, {len(breaches)} breaches")
    return 1 if breaches else 0


sys.exit(main())
