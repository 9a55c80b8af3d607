#!/usr/bin/python3
"""korttisilta-prompt without a display: the same questions on a terminal. KS_BUILD: build folder."""

import os
import pty
import select
import signal
import struct
import sys
import termios
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import signer_stand_in as signer
from signer_stand_in import cert, document

BUILD = os.environ.get("KS_BUILD", os.path.join(os.path.dirname(__file__), "../../../build"))
PROGRAM = os.path.join(BUILD, "bin/korttisilta-prompt")
PIN = "84736251"


class Terminal(signer.Signer):
    """The prompt in a session of its own whose controlling terminal is a pseudo-terminal."""

    def __init__(self, environment=None):
        import socket
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        bare = {key: value for key, value in os.environ.items()
                if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
        self.pid, self.tty = pty.fork()
        if self.pid == 0:
            os.dup2(theirs.fileno(), 0)
            os.dup2(theirs.fileno(), 1)
            os.closerange(3, 64)
            os.execve(PROGRAM, [PROGRAM], {**bare, **(environment or {})})
        theirs.close()
        self.socket, self.serial, self.got, self.seen = ours, 0, b"", ""
        self.status = None

    def until(self, text, timeout=10.0):
        """Reads what the terminal shows until the text is there; returns all of it."""
        end = time.monotonic() + timeout
        while text not in self.seen:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.tty], [], [], left)[0]:
                raise AssertionError("never %r in %r" % (text, self.seen))
            try:
                self.seen += os.read(self.tty, 4096).decode(errors="replace")
            except OSError:
                raise AssertionError("ended without %r: %r" % (text, self.seen)) from None
        return self.seen

    def forget(self):
        self.seen = ""

    def keys(self, text):
        os.write(self.tty, text.encode())

    def keys_until_heard(self, keys, heard):
        """Keys that come too early are thrown away: again, with more than the arming time between."""
        for _ in range(20):
            self.keys(keys)
            try:
                return self.until(heard, 0.7)
            except AssertionError:
                continue
        raise AssertionError("%r is never heard: %r" % (keys, self.seen))

    def echoes(self):
        return bool(termios.tcgetattr(self.tty)[3] & termios.ECHO)

    def wait(self):
        if self.status is None:
            self.status = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        return self.status


