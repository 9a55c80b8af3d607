#!/usr/bin/python3
"""Does what a screen reader does with the windows of korttisilta-prompt: reads and presses.

Writes a line of JSON at the start and whenever it changes: a list of {role, name, sensitive,
focused, checked} of everything that is showing, in reading order. A line on standard input is the
name of a button to press; its answer is {"pressed": true or false}. Ends with standard input.

It speaks AT-SPI's D-Bus interfaces itself: libatspi's cache misses what changes while a window is
being built, and without its cache libatspi can wait for itself for ever. Debian's python3.
"""
import json
import select
import sys

from gi.repository import Gio, GLib

PROGRAM = "korttisilta-prompt"
ROOT = ("org.a11y.atspi.Registry", "/org/a11y/atspi/accessible/root")
ACCESSIBLE = "org.a11y.atspi.Accessible"
# Bits of AtspiStateType (atspi-constants.h).
CHECKED, FOCUSED, SENSITIVE, SHOWING = 4, 12, 24, 25
LOOK_AGAIN_S = 0.1
# What a program does not answer in this time it does not answer: it is going.
ANSWER_MS = 1000


class Gone(Exception):
    """A window, or its program, went while it was being read."""


class Bus:
    def __init__(self):
        session = Gio.bus_get_sync(Gio.BusType.SESSION)
        answer = session.call_sync("org.a11y.Bus", "/org/a11y/bus", "org.a11y.Bus", "GetAddress", None,
                                   None, Gio.DBusCallFlags.NONE, -1)
        flags = (Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
                 | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION)
        self.bus = Gio.DBusConnection.new_for_address_sync(answer.unpack()[0], flags)

    def call(self, node, interface, method, arguments=None):
        try:
            answer = self.bus.call_sync(node[0], node[1], interface, method, arguments, None,
                                        Gio.DBusCallFlags.NONE, ANSWER_MS)
        except GLib.GError as error:
            raise Gone from error
        return answer.unpack()[0] if answer.n_children() > 0 else None

    def name(self, node):
        wanted = GLib.Variant("(ss)", (ACCESSIBLE, "Name"))
        return self.call(node, "org.freedesktop.DBus.Properties", "Get", wanted)

    def children(self, node):
        return self.call(node, ACCESSIBLE, "GetChildren")

    def states(self, node):
        low, high = self.call(node, ACCESSIBLE, "GetState")
        return low | high << 32

    def role(self, node):
        return self.call(node, ACCESSIBLE, "GetRoleName")

    def press(self, node):
        return self.call(node, "org.a11y.atspi.Action", "DoAction", GLib.Variant("(i)", (0,)))


def collect(bus, node, found):
    states = bus.states(node)
    if not states >> SHOWING & 1:
        return
    found.append((node, {
        "role": bus.role(node),
        "name": bus.name(node),
        "sensitive": bool(states >> SENSITIVE & 1),
        "focused": bool(states >> FOCUSED & 1),
        "checked": bool(states >> CHECKED & 1),
    }))
    for child in bus.children(node):
        collect(bus, child, found)


def read_program(bus, program):
    found = []
    try:
        if bus.name(program) == PROGRAM:
            for window in bus.children(program):
                collect(bus, window, found)
    except Gone:
        return []
    return found


def read_windows(bus):
    return [part for program in bus.children(ROOT) for part in read_program(bus, program)]


def press(bus, name):
    for node, part in read_windows(bus):
        if part["role"] == "push button" and part["name"] == name:
            try:
                return bool(bus.press(node))
            except Gone:
                return False
    return False


def main():
    bus = Bus()
    last = None
    while True:
        now = json.dumps([part for _, part in read_windows(bus)])
        if now != last:
            last = now
            print(now, flush=True)
        if select.select([sys.stdin], [], [], LOOK_AGAIN_S)[0]:
            line = sys.stdin.readline()
            if not line:
                return
            print(json.dumps({"pressed": press(bus, line.rstrip("\n"))}), flush=True)


main()
