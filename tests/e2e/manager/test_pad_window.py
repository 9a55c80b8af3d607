#!/usr/bin/python3
"""The window of korttisilta-manager with readers that have a PIN pad, as test_manager.py has it without. The digits are
pressed on the pad by card_ctl alone; the window has nothing that they could be typed into."""

import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from test_manager import NEW1, NEW2, PRESET, WORDS, ManagerCase, Window, main, run_inside, wait_until

PRIVATE_ETC = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../cards/private_etc")
POLICY = "/etc/korttisilta/policy.d/pad.json"
PADS = ("pad", "pad-start")
PUK = "12345678"
PAD_WORDS = {
    "en": {"page": "typed on the keypad of the card reader", "intro": "The card reader then asks for these",
           "go": "Type the codes on the card reader", "order": "Type on the card reader in this order",
           "right": "The code was right.", "key": "press the cancel key of the reader", "here": "Type the codes on this computer",
           "unfit": "in a form that the keypads", "puk": "with the PUK code instead", "broken": "does not work",
           "late": "not typed on the card reader in time", "cancel": "Cancel", "cancelled": "You cancelled."},
    "fi": {"page": "näppäillään kortinlukijan näppäimistöllä", "intro": "Kortinlukija kysyy sitten nämä",
           "go": "Näppäile tunnukset kortinlukijalla", "order": "Näppäile kortinlukijalla tässä järjestyksessä",
           "right": "Tunnus oli oikein.", "key": "painamalla lukijan peruutusnäppäintä", "here": "Kirjoita tunnukset tällä tietokoneella",
           "unfit": "muodossa, jota kortinlukijoiden", "puk": "sen sijaan valita uuden tunnusluvun PUK-koodilla", "broken": "ei toimi",
           "late": "ei näppäilty kortinlukijalla ajoissa", "cancel": "Peruuta", "cancelled": "Peruutit toiminnon."},
    "sv": {"page": "skrivs på kortläsarens knappsats", "intro": "Kortläsaren frågar sedan efter dessa",
           "go": "Skriv koderna på kortläsaren", "order": "Skriv på kortläsaren i den här ordningen",
           "right": "Koden var rätt.", "key": "trycka på läsarens avbrytknapp", "here": "Skriv koderna på den här datorn",
           "unfit": "i en form som kortläsarnas", "puk": "i stället välja en ny PIN-kod med PUK-koden", "broken": "fungerar inte",
           "late": "skrevs inte på kortläsaren i tid", "cancel": "Avbryt", "cancelled": "Du avbröt."},
}


