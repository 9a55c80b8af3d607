"""A card, its reader, a private pcscd, and the programs that serve a page or a person at a terminal; this program
plays the page, the person, and what befalls them. In place of the window stands soft_prompt.c: the person sees the
phases and errors of wire/ask.h, whose sentences tests/e2e/prompt proves."""

import array
import collections
import contextlib
import importlib.machinery
import importlib.util
import json
import os
import pty
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "../prompt"))
import signer_stand_in as ask

BUILD = os.path.realpath(os.environ.get("KS_BUILD", os.path.join(HERE, "../../../build")))
ORIGIN = "https://service.example"
NONCE = "A" * 44
HANG_S = 60.0  # longer than anything here takes on a busy machine: what takes longer hangs
LOOK_S = 0.01  # nothing tells of a process that is not our child
ESC = "\x1b"
ERROR_NAMES = {number: name for name, number in ask.ERR.items()}

_loader = importlib.machinery.SourceFileLoader("with_card", os.path.join(HERE, "../../vcard/with_card"))
with_card = importlib.util.module_from_spec(importlib.util.spec_from_loader("with_card", _loader))
_loader.exec_module(with_card)


class Hang(AssertionError):
    """Something that must come did not."""


Step = collections.namedtuple("Step", "ins p1 length answer has_pin")
State = collections.namedtuple("State", "serial phase error certs done")
Cert = collections.namedtuple("Cert", "usable pin_index tries")


def parse_step(line):
    """A line of the card's log: number, lengths of command and answer, CLA INS P1 P2, status, perhaps "pad"."""
    _, length, answer, _, ins, p1, _, _ = line.split()[:8]
    ins, length = int(ins, 16), int(length)
    return Step(ins, int(p1, 16), length, max(int(answer) - 2, 0),
                (ins == 0x20 and length > 5) or ins in (0x24, 0x2C))


def fields(record):
    while record:
        length = struct.unpack(">I", record[1:5])[0]
        yield record[:1], record[5:5 + length]
        record = record[5 + length:]


def parse_state(record):
    """None: another record than a state (src/wire/ask.c)."""
    (tag, body), = fields(record)
    if tag != b"S":
        return None
    numbers = [struct.unpack(">Q", value)[0] for tag, value in fields(body) if tag == b"n"]
    certs = []
    for tag, value in fields(body):
        if tag == b"C":
            usable, _, pin, _, _, tries, _ = [  # its last numbers
                struct.unpack(">q", v)[0] for t, v in fields(value) if t == b"n"][-7:]
            certs.append(Cert(ask.USABLES[usable], pin, tries))
    return State(numbers[0], ask.PHASES[numbers[1]], ERROR_NAMES[numbers[2]], certs, numbers[-3])


class Card:
    """What a test tells one card and asks of it (tests/vcard/README.md)."""

    def __init__(self, folder, template, log):
        self.folder, self.template, self.log = folder, template, log
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(folder + ".ctl")
        self.lines = self.socket.makefile("r")

    def control(self, *words):
        self.socket.sendall((" ".join(map(str, words)) + "\n").encode())
        reply = self.lines.readline().rstrip("\n")
        assert reply.startswith("ok"), "%s: %s" % (words, reply)
        return reply[2:].strip()

    def stats(self):
        return json.loads(self.control("stats"))

    def steps(self):
        """What it was sent since the last call."""
        text = b""
        with contextlib.suppress(BlockingIOError):
            while chunk := os.read(self.log, 65536):
                text += chunk
        return [parse_step(line) for line in text.decode().splitlines()]

    def close(self):
        self.lines.close()
        self.socket.close()
        os.close(self.log)


