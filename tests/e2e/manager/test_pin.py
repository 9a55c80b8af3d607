#!/usr/bin/python3
"""korttisilta pin … on a pseudo-terminal, with virtual cards. KS_BUILD: the build folder."""

import os
import pty
import select
import subprocess
import sys
import termios
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cards import BUILD, Cards

PROGRAM = os.path.join(BUILD, "bin/korttisilta")
PRESET = "7654321"  # vcard-issue


class Terminal:
    """The tool in a session of its own whose controlling terminal is a pseudo-terminal."""

    def __init__(self, environment, *words):
        self.seen = ""
        self.pid, self.tty = pty.fork()
        if self.pid == 0:
            os.execve(PROGRAM, [PROGRAM, *words], {"LANG": "C.UTF-8", **environment})

    def read(self, left):
        """False: the other end is gone."""
        if left <= 0 or not select.select([self.tty], [], [], left)[0]:
            raise AssertionError("nothing more than %r" % self.seen)
        try:
            self.seen += os.read(self.tty, 4096).decode(errors="replace")
        except OSError:
            return False
        return True

    def until(self, text, timeout=15.0):
        end = time.monotonic() + timeout
        while text not in self.seen:
            if not self.read(end - time.monotonic()):
                raise AssertionError("ended without %r: %r" % (text, self.seen))
        at = self.seen.index(text) + len(text)
        said, self.seen = self.seen[:at], self.seen[at:]
        return said

    def enter(self, prompt, keys):
        """Waits for the question, then types the answer."""
        said = self.until(prompt)
        os.write(self.tty, (keys + "\r").encode())
        return said

    def echoes(self):
        return bool(termios.tcgetattr(self.tty)[3] & termios.ECHO)

    def end(self):
        """What it said last, and its exit status."""
        while self.read(15.0):
            pass
        os.close(self.tty)
        return self.seen, os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class PinTest(unittest.TestCase):
    def cards(self, *options):
        cards = Cards(*options)
        self.addCleanup(cards.end)
        return cards

    @staticmethod
    def start(cards, *words, lang="en"):
        return Terminal({**cards.environment, "LANGUAGE": lang}, "pin", *words)

    def change(self, cards, index, old, new):
        tool = self.start(cards, "change", index)
        tool.enter("Current PIN%s" % index, old)
        tool.enter("New PIN%s," % index, new)
        tool.enter("New PIN%s again" % index, new)
        return tool.end()

    # ---- change ----

    def test_a_pin_is_changed_and_never_shown(self):
        cards = self.cards()
        tool = self.start(cards, "change", "1")
        tool.until("Current PIN1, 5 tries left: ")
        self.assertFalse(tool.echoes())
        os.write(tool.tty, b"12x34\r")
        said = tool.enter("New PIN1, 4–8 digits: ", "98765")
        said += tool.enter("New PIN1 again: ", "98765")
        said += tool.until("PIN1 has been changed.")
        last, status = tool.end()
        self.assertEqual(status, 0)
        self.assertIn("****", said)
        for digits in ("1234", "98765", "12", "76"):
            self.assertNotIn(digits, said + last)
        self.assertEqual(self.change(cards, "1", "98765", "1234")[1], 0)

    def test_a_wrong_pin_costs_one_try_and_says_how_many_are_left(self):
        cards = self.cards()
        last, status = self.change(cards, "2", "111111", "654321")
        self.assertIn("The current PIN2 was wrong. 4 tries left.", last)
        self.assertEqual(status, 1)
        self.assertEqual(self.change(cards, "2", "123456", "654321")[1], 0)

    def test_what_has_the_wrong_shape_is_said_at_once_and_never_sent(self):
        cards = self.cards()
        before = cards.stats()
        tool = self.start(cards, "change", "1")
        tool.enter("Current PIN1", "123")
        tool.until("Current PIN1: at least 4 digits.")
        tool.enter("Current PIN1, 5 tries left: ", "")
        tool.until("Current PIN1: at least 4 digits.")
        tool.enter("Current PIN1,", "1234")
        tool.enter("New PIN1, 4–8 digits: ", "123")
        tool.until("The new PIN must have 4–8 digits.")
        tool.enter("New PIN1, 4–8 digits: ", "1234")
        tool.until("must differ")
        tool.enter("New PIN1, 4–8 digits: ", "4321")
        tool.enter("New PIN1 again: ", "4322")
        tool.until("not the same both times")
        tool.until("New PIN1, 4–8 digits: ")
        os.write(tool.tty, b"\x1b")
        last, status = tool.end()
        self.assertIn("You cancelled.", last)
        self.assertEqual(status, 1)
        self.assertEqual(cards.stats()["verify_sent"], before["verify_sent"])
        self.assertEqual(cards.stats()["change"], 0)

    # ---- unlock ----

    def test_a_locked_pin_is_unlocked_with_the_puk(self):
        cards = self.cards()
        cards.control("block", "82")
        tool = self.start(cards, "change", "2")
        said, status = tool.end()
        self.assertIn("PIN2 is locked", said)
        self.assertEqual(status, 1)
        tool = self.start(cards, "unlock", "2")
        tool.enter("PUK code, 5 tries left: ", "12345678")
        tool.enter("New PIN2, 6–8 digits: ", "246810")
        tool.enter("New PIN2 again: ", "246810")
        last, status = tool.end()
        self.assertIn("PIN2 has been unlocked.", last)
        self.assertEqual(status, 0)
        self.assertEqual(self.change(cards, "2", "246810", "123456")[1], 0)

    def test_the_last_try_of_the_puk_wants_a_yes_and_says_what_is_at_stake(self):
        cards = self.cards()
        cards.control("tries", "83", "1")
        tool = self.start(cards, "unlock", "1")
        self.assertIn("can never be unlocked again", tool.until("y = yes, Esc = cancel: "))
        os.write(tool.tty, b"\r")
        tool.until("y = yes, Esc = cancel: ")
        os.write(tool.tty, b"\x1b")
        self.assertEqual(tool.end()[1], 1)
        tool = self.start(cards, "unlock", "1")
        tool.enter("y = yes, Esc = cancel: ", "y")
        tool.enter("PUK code, 1 try left: ", "12345678")
        tool.enter("New PIN1, 4–8 digits: ", "4321")
        tool.enter("New PIN1 again: ", "4321")
        self.assertEqual(tool.end()[1], 0)

    def test_a_locked_puk_is_the_end_of_the_card(self):
        cards = self.cards()
        cards.control("block", "83")
        said, status = self.start(cards, "unlock", "1").end()
        self.assertIn("Apply for a new card.", said)
        self.assertEqual(status, 1)

    # ---- activation ----

    def activate(self, profile, code):
        cards = self.cards("--profile", profile)
        said, status = self.start(cards, "status").end()
        self.assertEqual(said.count("not activated"), 2)
        self.assertEqual(status, 0)
        tool = self.start(cards, "activate")
        tool.enter("Activation code", code)
        tool.enter("New PIN1, 4–8 digits: ", "2468")
        tool.enter("New PIN1 again: ", "2468")
        tool.until("PIN1 is in use.")
        tool.enter("New PIN2, 6–8 digits: ", "135790")
        tool.enter("New PIN2 again: ", "135790")
        said, status = tool.end()
        self.assertIn("PIN2 is in use.", said)
        self.assertEqual(status, 0)
        self.assertEqual(self.change(cards, "1", "2468", "1234")[1], 0)
        self.assertEqual(self.change(cards, "2", "135790", "123456")[1], 0)
        said, status = self.start(cards, "activate").end()
        self.assertIn("There is nothing to activate on this card.", said)
        self.assertEqual(status, 1)

    def test_a_fresh_card_whose_code_is_the_puk_is_activated(self):
        self.activate("fineid-v3.1,activation=puk", "12345678")

    def test_a_fresh_card_with_a_preset_code_is_activated(self):
        self.activate("fineid-v4,activation=preset", PRESET)

    # ---- which card, and words ----

    def test_with_several_cards_the_reader_is_named(self):
        cards = self.cards("--profile", "fineid-v4", "--profile", "fineid-v3.1")
        said, status = self.start(cards, "status").end()
        self.assertIn("--reader", said)
        self.assertEqual(status, 1)
        said, status = self.start(cards, "status", "--reader", "Test Reader 1 01 00").end()
        self.assertIn("FINEID citizen v3.1", said)
        self.assertEqual(status, 0)

    def test_the_person_is_spoken_to_in_their_language(self):
        cards = self.cards()
        for lang, text in (("fi", "5 yritystä jäljellä"), ("sv", "5 försök kvar")):
            self.assertIn(text, self.start(cards, "status", lang=lang).end()[0])

    def test_without_a_terminal_no_pin_is_asked(self):
        cards = self.cards()
        done = subprocess.run([PROGRAM, "pin", "change", "1"], env=cards.environment,
                              input="1234\n4321\n4321\n", capture_output=True, text=True,
                              start_new_session=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("terminal", done.stderr)

    def test_without_a_card_it_says_what_to_do(self):
        cards = self.cards("--empty")
        said, status = self.start(cards, "status").end()
        self.assertIn("There is no card in the reader. Put your card in.", said)
        self.assertEqual(status, 1)

    def test_other_words_are_no_command(self):
        for words in ((), ("change",), ("change", "3"), ("change", "1", "1234"), ("unlock",),
                      ("status", "1"), ("activate", "1"), ("destroy",), ("--reader", "x")):
            done = subprocess.run([PROGRAM, "pin", *words], capture_output=True, text=True,
                                  check=False)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn("korttisilta pin", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
