"""A private X server and session bus, and the prompt's window as a screen reader and a keyboard see
it. Everything waits for events; a tick now and then makes up for those that toolkits leave out."""

import ctypes
import os
import subprocess
import sys
import time

TICK_MS = 50
APPEAR_S = 15.0


def run_inside(main):
    """Runs main() with DISPLAY and a session bus of its own; returns the exit status."""
    if "--inside" in sys.argv:
        sys.argv.remove("--inside")
        return main()
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1280x800x24", "-nolisten", "tcp",
         "-noreset"], pass_fds=[write_end], stderr=subprocess.DEVNULL)
    os.close(write_end)
    try:
        with os.fdopen(read_end) as f:
            display = ":" + f.readline().strip()
        inside = {key: value for key, value in os.environ.items()
                  if key not in ("NO_AT_BRIDGE", "WAYLAND_DISPLAY", "AT_SPI_BUS_ADDRESS")}
        inside.update(DISPLAY=display, LC_ALL="C.UTF-8", GDK_BACKEND="x11", TZ="UTC")
        return subprocess.run(
            ["dbus-run-session", "--", "/usr/bin/python3", sys.argv[0], "--inside", *sys.argv[1:]],
            env=inside, check=False).returncode
    finally:
        server.terminate()
        server.wait()


def wait_until(what, fits, timeout=APPEAR_S):
    """Runs the loop of AT-SPI until fits() is true; returns its value."""
    from gi.repository import GLib
    context = GLib.MainContext.default()
    end = time.monotonic() + timeout
    tick = GLib.timeout_add(TICK_MS, lambda: True)
    try:
        while True:
            try:
                found = fits()
            except GLib.GError:  # a part went away between being found and being read: look again
                found = None
            if found:
                return found
            if time.monotonic() > end:
                raise AssertionError("never: " + what)
            context.iteration(True)
    finally:
        GLib.source_remove(tick)


def xdotool(*arguments):
    return subprocess.run(["xdotool", *arguments], check=True, capture_output=True,
                          text=True).stdout.strip()


def close_window(x_id):
    """What a window manager sends when the cross in the title bar is clicked (ICCCM 4.2.8.1)."""
    x11 = ctypes.CDLL("libX11.so.6")
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong

    class ClientMessage(ctypes.Structure):
        _fields_ = [("type", ctypes.c_int), ("serial", ctypes.c_ulong),
                    ("send_event", ctypes.c_int), ("display", ctypes.c_void_p),
                    ("window", ctypes.c_ulong), ("message_type", ctypes.c_ulong),
                    ("format", ctypes.c_int), ("data", ctypes.c_long * 5),
                    ("room", ctypes.c_long * 16)]

    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    names = [x11.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")]
    message = ClientMessage(type=33, window=x_id, message_type=names[0], format=32)
    message.data[0] = names[1]
    x11.XSendEvent(display, ctypes.c_ulong(x_id), 0, ctypes.c_long(0), ctypes.byref(message))
    x11.XCloseDisplay(display)


class Window:
    """The prompt with this process id."""

    def __init__(self, pid):
        self.pid = pid
        self.x_id = None

    # ---- as X sees it ----

    def find(self):
        done = subprocess.run(["xdotool", "search", "--onlyvisible", "--pid", str(self.pid)],
                              capture_output=True, text=True, check=False)
        ids = done.stdout.split()
        self.x_id = ids[0] if ids else None
        return self.x_id

    def appear(self):
        return wait_until("a window", self.find)

    def geometry(self):
        pairs = dict(line.split("=") for line in
                     xdotool("getwindowgeometry", "--shell", self.appear()).splitlines())
        return tuple(int(pairs[key]) for key in ("X", "Y", "WIDTH", "HEIGHT"))

    # ---- as AT-SPI sees it ----

    def nodes(self, scrolled_away=False):
        """All that is to be seen, and with scrolled_away what scrolling would bring too."""
        import pyatspi
        state = pyatspi.STATE_VISIBLE if scrolled_away else pyatspi.STATE_SHOWING
        found = []

        def collect(node):
            if node is None or not node.getState().contains(state):
                return
            found.append(node)
            for child in node:
                collect(child)

        for application in pyatspi.Registry.getDesktop(0):
            try:
                if application is not None and application.get_process_id() == self.pid:
                    for window in application:
                        collect(window)
            except Exception:  # it can go while it is being read
                return []
        return found

    def all(self, role, name=None):
        return [node for node in self.nodes() if node.getRoleName() == role
                and (name is None or name in node.name)]

    def one(self, role, name=None):
        return wait_until("%s %r" % (role, name), lambda: (self.all(role, name) or [None])[0])

    def has(self, text):
        return any(text in node.name for node in self.nodes())

    def until_says(self, text):
        wait_until("the text %r" % text, lambda: self.has(text))

    @staticmethod
    def is_sensitive(node):
        import pyatspi
        return node.getState().contains(pyatspi.STATE_SENSITIVE)

    @staticmethod
    def is_checked(box):
        import pyatspi
        return box.getState().contains(pyatspi.STATE_CHECKED)

    @staticmethod
    def is_focused(node):
        import pyatspi
        return node.getState().contains(pyatspi.STATE_FOCUSED)

    def focused(self):
        return next((node for node in self.nodes() if self.is_focused(node)
                     and node.getRoleName() not in ("dialog", "list")), None)

    @staticmethod
    def text(node):
        return node.queryText().getText(0, -1)

    def pin(self):
        """The PIN field, when it takes keys."""
        field = self.one("password text")
        wait_until("a PIN field that takes keys",
                   lambda: self.is_sensitive(field) and self.is_focused(field))
        return field

    def until_length(self, node, length):
        wait_until("%d characters" % length, lambda: len(self.text(node)) == length)

    # ---- as a person works it ----

    @staticmethod
    def press(*keys):
        xdotool("key", "--clearmodifiers", *keys)

    @staticmethod
    def type(digits):
        xdotool("type", "--delay", "5", digits)

    @staticmethod
    def click(node):
        node.queryAction().doAction(0)

    @staticmethod
    def shot(name):
        folder = os.environ.get("KS_SHOTS")
        if folder:
            os.makedirs(folder, exist_ok=True)
            subprocess.run(["import", "-window", "root", os.path.join(folder, name + ".png")],
                           check=True)
