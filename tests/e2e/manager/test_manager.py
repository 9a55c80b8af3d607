#!/usr/bin/python3
"""The window of korttisilta-manager with virtual cards, read by AT-SPI and typed at by xdotool, in a
private X server without a window manager. KS_BUILD: the build folder; pictures of what was seen go to
e2e/manager in it, or to KS_SHOTS. Debian's python3: pyatspi is Debian's."""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(1, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../prompt"))
from cards import BUILD, Cards
from stage import Window, close_window, run_inside, wait_until

PROGRAM = os.path.join(BUILD, "bin/korttisilta-manager")
FORM_S = 90  # LIMIT_FORM_MS
PRESET = "7654321"  # vcard-issue
NEW1, NEW2 = "84736251", "95847362"
NAMED = ("push button", "password text", "check box", "list item", "list box", "combo box", "frame",
         "radio button", "toggle button")

WORDS = {
    "en": {"pages": ["My card", "PIN codes", "Activation", "Journal", "Diagnosis"],
           "change": "Change PIN1 (basic PIN)", "old": "Current PIN1", "new": "New PIN1",
           "again": "New PIN1 again", "tries": "PIN1: 5 tries left", "until": "Valid until",
           "start": "Start the activation", "step": "Step 1 of 2", "copy": "Copy the report",
           "insert": "Put your card in the card reader.", "wrong": "The current PIN1 was wrong.",
           "differ": "not the same both times", "lost": "never be unlocked again",
           "issuer": "program with the PUK code from your letter",
           "expires": "is about to expire: it is valid until", "expired": "This card expired on",
           "atr": "Copy the ATR", "idle": "has been wiped"},
    "fi": {"pages": ["Oma kortti", "Tunnusluvut", "Käyttöönotto", "Käyttöloki", "Vianmääritys"],
           "change": "Vaihda PIN1 (perustunnusluku)", "old": "Nykyinen PIN1", "new": "Uusi PIN1",
           "again": "Uusi PIN1 uudelleen", "tries": "PIN1: 5 yritystä jäljellä",
           "until": "Voimassa", "start": "Aloita käyttöönotto", "step": "Vaihe 1/2",
           "copy": "Kopioi raportti", "insert": "Aseta korttisi kortinlukijaan.",
           "wrong": "Nykyinen PIN1 oli väärin.", "differ": "ei ollut sama molemmilla kerroilla",
           "lost": "ei voi enää koskaan avata",
           "issuer": "ohjelmalla ja kirjeessä olevalla PUK-koodilla",
           "expires": "vanhenee pian: se on voimassa", "expired": "voimassaolo päättyi",
           "atr": "Kopioi ATR", "idle": "on pyyhitty"},
    "sv": {"pages": ["Mitt kort", "PIN-koder", "Aktivering", "Logg", "Diagnos"],
           "change": "Byt PIN1 (baskod)", "old": "Nuvarande PIN1", "new": "Ny PIN1",
           "again": "Ny PIN1 igen", "tries": "PIN1: 5 försök kvar", "until": "Giltigt till",
           "start": "Börja aktiveringen", "step": "Steg 1 av 2", "copy": "Kopiera rapporten",
           "insert": "Sätt ditt kort i kortläsaren.", "wrong": "Nuvarande PIN1 var fel.",
           "differ": "inte densamma båda gångerna", "lost": "aldrig mer låsas upp",
           "issuer": "program med PUK-koden i ditt brev",
           "expires": "går snart ut: det gäller till", "expired": "Det här kortet gick ut",
           "atr": "Kopiera ATR", "idle": "har raderats"},
}


class ManagerWindow(Window):
    """Pages are built anew when a card comes or goes: a part can be gone when it is read."""

    def all(self, role, name=None):
        from gi.repository import GLib
        try:
            return super().all(role, name)
        except GLib.GError:
            return []

    def has(self, text):
        from gi.repository import GLib
        try:
            return super().has(text)
        except GLib.GError:
            return False


class ManagerCase(unittest.TestCase):
    """A window with its cards, and what a person does in it."""

    def start(self, *options, lang="en", page="card", environment=None):
        self.cards = Cards(*options)
        self.addCleanup(self.cards.end)
        self.program = subprocess.Popen(
            [PROGRAM, "--page", page],
            env={**os.environ, **self.cards.environment, "LANGUAGE": lang, **(environment or {})})
        self.addCleanup(self.stop)
        self.window = ManagerWindow(self.program.pid)
        self.window.appear()
        return self.window

    def stop(self):
        if self.program.poll() is None:
            close_window(int(self.window.appear()))
        self.assertEqual(self.program.wait(10), 0)

    def fields(self):
        return [self.window.one("password text", name) for name in
                ("Current PIN", "New PIN1", "New PIN1 again")]

    def open_form(self, button):
        Window.click(self.window.one("push button", button))
        first = self.window.one("password text")
        wait_until("the first field has the focus", lambda: Window.is_focused(first))
        return first

    def type_and_enter(self, *values):
        """From field to field by Enter; the last one gives all of it to the card."""
        for value in values:
            here = self.window.focused()
            Window.type(value)
            self.window.until_length(here, len(value))
            Window.press("Return")
            if value is not values[-1]:
                wait_until("the next field", lambda: self.window.focused() is not None
                           and self.window.focused() != here)

    def until_banner(self, text):
        wait_until("the banner %r" % text, lambda: any(
            text in node.name for node in self.window.all("alert")))

    @staticmethod
    def clipboard():
        return subprocess.run(
            ["/usr/bin/python3", "-c",
             "import gi; gi.require_version('Gtk', '3.0'); gi.require_version('Gdk', '3.0')\n"
             "from gi.repository import Gtk, Gdk\n"
             "print(Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).wait_for_text())"],
            env={**os.environ, "NO_AT_BRIDGE": "1"}, capture_output=True, text=True,
            check=True).stdout

    def is_in_memory(self, digits):
        """Root may look; to everybody else the process is closed (PR_SET_DUMPABLE)."""
        folder = "/proc/%d/" % self.program.pid
        if os.geteuid() != 0:
            with self.assertRaises(PermissionError):
                open(folder + "mem", "rb").close()
            return False
        needles = [digits.encode(code) for code in ("ascii", "utf-16-le", "utf-32-le")]
        with open(folder + "maps", encoding="ascii") as maps, open(folder + "mem", "rb") as memory:
            for line in maps:
                low, high = (int(n, 16) for n in line.split()[0].split("-"))
                if " rw" in line:
                    memory.seek(low)
                    try:
                        content = memory.read(high - low)
                    except OSError:
                        continue
                    if any(needle in content for needle in needles):
                        return True
        return False


class ManagerTest(ManagerCase):
    # ---- what it shows ----

    def test_every_page_is_shown_and_named_in_each_language(self):
        for lang, words in WORDS.items():
            with self.subTest(lang=lang):
                window = self.start(lang=lang)
                window.until_says("Meikäläinen Maija")
                for text in (words["until"], words["tries"], "Korttisilta TEST", "FINEID citizen v4",
                             "Test Reader 0", "PIN2"):
                    self.assertTrue(window.has(text), text)
                self.walk(window, words, lang)
                self.stop()
                self.cards.end()

    def test_cards_that_come_and_go_are_followed(self):
        for lang, words in WORDS.items():
            with self.subTest(lang=lang):
                window = self.start("--out", lang=lang)
                window.until_says(words["insert"])
                window.shot(lang + "-no-card")
                self.cards.control("insert")
                window.until_says("Meikäläinen Maija")
                self.cards.control("remove")
                window.until_says(words["insert"])
                self.stop()
                self.cards.end()

    def test_a_card_that_expires_is_warned_about_with_the_date(self):
        soon = time.gmtime(time.time() + 20 * 24 * 3600)
        dates = {"en": "%d-%02d-%02d" % soon[:3], "fi": "%d.%d.%d" % soon[2::-1]}
        for lang, words in WORDS.items():
            with self.subTest(lang=lang):
                window = self.start("--profile", "fineid-v4,not-after=%d-%02d-%02d" % soon[:3],
                                    lang=lang)
                window.until_says(words["expires"])
                self.assertTrue(window.has(dates.get(lang, dates["fi"])))
                window.shot(lang + "-expires")
                self.stop()
                self.cards.end()
        window = self.start("--profile", "fineid-v4,not-before=2020-01-01,not-after=2024-01-31")
        window.until_says(WORDS["en"]["expired"] + " 2024-01-31")
        window.shot("en-expired")

    # ---- every kind of card ----

    PAGES_OF = {  # profile: what stands on "My card", what on "PIN codes"
        "fineid-v3.0": (["FINEID citizen v3.0"], ["Length: 4–8 digits", "Length: 6–8 digits"]),
        "fineid-v3.1": (["FINEID citizen v3.1"], ["Length: 4–8 digits", "Length: 6–8 digits"]),
        "fineid-v4": (["FINEID citizen v4"], ["Length: 4–8 digits", "Length: 6–8 digits"]),
        "fineid-v4.1": (["FINEID citizen v4.1"], ["Length: 4–8 digits", "Length: 6–8 digits"]),
        "dvv-org": (["organisation"], ["Length: 4–8 digits", "Length: 6–8 digits"]),
        "dvv-health": (["health care"], ["Length: 4–8 digits"]),
        "siths-standin": (["Swedish SITHS card"], ["PUK code from your letter"]),
        "pkcs15-a": (["PIN1: 3 tries left"], ["PUK code", "Length: 6–8 digits"]),
        "pkcs15-b": (["PIN1: 5 tries left"], ["PUK code", "Length: 6–8 digits"]),
    }

    def walk(self, window, words, name):
        """From page to page by keyboard; all that can be worked has a name, the tries are in view."""
        for number, page in enumerate(words["pages"]):
            if number > 0:
                Window.press("Down")
            window.one("heading", page)
            if page == words["pages"][-1]:
                wait_until("the report", lambda: any(
                    node.name == words["copy"] and Window.is_sensitive(node)
                    for node in window.nodes(scrolled_away=True)))
            self.assertTrue(window.has("PIN1: "))
            for node in window.nodes():
                if node.getRoleName() in NAMED:
                    self.assertTrue(node.name, node.getRoleName() + " without a name")
            window.shot("%s-page-%d" % (name, number + 1))

    def test_every_kind_of_card_is_told_in_plain_words(self):
        for profile, (card, pins) in self.PAGES_OF.items():
            with self.subTest(profile=profile):
                window = self.start("--profile", profile)
                for text in card + ["Certificate for identification", "PIN2"]:
                    window.until_says(text)
                self.walk(window, WORDS["en"], "en-" + profile)
                Window.press("Up", "Up", "Up")
                for text in pins:
                    window.until_says(text)
                self.assertEqual(window.has("Length: 6–8 digits"), "Length: 6–8 digits" in pins)
                self.stop()
                self.cards.end()

    def test_health_and_swedish_cards_speak_every_language(self):
        for lang in ("fi", "sv"):
            for profile in ("dvv-health", "siths-standin"):
                with self.subTest(lang=lang, profile=profile):
                    window = self.start("--profile", profile, lang=lang)
                    window.until_says("Meikäläinen Maija")
                    self.walk(window, WORDS[lang], "%s-%s" % (lang, profile))
                    self.stop()
                    self.cards.end()

    def test_a_health_care_card_takes_a_pin2_of_four_digits(self):
        window = self.start("--profile", "dvv-health", page="pins")
        self.open_form("Change PIN2")
        window.until_says("4–8 digits")
        self.type_and_enter("123456", "2580", "2580")
        self.until_banner("PIN2 has been changed.")
        self.assertEqual(self.cards.stats()["change"], 1)

    def test_an_organisation_card_does_not(self):
        window = self.start("--profile", "dvv-org", page="pins")
        self.open_form("Change PIN2")
        before = self.cards.stats()["exchanges"]
        self.type_and_enter("123456", "2580", "2580")
        self.until_banner("The new PIN must have 6–8 digits.")
        self.assertEqual(self.cards.stats()["exchanges"], before)
        self.assertTrue(window.has("6–8 digits"))

    def test_a_locked_swedish_card_says_who_unlocks_it(self):
        for lang, words in WORDS.items():
            with self.subTest(lang=lang):
                window = self.start("--out", "--profile", "siths-standin", lang=lang)
                self.cards.control("block", "11")
                self.cards.control("insert")
                window.until_says(words["issuer"])
                window.shot(lang + "-siths-locked-1")
                Window.press("Down")
                window.one("heading", words["pages"][1])
                window.until_says(words["issuer"])
                window.shot(lang + "-siths-locked-2")
                self.assertEqual(window.all("push button", "PUK"), [])
                self.assertEqual(window.all("push button", "PIN1"), [])
                self.stop()
                self.cards.end()

    def test_an_unknown_card_says_what_to_report(self):
        atr = None
        for lang, words in WORDS.items():
            with self.subTest(lang=lang):
                window = self.start("--out", "--profile", "pkcs15-a", lang=lang)
                files = os.path.join(self.cards.environment["KS_STAGE_DIR"], "card0/files")
                with open(os.path.join(files, "4100/5031"), "wb") as directory:
                    directory.write(b"\x00" * 32)  # no directory, and no row has this ATR
                self.cards.control("reload")
                self.cards.control("insert")
                button = window.one("push button", words["atr"])
                atr = window.one("label", "ATR: 3B").name[5:]
                Window.press("Tab")
                wait_until("the focus", lambda: Window.is_focused(button))
                Window.press("space")
                self.until_banner({"en": "Copied.", "fi": "Kopioitu.", "sv": "Kopierat."}[lang])
                self.assertEqual(self.clipboard().strip(), atr)
                window.shot(lang + "-unknown")
                self.stop()
                self.cards.end()
        self.assertRegex(atr, "^(?:[0-9A-F]{2})+$")

    def test_high_contrast_and_text_of_double_size(self):
        window = self.start("--profile", "dvv-health", lang="sv",
                            environment={"GTK_THEME": "HighContrastInverse", "GDK_DPI_SCALE": "2"})
        window.until_says("Meikäläinen Maija")
        self.walk(window, WORDS["sv"], "sv-contrast")
        x, y, width, height = window.geometry()
        self.assertTrue(x >= 0 and y >= 0 and x + width <= 1280 and y + height <= 800,
                        (x, y, width, height))

    def test_of_several_cards_one_is_chosen(self):
        window = self.start("--profile", "fineid-v4", "--profile", "fineid-v3.1")
        window.until_says("Holder: Meikäläinen Maija")
        first = window.one("list item", "Meikäläinen Maija")
        Window.press("Tab")
        wait_until("the focus", lambda: Window.is_focused(first))
        Window.press("Down")
        window.until_says("Holder: Meikäläinen Matti")
        second = window.one("list item", "Meikäläinen Matti")
        wait_until("the focus stays", lambda: Window.is_focused(second))
        window.shot("en-two-cards")

    def test_it_fits_the_screen_with_text_of_double_size(self):
        window = self.start(page="pins", environment={"GDK_DPI_SCALE": "2"}, lang="fi")
        window.until_says("PIN1: 5")
        x, y, width, height = window.geometry()
        self.assertTrue(x >= 0 and y >= 0 and x + width <= 1280 and y + height <= 800,
                        (x, y, width, height))
        window.shot("fi-double-size")
        Window.click(window.one("push button", WORDS["fi"]["change"]))
        window.one("password text", WORDS["fi"]["old"])
        window.shot("fi-double-size-form")
        x, y, width, height = window.geometry()
        self.assertTrue(x + width <= 1280 and y + height <= 800, (x, y, width, height))

    def test_it_answers_at_once_while_a_card_is_slow(self):
        window = self.start()
        window.until_says("Meikäläinen Maija")
        label = window.one("heading", "My card")
        self.cards.control("remove")
        window.until_says("Put your card")
        self.cards.control("delay", "150")
        self.cards.control("insert")
        until, slowest, looks = time.monotonic() + 1.2, 0.0, 0
        while time.monotonic() < until:
            began = time.monotonic()
            label.clearCache()
            self.assertEqual(label.name, "My card")
            slowest, looks = max(slowest, time.monotonic() - began), looks + 1
        self.assertFalse(window.has("Meikäläinen Maija"))  # it is still being read
        self.assertGreater(looks, 20)
        self.assertLess(slowest, 0.1)
        window.until_says("Looking for a card")
        self.cards.control("delay", "0")
        window.until_says("Meikäläinen Maija")

    # ---- change ----

    def test_pin1_is_changed_with_the_keyboard_alone(self):
        window = self.start()
        window.until_says("Meikäläinen Maija")
        Window.press("Down")
        window.one("push button", "Change PIN1")
        Window.press("Tab")
        wait_until("the button", lambda: window.focused() is not None
                   and window.focused().name == "Change PIN1 (basic PIN)")
        Window.press("space")
        first = window.one("password text", "Current PIN1")
        wait_until("the field", lambda: Window.is_focused(first))
        window.shot("en-change")
        self.type_and_enter("1234", NEW1, NEW1)
        self.until_banner("PIN1 has been changed.")
        window.shot("en-changed")
        self.assertFalse(self.is_in_memory(NEW1))
        self.assertEqual(self.cards.stats()["change"], 1)
        self.open_form("Change PIN1")
        self.type_and_enter(NEW1, "1234", "1234")
        self.until_banner("PIN1 has been changed.")

    def test_a_wrong_pin_is_said_with_the_tries_that_are_left(self):
        for lang, words in WORDS.items():
            with self.subTest(lang=lang):
                window = self.start(page="pins", lang=lang)
                self.open_form(words["change"])
                self.type_and_enter("9999", NEW1, NEW1)
                self.until_banner(words["wrong"])
                window.until_says("PIN1: 4")
                first = window.one("password text", words["old"])
                wait_until("the first field", lambda: Window.is_focused(first))
                self.assertEqual([Window.text(n) for n in window.all("password text")], [""] * 3)
                self.assertIn("4", first.description)
                window.shot(lang + "-wrong")
                self.stop()
                self.cards.end()

    def test_flaws_are_said_at_once_and_nothing_is_sent(self):
        for lang, words in WORDS.items():
            with self.subTest(lang=lang):
                window = self.start(page="pins", lang=lang)
                self.open_form(words["change"])
                before = self.cards.stats()
                Window.type("123")
                Window.press("Return")
                window.one("alert", "4")
                Window.press("shift+Tab")
                Window.type("1234")
                wait_until("no flaw", lambda: not window.all("alert"))
                Window.press("Tab")
                second = window.one("password text", words["new"])
                wait_until("the second field", lambda: Window.is_focused(second))
                self.type_and_enter(NEW1[:4], NEW1[:3] + "9")
                window.one("alert", words["differ"])
                window.shot(lang + "-differ")
                Window.press("Return", "Return")
                again = window.one("password text", words["again"])
                window.until_length(again, 0)
                self.assertEqual(self.cards.stats()["change"], before["change"])
                self.assertEqual(self.cards.stats()["exchanges"], before["exchanges"])
                Window.press("Escape")
                window.one("push button", words["change"])
                self.stop()
                self.cards.end()

    def test_the_form_closes_with_its_content_when_the_card_goes(self):
        window = self.start(page="pins")
        first = self.open_form("Change PIN1")
        Window.type(NEW1)
        window.until_length(first, 8)
        self.cards.control("remove")
        self.until_banner("The card was taken out. Nothing was sent to it.")
        self.assertEqual(window.all("password text"), [])
        self.assertFalse(self.is_in_memory(NEW1))

    def test_a_form_that_is_left_alone_is_wiped(self):
        window = self.start(page="pins")
        first = self.open_form("Change PIN1")
        Window.type(NEW1)
        window.until_length(first, 8)
        began = time.monotonic()
        wait_until("the banner", lambda: any(WORDS["en"]["idle"] in node.name
                                             for node in window.all("alert")), FORM_S + 15)
        self.assertGreater(time.monotonic() - began, FORM_S - 5)
        self.assertEqual(window.all("password text"), [])
        self.assertFalse(self.is_in_memory(NEW1))
        self.assertEqual(self.cards.stats()["change"], 0)

    def test_a_card_that_goes_in_the_middle_is_said(self):
        self.start(page="pins")
        self.open_form("Change PIN1")
        self.cards.control("remove-at", "2")
        self.type_and_enter("1234", NEW1, NEW1)
        self.until_banner("The card was taken out too early.")
        self.assertFalse(self.is_in_memory(NEW1))

    def test_tab_goes_through_the_form_and_round(self):
        window = self.start(page="pins")
        self.open_form("Change PIN1")
        order = []
        for _ in range(7):
            order.append(window.focused().name)
            Window.press("Tab")
            wait_until("the next focus", lambda: window.focused() is not None
                       and window.focused().name != order[-1])
        self.assertEqual(order[:5], ["Current PIN1", "New PIN1", "New PIN1 again",
                                     "Change PIN1 (basic PIN)", "Cancel"])
        self.assertNotIn("", order)

    # ---- unlock ----

    def test_a_locked_pin2_is_unlocked_with_the_puk(self):
        for lang, words in WORDS.items():
            with self.subTest(lang=lang):
                window = self.start("--out", lang=lang)
                self.cards.control("block", "82")
                self.cards.control("insert")
                unlock = window.one("push button", "PIN2")
                window.shot(lang + "-locked")
                Window.click(unlock)
                window.one("heading", words["pages"][1])
                self.open_form(window.all("push button", "PIN2")[-1].name)
                self.type_and_enter("12345678", NEW2, NEW2)
                self.until_banner("PIN2")
                window.until_says("PIN2: 5")
                window.shot(lang + "-unlocked")
                self.assertFalse(self.is_in_memory(NEW2))
                self.stop()
                self.cards.end()

    def test_the_last_try_of_the_puk_wants_a_yes_and_says_what_is_at_stake(self):
        for lang, words in WORDS.items():
            with self.subTest(lang=lang):
                window = self.start("--out", page="pins", lang=lang)
                self.cards.control("block", "82")
                self.cards.control("tries", "83", "1")
                self.cards.control("insert")
                window.until_says("PUK: 1")
                self.open_form(window.all("push button", "PIN2")[-1].name)
                box = window.one("check box", words["lost"])
                before = self.cards.stats()["exchanges"]
                self.type_and_enter("12345678", NEW2, NEW2)
                wait_until("the box", lambda: Window.is_focused(box))
                self.assertEqual(self.cards.stats()["exchanges"], before)
                window.shot(lang + "-last-try")
                Window.press("space")
                wait_until("the yes", lambda: Window.is_checked(box))
                Window.click(window.all("push button", "PIN2")[0])
                window.until_says("PUK: 5")
                self.stop()
                self.cards.end()

    # ---- activation ----

    def activate(self, profile, code, lang="en"):
        words = WORDS[lang]
        window = self.start("--out", "--profile", profile, lang=lang)
        window.until_says(words["insert"])
        self.cards.control("insert")
        start = window.one("push button", words["start"])
        window.shot("%s-activation-%s" % (lang, profile.split("=")[1]))
        Window.click(start)
        window.until_says(words["step"])
        first = window.one("password text")
        wait_until("the focus", lambda: Window.is_focused(first))
        self.type_and_enter(code, NEW1, NEW1)
        self.until_banner("PIN1")
        second = window.one("password text", "PIN2")
        wait_until("the new PIN2", lambda: Window.is_focused(second))
        window.shot("%s-activation-step-2" % lang)
        self.type_and_enter(NEW2, NEW2)
        self.until_banner("PIN2")
        window.one("heading", words["pages"][0])
        window.shot("%s-activated" % lang)
        self.assertFalse(any(self.is_in_memory(pin) for pin in (NEW1, NEW2)))

    def test_a_fresh_card_whose_code_is_the_puk_is_activated(self):
        self.activate("fineid-v3.1,activation=puk", "12345678")

    def test_a_fresh_card_with_a_preset_code_is_activated(self):
        for lang in WORDS:
            with self.subTest(lang=lang):
                self.activate("fineid-v4,activation=preset", PRESET, lang)
                self.stop()
                self.cards.end()

    def test_a_wrong_activation_code_is_said_and_the_first_step_comes_again(self):
        window = self.start("--profile", "fineid-v4,activation=preset", page="activate")
        self.open_form("Start the activation")
        self.type_and_enter("1111111", NEW1, NEW1)
        self.until_banner("The activation code was wrong. 4 tries left.")
        window.until_says("Step 1 of 2")
        self.assertEqual([Window.text(n) for n in window.all("password text")], [""] * 3)

    # ---- diagnosis ----

    def test_the_report_is_copied_without_personal_data(self):
        window = self.start(page="diagnosis")
        copy = window.one("push button", "Copy the report")
        wait_until("the report", lambda: Window.is_sensitive(copy))
        window.until_says("A certificate for signatures is valid")
        copy.queryAction().doAction(0)  # as a screen reader does: a long list scrolls the end away
        wait_until("what was copied", lambda: any("Copied." in node.name for node in window.nodes(scrolled_away=True)))
        text = self.clipboard()
        self.assertIn("[ok] Korttisilta", text)
        self.assertIn("[ok] PIN1 is in order", text)
        for personal in ("Meik", "Maija", "99900335", "99900335E"):
            self.assertNotIn(personal, text)

    # ---- journal ----

    def put_journal(self, folder, change=lambda lines: lines):
        """A log in, and a signature that was stopped after the first of two documents."""
        certificate = ["MEIKÄLÄINEN MAIJA 99900335E", "Test CA", "00" * 32]
        first = ["-", "2026-11-28T09:00:00Z", "authenticate", "https://www.kela.example", "OK", "1", *certificate, "-"]
        lines = ["\t".join(first).encode()]
        second = [hashlib.sha256(lines[0]).hexdigest(), "2026-11-28T09:05:00Z", "sign", "https://palvelu.example.fi", "OK", "1",
                  *certificate, "cades", "sopimus.pdf", "SHA-256", "00" * 32, "liite.pdf", "-", "-"]
        lines.append("\t".join(second).encode())
        os.mkdir(os.path.join(folder, "korttisilta"), 0o700)
        path = os.path.join(folder, "korttisilta/journal.tsv")
        with open(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as file:
            file.write(b"".join(line + b"\n" for line in change(lines)))
        return {"XDG_STATE_HOME": folder}

    def journal_of(self, environment):
        tool = os.path.join(BUILD, "bin/korttisilta")
        done = subprocess.run([tool, "journal"], env={**os.environ, "LANGUAGE": "en", **environment}, capture_output=True,
                              text=True, check=False)
        return done.returncode, done.stdout

    def test_the_journal_is_shown_and_said_to_be_whole(self):
        with tempfile.TemporaryDirectory() as folder:
            environment = self.put_journal(folder)
            for lang in WORDS:
                with self.subTest(lang=lang):
                    window = self.start(page="journal", lang=lang, environment=environment)
                    window.until_says("https://www.kela.example: OK")
                    window.until_says("sopimus.pdf")
                    window.shot("journal-" + lang)
                    self.stop()
                    self.cards.end()
            status, said = self.journal_of(environment)
        self.assertEqual(status, 0, said)
        self.assertIn("liite.pdf (not signed)", said)
        self.assertIn("2 entries.\nEach entry follows the one before.", said)

    def test_a_journal_that_was_changed_says_so(self):
        def change(lines):
            return [lines[0].replace(b"kela", b"kela2"), lines[1]]
        with tempfile.TemporaryDirectory() as folder:
            environment = self.put_journal(folder, change)
            window = self.start(page="journal", environment=environment)
            window.until_says("THE JOURNAL HAS BEEN CHANGED")
            window.shot("journal-changed")
            status, said = self.journal_of(environment)
        self.assertEqual(status, 1)
        self.assertIn("THE JOURNAL HAS BEEN CHANGED", said)

    def test_a_journal_that_is_not_there_is_empty(self):
        with tempfile.TemporaryDirectory() as folder:
            self.start(page="journal", environment={"XDG_STATE_HOME": folder}).until_says("The journal is empty.")

    # ---- words on the command line ----

    def test_help_and_wrong_words(self):
        for words, status in ((["--help"], 0), (["--version"], 0), (["--page"], 2),
                              (["--page", "nonsense"], 2), (["nonsense"], 2)):
            done = subprocess.run([PROGRAM, *words], capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, status, words)
        bare = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
        done = subprocess.run([PROGRAM], env=bare, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 3)
        self.assertIn("korttisilta pin", done.stderr)


def main():
    import pyatspi
    os.environ.setdefault("KS_SHOTS", os.path.join(BUILD, "e2e/manager"))
    for event in ("object:state-changed", "object:text-changed", "object:property-change",
                  "object:children-changed", "window"):
        pyatspi.Registry.registerEventListener(lambda _event: None, event)
    program = unittest.main(exit=False, verbosity=2)
    return 0 if program.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(run_inside(main))
