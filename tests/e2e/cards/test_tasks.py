#!/usr/bin/python3
"""Every card x every task of its holder, with the real pcscd, agent, signer and tool: change, unlock, activate, wrong
values until locked, certificates out of their time, several cards. Each test ends with the card's own figures: nothing
that holds a PIN was sent beyond what the task needs. KS_BUILD: the build folder."""

import http.server
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from card_stage import ESC, HERE, NONCE, Issuer, Stage, ask

ETC = "/etc/korttisilta"
CARDS_D = ETC + "/cards.d"
SOON = ("2024-01-01", "2024-06-30")
LATE = ("2090-01-01", "2095-01-01")
PRESET = "7654321"  # vcard-issue
NEW = {1: "75319", 2: "7531924"}  # fit every card but SITHS
NEWER = {1: "864202", 2: "8642013"}
WRONG_PUK = "87654321"
FLOWS = {1: ("authenticate", {"challengeNonce": NONCE}),
         2: ("sign", {"documents": [{"name": "a.txt", "mediaType": "text/plain", "content": "YQ=="}]})}


class Row:
    """verify_first: values go as typed, so CHANGE comes after a VERIFY of the old one. puk: reference and value.
    puk_alone: VERIFY of the PUK, then RESET RETRY COUNTER without it."""

    def __init__(self, profile, refs, puk=None, pins=("1234", "123456"), tries=5, puk_tries=5, verify_first=False,
                 puk_alone=False, activation=(), reader="", new=None):
        self.profile, self.reader, self.activation = profile, reader, activation
        self.ref, self.pin = dict(zip((1, 2), refs)), dict(zip((1, 2), pins))
        self.puk_ref, self.puk = puk or (None, None)
        self.tries, self.puk_tries = tries, puk_tries
        self.verify_first, self.puk_alone = verify_first, puk_alone
        self.new = new or NEW
        self.name = (profile + "_" + reader if reader else profile).replace("-", "_").replace(".", "_").replace(",", "_")

    def change(self, index):
        return {self.ref[index]: 1} if self.verify_first else {}

    def unblock(self, times=1):
        return {self.puk_ref: times} if self.puk_alone else {}


CITIZEN = {"refs": ("11", "82"), "puk": ("83", "12345678")}
IDEMIA = {"refs": ("03", "04"), "puk": ("12", "12345678"), "verify_first": True, "puk_alone": True, "activation": ("puk",)}
SITHS = {"refs": ("11", "83"), "pins": ("123456", "654321"), "tries": 3, "new": {1: "753190", 2: "7531924"}}
ROWS = [
    Row("fineid-v3.0", activation=("puk",), **CITIZEN),
    Row("fineid-v3.1", activation=("puk",), **CITIZEN),
    Row("fineid-v4", activation=("puk", "preset"), **CITIZEN),
    Row("fineid-v4.1", activation=("puk", "preset"), **CITIZEN),
    Row("dvv-org", **IDEMIA),
    Row("dvv-org", reader="t0", **IDEMIA),
    Row("dvv-health", **IDEMIA),
    Row("dvv-health", reader="t0", **IDEMIA),
    Row("siths-standin", **SITHS),
    Row("siths-standin,certs=2,days=180", **SITHS),
    Row("pkcs15-a", refs=("81", "82"), puk=("83", "12345678"), tries=3, puk_tries=10, verify_first=True),
    Row("pkcs15-b", refs=("01", "02"), puk=("03", "12345678"), puk_tries=10),
]


class Responder(http.server.BaseHTTPRequestHandler):
    """OCSP of every CA of `folder`, by OpenSSL's own program; each certificate that it is asked of has been revoked."""

    folder = None
    questions = 0

    def do_POST(self):
        type(self).questions += 1
        with tempfile.TemporaryDirectory() as work:
            def path(name):
                return os.path.join(work, name)
            with open(path("request"), "wb") as file:
                file.write(self.rfile.read(int(self.headers["content-length"])))
            asked = self.openssl("ocsp", "-reqin", path("request"), "-req_text")
            key_hash, serial = (re.search(name + r": ([0-9A-F]+)", asked).group(1) for name in ("Issuer Key Hash", "Serial Number"))
            ca = next(ca for ca in self.authorities() if key_hash in self.openssl("x509", "-in", ca + ".pem", "-noout", "-ocspid"))
            with open(path("index.txt"), "w", encoding="ascii") as file:
                file.write("R\t350101000000Z\t260102030405Z\t%s\tunknown\t/CN=holder\n" % serial)
            self.openssl("ocsp", "-index", path("index.txt"), "-CA", ca + ".pem", "-rsigner", ca + ".pem", "-rkey", ca + ".key",
                         "-reqin", path("request"), "-respout", path("response"), "-ndays", "1")
            with open(path("response"), "rb") as file:
                answer = file.read()
        self.send_response(200)
        self.send_header("content-type", "application/ocsp-response")
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def authorities(self):
        return [os.path.join(where, "ca") for where, _, files in os.walk(self.folder) if "ca.key" in files]

    def openssl(self, *words):
        return subprocess.run(["openssl", *words], check=True, capture_output=True, text=True).stdout

    def log_message(self, *_):
        pass


