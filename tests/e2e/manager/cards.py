"""Virtual cards for one test: a private pcscd with with_card, its environment, and what the cards are
told and asked by card_ctl."""

import json
import os
import subprocess

HERE = os.path.dirname(os.path.abspath(__file__))
VCARD = os.path.join(HERE, "../../vcard")
BUILD = os.path.realpath(os.environ.get("KS_BUILD", os.path.join(HERE, "../../../build")))

# Tells what the cards run in, and lives until its input ends.
HOLD = ("import json, os, sys\n"
        "print(json.dumps(dict(os.environ)), flush=True)\n"
        "sys.stdin.read()\n")


class Cards:
    def __init__(self, *options):
        self.process = subprocess.Popen(
            [os.path.join(VCARD, "with_card"), "--build", BUILD, *options, "--",
             "/usr/bin/python3", "-c", HOLD],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if not line:
            raise AssertionError("the cards did not start")
        self.environment = json.loads(line)

    def control(self, *words, card=0):
        done = subprocess.run([os.path.join(VCARD, "card_ctl"), str(card), *words],
                              env=self.environment, check=True, capture_output=True, text=True)
        assert done.stdout.startswith("ok"), done.stdout
        return done.stdout[2:].strip()

    def stats(self):
        return json.loads(self.control("stats"))

    def end(self):
        if self.process.poll() is None:
            self.process.stdin.close()
            status = self.process.wait()
            self.process.stdout.close()
            assert status == 0, status
