#!/usr/bin/python3
"""Tells what a screen reader finds in the windows of korttisilta-prompt.

Writes a line of JSON at the start and whenever it changes: a list of {role, name, text, sensitive,
focused, checked, x, y} of everything that is showing; x and y are its middle on the screen. Ends with its standard input. Debian's python3:
pyatspi is a package of Debian's.
"""
import json
import sys

import gi
import pyatspi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, GLib  # noqa: E402

PROGRAM = "korttisilta-prompt"
EVENTS = (
    "object:state-changed",
    "object:text-changed",
    "object:property-change",
    "object:children-changed",
    "window:create",
    "window:destroy",
)
# Toolkits leave out an event now and then, and none tells that a process has gone.
LOOK_AGAIN_MS = 100


def describe(node):
    states = node.getState()
    try:
        text = node.queryText().getText(0, -1)
    except NotImplementedError:
        text = ""
    try:
        place = node.queryComponent().getExtents(pyatspi.DESKTOP_COORDS)
        x, y = place.x + place.width // 2, place.y + place.height // 2
    except NotImplementedError:
        x, y = -1, -1
    return {
        "role": node.getRoleName(),
        "name": node.name,
        "text": text,
        "sensitive": states.contains(pyatspi.STATE_SENSITIVE),
        "focused": states.contains(pyatspi.STATE_FOCUSED),
        "checked": states.contains(pyatspi.STATE_CHECKED),
        "x": x,
        "y": y,
    }


def collect(node, found):
    if not node.getState().contains(pyatspi.STATE_SHOWING):
        return
    found.append(describe(node))
    for child in node:
        if child is not None:
            collect(child, found)


def read_windows():
    found = []
    for program in pyatspi.Registry.getDesktop(0):
        # A window can go while it is being read: then it is not there.
        try:
            if program is None or program.name != PROGRAM:
                continue
            # libatspi's cache misses what changes while the window is being built.
            program.set_cache_mask(Atspi.Cache.NONE)
            for window in program:
                collect(window, found)
        except Exception:
            found = []
    return found


class Teller:
    def __init__(self):
        self.last = None
        self.planned = False

    def tell(self):
        self.planned = False
        now = json.dumps(read_windows())
        if now != self.last:
            self.last = now
            print(now, flush=True)
        return GLib.SOURCE_REMOVE

    def plan(self, _event):
        # Events come in bursts; one look serves all of a burst.
        if not self.planned:
            self.planned = True
            GLib.idle_add(self.tell)

    def tell_again(self):
        self.tell()
        return GLib.SOURCE_CONTINUE


teller = Teller()
for event in EVENTS:
    pyatspi.Registry.registerEventListener(teller.plan, event)
GLib.timeout_add(LOOK_AGAIN_MS, teller.tell_again)
GLib.io_add_watch(sys.stdin, GLib.IO_HUP | GLib.IO_IN, lambda *_: sys.exit(0))
teller.tell()
pyatspi.Registry.start()