def wrong_values(right, n):
    """n values of its length, none of them right, no two the same."""
    return [v for v in ("%0*d" % (len(right), 9 * 10 ** (len(right) - 1) + i) for i in range(n + 1)) if v != right][:n]


class CardTest(unittest.TestCase):
    """What every row's class below has; `row` is set there."""

    row = None

    @classmethod
    def setUpClass(cls):
        cls.template = ISSUER(cls.row.profile)
        cls.stage = Stage([cls.template], readers=[cls.row.reader])
        cls.card = cls.stage.cards[0]

    @classmethod
    def tearDownClass(cls):
        cls.stage.close()

    def setUp(self):
        self.fresh(self.template)

    def fresh(self, template):
        self.card.template = template
        self.stage.renew(self.card)

    # ---- the holder ----

    def ask(self, index, pins, report=False):
        """Logs in (1) or signs (2): types one of `pins` (or pairs of it and the yes to the last try) whenever the
        window asks, then cancels. `report`: presses the button that tells the service why it can't go on."""
        left = list(pins)

        def person(window, state):
            if state.phase == "READY" and left:
                pin, yes = left[0] if isinstance(left[0], tuple) else (left[0], False)
                left.pop(0)
                window.answer(state, ask.CONFIRM, pin, last_try=yes)
            elif state.phase == "READY":
                window.answer(state, ask.CANCEL)
            elif state.phase == "ENDED":
                window.answer(state, ask.CLOSE)
            elif state.phase not in ("CHECKING", "WORKING"):
                self.assertTrue(report, state)
                window.answer(state, ask.REPORT)
        outcome = self.stage.play(*FLOWS[index], person)
        self.assertEqual(left, [], outcome.seen)
        return outcome

    def assert_works(self, index, pin):
        before = self.card.stats()["verify_sent"].get(self.row.ref[index], 0)
        self.assertEqual(self.ask(index, [pin]).answer, "OK")
        self.assertEqual(self.card.stats()["verify_sent"][self.row.ref[index]], before + 1)

    def tool(self, *words, keys=()):
        return self.stage.run_tool(["pin", *words], keys)

    def change(self, index, old, new):
        return self.tool("change", str(index), keys=[
            ("Current PIN%d" % index, old), ("New PIN%d," % index, new), ("New PIN%d again" % index, new)])

    def unlock(self, index, puk, new, yes=()):
        return self.tool("unlock", str(index), keys=[
            *yes, ("PUK code", puk), ("New PIN%d," % index, new), ("New PIN%d again" % index, new)])

    def activate(self, code, *keys):
        return self.tool("activate", keys=[("Activation code", code), *keys])

    def assert_said(self, outcome, text, status=0):
        self.assertIn(text, outcome.said)
        self.assertEqual(outcome.status, status, outcome.said)

    def assert_spent(self, verify=None, change=0, unblock=0):
        stats = self.card.stats()
        self.assertEqual((stats["verify_sent"], stats["change"], stats["unblock"]), (verify or {}, change, unblock))
        self.card.control("stats-reset")

    # ---- what is the same for both PINs ----

    def change_pin(self, index):
        row = self.row
        self.assert_said(self.change(index, row.pin[index], row.new[index]), "PIN%d has been changed." % index)
        self.assert_spent(row.change(index), change=1)
        self.assert_works(index, row.new[index])

    def wrong_current_pin(self, index):
        row = self.row
        wrong = wrong_values(row.pin[index], 1)[0]
        self.assert_said(self.change(index, wrong, row.new[index]),
                         "The current PIN%d was wrong. %d tries left." % (index, row.tries - 1), 1)
        self.assert_spent(row.change(index), change=0 if row.verify_first else 1)
        self.assert_works(index, row.pin[index])

    def block_pin(self, index):
        """Wrong until locked, at a page; then unlocked again where the card can be."""
        row, ref = self.row, self.row.ref[index]
        wrong = wrong_values(row.pin[index], row.tries)
        outcome = self.ask(index, [wrong[0], wrong[0], *wrong[1:-1], (wrong[-1], False), (wrong[-1], True)])
        self.assertEqual(outcome.answer, "PIN_BLOCKED")
        told = [error for phase, error in outcome.seen if phase == "READY"]
        self.assertEqual(told, ["OK", "PIN_WRONG", "PIN_REPEATED", *["PIN_WRONG"] * (row.tries - 2), "PIN_LAST_TRY"])
        self.assertEqual(outcome.seen[-1], ("ENDED", "PIN_BLOCKED"))
        self.assert_spent({ref: row.tries})
        outcome = self.ask(index, [], report=True)
        self.assertEqual((outcome.answer, outcome.seen[-1]), ("PIN_BLOCKED", ("NO_CERT", "PIN_BLOCKED")))
        self.assertEqual({cert.usable for cert in outcome.certs}, {"PIN_BLOCKED"})
        self.assert_said(self.change(index, row.pin[index], row.new[index]), "PIN%d is locked" % index, 1)
        self.assertIn("locked", self.tool("status").said)
        self.assert_spent()

    def unlock_pin(self, index):
        row = self.row
        self.card.control("block", row.ref[index])
        self.assert_said(self.unlock(index, row.puk, row.new[index]), "PIN%d has been unlocked." % index)
        self.assert_spent(row.unblock(), unblock=1)
        self.assert_works(index, row.new[index])

    def cannot_unlock(self, index):
        self.card.control("block", self.row.ref[index])
        self.assert_said(self.unlock(index, "12345678", self.row.new[index]),
                         "Korttisilta can't unlock a PIN of this card. Unlock it in the card issuer's own program", 1)
        self.assert_spent()

    # ---- tasks ----

    def task_change_pin1(self):
        self.change_pin(1)

    def task_change_pin2(self):
        self.change_pin(2)

    def task_wrong_current_pin1(self):
        self.wrong_current_pin(1)

    def task_wrong_current_pin2(self):
        self.wrong_current_pin(2)

    def task_pin1_until_locked(self):
        self.block_pin(1)

    def task_pin2_until_locked(self):
        self.block_pin(2)

    def task_unlock_pin1(self):
        (self.unlock_pin if self.row.puk else self.cannot_unlock)(1)

    def task_unlock_pin2(self):
        (self.unlock_pin if self.row.puk else self.cannot_unlock)(2)

    def task_puk_until_locked(self):
        row = self.row
        self.card.control("block", row.ref[1])
        for left in range(row.puk_tries - 1, -1, -1):
            yes = [("y = yes, Esc = cancel: ", "y")] if left == 0 else []
            outcome = self.unlock(1, WRONG_PUK, row.new[1], yes)
            if left > 0:
                self.assert_said(outcome, "The PUK code was wrong. %d %s left." % (left, "try" if left == 1 else "tries"), 1)
            else:
                self.assertIn("can never be unlocked again", outcome.said)
                self.assert_said(outcome, "Apply for a new card.", 1)
        times = row.puk_tries
        self.assert_spent(row.unblock(times), unblock=0 if row.puk_alone else times)
        outcome = self.unlock(1, row.puk, row.new[1])
        self.assert_said(outcome, "Apply for a new card.", 1)
        self.assert_spent()

    def activation(self, scheme):
        """Wrong code, PIN1 alone, then the rest: a half-activated card is finished."""
        row = self.row
        preset = scheme == "preset"
        self.fresh(ISSUER("%s,activation=%s" % (row.profile, scheme)))
        code = PRESET if preset else row.puk
        self.assertEqual(self.tool("status").said.count("not activated"), 2)
        if not preset:
            outcome = self.ask(1, [], report=True)
            self.assertEqual((outcome.answer, outcome.seen[-1]),
                             ("PIN_NOT_ACTIVATED", ("NO_CERT", "PIN_NOT_ACTIVATED")))
        self.assert_spent()
        first = [("New PIN1,", row.new[1]), ("New PIN1 again", row.new[1])]
        wrong = wrong_values(code, 1)[0]
        self.assert_said(self.activate(wrong, *first), "The activation code was wrong. 4 tries left.", 1)
        self.assert_spent(row.unblock(), **({"change": 1} if preset else {"unblock": 0 if row.puk_alone else 1}))
        outcome = self.activate(code, *first, ("New PIN2,", ESC))
        self.assert_said(outcome, "PIN1 is in use.", 1)
        self.assert_spent(row.unblock(), **({"change": 1} if preset else {"unblock": 1}))
        self.assertEqual(self.tool("status").said.count("not activated"), 1)
        outcome = self.activate(code, ("New PIN2,", row.new[2]), ("New PIN2 again", row.new[2]))
        self.assert_said(outcome, "PIN2 is in use.")
        self.assertNotIn("PIN1 is in use.", outcome.said)
        self.assert_spent(row.unblock(), **({"change": 1} if preset else {"unblock": 1}))
        self.assert_works(1, row.new[1])
        self.assert_works(2, row.new[2])
        self.assert_said(self.tool("activate"), "There is nothing to activate on this card.", 1)

    def task_activation_with_the_puk(self):
        self.activation("puk")

    def task_activation_with_a_preset_code(self):
        self.activation("preset")

    def task_nothing_to_activate(self):
        self.assert_said(self.tool("activate"), "There is nothing to activate on this card.", 1)
        self.assert_spent()

    def out_of_time(self, not_before, not_after, usable):
        self.fresh(ISSUER("%s,not-before=%s,not-after=%s" % (self.row.profile.split(",days")[0], not_before, not_after)))
        for index in (1, 2):
            outcome = self.ask(index, [], report=True)
            self.assertEqual((outcome.answer, outcome.seen[-1]), ("CERT_INVALID", ("NO_CERT", "CERT_INVALID")))
            self.assertEqual({cert.usable for cert in outcome.certs}, {usable})
        self.assert_spent()
        self.assert_said(self.change(1, self.row.pin[1], self.row.new[1]), "PIN1 has been changed.")
        self.assert_spent(self.row.change(1), change=1)

    def task_revoked(self):
        """Where the policy asks the issuer each time, such a card gets no PIN."""
        self.fresh(ISSUER("%s,ocsp=http://127.0.0.1:%d/ocsp" % (self.row.profile, RESPONDER.server_port)))
        self.stage.end_agent()
        with open(ETC + "/policy.d/check.json", "w", encoding="ascii") as file:
            json.dump({"revocationCheck": "always"}, file)
        try:
            self.stage.start_agent()
            for index in (1, 2):
                asked = Responder.questions
                outcome = self.ask(index, [self.row.pin[index]])
                self.assertEqual((outcome.answer, outcome.seen[-1]), ("CERT_REVOKED", ("ENDED", "CERT_REVOKED")))
                self.assertGreater(Responder.questions, asked)
            self.assert_spent()
        finally:
            self.stage.end_agent()
            os.unlink(file.name)
            self.stage.start_agent()

    def task_expired(self):
        self.out_of_time(*SOON, "EXPIRED")

    def task_not_yet_valid(self):
        self.out_of_time(*LATE, "NOT_YET_VALID")


