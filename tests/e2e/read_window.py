#!/usr/bin/python3
"""Does what a screen reader does with the windows of korttisilta-prompt: reads and presses.

Writes a line of JSON at the start and whenever it changes: a list of {role, name, sensitive,
focused, checked} of everything that is showing. A line on standard input is the name of a button
to press; its answer is {"pressed": true or false}. Ends with standard input. Debian's python3:
pyatspi is a package of Debian's.
"""
import json
import select
import sys

import gi
import pyatspi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi  # noqa: E402

PROGRAM = "korttisilta-prompt"
# Reading all of the window takes some tens of milliseconds of its own time.
LOOK_AGAIN_S = 0.1
# What a program does not answer in this time it does not answer: it is going.
Atspi.set_timeout(1000, 1000)


def describe(node):
    states = node.getState()
    return {
        "role": node.getRoleName(),
        "name": node.name,
        "sensitive": states.contains(pyatspi.STATE_SENSITIVE),
        "focused": states.contains(pyatspi.STATE_FOCUSED),
        "checked": states.contains(pyatspi.STATE_CHECKED),
    }


def collect(node, found):
    if not node.getState().contains(pyatspi.STATE_SHOWING):
        return
    found.append(node)
    for child in node:
        if child is not None:
            collect(child, found)


def showing(use):
    """use(nodes) of everything that is showing; [] when a window goes while it is being read."""
    found = []
    try:
        # libatspi's cache misses what changes while a window is being built.
        desktop = pyatspi.Registry.getDesktop(0)
        desktop.set_cache_mask(Atspi.Cache.NONE)
        for program in desktop:
            if program is not None and program.name == PROGRAM:
                program.set_cache_mask(Atspi.Cache.NONE)
                for window in program:
                    collect(window, found)
        return use(found)
    except Exception:  # libatspi raises GLib.GError, LookupError and others for a vanished node
        return []


def press(name):
    def click(nodes):
        for node in nodes:
            if node.getRoleName() == "push button" and node.name == name:
                return node.queryAction().doAction(0)
        return False

    return bool(showing(click))


def main():
    last = None
    while True:
        now = json.dumps(showing(lambda nodes: [describe(node) for node in nodes]))
        if now != last:
            last = now
            print(now, flush=True)
        if select.select([sys.stdin], [], [], LOOK_AGAIN_S)[0]:
            line = sys.stdin.readline()
            if not line:
                return
            print(json.dumps({"pressed": press(line.rstrip("\n"))}), flush=True)


main()