class PadWindowTest(ManagerCase):
    def open_reader_form(self, button, words):
        """A form without fields; the focus is where the work begins."""
        Window.click(self.window.one("push button", button))
        go = self.window.one("push button", words["go"])
        wait_until("the focus", lambda: Window.is_focused(go))
        self.assertEqual(self.window.all("password text"), [])
        return go

    def press(self, *values):
        for value in values:
            self.cards.control("pinpad", "type", value)

    def until_waiting(self):
        wait_until("the reader waits", lambda: self.cards.control("pinpad", "state").startswith("waiting"))

    def part(self, name):
        return self.window.one("push button", name)

    def finish(self):
        self.stop()
        self.cards.end()

    def spent(self):
        stats = self.cards.stats()
        bearing = sum(stats["verify_sent"].values()) + stats["change"] + stats["unblock"]
        self.assertEqual(stats["from_pad"], bearing if "asked=0" not in self.cards.control("pinpad", "state") else 0)
        return stats["verify_sent"], stats["change"], stats["unblock"]

    # ---- change ----

    def test_pin1_is_changed_on_the_reader(self):
        for lang, words in WORDS.items():
            for reader in PADS:
                pad, can_stop = PAD_WORDS[lang], reader == "pad-start"
                with self.subTest(lang=lang, reader=reader):
                    window = self.start("--profile", "fineid-v4,reader=" + reader, lang=lang, page="pins")
                    window.until_says(pad["page"])
                    go = self.open_reader_form(words["change"], pad)
                    window.until_says(pad["intro"])
                    window.until_says("1. " + words["old"])
                    window.until_says("3. " + words["again"])
                    window.shot("%s-%s-form" % (lang, reader))
                    Window.press("space")
                    window.until_says(pad["order"])
                    self.until_waiting()
                    self.assertEqual(window.has(pad["key"]), not can_stop)
                    wait_until("the button to cancel", lambda: Window.is_sensitive(self.part(pad["cancel"])) == can_stop)
                    self.assertFalse(Window.is_sensitive(go))
                    self.assertEqual(window.all("password text"), [])
                    window.shot("%s-%s-waits" % (lang, reader))
                    self.press("1234", NEW1, NEW1)
                    window.until_says(words["tries"])
                    self.until_banner("PIN1")
                    window.shot("%s-%s-changed" % (lang, reader))
                    self.assertFalse(self.is_in_memory(NEW1))
                    self.assertEqual(self.spent(), ({}, 1, 0))
                    self.finish()

    def test_a_wrong_pin_is_said_and_the_form_comes_again(self):
        for lang, words in WORDS.items():
            pad = PAD_WORDS[lang]
            with self.subTest(lang=lang):
                window = self.start("--profile", "fineid-v4,reader=pad", lang=lang, page="pins")
                self.open_reader_form(words["change"], pad)
                Window.press("space")
                self.press("9999", NEW1, NEW1)
                self.until_banner(words["wrong"])
                window.until_says("PIN1: 4")
                go = self.part(pad["go"])
                wait_until("the focus", lambda: Window.is_focused(go))
                window.shot(lang + "-pad-wrong")
                Window.press("space")
                self.until_waiting()
                self.cards.control("pinpad", "timeout")
                self.until_banner(pad["late"])
                self.assertEqual(self.spent(), ({}, 1, 0))
                self.finish()

    def cancel(self, how):
        window = self.start("--profile", "fineid-v4,reader=pad-start", page="pins")
        self.open_reader_form("Change PIN1", PAD_WORDS["en"])
        Window.press("space")
        window.until_says(PAD_WORDS["en"]["order"])
        self.until_waiting()
        how(window)
        wait_until("the reader is free", lambda: self.cards.control("pinpad", "state").startswith("idle"))
        self.assertEqual(self.spent(), ({}, 0, 0))

    def test_the_button_and_esc_cancel_at_once(self):
        for how in (lambda window: Window.click(self.part("Cancel")), lambda window: Window.press("Escape")):
            self.cancel(how)
            self.until_banner("You cancelled.")
            self.part("Change PIN1")
            self.finish()

    def test_closing_the_window_ends_the_entry(self):
        self.cancel(lambda window: self.stop())

    def test_where_only_the_reader_can_cancel_the_window_does_not_pretend_to(self):
        window = self.start("--profile", "fineid-v4,reader=pad", page="pins")
        self.open_reader_form("Change PIN1", PAD_WORDS["en"])
        Window.press("space")
        window.until_says(PAD_WORDS["en"]["key"])
        self.until_waiting()
        Window.press("Escape")
        self.cards.control("pinpad", "cancel")
        self.until_banner("You cancelled.")
        self.assertEqual(self.spent(), ({}, 0, 0))

    def test_the_card_is_pulled_while_the_reader_waits(self):
        for reader in PADS:
            self.start("--profile", "fineid-v4,reader=" + reader, page="pins")
            self.open_reader_form("Change PIN1", PAD_WORDS["en"])
            Window.press("space")
            self.until_waiting()
            self.cards.control("pinpad", "remove")
            self.until_banner("The card was taken out too early.")
            self.finish()

    # ---- unlock, activate ----

    def test_a_locked_pin2_of_an_organisation_card_is_unlocked(self):
        for lang in WORDS:
            pad = PAD_WORDS[lang]
            with self.subTest(lang=lang):
                window = self.start("--out", "--profile", "dvv-org,reader=pad-start", lang=lang, page="pins")
                self.cards.control("tries", "12", "1")
                self.cards.control("block", "04")
                self.cards.control("insert")
                window.until_says("PUK: 1")
                Window.click(window.all("push button", "PIN2")[-1])
                box = window.one("check box", WORDS[lang]["lost"])
                wait_until("the focus", lambda: Window.is_focused(box))
                go = self.part(pad["go"])
                before = self.cards.stats()["exchanges"]
                Window.click(go)
                wait_until("the box again", lambda: Window.is_focused(box))
                self.assertEqual(self.cards.stats()["exchanges"], before)
                window.shot(lang + "-pad-last-try")
                Window.press("space")
                wait_until("the yes", lambda: Window.is_checked(box))
                Window.click(go)
                self.until_waiting()
                self.press(PUK)
                window.until_says(pad["right"])
                window.shot(lang + "-pad-unlock-2")
                self.press(NEW2, NEW2)
                self.until_banner("PIN2")
                window.until_says("PIN2: 5")
                self.assertEqual(self.spent(), ({"12": 1}, 0, 1))
                self.finish()

    def test_a_fresh_card_is_activated_on_the_reader(self):
        for lang, words in WORDS.items():
            pad = PAD_WORDS[lang]
            with self.subTest(lang=lang):
                window = self.start("--profile", "fineid-v4,activation=preset,reader=pad", lang=lang, page="activate")
                self.open_reader_form(words["start"], pad)
                window.until_says(words["step"])
                window.shot(lang + "-pad-activation")
                Window.press("space")
                self.press(PRESET, NEW1, NEW1)
                self.until_banner("PIN1")
                go = self.part(pad["go"])
                wait_until("the second step", lambda: Window.is_focused(go))
                Window.press("space")
                self.press(PRESET, NEW2, NEW2)
                self.until_banner("PIN2")
                window.one("heading", words["pages"][0])
                self.assertEqual(self.spent(), ({}, 2, 0))
                self.finish()

    # ---- what a pad can't do ----

    def test_a_change_that_no_pad_can_make_is_told_and_waits_for_the_persons_word(self):
        for lang, words in WORDS.items():
            pad = PAD_WORDS[lang]
            with self.subTest(lang=lang):
                window = self.start("--profile", "dvv-org,reader=pad", lang=lang, page="pins")
                Window.click(window.one("push button", words["change"]))
                window.until_says(pad["unfit"])
                self.assertTrue(window.has(pad["puk"]))
                self.assertEqual(window.all("password text"), [])
                here = self.part(pad["here"])
                wait_until("the focus", lambda: Window.is_focused(here))
                window.shot(lang + "-pad-unfit")
                Window.press("space")
                first = window.one("password text", words["old"])
                wait_until("the first field", lambda: Window.is_focused(first))
                self.type_and_enter("1234", NEW1, NEW1)
                self.until_banner("PIN1")
                self.assertEqual(self.spent(), ({"03": 1}, 1, 0))
                self.finish()

    def test_a_keypad_that_does_not_work_is_said_above_the_fields(self):
        window = self.start("--profile", "fineid-v4,reader=broken-pad", page="pins")
        self.open_reader_form("Change PIN1", PAD_WORDS["en"])
        Window.press("space")
        self.until_banner(PAD_WORDS["en"]["broken"])
        first = window.one("password text", "Current PIN1")
        wait_until("the first field", lambda: Window.is_focused(first))
        window.shot("en-pad-broken")
        self.type_and_enter("1234", NEW1, NEW1)
        self.until_banner("PIN1 has been changed.")
        self.assertEqual(self.spent(), ({}, 1, 0))

    def test_it_fits_the_screen_with_text_of_double_size(self):
        window = self.start("--profile", "fineid-v4,reader=pad", page="pins", environment={"GDK_DPI_SCALE": "2"}, lang="fi")
        window.until_says("PIN1: 5")
        Window.click(window.one("push button", WORDS["fi"]["change"]))
        self.part(PAD_WORDS["fi"]["go"])
        Window.press("space")
        self.until_waiting()
        window.until_says(PAD_WORDS["fi"]["order"])
        window.shot("fi-pad-double-size")
        x, y, width, height = window.geometry()
        self.assertTrue(x >= 0 and y >= 0 and x + width <= 1280 and y + height <= 800, (x, y, width, height))
        self.cards.control("pinpad", "cancel")
        self.until_banner(PAD_WORDS["fi"]["cancelled"])


    def test_the_policy_can_leave_the_pads_alone(self):
        with open(POLICY, "w", encoding="ascii") as file:
            file.write('{"pinPad": false}')
        self.addCleanup(os.unlink, POLICY)
        window = self.start("--profile", "fineid-v4,reader=pad", page="pins")
        window.until_says("PIN1: 5")
        self.assertFalse(window.has(PAD_WORDS["en"]["page"]))
        self.open_form("Change PIN1")
        self.type_and_enter("1234", NEW1, NEW1)
        self.until_banner("PIN1 has been changed.")
        self.assertEqual(self.spent(), ({}, 1, 0))


if __name__ == "__main__":
    if "KS_PRIVATE_ETC" not in os.environ:
        os.execv(PRIVATE_ETC, [PRIVATE_ETC, sys.executable, *sys.argv])
    sys.exit(run_inside(main))