class Window:
    """The signer's window, which is this program."""

    def __init__(self, listener):
        self.prompt, _ = listener.accept()
        room = socket.CMSG_LEN(array.array("i").itemsize)
        _, control, _, _ = self.prompt.recvmsg(1, room, socket.MSG_CMSG_CLOEXEC)
        descriptors = array.array("i")
        descriptors.frombytes(control[0][2])
        self.signer = socket.socket(fileno=descriptors[0])
        self.got = b""

    def fileno(self):
        return self.signer.fileno()

    def read(self):
        """The states that came; None when the signer has closed the window."""
        chunk = self.signer.recv(65536)
        self.got += chunk
        states = []
        while len(self.got) >= 4:
            end = 4 + struct.unpack("=I", self.got[:4])[0]
            if len(self.got) < end:
                break
            state = parse_state(self.got[4:end])
            self.got = self.got[end:]
            states += [state] if state else []
        return states if chunk or states else None

    def answer(self, state, verb, pin=None, cert=0, last_try=False):
        body = b"".join(map(ask.number, (verb, state.serial, cert, int(last_try))))
        if pin is not None:
            body += ask.field(b"p", pin.encode())
        record = ask.field(b"A", body)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it has just gone
            self.signer.sendall(struct.pack("=I", len(record)) + record)

    def close(self):
        self.signer.close()
        self.prompt.close()


