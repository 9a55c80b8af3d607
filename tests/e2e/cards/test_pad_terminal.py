#!/usr/bin/python3
"""A page's request without a display: the agent runs in a terminal, where the question comes, and the PIN is typed on the
reader's PIN pad. KS_BUILD: the build folder."""

import os
import pty
import select
import signal
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from card_stage import HANG_S, NONCE, Hang, Issuer, Page, Stage

PADS = ("pad", "pad-start")
LOG_IN = ("authenticate", {"challengeNonce": NONCE})
SIGN_TWO = ("sign", {"documents": [{"name": name, "mediaType": "text/plain", "content": "YQ=="}
                                   for name in ("a.txt", "b.txt")]})
ARM_S = 0.6  # LIMIT_ARM_MS: keys before that were meant for something else


class TerminalStage(Stage):
    """The agent is the foreground job of a pseudo-terminal."""

    def start_agent(self):
        ready, tell = os.pipe()
        os.set_inheritable(tell, True)
        self.agent, self.tty = pty.fork()
        if self.agent == 0:
            environment = {key: value for key, value in self.environment.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY")}
            program = os.path.join(self.bin, "korttisilta-agent")
            os.execve(program, [program, "--no-websocket", "--ready-fd", str(tell)], environment)
        os.close(tell)
        with os.fdopen(ready, "rb") as pipe:
            assert pipe.read(1), "the agent did not start"
        self.seen = ""
        self.page = Page(os.path.join(self.bin, "korttisilta-host"), self.environment)

    def end_agent(self, how=signal.SIGTERM):
        os.kill(self.agent, how)
        os.waitpid(self.agent, 0)
        os.close(self.tty)
        self.page.close()

    def until(self, text):
        """What the terminal shows up to the text."""
        end = time.monotonic() + HANG_S
        while text not in self.seen:
            if not select.select([self.tty], [], [], max(end - time.monotonic(), 0))[0]:
                raise Hang("never %r in %r" % (text, self.seen))
            self.seen += os.read(self.tty, 4096).decode(errors="replace")
        at = self.seen.index(text) + len(text)
        said, self.seen = self.seen[:at], self.seen[at:]
        return said

    def keys_until(self, keys, heard):
        """Keys that come too early are thrown away: again, with more than the arming time between."""
        end = time.monotonic() + HANG_S
        while heard not in self.seen and time.monotonic() < end:
            os.write(self.tty, keys.encode())
            if select.select([self.tty], [], [], ARM_S)[0]:
                self.seen += os.read(self.tty, 4096).decode(errors="replace")
        return self.until(heard)

    def answer(self):
        while True:
            for message in self.page.read():
                if message.get("method") != "progress":
                    return message["error"]["data"]["name"] if "error" in message else message["result"]


class PadTerminalTest(unittest.TestCase):
    def stage(self, reader):
        stage = TerminalStage([ISSUER("fineid-v4")], readers=[reader], real_prompt=True)
        self.addCleanup(stage.close)
        return stage, stage.cards[0]

    def agree(self, stage, pin, tries="5 tries left"):
        """The person says yes; a PIN is not asked for here."""
        said = stage.until("y = yes, Esc = cancel ")
        self.assertIn("%s, typed on the card reader · %s" % (pin, tries), said)
        stage.keys_until("y\r", "on the card reader.")

    def test_log_in_after_a_wrong_pin(self):
        for reader in PADS:
            with self.subTest(reader=reader):
                stage, card = self.stage(reader)
                stage.page.send(*LOG_IN)
                self.agree(stage, "PIN1 (basic PIN)")
                card.control("pinpad", "type", "9999")
                stage.until("was wrong")
                self.agree(stage, "PIN1 (basic PIN)", "4 tries left")
                card.control("pinpad", "type", "1234")
                self.assertIn("signature", stage.answer())
                self.assertEqual(card.stats()["verify_sent"], {"11": 2})

    def test_the_reader_asks_for_each_document_and_nobody_types_then(self):
        stage, card = self.stage("pad")
        stage.page.send(*SIGN_TWO)
        self.agree(stage, "PIN2 (signature PIN)")
        card.control("pinpad", "type", "123456")
        stage.until("Document 2 of 2: type PIN2")
        card.control("pinpad", "timeout")
        stage.until("not typed on the card reader in time")
        self.agree(stage, "PIN2 (signature PIN)")
        card.control("pinpad", "type", "123456")
        stage.until("Document 2 of 2")
        card.control("pinpad", "type", "123456")
        self.assertEqual(len(stage.answer()["signatures"]), 2)
        self.assertEqual(card.stats()["verify_sent"], {"82": 3})

    def test_esc_cancels_where_the_reader_can_be_told_to_stop(self):
        for reader in PADS:
            with self.subTest(reader=reader):
                stage, card = self.stage(reader)
                stage.page.send(*LOG_IN)
                self.agree(stage, "PIN1 (basic PIN)")
                if reader == "pad":
                    stage.keys_until("\x1b", "press the cancel key of the reader")
                    card.control("pinpad", "cancel")
                else:
                    os.write(stage.tty, b"\x1b")
                self.assertEqual(stage.answer(), "CANCELLED")
                self.assertEqual(card.stats()["verify_sent"], {})
                self.assertIn("idle", card.control("pinpad", "state"))

    def test_the_last_try_wants_a_yes_of_its_own(self):
        stage, card = self.stage("pad-start")
        card.control("tries", "11", "1")
        stage.page.send(*LOG_IN)
        stage.until("y = yes, Esc = cancel): ")
        stage.keys_until("y\r", "typed on the card reader · 1 try left")
        stage.keys_until("y\r", "on the card reader.")
        card.control("pinpad", "type", "1234")
        self.assertIn("signature", stage.answer())
        self.assertEqual(card.stats()["verify_sent"], {"11": 1})


def main():
    global ISSUER
    with tempfile.TemporaryDirectory(prefix="ks-") as folder:
        ISSUER = Issuer(folder)
        return 0 if unittest.main(exit=False, verbosity=2).result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