class TerminalTest(unittest.TestCase):
    def start(self, lang="en", **members):
        self.prompt = Terminal()
        self.addCleanup(self.stop, self.prompt)
        self.prompt.ask(lang=lang, **members)
        return self.prompt

    @staticmethod
    def stop(prompt):
        prompt.socket.close()
        prompt.wait()
        os.close(prompt.tty)

    def test_the_whole_question_is_asked_and_the_pin_is_never_echoed(self):
        prompt = self.start(method=signer.SIGN, purpose="Contract\x1b[2J", behalf=("Oy", "1", "M"),
                            docs=[document("a.pdf"), document("b.pdf", has_content=False)])
        prompt.show(signer.READY, certs=[cert(pin_index=2, pin_min=6)])
        said = prompt.until("PIN2 (signature PIN), 5 tries left · 6–8 digits: ")
        for text in ("Sign 2 documents", "https://asiointi.example.fi", "binds you in law",
                     "Contract [2J", "1. a.pdf (application/pdf, 48 kB)", "SHA-256 0001 0203",
                     "has not seen the content", "MEIKÄLÄINEN MATTI", "has not checked"):
            self.assertIn(text, said)
        self.assertNotIn("\x1b", said)
        self.assertFalse(prompt.echoes())
        prompt.forget()
        prompt.keys_until_heard("8", "*")
        prompt.keys(PIN[1:] + "9x")
        prompt.until("********")
        prompt.keys("\r")
        answer = prompt.answer()
        self.assertEqual((answer["verb"], answer["pin"], answer["cert"]), ("confirm", PIN, 0))
        prompt.show(signer.WORKING, certs=[cert()], done=1, total=2)
        said = prompt.until("1 of 2 signed")
        self.assertNotRegex(said.replace("1 of 2", ""), "[0-9]")
        prompt.socket.close()
        self.assertEqual(prompt.wait(), 0)
        self.assertTrue(prompt.echoes())

    def test_a_long_list_comes_in_pages_and_is_searched(self):
        names = ["Ääkköset %d.pdf" % i if i % 100 == 0 else "Liite %d.pdf" % i for i in range(500)]
        prompt = self.start(method=signer.SIGN, docs=[document(name) for name in names])
        prompt.show(signer.READY, certs=[cert(pin_index=2, pin_min=6)])
        said = prompt.until("digits: ")
        self.assertIn("8. Liite 7.pdf", said)
        self.assertNotIn("9. Liite 8.pdf", said)
        self.assertIn("All 500 will be signed.", said)
        prompt.forget()
        prompt.keys_until_heard("1", "*")
        prompt.forget()
        prompt.keys(" ")
        said = prompt.until("digits: ")
        self.assertIn("16. Liite 15.pdf", said)
        self.assertNotIn("17. Liite 16.pdf", said)
        prompt.forget()
        prompt.keys("/ääkk3")
        prompt.until("3")
        prompt.keys("\x7fä\x7fÖSET\r")
        said = prompt.until("digits: ")
        self.assertIn("5 of 500 documents shown; all 500 will be signed.", said)
        self.assertIn("401. Ääkköset 400.pdf", said)
        self.assertNotIn("Liite", said)
        prompt.forget()
        prompt.keys("/Liite\x1b")
        self.assertIn("1. Ääkköset 0.pdf", prompt.until("digits: "))
        self.assertTrue(prompt.is_silent(0.1))  # it was no cancel
        prompt.forget()
        prompt.keys("654321\r")
        self.assertEqual(prompt.answer()["pin"], "654321")

    def test_a_short_pin_is_not_sent_and_backspace_takes_back(self):
        prompt = self.start()
        prompt.show(signer.READY, certs=[cert()])
        prompt.until("digits: ")
        prompt.forget()
        prompt.keys_until_heard("1", "*")
        prompt.keys("\r2\x7f34\r5\r")
        self.assertEqual(prompt.answer()["pin"], "1345")

    def test_keys_before_arming_are_thrown_away(self):
        prompt = self.start()
        prompt.show(signer.READY, certs=[cert()])
        prompt.until("digits: ")
        prompt.keys("123456\r")
        self.assertTrue(prompt.is_silent(0.3))
        prompt.forget()
        prompt.keys_until_heard("7", "*")
        prompt.keys("777\r")
        self.assertEqual(prompt.answer()["pin"], "7777")

    def test_the_last_try_wants_a_yes(self):
        prompt = self.start(lang="fi")
        prompt.show(signer.READY, "PIN_WRONG", certs=[cert(tries=1)])
        said = prompt.until("k = kyllä")
        self.assertIn("PIN1 (perustunnusluku) oli väärin.", said)
        prompt.forget()
        prompt.keys_until_heard("k", "k")
        prompt.keys("\r")
        prompt.until("numeroa: ")
        prompt.keys("1234\r")
        answer = prompt.answer()
        self.assertEqual((answer["last_try_agreed"], answer["pin"]), (True, "1234"))

    def test_enter_alone_never_says_yes(self):
        prompt = self.start(method=signer.SUBSCRIBE, lang="sv")
        prompt.show(signer.READY, needs_pin=False)
        prompt.until("j = ja")
        prompt.forget()
        prompt.keys_until_heard("\rj", "j")
        self.assertTrue(prompt.is_silent(0.1))
        prompt.keys("\r")
        self.assertEqual(prompt.answer()["verb"], "confirm")

    def test_one_of_several_certificates_is_chosen(self):
        prompt = self.start()
        prompt.show(signer.READY, certs=[cert(holder="A"), cert(holder="B", usable=signer.EXPIRED),
                                         cert(holder="C", tries=2)])
        self.assertIn("has expired", prompt.until("Choose the certificate (1-3): "))
        prompt.forget()
        prompt.keys_until_heard("2\r3", "3")  # the second can't be used
        prompt.keys("\r")
        prompt.until("2 tries left")
        prompt.keys("1234\r")
        self.assertEqual(prompt.answer()["cert"], 2)

    def test_waiting_can_be_reported_or_cancelled(self):
        for key, verb in (("n", "report"), ("\x1b", "cancel"), ("\x03", "cancel")):
            with self.subTest(verb=verb):
                prompt = self.start()
                prompt.show(signer.WAIT_CARD, "NO_CARD")
                prompt.until("Esc to cancel")
                while prompt.is_silent(0.7):
                    prompt.keys(key)
                self.assertEqual(prompt.answer()["verb"], verb)
                self.assertIsNone(prompt.answer())
                self.assertEqual(prompt.wait(), 0)
                self.assertTrue(prompt.echoes())

    def test_an_arrow_key_is_not_an_escape(self):
        prompt = self.start()
        prompt.show(signer.READY, certs=[cert()])
        prompt.until("digits: ")
        prompt.forget()
        prompt.keys_until_heard("1", "*")
        prompt.keys("\x1b[A")
        self.assertTrue(prompt.is_silent(0.2))

    def test_an_end_is_explained_with_its_next_step(self):
        prompt = self.start()
        prompt.show(signer.ENDED, "PIN_BLOCKED", certs=[cert()])
        said = prompt.until("Press Enter to close.")
        self.assertIn("PIN1 (basic PIN) is locked", said)
        self.assertIn("PUK", said)
        while prompt.is_silent(0.7):
            prompt.keys("\r")
        self.assertEqual(prompt.answer()["verb"], "close")

    def test_the_terminal_gets_its_echo_back_from_every_end(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            with self.subTest(signal=number):
                prompt = self.start()
                prompt.show(signer.READY, certs=[cert()])
                prompt.until("digits: ")
                self.assertFalse(prompt.echoes())
                os.kill(prompt.pid, number)
                self.assertEqual(prompt.wait(), 128 + number)
                self.assertTrue(prompt.echoes())

    def test_nonsense_ends_it(self):
        prompt = self.start()
        prompt.until("Identify yourself with your card")
        prompt.socket.sendall(struct.pack("=I", 0))
        self.assertEqual(prompt.wait(), 1)
        self.assertTrue(prompt.echoes())


if __name__ == "__main__":
    unittest.main(verbosity=2)
