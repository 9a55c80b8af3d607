#!/usr/bin/python3
"""Every exchange x every fault: a flow is played once without, which tells its exchanges; then each of them meets each
fault. The page hears the right error and the person a text, no PIN is sent more than the flow needs, nothing hangs or
stays, and the next request works. KS_BUILD: the build folder. Words on the command line: only jobs whose name has one."""

import collections
import concurrent.futures
import os
import sys
import tempfile
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from card_stage import NONCE, Issuer, Stage, ask

SILENCE_MS = 6000  # then the reader gives up
LATE_MS = 5000
WORKERS = 16  # a silent card costs time and no processor
MUTE_JOBS = 4  # stages that share the silences of one flow
PRESET = "7654321"

Card = collections.namedtuple("Card", "pins puk reader", defaults=(("1234", "123456"), "12345678", ""))
CARDS = {"fineid-v4": Card(), "fineid-v4.1": Card(), "fineid-v3.1": Card(), "fineid-v3.0": Card(),
         "dvv-org": Card(), "dvv-org/t0": Card(reader="t0"), "dvv-health": Card(),
         "siths-standin": Card(pins=("123456", "654321")), "pkcs15-a": Card(), "pkcs15-b": Card()}


def documents(n):
    return {"documents": [{"name": "%d.txt" % i, "mediaType": "text/plain", "content": "YWFh"} for i in range(n)]}


# Of a page: method, parameters, which PIN.
PAGE = {"log in": ("authenticate", {"challengeNonce": NONCE}, 0),
        "sign": ("sign", documents(1), 1),
        "batch": ("sign", documents(3), 1)}
# Of the tool: how the card is made, words.
TOOL = {"change": ("", ["change", "2"]), "unlock": ("", ["unlock", "2"]), "activate": (",activation=puk", ["activate"]),
        "activate preset": (",activation=preset", ["activate"])}
FULL = {"fineid-v4": [*PAGE, *TOOL], "dvv-org": [*PAGE, "change", "unlock", "activate"]}
JOBS = [(card, flow) for card in CARDS for flow in FULL.get(card, ["log in", "sign"])]

HAVE_CAS = [card for card in CARDS if card != "siths-standin"]  # files that an answer's chain is made of

REMOVED, NO_CARD = "The card was taken out too early.", "There is no card in the reader."
LOST, REFUSED = "The connection to the card was lost.", "The card refused the operation."
DOWN = "The smart card service of this computer is not running."

# played: the card obeys before the fault. reading, working: what the page hears before and after the person's yes ("OK":
# the window goes on by itself, once the person has mended it). said: by the tool.
Fault = collections.namedtuple("Fault", "plan played reading working said waits")
FAULTS = {
    "removed": Fault("remove-at", False, "OK", "CARD_REMOVED", (REMOVED, NO_CARD), "WAIT_CARD"),
    "no reader": Fault("no-reader-at", False, "OK", "CARD_REMOVED", (REMOVED, NO_CARD), "WAIT_CARD"),
    "garbage": Fault("garbage-at", True, "CARD_IO", "CARD_IO", (LOST,), None),
    "short": Fault("short-at", True, "CARD_IO", "CARD_IO", (LOST,), None),
    "6Cxx": Fault("sw-at", False, "CARD_STATUS", "CARD_STATUS", (REFUSED,), None),
    "pcscd": Fault("mute-at", False, "OK", "PCSC_DOWN", (DOWN,), "WAIT_PCSC"),
    "silent": Fault("mute-at", False, "CARD_IO", "CARD_IO", (LOST,), None),
    "late": Fault("delay-at", True, "OK", "OK", (), None),
}
SLOW = ("silent", "late")  # these have jobs of their own


class Wrong(AssertionError):
    """Another end than the table says."""


def check(fits, *what):
    if not fits:
        raise Wrong(" ".join(map(str, what)))