class Page:
    """A browser's port: one korttisilta-host, frames both ways."""

    def __init__(self, program, environment):
        self.host = subprocess.Popen([program, "chrome-extension://abcdefghijklmnopabcdefghijklmnop/"],
                                     env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.got = b""
        self.last = 0

    def fileno(self):
        return self.host.stdout.fileno()

    def send(self, method, params):
        self.last += 1
        message = json.dumps({"jsonrpc": "2.0", "id": self.last, "method": method, "origin": ORIGIN,
                              "params": {"lang": "en", **params}}).encode()
        self.host.stdin.write(struct.pack("=I", len(message)) + message)
        self.host.stdin.flush()

    def read(self):
        chunk = os.read(self.fileno(), 65536)
        assert chunk, "the host ended"
        self.got += chunk
        messages = []
        while len(self.got) >= 4 and len(self.got) >= 4 + struct.unpack("=I", self.got[:4])[0]:
            end = 4 + struct.unpack("=I", self.got[:4])[0]
            messages.append(json.loads(self.got[4:end]))
            self.got = self.got[end:]
        return messages

    def close(self):
        with contextlib.suppress(BrokenPipeError):
            self.host.stdin.close()
        self.host.wait(HANG_S)
        self.host.stdout.close()


class Outcome:
    """How one request or one command ended."""

    def __init__(self):
        self.answer = None  # of the page: "OK" or the name of the error
        self.result = None
        self.seen = []  # what the person was told: pairs of phase and error, or the text of the tool
        self.certs = []
        self.steps = []
        self.read_before = 0  # exchanges before the person was asked
        self.status = None  # of the tool
        self.said = ""


class Stage:
    """with_card's stage with an agent. `templates`: folders of cards, one for each reader."""

    def __init__(self, templates, timeout_ms=10000, readers=(), real_prompt=False, environment=None):
        self.folder = tempfile.mkdtemp(prefix="ks-")
        words = ["--dir", self.folder, "--build", BUILD, "--timeout", str(timeout_ms)]
        for i, template in enumerate(templates):
            shutil.copytree(template, os.path.join(self.folder, "card%d" % i))
            words += ["--profile", "any" + (",reader=" + readers[i] if i < len(readers) and readers[i] else "")]
        self.cards, self.agent, self.page, self.listener = [], None, None, None
        self.stage = with_card.Stage(with_card.parse(words + ["--", "true"]))
        logs = []
        for i in range(len(templates)):  # a pipe: each exchange is an event
            os.mkfifo(self.path("card%d.log" % i))
            logs.append(os.open(self.path("card%d.log" % i), os.O_RDONLY | os.O_NONBLOCK))
        self.stage.start()
        self.cards = [Card(self.path("card%d" % i), template, logs[i])
                      for i, template in enumerate(templates)]
        self.environment = {**self.stage.environment(), "LANG": "C.UTF-8", "LANGUAGE": "en", "KORTTISILTA_LOG": "info",
                            "HOME": self.path("home"), "XDG_RUNTIME_DIR": self.path("run"), **(environment or {})}
        for name in ("home", "run"):
            os.mkdir(self.path(name), 0o700)
        self.bin = os.path.join(BUILD, "bin") if real_prompt else self.copy_programs()
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(self.path("run/person"))
        self.listener.listen()
        self.start_agent()

    def path(self, name):
        return os.path.join(self.folder, name)

    def copy_programs(self):
        """A program finds the others in its own folder. By cp: a file that this process writes would be open in what
        another thread starts meanwhile, and a file that is open for writing can't be run."""
        folder = self.path("bin")
        os.mkdir(folder)
        programs = [os.path.join(BUILD, "bin/korttisilta-" + name) for name in ("agent", "signer", "host", "revocation")]
        subprocess.run(["cp", "--", *programs, folder], check=True)
        subprocess.run(["cp", "--", os.path.join(BUILD, "tests/soft_prompt"), os.path.join(folder, "korttisilta-prompt")], check=True)
        return folder

    def start_agent(self):
        ready, tell = os.pipe()
        with open(self.path("agent.err"), "wb") as err:
            self.agent = subprocess.Popen(
                [os.path.join(self.bin, "korttisilta-agent"), "--no-websocket", "--ready-fd", str(tell)],
                env=self.environment, pass_fds=(tell,), stdin=subprocess.DEVNULL, stdout=err, stderr=err)
        os.close(tell)
        with os.fdopen(ready, "rb") as pipe:
            assert pipe.read(1), "the agent did not start"
        self.page = Page(os.path.join(self.bin, "korttisilta-host"), self.environment)

    def end_agent(self, how=signal.SIGTERM):
        self.page.close()  # first: a host that loses its agent starts another one, outside of this stage
        self.agent.send_signal(how)
        status = self.agent.wait(HANG_S)
        assert status == (0 if how == signal.SIGTERM else -how), self.agent_log()

    def agent_log(self):
        with open(self.path("agent.err"), encoding="utf-8", errors="replace") as text:
            return "".join(text.readlines()[-30:])

    # ---- pcscd ----

    def kill_pcscd(self):
        process = self.stage.processes.pop(self.pcscd_index())
        process.kill()
        process.wait()
        os.unlink(self.path("pcscd.sock"))

    def pcscd_index(self):
        with open(self.path("pcscd.pid"), encoding="ascii") as file:
            pid = int(file.read())
        return [process.pid for process in self.stage.processes].index(pid)

    def start_pcscd(self, readers=True):
        self.stage.args.readers = len(self.cards) if readers else 0
        self.stage.start_pcscd()
        if readers:
            self.wait_for_cards()

    def renew(self, card):
        """As it was issued, in its reader, nothing planned."""
        card.control("remove")
        self.wait_for_cards(len(self.cards) - 1)
        shutil.rmtree(card.folder)
        shutil.copytree(card.template, card.folder)
        for word in ("reload", "clear", "stats-reset", "insert"):
            card.control(word)
        self.wait_for_cards()

    def wait_for_cards(self, cards=None):
        """Until pcscd shows so many, else all: a tool that is started looks once. A reader may go with its card."""
        readers, count = (len(self.cards), len(self.cards)) if cards is None else (cards, cards)
        shown = subprocess.run([self.stage.program("vcard-pcsc"), "wait", str(readers), str(count)],
                               env=self.environment, stderr=subprocess.PIPE, text=True, check=False, timeout=HANG_S)
        if shown.returncode != 0:
            raise Hang("pcscd shows " + shown.stderr)

    # ---- a page asks ----

    def forget_certificates(self):
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path("run/korttisilta/cards.cache"))

    def play(self, method, params, person, on_step=None):
        """One request to its answer and to the end of its window. `person(window, state)` decides."""
        outcome, window, windows = Outcome(), None, 0
        until = time.monotonic() + HANG_S
        log = self.cards[0].log
        self.page.send(method, params)
        try:
            while outcome.answer is None or window is not None:
                sources = [self.page, window or self.listener, log]
                ready, _, _ = select.select(sources, [], [], max(until - time.monotonic(), 0))
                if not ready:
                    raise Hang("answer %s, seen %s\n%s" % (outcome.answer, outcome.seen, self.agent_log()))
                if log in ready:
                    self.note_steps(outcome, on_step)
                if self.page in ready:
                    self.note_messages(outcome)
                if self.listener in ready:
                    window, windows = Window(self.listener), windows + 1
                elif window in ready:
                    states = window.read()
                    if states is None:
                        window = window.close()
                    for state in states or ():
                        self.note_state(outcome, state)
                        person(window, state)
        except Exception:
            self.end_agent(signal.SIGKILL)  # what failed must not be in the way of what comes next
            self.start_agent()
            raise
        finally:
            if window is not None:
                window.close()
        self.note_steps(outcome, None)
        assert windows == 1, "%d windows" % windows
        self.no_operation()
        return outcome

    def note_steps(self, outcome, on_step):
        for step in self.cards[0].steps():
            outcome.steps.append(step)
            if on_step:
                on_step(len(outcome.steps))

    def note_messages(self, outcome):
        for message in self.page.read():
            if message.get("method") == "progress":
                continue
            assert message["id"] == self.page.last and outcome.answer is None, message
            outcome.answer = message["error"]["data"]["name"] if "error" in message else "OK"
            outcome.result = message.get("result")

    def note_state(self, outcome, state):
        pair = (state.phase, state.error)
        if not outcome.seen or outcome.seen[-1] != pair:
            outcome.seen.append(pair)
        if state.phase == "READY" and not outcome.read_before:
            self.note_steps(outcome, None)
            outcome.read_before = len(outcome.steps)
        outcome.certs = state.certs or outcome.certs

    def signers(self):
        with open("/proc/%d/task/%d/children" % (self.agent.pid, self.agent.pid), encoding="ascii") as file:
            return [int(pid) for pid in file.read().split()]

    def no_operation(self):
        """No signer is left, and so no window."""
        until = time.monotonic() + HANG_S
        while self.signers():
            if time.monotonic() > until:
                raise Hang("left: %s" % self.signers())
            time.sleep(LOOK_S)

    # ---- a person at a terminal ----

    def run_tool(self, words, keys, on_step=None):
        """korttisilta WORDS on a pseudo-terminal: for each pair of `keys`, waits for the question and types the
        answer. A tool that ends before is no error: the outcome says what it said."""
        outcome, pending, answers = Outcome(), "", list(keys)
        until = time.monotonic() + HANG_S
        log = self.cards[0].log
        program = os.path.join(BUILD, "bin/korttisilta")
        pid, tty = pty.fork()
        if pid == 0:
            os.execve(program, [program, *words], self.environment)
        try:
            while True:
                ready, _, _ = select.select([tty, log], [], [], max(until - time.monotonic(), 0))
                if not ready:
                    os.kill(pid, signal.SIGKILL)
                    raise Hang("%s said %r, waits for %s" % (words, outcome.said, answers[:1]))
                if log in ready:
                    self.note_steps(outcome, on_step)
                if tty in ready:
                    try:
                        text = os.read(tty, 4096).decode(errors="replace")
                    except OSError:  # its end
                        break
                    outcome.said += text
                    pending += text
                    # it stands before a colon at the end: sentences on the way name the same things
                    asked = next((pair for pair in answers
                                  if re.search(re.escape(pair[0]) + r"[^\r\n]*(?<=: )$", pending)), None)
                    if asked:
                        answers.remove(asked)
                        question, answer = asked
                        pending = ""
                        self.note_steps(outcome, on_step)
                        outcome.read_before = outcome.read_before or len(outcome.steps)
                        os.write(tty, answer.encode() if answer == ESC else (answer + "\r").encode())
        finally:
            os.close(tty)
            outcome.status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        self.note_steps(outcome, None)
        outcome.unanswered = [question for question, _ in answers]
        return outcome

    def close(self):
        if self.page:
            self.end_agent()
        if self.listener:
            self.listener.close()
        for card in self.cards:
            card.close()
        sound = self.stage.end()
        shutil.rmtree(self.folder)
        assert sound, "a card ended badly"


class Issuer:
    """Cards as they are issued, each made once."""

    def __init__(self, folder):
        self.folder = folder

    def __call__(self, profile):
        """`profile`: as of with_card --profile. The folder of the card."""
        folder = os.path.join(self.folder, profile.replace("/", "_"))
        if not os.path.exists(folder):
            args = with_card.parse(["--dir", self.folder, "--build", BUILD, "--profile", profile, "--", "true"])
            with_card.Stage(args).personalise(0, profile)
            os.rename(os.path.join(self.folder, "card0"), folder)
        return folder
