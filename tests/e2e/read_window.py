#!/usr/bin/python3
"""Tells what a screen reader finds in the windows of korttisilta-prompt.

One line in (anything), one line of JSON out: a list of {role, name, text, sensitive, focused, checked}
of everything that is showing. Debian's python3: pyatspi is its package.
"""
import json
import sys

import pyatspi

PROGRAM = "korttisilta-prompt"


def describe(node):
    states = node.getState()
    try:
        text = node.queryText().getText(0, -1)
    except NotImplementedError:
        text = ""
    return {
        "role": node.getRoleName(),
        "name": node.name,
        "text": text,
        "sensitive": states.contains(pyatspi.STATE_SENSITIVE),
        "focused": states.contains(pyatspi.STATE_FOCUSED),
        "checked": states.contains(pyatspi.STATE_CHECKED),
    }


def showing(node, found):
    if not node.getState().contains(pyatspi.STATE_SHOWING):
        return
    found.append(describe(node))
    for child in node:
        if child is not None:
            showing(child, found)


def read_windows():
    found = []
    desktop = pyatspi.Registry.getDesktop(0)
    for program in desktop:
        if program is None or program.name != PROGRAM:
            continue
        for window in program:
            # A window can go while it is being read.
            try:
                showing(window, found)
            except Exception:
                continue
    return found


for _ in sys.stdin:
    print(json.dumps(read_windows()), flush=True)
