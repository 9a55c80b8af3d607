"""A stand-in for korttisilta-signer: starts korttisilta-prompt on a socket pair and speaks the real
records of src/wire/ask.c with it (tag, 32-bit big-endian length, value; in frames with a 32-bit
native length)."""

import os
import re
import select
import socket
import struct
import subprocess
import time

AUTHENTICATE, GET_SIGNING_CERTIFICATE, SIGN, DECRYPT, SUBSCRIBE = range(5)
LANGS = {None: 0, "fi": 1, "sv": 2, "en": 3}
NOT_ASKED, GOOD, UNKNOWN, REVOKED_BY_ISSUER = range(4)
ID_OTHER, ID_SATU, ID_HSA, ID_PERSONAL = range(4)
SHA256 = 1


def source(path):
    with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../src", path), encoding="utf-8") as f:
        return f.read()


def errors():
    """Names of err.def in their order: ERR_OK is 0."""
    rows = re.findall(r"^ERR_ROW\((\w+)", source("base/err.def"), re.MULTILINE)
    return {name: number + 1 for number, name in enumerate(rows)} | {"OK": 0}


def enumerators(name):
    """Of an enum of wire/ask.h, in their order, without their prefix."""
    body = re.search(r"enum %s \{(.*?)\};" % name, source("wire/ask.h"), re.DOTALL).group(1)
    return re.findall(r"^ *ASK_(\w+),", body, re.MULTILINE)


ERR = errors()
PHASES = enumerators("ask_phase")
USABLES = enumerators("ask_usable")
VERBS = enumerators("ask_verb")
for names in (PHASES, USABLES, VERBS):  # READING, …; USABLE, …; CONFIRM, …
    globals().update({name: number for number, name in enumerate(names)})


def field(tag, value):
    return tag + struct.pack(">I", len(value)) + value


def number(n):
    return field(b"n", struct.pack(">q" if n < 0 else ">Q", n))


def text(t):
    return field(b"t", t if isinstance(t, bytes) else t.encode())


def document(name, media_type="application/pdf", size=48213, has_content=True, digest=None):
    digest = digest or bytes(range(32))
    return field(b"D", text(name) + text(media_type) + number(size) + number(SHA256)
                 + text(digest) + number(int(has_content)))


def question(method=AUTHENTICATE, lang="en", origin="https://asiointi.example.fi", purpose="",
             behalf=("", "", ""), docs=()):
    body = number(method) + number(LANGS[lang]) + text(origin) + text(purpose)
    body += b"".join(text(t) for t in behalf) + number(len(docs)) + b"".join(docs)
    return field(b"Q", body)


def cert(holder="MEIKÄLÄINEN MATTI 99900011Y", person_id="99900011Y",
         issuer="DVV Citizen Certificates - G4R", reader="Reader 00", not_before=1700000000,
         not_after=1893452400, usable=USABLE, pin_index=1, pin_min=4, pin_max=8, tries=5,
         id_kind=ID_SATU, employer="", on_reader=False, status=NOT_ASKED):
    return field(b"C", text(holder) + text(person_id) + number(id_kind) + text(employer) + text(issuer) + text(reader)
                 + number(not_before) + number(not_after) + number(usable) + number(status)
                 + number(pin_index)
                 + number(pin_min) + number(pin_max) + number(tries) + number(int(on_reader)))


class Signer:
    """One prompt and our end of its pipe."""

    def __init__(self, program, environment=None, start_new_session=False):
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        self.started = time.monotonic()
        self.prompt = subprocess.Popen([program], stdin=theirs, stdout=theirs, env=environment,
                                       start_new_session=start_new_session)
        theirs.close()
        self.socket = ours
        self.serial = 0
        self.got = b""

    def send(self, record):
        self.socket.sendall(struct.pack("=I", len(record)) + record)

    def ask(self, **members):
        self.send(question(**members))

    def show(self, phase, error="OK", needs_pin=True, certs=(), selected=0, done=0, total=0, can_stop=False,
             can_check=False):
        self.serial += 1
        body = number(self.serial) + number(phase) + number(ERR[error]) + number(int(needs_pin))
        body += number(len(certs)) + b"".join(certs) + number(selected) + number(total) + number(done)
        body += number(int(can_stop)) + number(int(can_check))
        self.send(field(b"S", body))

    def answer(self, timeout=5.0):
        """The next answer as a dict; None at the end of the stream; fails after the timeout."""
        end = time.monotonic() + timeout
        while True:
            if len(self.got) >= 4 and len(self.got) >= 4 + struct.unpack("=I", self.got[:4])[0]:
                length = struct.unpack("=I", self.got[:4])[0]
                record, self.got = self.got[4:4 + length], self.got[4 + length:]
                return self.parse(record)
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.socket], [], [], left)[0]:
                raise AssertionError("no answer within %.1f s" % timeout)
            bytes_read = self.socket.recv(4096)
            if not bytes_read:
                return None
            self.got += bytes_read

    def is_silent(self, seconds):
        return not self.got and not select.select([self.socket], [], [], seconds)[0]

    @staticmethod
    def parse(record):
        assert record[:1] == b"A" and struct.unpack(">I", record[1:5])[0] == len(record) - 5
        values, rest = [], record[5:]
        while rest:
            length = struct.unpack(">I", rest[1:5])[0]
            values.append((rest[:1], rest[5:5 + length]))
            rest = rest[5 + length:]
        numbers = [struct.unpack(">Q", v)[0] for tag, v in values if tag == b"n"]
        pins = [v.decode() for tag, v in values if tag == b"p"]
        return {"verb": VERBS[numbers[0]].lower(), "serial": numbers[1], "cert": numbers[2],
                "last_try_agreed": bool(numbers[3]), "pin": pins[0] if pins else None}

    def hang_up(self):
        self.socket.close()

    def end(self):
        self.socket.close()
        try:
            return self.prompt.wait(3)
        except subprocess.TimeoutExpired:
            self.prompt.kill()
            self.prompt.wait()
            raise
