#!/usr/bin/python3
"""korttisilta pin … with readers that have a PIN pad. The digits are pressed on the pad by card_ctl alone: the program
gets none of them, and the card's figures tell how often a value came to it. KS_BUILD: the build folder."""

import os
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cards import Cards
from test_pin import PRESET, PROGRAM, Terminal

PRIVATE_ETC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cards/private_etc")
POLICY = "/etc/korttisilta/policy.d/pad.json"
ESC = b"\x1b"
PADS = ("pad", "pad-start")
PUK = "12345678"

# of each card: PIN1, PIN2, PUK
CITIZEN = {"profile": "fineid-v4", "refs": ("11", "82", "83")}
IDEMIA = {"profile": "dvv-org", "refs": ("03", "04", "12")}
PKCS15 = {"profile": "pkcs15-b", "refs": ("01", "02", "03")}
SITHS = {"profile": "siths-standin", "refs": ("11", "83", "12")}  # blocks of 16 bytes
UNPADDED = {"profile": "pkcs15-a", "refs": ("81", "82", "83")}


class PadTest(unittest.TestCase):
    def cards(self, profile, reader, *options):
        cards = Cards("--profile", "%s,reader=%s" % (profile, reader), *options)
        self.addCleanup(cards.end)
        return cards

    @staticmethod
    def start(cards, *words, lang="en"):
        return Terminal({**cards.environment, "LANGUAGE": lang}, "pin", *words)

    @staticmethod
    def press(cards, *values):
        for value in values:
            cards.control("pinpad", "type", value)

    def asked(self, cards):
        return int(cards.control("pinpad", "state").rpartition("asked=")[2])

    def spent(self, cards):
        """VERIFYs by reference, CHANGEs, RESET RETRY COUNTERs, and values that the pad asked for, since the last time."""
        stats, asked = cards.stats(), self.asked(cards)
        cards.control("stats-reset")
        before, cards.asked_before = getattr(cards, "asked_before", 0), asked
        bearing = sum(stats["verify_sent"].values()) + stats["change"] + stats["unblock"]
        self.assertEqual(stats["from_pad"], bearing if asked > before else 0)  # all of them, or none
        return stats["verify_sent"], stats["change"], stats["unblock"], asked - before

    def both_pads(self, card):
        for reader in (*PADS, "pad+t0") if card is IDEMIA else PADS:
            yield self.cards(card["profile"], reader), reader == "pad-start"

    def end(self, tool, *digits):
        """What it said last and its status; none of the digits is in what it said at all."""
        last, status = tool.end()
        for value in digits:
            self.assertNotIn(value, last)
        return last, status

    # ---- change ----

    def change(self, cards, index, old, new, again=None):
        tool = self.start(cards, "change", index)
        said = tool.until("Current PIN%s (" % index)
        self.assertIn("Type on the card reader in this order", said)
        self.press(cards, old, new, again or new)
        return self.end(tool, old, new)

    def test_a_pin_is_changed_on_both_kinds_of_pad(self):
        citizen = (("1", "1234", "98765"), ("2", "123456", "7654321"))
        for card, rows in ((CITIZEN, citizen), (PKCS15, citizen), (SITHS, (("1", "123456", "1928374"), ("2", "654321", "918273")))):
            for cards, _ in self.both_pads(card):
                for index, old, new in rows:
                    last, status = self.change(cards, index, old, new)
                    self.assertIn("PIN%s has been changed." % index, last)
                    self.assertEqual(status, 0)
                    self.assertEqual(self.spent(cards), ({}, 1, 0, 3))
                    self.assertEqual(self.change(cards, index, new, old)[1], 0)
                    self.spent(cards)

    def test_a_wrong_pin_costs_one_try(self):
        for cards, _ in self.both_pads(CITIZEN):
            last, status = self.change(cards, "1", "9999", "4321")
            self.assertIn("The current PIN1 was wrong. 4 tries left.", last)
            self.assertEqual(status, 1)
            self.assertEqual(self.spent(cards), ({}, 1, 0, 3))
            self.assertEqual(self.change(cards, "1", "1234", "4321")[1], 0)

    def test_what_the_reader_itself_refuses_costs_no_try(self):
        for cards, _ in self.both_pads(CITIZEN):
            for values, text in ((("123", "4321", "4321"), "too few or too many digits"),
                                 (("1234", "4321", "4322"), "not the same both times")):
                last, status = self.change(cards, "1", *values)
                self.assertIn(text, last)
                self.assertEqual(status, 1)
                self.assertEqual(self.spent(cards)[:3], ({}, 0, 0))
            for word, text in (("timeout", "not typed on the card reader in time"), ("cancel", "You cancelled.")):
                tool = self.start(cards, "change", "1")
                tool.until("Current PIN1 (5 tries left)")
                cards.control("pinpad", word)
                last, status = tool.end()
                self.assertIn(text, last)
                self.assertEqual(status, 1)
                self.assertEqual(self.spent(cards)[:3], ({}, 0, 0))

    def test_the_same_pin_again_is_refused_by_the_card_and_explained(self):
        cards = self.cards("fineid-v4", "pad")
        last, status = self.change(cards, "2", "123456", "123456")
        self.assertIn("The new PIN must have 6–8 digits and differ", last)
        self.assertEqual(status, 1)

    def test_the_last_try_wants_a_yes_before_the_reader_asks(self):
        for cards, _ in self.both_pads(CITIZEN):
            cards.control("tries", "11", "1")
            tool = self.start(cards, "change", "1")
            tool.until("y = yes, Esc = cancel: ")
            os.write(tool.tty, ESC)
            self.assertEqual(tool.end()[1], 1)
            self.assertEqual(self.spent(cards), ({}, 0, 0, 0))
            tool = self.start(cards, "change", "1")
            tool.enter("y = yes, Esc = cancel: ", "y")
            tool.until("Current PIN1 (1 try left)")
            self.press(cards, "1234", "4321", "4321")
            self.assertEqual(tool.end()[1], 0)

    def test_esc_cancels_where_the_reader_can_be_told_to_stop(self):
        for cards, can_stop in self.both_pads(CITIZEN):
            tool = self.start(cards, "change", "1")
            if not can_stop:
                tool.until("To cancel, press the cancel key of the reader.")
                os.write(tool.tty, ESC)
                self.press(cards, "1234", "4321", "4321")
                last, status = tool.end()
                self.assertIn("PIN1 has been changed.", last)
                self.assertEqual(status, 0)
                continue
            tool.until("Esc = cancel")
            os.write(tool.tty, b"12")  # here, where nothing is typed
            tool.until("Type on the card reader, not here.")
            os.write(tool.tty, ESC)
            last, status = tool.end()
            self.assertIn("You cancelled.", last)
            self.assertEqual(status, 1)
            self.assertIn("idle", cards.control("pinpad", "state"))
            self.assertEqual(self.spent(cards)[:3], ({}, 0, 0))

    def test_the_card_is_pulled_while_the_reader_waits(self):
        for cards, _ in self.both_pads(CITIZEN):
            tool = self.start(cards, "change", "1")
            tool.until("Current PIN1 (")
            cards.control("pinpad", "remove")
            last, status = tool.end()
            self.assertIn("The card was taken out too early.", last)
            self.assertEqual(status, 1)

    # ---- unlock ----

    def unlock(self, cards, card, index, puk, new):
        tool = self.start(cards, "unlock", index)
        if card is IDEMIA:  # the PUK by itself, then the new PIN
            self.assertIn("Type on the card reader, and press OK", tool.until("PUK code ("))
            self.press(cards, puk)
            if puk == PUK:
                tool.until("The code was right.")
                self.press(cards, new, new)
        else:
            tool.until("PUK code (")
            self.press(cards, puk, new, new)
        return self.end(tool, puk, new)

    def test_a_locked_pin_is_unlocked(self):
        for card in (CITIZEN, IDEMIA, PKCS15):
            for cards, _ in self.both_pads(card):
                for index, new in (("1", "4321"), ("2", "246810")):
                    cards.control("block", card["refs"][int(index) - 1])
                    last, status = self.unlock(cards, card, index, PUK, new)
                    self.assertIn("PIN%s has been unlocked." % index, last)
                    self.assertEqual(status, 0)
                    self.assertEqual(self.spent(cards), ({card["refs"][2]: 1} if card is IDEMIA else {}, 0, 1, 3))

    def test_a_wrong_puk_costs_one_try_of_it(self):
        for card in (CITIZEN, IDEMIA):
            for cards, _ in self.both_pads(card):
                cards.control("block", card["refs"][1])
                last, status = self.unlock(cards, card, "2", "87654321", "246810")
                self.assertIn("The PUK code was wrong. 4 tries left.", last)
                self.assertEqual(status, 1)
                self.assertEqual(self.spent(cards), ({"12": 1}, 0, 0, 1) if card is IDEMIA else ({}, 0, 1, 3))

    def test_the_last_try_of_the_puk_says_what_is_at_stake(self):
        cards = self.cards("dvv-org", "pad-start")
        cards.control("tries", "12", "1")
        tool = self.start(cards, "unlock", "1")
        self.assertIn("can never be unlocked again", tool.until("y = yes, Esc = cancel: "))
        os.write(tool.tty, b"y\r")
        tool.until("PUK code (1 try left)")
        self.press(cards, PUK)
        tool.until("The code was right.")
        self.press(cards, "4321", "4321")
        self.assertEqual(tool.end()[1], 0)

    def test_cancelled_between_puk_and_new_pin_nothing_is_changed(self):
        cards = self.cards("dvv-org", "pad-start")
        tool = self.start(cards, "unlock", "1")
        tool.until("PUK code (")
        self.press(cards, PUK)
        tool.until("The code was right.")
        tool.until("Esc = cancel")
        os.write(tool.tty, ESC)
        last, status = tool.end()
        self.assertIn("You cancelled.", last)
        self.assertEqual(status, 1)
        self.assertEqual(self.spent(cards)[:3], ({"12": 1}, 0, 0))

    # ---- activation ----

    def activate(self, card, activation, code, changes):
        for cards, _ in self.both_pads({**card, "profile": card["profile"] + ",activation=" + activation}):
            tool = self.start(cards, "activate")
            for index, new in (("1", "2468"), ("2", "135790")):
                tool.until("Activation code (")
                self.press(cards, code)
                if card is IDEMIA:
                    tool.until("The code was right.")
                self.press(cards, new, new)
                tool.until("PIN%s is in use." % index)
            self.assertEqual(tool.end()[1], 0)
            verified = {"12": 2} if card is IDEMIA else {}
            self.assertEqual(self.spent(cards), (verified, 2 if changes else 0, 0 if changes else 2, 6))
            said, status = self.start(cards, "activate").end()
            self.assertIn("There is nothing to activate on this card.", said)

    def test_a_fresh_card_is_activated(self):
        self.activate(CITIZEN, "preset", PRESET, True)
        self.activate({**CITIZEN, "profile": "fineid-v3.1"}, "puk", PUK, False)
        self.activate(IDEMIA, "puk", PUK, False)

    def test_the_log_of_the_card_has_every_code_from_the_pad(self):
        for card in (CITIZEN, IDEMIA):
            for cards, _ in self.both_pads(card):
                cards.control("block", card["refs"][1])
                self.assertEqual(self.unlock(cards, card, "2", PUK, "246810")[1], 0)
                with open(os.path.join(cards.environment["KS_STAGE_DIR"], "card0.log"), encoding="ascii") as log:
                    lines = [line.split() for line in log]
                bearing = [line for line in lines if line[4] in ("24", "2C") or (line[4] == "20" and int(line[1]) > 5)]
                self.assertEqual([line[8:] for line in bearing], [["pad"]] * (2 if card is IDEMIA else 1))
                self.assertEqual([line for line in lines if line[8:] and line not in bearing], [])

    # ---- what befalls the pad's own command ----

    # The fault of the next exchange, whether the card obeys before it, and what is said.
    FAULTS = (("garbage-at 1", True, "The connection to the card was lost."),
              ("short-at 1", True, "The connection to the card was lost."),
              ("sw-at 1 6F00", False, "The card refused what was typed."),
              ("sw-at 1 6C18", False, "The card refused what was typed."),
              ("remove-at 1", False, "The card was taken out too early."),
              ("mute-at 1", False, None))  # LOST

    # A reader that told of the keys has them, so it must be the card; another one may have none.
    LOST = {"pad": "The keypad of the card reader does not work.", "pad-start": "The connection to the card was lost."}

    def test_whatever_happens_to_a_change_it_goes_out_once(self):
        for reader in PADS:
            for fault, played, text in self.FAULTS:
                with self.subTest(reader=reader, fault=fault):
                    cards = self.cards("fineid-v4", reader, "--timeout", "1500")
                    tool = self.start(cards, "change", "1")
                    tool.until("Current PIN1 (")
                    cards.control(*fault.split())
                    self.press(cards, "1234", "4321", "4321")
                    tool.until(text or self.LOST[reader])
                    if text is None and reader == "pad":
                        tool.until("y = yes, Esc = cancel: ")
                        os.write(tool.tty, ESC)
                    self.assertEqual(tool.end()[1], 1)
                    self.assertEqual(self.spent(cards), ({}, 1, 0, 3))
                    cards.control("insert")
                    last, status = self.change(cards, "1", *(("4321", "1234") if played else ("1234", "4321")))
                    self.assertIn("PIN1 has been changed.", last)
                    self.assertEqual(self.spent(cards), ({}, 1, 0, 3))

    def test_whatever_happens_to_the_puk_of_an_organisation_card_it_goes_out_once(self):
        for fault, _, text in self.FAULTS:
            for at in ("PUK code (", "The code was right."):
                with self.subTest(fault=fault, at=at):
                    cards = self.cards("dvv-org", "pad-start", "--timeout", "1500")
                    tool = self.start(cards, "unlock", "1")
                    tool.until("PUK code (")
                    if at != "PUK code (":
                        self.press(cards, PUK)
                        tool.until(at)
                    cards.control(*fault.split())
                    self.press(cards, *((PUK,) if at == "PUK code (" else ("4321", "4321")))
                    tool.until(text or self.LOST["pad-start"])
                    self.assertEqual(tool.end()[1], 1)
                    self.assertEqual(self.spent(cards)[:3], ({"12": 1}, 0, 0 if at == "PUK code (" else 1))
                    cards.control("insert")
                    self.assertEqual(self.unlock(cards, IDEMIA, "1", PUK, "8642")[1], 0)
                    self.assertEqual(self.spent(cards), ({"12": 1}, 0, 1, 3))

    # ---- what a pad can't do ----

    def type_here(self, tool, index, old, new):
        tool.enter("Current PIN%s" % index, old)
        tool.enter("New PIN%s," % index, new)
        tool.enter("New PIN%s again" % index, new)

    def test_a_card_whose_command_no_pad_can_make_is_told_and_waits_for_a_yes(self):
        for card, puk_helps in ((IDEMIA, True), (UNPADDED, False)):
            with self.subTest(card=card["profile"]):
                cards = self.cards(card["profile"], "pad")
                tool = self.start(cards, "change", "1")
                said = tool.until("Type them on this computer?")
                self.assertIn("in a form that the keypads of card readers can't make", said)
                self.assertEqual("with the PUK code instead, which is typed on the reader" in said, puk_helps)
                tool.until("y = yes, Esc = cancel: ")
                os.write(tool.tty, ESC)
                self.assertEqual(tool.end()[1], 1)
                self.assertEqual(self.spent(cards), ({}, 0, 0, 0))
                tool = self.start(cards, "change", "1")
                tool.enter("y = yes, Esc = cancel: ", "y")
                self.type_here(tool, "1", "1234", "4321")
                self.assertEqual(tool.end()[1], 0)
                self.assertEqual(self.spent(cards), ({card["refs"][0]: 1}, 1, 0, 0))

    def test_a_pad_that_only_verifies_is_told_and_waits_for_a_yes(self):
        cards = self.cards("fineid-v4", "verify-pad")
        tool = self.start(cards, "unlock", "2")
        tool.until("can check a PIN but not set a new one")
        tool.enter("y = yes, Esc = cancel: ", "y")
        tool.enter("PUK code, 5 tries left: ", PUK)
        tool.enter("New PIN2, 6–8 digits: ", "246810")
        tool.enter("New PIN2 again: ", "246810")
        self.assertEqual(tool.end()[1], 0)
        self.assertEqual(self.spent(cards), ({}, 0, 1, 0))

    def test_a_pad_that_does_not_work_is_told_and_waits_for_a_yes(self):
        cards = self.cards("fineid-v4", "broken-pad")
        tool = self.start(cards, "change", "1")
        tool.until("The keypad of the card reader does not work.")
        self.assertEqual(self.spent(cards), ({}, 0, 0, 0))
        tool.enter("y = yes, Esc = cancel: ", "y")
        self.type_here(tool, "1", "1234", "4321")
        self.assertEqual(tool.end()[1], 0)
        self.assertEqual(self.spent(cards), ({}, 1, 0, 0))

    def test_a_reader_that_is_known_to_lack_its_pad_is_an_ordinary_one(self):
        cards = self.cards("fineid-v4", "false-pad")
        tool = self.start(cards, "change", "1")
        said = tool.enter("Current PIN1, 5 tries left: ", "1234")
        self.assertNotIn("card reader", said)
        tool.enter("New PIN1,", "4321")
        tool.enter("New PIN1 again", "4321")
        self.assertEqual(tool.end()[1], 0)

    def test_the_person_is_spoken_to_in_their_language(self):
        for lang, text, cancelled in (("fi", "Näppäile kortinlukijalla", "Peruutit toiminnon."), ("sv", "Skriv på kortläsaren", "Du avbröt.")):
            cards = self.cards("fineid-v4", "pad-start")
            tool = self.start(cards, "change", "1", lang=lang)
            tool.until(text)
            cards.control("pinpad", "cancel")
            self.assertIn(cancelled, tool.end()[0])


    # ---- the administrator ----

    @staticmethod
    def doctor(cards):
        done = subprocess.run([PROGRAM, "doctor"], env={**cards.environment, "LANGUAGE": "en"}, capture_output=True, text=True,
                              check=False)
        return [line for line in done.stdout.splitlines() if "keypad" in line]

    def test_the_policy_can_leave_the_pads_alone(self):
        cards = self.cards("fineid-v4", "pad")
        reader = "[ok] Reader Test Reader 0 00 00: "
        self.assertEqual(self.doctor(cards), [reader + "PINs are typed on its own keypad"])
        with open(POLICY, "w", encoding="ascii") as file:
            file.write('{"pinPad": false}')
        self.addCleanup(os.unlink, POLICY)
        self.assertEqual(self.doctor(cards), [reader + "its keypad is not used, as the administrator's policy wants it"])
        tool = self.start(cards, "change", "1")
        said = tool.enter("Current PIN1, 5 tries left: ", "1234")
        self.assertNotIn("card reader", said)
        tool.enter("New PIN1,", "4321")
        tool.enter("New PIN1 again", "4321")
        self.assertEqual(tool.end()[1], 0)
        self.assertEqual(self.spent(cards), ({}, 1, 0, 0))


if __name__ == "__main__":
    if "KS_PRIVATE_ETC" not in os.environ:
        os.execv(PRIVATE_ETC, [PRIVATE_ETC, sys.executable, *sys.argv])
    unittest.main(verbosity=2)