class Flow:
    """One flow on one stage."""

    def __init__(self, stage, card, template):
        self.stage, self.card, self.vcard = stage, card, stage.cards[0]
        self.vcard.template = template
        self.down = False
        self.out = False

    def fresh(self):
        self.stage.renew(self.vcard)
        self.vcard.steps()
        self.stage.forget_certificates()

    def plan(self, name, at, step):
        words = [FAULTS[name].plan, at]
        if name == "6Cxx":
            words.append("6C%02X" % (step.answer & 0xFF))
        elif name == "late":
            words.append(LATE_MS)
        self.vcard.control(*words)
        self.out = FAULTS[name].waits == "WAIT_CARD"

    def on_step(self, name, at):
        """pcscd ends while it waits for the answer to this exchange."""
        def end_pcscd(n):
            if n == at and not self.down:
                self.stage.kill_pcscd()
                self.down = True
        return end_pcscd if name == "pcscd" else None

    def mend(self):
        if self.down:
            self.stage.start_pcscd()
            self.down = False
        if self.out:  # so that what pcscd shows next is the card that was put back
            self.stage.wait_for_cards(0)
            self.out = False
        self.vcard.control("clear")
        self.vcard.control("insert")


class PageFlow(Flow):
    def __init__(self, stage, card, template, flow):
        super().__init__(stage, card, template)
        self.method, self.params, which = PAGE[flow]
        self.pin = card.pins[which]

    def play(self, name=None, at=0):
        """With a fault, a person who mends what can be mended and else tells the service; without, one who waits."""
        mended = []

        def person(window, state):
            if state.phase == "READY" and state.error == "OK":
                window.answer(state, ask.CONFIRM, self.pin)
            elif state.phase == "READY":
                window.answer(state, ask.CANCEL)
            elif state.phase == "ENDED":
                window.answer(state, ask.CLOSE)
            elif name and state.phase == FAULTS[name].waits:
                if not mended:
                    mended.append(self.mend())
            elif name and state.phase != "WORKING" and not FAULTS[name].waits:
                window.answer(state, ask.REPORT)
        return self.stage.play(self.method, self.params, person, self.on_step(name, at))

    def right(self, name, base, at, reading):
        """A card that refuses while it is asked what it is is taken for another kind: those that no row knows refuse in all
        words, and nothing of it has been used yet. 6Cxx to a command without Le corrects nothing, so it is a refusal."""
        fault = FAULTS[name]
        step = base.steps[at - 1]
        # With an Le after a SHA-256 digest, also where the card wants its PIN first.
        signs = (step.ins, step.p1, step.length) == (0x2A, 0x9E, 5 + 32 + 1)
        if name == "6Cxx" and (step.answer or signs):  # the length that it tells is the right one
            return "OK"
        if name == "6Cxx" and at <= recognised_by(base):
            return "CARD_UNKNOWN"
        if base.read_before < at <= base.cas_before and not fault.waits:
            return "OK"  # a chain is never needed
        return fault.reading if reading else fault.working

    def judge(self, outcome, base, name, at):
        reading = at <= base.read_before
        right = self.right(name, base, at, reading)
        if base.read_before < at <= base.cas_before and outcome.answer == "OK":
            right = "OK"  # the person may have said yes before what happened was told, or after it was mended
        check(outcome.answer == right, "the page heard", outcome.answer, "not", right, outcome.seen)
        if right != "OK":
            phase = "ENDED" if not reading else "CARD_UNKNOWN" if right == "CARD_UNKNOWN" else "WAIT_CARD"
            check(outcome.seen[-1] == (phase, right), "the person saw", outcome.seen)
        elif reading and FAULTS[name].waits:
            check(FAULTS[name].waits in [phase for phase, _ in outcome.seen], "the person saw", outcome.seen)
        return right == "OK"

    def next(self, base):
        outcome = self.play()
        check(outcome.answer == "OK", "the next request:", outcome.answer, outcome.seen)
        return outcome, pins(base.steps)