class SithsWithPukTest(CardTest):
    """A SITHS card whose PUK an administrator knows: the row in a file has what the built-in one leaves open."""

    row = Row("siths-standin", puk=("12", "12345678"), puk_tries=3, **SITHS)
    FILE = """\
name       = SITHS with its PUK
historical = 80 31 80 65 B0 85 ?? ?? ?? 12 02 F0 82 90 00
like       = SITHS (stand-in, layout inferred)
unlock     = together
pin = 1     11  6-12   6-12   16     00
pin = 2     83  6-12   6-12   16     00
pin = 3     12  8-8    8-8    16     00
"""

    @classmethod
    def setUpClass(cls):
        with open(CARDS_D + "/siths.card", "w", encoding="ascii") as file:
            file.write(cls.FILE)
        cls.addClassCleanup(os.unlink, file.name)
        super().setUpClass()

    def task_the_row_in_the_file_is_used(self):
        self.assert_said(self.tool("status"), "SITHS with its PUK")


class SeveralCardsTest(unittest.TestCase):
    """Two holders, one or two readers."""

    HOLDERS = ("fineid-v4", "fineid-v4,given=Matti,satu=99902038")

    def stage(self, *profiles):
        stage = Stage([ISSUER(profile) for profile in profiles])
        self.addCleanup(stage.close)
        return stage

    def sent(self, stage):
        return [card.stats()["verify_sent"] for card in stage.cards]

    def test_only_the_card_that_was_chosen_gets_the_pin(self):
        stage = self.stage(*self.HOLDERS)
        for chosen, sent in ((0, [{"11": 1}, {}]), (1, [{"11": 1}, {"11": 1}])):
            def person(window, state, cert=chosen):
                if state.phase == "READY" and len(state.certs) == 2:
                    window.answer(state, ask.CONFIRM, "1234", cert=cert)
            self.assertEqual(stage.play(*FLOWS[1], person).answer, "OK")
            self.assertEqual(self.sent(stage), sent)

    def test_a_card_that_was_exchanged_after_the_choice_gets_nothing(self):
        stage = self.stage(self.HOLDERS[0])
        card = stage.cards[0]
        exchanged = []

        def person(window, state):
            if state.phase == "READY" and not exchanged:
                os.kill(stage.signers()[0], signal.SIGSTOP)  # so that it learns of both at once
                card.template = ISSUER(self.HOLDERS[1])
                stage.renew(card)
                window.answer(state, ask.CONFIRM, "1234")
                exchanged.append(state)
                os.kill(stage.signers()[0], signal.SIGCONT)
            elif state.phase == "READY" and state.error == "CARD_CHANGED":
                self.assertEqual(self.sent(stage), [{}])
                window.answer(state, ask.CONFIRM, "1234")
        outcome = stage.play(*FLOWS[1], person)
        self.assertIn(("READY", "CARD_CHANGED"), outcome.seen)
        self.assertEqual(outcome.answer, "OK")
        self.assertEqual(self.sent(stage), [{"11": 1}])


