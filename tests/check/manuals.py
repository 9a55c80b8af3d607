#!/usr/bin/env python3
"""The manual pages and --help tell the same commands and options, in both directions.
usage: manuals.py BIN_DIR"""
import os
import pathlib
import re
import subprocess
import sys

MAN = pathlib.Path(__file__).resolve().parents[2] / "docs/man"
failed = False


def fail(text):
    global failed
    failed = True
    print(text)


def plain(source):
    """The page without markup: what a reader sees, a line for each line of the source."""
    text = re.sub(r"\\f.", "", source.replace("\\-", "-"))
    lines = []
    for line in text.splitlines():
        if line.startswith(".") and not line.startswith('.\\"'):
            words = re.findall(r'"([^"]*)"|(\S+)', line)[1:]
            alternating = re.match(r"\.[BIR]{2} ", line)
            line = ("" if alternating else " ").join(a or b for a, b in words)
        lines.append(line)
    return lines


def tagged(source):
    """What the page describes: the line behind each .TP."""
    lines = source.splitlines()
    shown = plain(source)
    return [shown[n + 1].strip() for n, line in enumerate(lines) if line == ".TP"]


def helped(text):
    """What --help lists: the words before two blanks."""
    return [re.split(r"\s{2,}", line.strip())[0] for line in text.splitlines()
            if re.match(r"  \S+.*?\s{2,}\S", line)]


for page in sorted(MAN.glob("*.1")):
    name = page.stem
    source = page.read_text(encoding="utf-8")
    done = subprocess.run([os.path.join(sys.argv[1], name), "--help"], capture_output=True, text=True,
                          env={"PATH": os.environ["PATH"], "LANGUAGE": "en"}, check=True)
    lists, describes = helped(done.stdout), tagged(source)
    if not lists:
        fail(f"{name} --help lists nothing")
    for words in lists:
        if words not in describes:
            fail(f"{name}(1) does not describe: {words}")
    for words in describes:
        if words not in lists and words not in ("--help", "--version"):
            fail(f"{name} --help does not list: {words}")
    body = " ".join(plain(source))
    for option in re.findall(r"--[a-z]+", done.stdout):
        if option not in body:
            fail(f"{name}(1) does not name {option}")
    for option in set(re.findall(r"--[a-z]+", body)) - {"--help", "--version"}:
        if option not in done.stdout:
            fail(f"{name} --help does not name {option}")
    rendered = subprocess.run(["groff", "-man", "-Tutf8", "-ww", str(page)], capture_output=True, text=True,
                              check=False) if os.path.exists("/usr/bin/groff") else None
    if rendered is not None and (rendered.returncode != 0 or rendered.stderr):
        fail(f"{name}(1): {rendered.stderr}")
    print(f"{name}: {len(lists)} in --help, {len(describes)} in the manual")
sys.exit(failed)
