#!/usr/bin/env python3
"""Copies what the example service needs of npm packages into a source tree: their code and their licences, by the lock files.
usage: vendor.py FOLDER... TARGET, from the root of the repository. Each FOLDER has a lock file and what it says installed."""
import json
import pathlib
import shutil
import sys

CODE = {".js", ".cjs", ".mjs", ".json", ".trie"}
SKIPPED = {"test", "tests", "example", "examples", "docs", "bench", "benchmark", "coverage", "node_modules"}
# The two fonts of the service are Debian's (fonts-dejavu-core), linked by debian/rules.
FONTS = "dejavu-fonts-ttf"
LICENCE = ("licen", "copying", "notice")


def used(folder):
    """Path and package.json of every package that is needed when the service runs."""
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    for path, entry in lock["packages"].items():
        if not path.startswith("node_modules/") or entry.get("dev") or entry.get("link"):
            continue
        source = folder / path
        if entry.get("optional") and not source.exists():
            continue
        yield source, json.loads((source / "package.json").read_text(encoding="utf-8"))


def copy(source, target):
    for file in sorted(source.rglob("*")):
        parts = file.relative_to(source)
        if file.suffix not in CODE or not file.is_file() or (len(parts.parts) > 1 and parts.parts[0] in SKIPPED):
            continue
        if any(part.startswith(".") for part in parts.parts):
            continue
        if parts.name.endswith((".d.ts", ".test.js", ".spec.js", ".config.js", ".config.mjs", "rc.json")):
            continue
        (target / parts).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target / parts)
        (target / parts).chmod(0o644)


def licence(source, package):
    """What is said about copying: the file for that, else the part of the description."""
    texts = [file.read_text(encoding="utf-8").strip() for file in sorted(source.iterdir())
             if file.name.lower().startswith(LICENCE) and file.is_file()]
    author = package.get("author", "")
    author = author.get("name", "") if isinstance(author, dict) else author
    return "\n\n".join(texts) or f"{package.get('license')}, by {author or 'its authors'}"


def main(*arguments):
    *folders, target = map(pathlib.Path, arguments)
    notices = {}
    for folder in folders:
        for source, package in used(folder):
            if package["name"] == FONTS:
                (target / source).mkdir(parents=True)
                shutil.copyfile(source / "package.json", target / source / "package.json")
                continue
            copy(source, target / source)
            notices[f"{package['name']} {package['version']}"] = licence(source, package)
    (target / "demo/service/node_modules/korttisilta").symlink_to("../../../js")
    text = "\n\n".join(f"==== {name}\n\n{notice}" for name, notice in sorted(notices.items()))
    (target / "third-party-licences").write_text(text + "\n", encoding="utf-8")


main(*sys.argv[1:])