class UnknownCardTest(unittest.TestCase):
    """A card without a row and without directories: its ATR is what there is to report."""

    def test_it_is_said_to_the_page_and_to_the_person(self):
        with tempfile.TemporaryDirectory() as folder:
            template = shutil.copytree(ISSUER("pkcs15-a"), folder + "/card")
            with open(template + "/files/2F00", "wb") as directory:
                directory.write(b"\0")
            stage = Stage([template])
            self.addCleanup(stage.close)
        outcome = stage.play(*FLOWS[1], lambda window, state: window.answer(state, ask.REPORT))
        self.assertEqual((outcome.answer, outcome.seen), ("CARD_UNKNOWN", [("CARD_UNKNOWN", "CARD_UNKNOWN")]))
        self.assertIn("Korttisilta does not know this card.", stage.run_tool(["pin", "status"], ()).said)
        outcome = stage.run_tool(["cards"], ())
        self.assertRegex(outcome.said, r"Report this ATR:\s+ATR: 3b[0-9a-f]{18,}")
        self.assertEqual((outcome.status, stage.cards[0].stats()["verify_sent"]), (1, {}))


def tasks_of(row, cls):
    """A card has the tasks of its schemes; of the others it says that it has not got them."""
    left_out = {"task_puk_until_locked": row.puk is None,
                "task_activation_with_the_puk": "puk" not in row.activation,
                "task_activation_with_a_preset_code": "preset" not in row.activation}
    return [name for name in dir(cls) if name.startswith("task_") and not left_out.get(name)]