class ToolFlow(Flow):
    OLD, NEW, NEWER = None, "75319246", "86420135"

    def __init__(self, stage, card, template, flow):
        super().__init__(stage, card, template)
        self.flow, self.words = flow, ["pin", *TOOL[flow][1]]
        self.code = {"change": card.pins[1], "activate preset": PRESET}.get(flow, card.puk)

    def keys(self, code, new, fresh=(1, 2)):
        if self.flow in ("change", "unlock"):
            return [("PUK code" if self.flow == "unlock" else "Current PIN2", code), ("New PIN2,", new), ("New PIN2 again", new)]
        keys = [("Activation code", code)]
        for index in fresh:
            keys += [("New PIN%d," % index, new), ("New PIN%d again" % index, new)]
        return keys

    def fresh(self):
        super().fresh()
        if self.flow == "unlock":
            self.vcard.control("block", {"fineid-v4": "82", "dvv-org": "04"}[self.vcard.profile])

    def play(self, name=None, at=0):
        outcome = self.stage.run_tool(self.words, self.keys(self.code, self.NEW), self.on_step(name, at))
        outcome.answer = "OK" if outcome.status == 0 else outcome.said
        return outcome

    def judge(self, outcome, base, name, at):
        """The tool does without what a card refuses before the first question or to tell of its PINs, and without nothing
        else. Done is done: a PIN of which the card does not say whether it is to be activated ends the activation."""
        fault, step, reading = FAULTS[name], base.steps[at - 1], at <= base.read_before
        tells = (step.ins == 0x20 and not step.has_pin) or step.ins == 0xCB
        harmless = name == "late" or (name == "6Cxx" and (step.answer or tells or reading))
        if outcome.status == 0:
            check(harmless, "done in spite of the fault:", outcome.said)
            return True
        check(outcome.status == 1 and any(text in outcome.said for text in fault.said), "it said", outcome.status, repr(outcome.said))
        check(name != "late", "it did not wait", outcome.said)
        self.changed = fault.played and step.ins == 0x24
        return False

    def next(self, base):
        if self.flow in ("change", "unlock"):
            code = self.NEW if self.flow == "change" and self.changed else self.code
            keys = self.keys(code, self.NEWER)
        else:
            said = self.stage.run_tool(["pin", "status"], ()).said
            fresh = [i for i in (1, 2) for line in said.splitlines() if line.startswith("PIN%d" % i) and "not activated" in line]
            keys = self.keys(self.code, self.NEW, fresh) if fresh else None
        self.vcard.steps()
        outcome = self.stage.run_tool(self.words, keys or ())
        if keys is None:
            check("nothing to activate" in outcome.said, "the next command:", outcome.said)
            return outcome, 0
        check(outcome.status == 0, "the next command:", repr(outcome.said))
        return outcome, pins(base.steps) * len(keys) // len(self.keys("", ""))  # activation: by the PINs that are left


def note_phases(base, card, method):
    """A window that stands while the card's CAs are read tells no border; each phase selects its application."""
    first_pin = next(i for i, step in enumerate(base.steps) if step.has_pin)
    selects = [i for i, step in enumerate(base.steps[:first_pin]) if (step.ins, step.p1) == (0xA4, 4)]
    if method == "sign" and card in HAVE_CAS:
        base.read_before, base.cas_before = selects[-2:]
    else:
        base.cas_before = base.read_before


def recognised_by(base):
    """The exchanges that ask the card what it is: those before the application is selected for the first empty VERIFY."""
    probe = next(i for i, step in enumerate(base.steps) if step.ins == 0x20)
    return max(i for i, step in enumerate(base.steps[:probe]) if (step.ins, step.p1) == (0xA4, 4))


def pins(steps):
    return sum(step.has_pin for step in steps)