def make_tests():
    """A class for each row, a method for each task. How many there are."""
    classes = [type("%sTest" % row.name, (CardTest,), {"row": row}) for row in ROWS] + [SithsWithPukTest]
    count = 0
    for cls in classes:
        globals()[cls.__name__] = cls
        for task in tasks_of(cls.row, cls):
            setattr(cls, "test" + task[4:], getattr(cls, task))
            count += 1
    return count


def main():
    global ISSUER, RESPONDER
    with tempfile.TemporaryDirectory(prefix="ks-") as folder:
        ISSUER = Issuer(folder)
        for row in ROWS:
            ISSUER(row.profile)
        Responder.folder = folder
        RESPONDER = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Responder)
        threading.Thread(target=RESPONDER.serve_forever, daemon=True).start()
        with open(ETC + "/ca.d/all.pem", "wb") as out:  # not every card has the certificate of its issuer
            for ca in Responder.authorities(Responder):
                with open(ca + ".pem", "rb") as file:
                    out.write(file.read())
        count = make_tests()
        result = unittest.main(exit=False, verbosity=2).result
        print("%d cards, %d tests of tasks, %d run" % (len(ROWS) + 1, count, result.testsRun))
        return 0 if result.wasSuccessful() and count > 150 else 1


if __name__ == "__main__":
    if "KS_PRIVATE_ETC" not in os.environ:
        os.execv(os.path.join(HERE, "private_etc"), ["private_etc", sys.executable, *sys.argv])
    sys.exit(main())