def run_case(flow, base, name, at):
    step = base.steps[at - 1]
    flow.fresh()
    flow.changed = False
    flow.plan(name, at, step)
    outcome = flow.play(name, at)
    flow.mend()
    check(len(outcome.steps) >= at, "the fault never came:", len(outcome.steps), "exchanges")
    check([s.ins for s in outcome.steps[:at]] == [s.ins for s in base.steps[:at]], "another way to the fault")
    done = flow.judge(outcome, base, name, at)
    wanted = pins(base.steps) if done else pins(base.steps[:at])
    check(pins(outcome.steps) == wanted, "PINs sent:", pins(outcome.steps), "not", wanted)
    if done and isinstance(flow, ToolFlow):
        return
    flow.stage.wait_for_cards()
    outcome, wanted = flow.next(base)
    check(pins(outcome.steps) == wanted, "PINs sent by the next request:", pins(outcome.steps), "not", wanted)


class Tally:
    """What all jobs found."""

    def __init__(self):
        self.lock = threading.Lock()
        self.cases = collections.Counter()
        self.wrong = []

    def add(self, job, name, at, step, problem):
        with self.lock:
            self.cases[name] += 1
            if problem:
                self.wrong.append("%s, %s at exchange %d (INS %02X): %s" % (job, name, at, step.ins, problem))
                print(self.wrong[-1], flush=True)


def open_flow(profile, flow):
    card = CARDS[profile]
    make = profile.split("/")[0] + (TOOL[flow][0] if flow in TOOL else "")
    stage = Stage([ISSUER(make)], timeout_ms=SILENCE_MS, readers=[card.reader])
    kind = PageFlow if flow in PAGE else ToolFlow
    stage.cards[0].profile = profile.split("/")[0]
    return stage, kind(stage, card, stage.cards[0].template, flow)


def run_job(profile, flow, faults, part, parts, tally):
    """The exchanges of one flow whose number leaves `part` when divided by `parts`."""
    name_of_job = "%s, %s" % (profile, flow)
    stage, played = open_flow(profile, flow)
    try:
        played.fresh()
        base = played.play()
        if flow in PAGE:
            note_phases(base, profile, played.method)
        check(base.answer == "OK" and 0 < base.read_before < len(base.steps) and pins(base.steps) > 0, name_of_job, base.answer)
        for at, step in enumerate(base.steps, 1):
            if at % parts != part:
                continue
            for name in faults:
                problem = None
                try:
                    run_case(played, base, name, at)
                except AssertionError as error:
                    problem = str(error)
                    played.mend()
                tally.add(name_of_job, name, at, step, problem)
    finally:
        stage.close()


def jobs(words):
    for profile, flow in JOBS:
        if words and not any(word in "%s, %s" % (profile, flow) for word in words):
            continue
        for part in range(MUTE_JOBS):
            yield profile, flow, ["silent"], part, MUTE_JOBS
        if (profile, flow) in (("fineid-v4", "log in"), ("dvv-org", "sign")):
            for part in range(MUTE_JOBS):
                yield profile, flow, ["late"], part, MUTE_JOBS
        for part in range(2):
            yield profile, flow, [name for name in FAULTS if name not in SLOW], part, 2


def sweep(words, tally):
    with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
        for done in [pool.submit(run_job, *job, tally) for job in jobs(words)]:
            try:
                done.result()
            except Exception:  # a stage that can't be opened must not hide what the others find
                tally.wrong.append(traceback.format_exc())
                print(tally.wrong[-1], flush=True)


def main():
    global ISSUER
    began, tally = time.monotonic(), Tally()
    with tempfile.TemporaryDirectory(prefix="ks-") as folder:
        ISSUER = Issuer(folder)
        for profile, flow in JOBS:
            ISSUER(profile.split("/")[0] + (TOOL[flow][0] if flow in TOOL else ""))
        sweep(sys.argv[1:], tally)
    total = sum(tally.cases.values())
    print("%d cases in %.0f s: %s; %d wrong" % (total, time.monotonic() - began, dict(tally.cases), len(tally.wrong)))
    return 0 if not tally.wrong and (total > 2000 or (sys.argv[1:] and total > 0)) else 1


if __name__ == "__main__":
    sys.exit(main())
