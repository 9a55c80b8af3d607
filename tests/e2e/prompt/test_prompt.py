#!/usr/bin/python3
"""The window of korttisilta-prompt, driven by a stand-in for the signer, read by AT-SPI and typed at
by xdotool, in a private X server without a window manager. KS_BUILD: the build folder; KS_SHOTS:
where to keep pictures of what was seen, if anywhere. Debian's python3: pyatspi is Debian's."""

import os
import signal
import subprocess
import sys
import time
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import signer_stand_in as signer
from signer_stand_in import Signer, cert, document
from stage import Window, close_window, run_inside, wait_until, xdotool

BUILD = os.environ.get("KS_BUILD", os.path.join(os.path.dirname(__file__), "../../../build"))
PROGRAM = os.path.join(BUILD, "bin/korttisilta-prompt")
ARM_S = 0.5  # LIMIT_ARM_MS
PIN = "84736251"

WORDS = {
    "fi": {"task": "Tunnistaudu kortilla", "confirm": "Tunnistaudu", "cancel": "Peruuta",
           "pin": "PIN1 (perustunnusluku)", "tries": "5 yritystä jäljellä",
           "sign": "Allekirjoita 3 asiakirjaa", "wrong": "PIN1 (perustunnusluku) oli väärin.",
           "card": "Aseta korttisi kortinlukijaan.", "close": "Sulje", "last": "viimeinen yritys"},
    "sv": {"task": "Identifiera dig med ditt kort", "confirm": "Identifiera dig",
           "cancel": "Avbryt", "pin": "PIN1 (baskod)", "tries": "5 försök kvar",
           "sign": "Underteckna 3 handlingar", "wrong": "PIN1 (baskod) var fel.",
           "card": "Sätt ditt kort i kortläsaren.", "close": "Stäng", "last": "sista försöket"},
    "en": {"task": "Identify yourself with your card", "confirm": "Identify yourself",
           "cancel": "Cancel", "pin": "PIN1 (basic PIN)", "tries": "5 tries left",
           "sign": "Sign 3 documents", "wrong": "PIN1 (basic PIN) was wrong.",
           "card": "Put your card in the card reader.", "close": "Close", "last": "last try"},
}
DOCUMENTS = [document("Työsopimus 2026.pdf", size=1483210),
             document("Liite 1.pdf", has_content=False), document("luettelo.txt", "text/plain", 812)]


def managers():
    """Processes of korttisilta-manager; not those that root can see to be of another display."""
    mark = b"\0DISPLAY=" + os.environ["DISPLAY"].encode() + b"\0"
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/comm" % entry, encoding="ascii") as name:
                is_manager = name.read().strip() == "korttisilta-man"
            if is_manager and os.geteuid() == 0:
                with open("/proc/%s/environ" % entry, "rb") as environment:
                    is_manager = mark in b"\0" + environment.read()
        except OSError:
            continue
        if is_manager:
            yield int(entry)


class PromptTest(unittest.TestCase):
    def start(self, environment=None, **members):
        self.status = 0
        self.signer = Signer(PROGRAM, {**os.environ, **(environment or {})})
        self.addCleanup(self.stop)
        self.signer.ask(**members)
        self.window = Window(self.signer.prompt.pid)

    def stop(self):
        self.signer.socket.close()
        self.assertEqual(self.signer.prompt.wait(5), self.status)

    def ready(self, certs=None, **members):
        self.signer.show(signer.READY, certs=[cert()] if certs is None else certs, **members)

    def start_ready(self, certs=None, **members):
        self.start(**members)
        self.ready(certs)
        return self.window.pin()

    def confirm_button(self, lang="en"):
        return self.window.one("push button", WORDS[lang]["confirm"])

    def is_on(self, node):
        return Window.is_sensitive(node)

    # ---- what it shows ----

    def test_all_is_named_in_each_language(self):
        for lang, words in WORDS.items():
            with self.subTest(lang=lang):
                self.start(lang=lang)
                self.ready()
                field = self.window.pin()
                self.assertEqual(field.name, words["pin"])
                self.assertIn(words["tries"], field.description)
                self.assertTrue(self.window.has(words["tries"]))
                self.assertTrue(self.window.has(words["task"]))
                self.assertTrue(self.window.has("asiointi.example.fi"))
                self.assertTrue(self.window.has("https://asiointi.example.fi"))
                self.assertTrue(self.window.has("MEIKÄLÄINEN MATTI 99900011Y"))
                self.window.one("push button", words["confirm"])
                self.window.one("push button", words["cancel"])
                self.assertEqual(len(self.window.all("dialog")), 1)
                for node in self.window.nodes():
                    if node.getRoleName() in ("push button", "password text", "check box",
                                              "list item", "list", "dialog", "toggle button"):
                        self.assertTrue(node.name, node.getRoleName() + " without a name")
                self.window.shot(lang + "-authenticate")
                self.stop()

    def test_every_phase_says_what_to_do(self):
        for lang, words in WORDS.items():
            with self.subTest(lang=lang):
                self.start(lang=lang)
                self.window.appear()
                self.signer.show(signer.WAIT_CARD, "NO_CARD")
                self.window.until_says(words["card"])
                self.window.shot(lang + "-wait-card")
                for phase, error in ((signer.WAIT_PCSC, "PCSC_DOWN"),
                                     (signer.WAIT_READER, "NO_READER"),
                                     (signer.CARD_UNKNOWN, "CARD_UNKNOWN"),
                                     (signer.NO_CERT, "CERT_NOT_FOUND")):
                    before = {node.name for node in self.window.all("label")}
                    self.signer.show(phase, error)
                    wait_until("another text", lambda: len(
                        {node.name for node in self.window.all("label")} - before) >= 2)
                    self.window.shot("%s-phase-%d" % (lang, phase))
                self.ready()
                self.window.pin()
                self.signer.show(signer.ENDED, "PIN_BLOCKED", certs=[cert()])
                self.window.until_says("PUK")
                self.window.shot(lang + "-ended")
                self.assertEqual(self.window.all("password text"), [])
                Window.click(self.window.one("push button", words["close"]))
                self.assertEqual(self.signer.answer()["verb"], "close")
                self.assertIsNone(self.signer.answer())
                self.stop()

    def test_a_signature_shows_the_frozen_list_and_whose_words_are_whose(self):
        self.start_ready([cert(pin_index=2, pin_min=6)], method=signer.SIGN, docs=DOCUMENTS,
                         purpose="Employment <b>contract</b>\u202e", lang="en",
                         behalf=("Esimerkki Oy", "1234567-8", "All"))
        for text in ("Sign 3 documents", "Documents to sign (3)", "1. Työsopimus 2026.pdf",
                     "application/pdf · 1.4 MB", "has not seen the content", "binds you in law",
                     "Korttisilta has not checked", "Employment <b>contract</b>", "Esimerkki Oy",
                     "1234567-8"):
            self.assertTrue(self.window.has(text), text)
        self.assertFalse(self.window.has("\u202e"))
        expander = self.window.one("toggle button", "SHA-256 00010203…1c1d1e1f")
        Window.click(expander)
        self.window.until_says("0001 0203 0405")
        self.window.shot("en-sign")

    def test_an_international_name_stands_beside_its_ascii_form_with_a_warning(self):
        self.start_ready(origin="https://xn--80ak6aa92e.com")
        self.assertTrue(self.window.has("xn--80ak6aa92e.com"))
        self.assertTrue(self.window.has("аррӏе.com"))
        self.assertTrue(self.window.has("Warning: "))

    def test_it_fits_the_screen_with_500_documents_and_text_of_double_size(self):
        many = [document("Document with a rather long name %d.pdf" % i) for i in range(500)]
        self.start(method=signer.SIGN, docs=many, environment={"GDK_DPI_SCALE": "2"},
                   purpose="x" * 500, behalf=("N" * 200, "I" * 200, "M" * 200))
        self.ready([cert(holder="W" * 250, pin_index=2), cert(pin_index=2), cert(pin_index=2)])
        self.window.pin()
        listed = next(node for node in self.window.nodes(scrolled_away=True)
                      if node.getRoleName() == "filler" and "to sign (500)" in node.name)
        wait_until("all documents", lambda: listed.childCount == 500)
        x, y, width, height = self.window.geometry()
        self.assertTrue(x >= 0 and y >= 0 and x + width <= 1280 and y + height <= 800,
                        (x, y, width, height))
        self.window.shot("en-double-size")

    # ---- searching a long list ----

    WORDS_OF_SEARCH = {
        "fi": ("Hae asiakirjoja", "Näkyvissä %d/%d asiakirjaa; kaikki %d allekirjoitetaan."),
        "sv": ("Sök handlingar", "%d av %d handlingar visas; alla %d undertecknas."),
        "en": ("Search documents", "%d of %d documents shown; all %d will be signed.")}

    def listed(self):
        return [node.name for node in self.window.nodes(scrolled_away=True)
                if node.getRoleName() == "label" and ".pdf" in node.name]

    def start_many(self, n=500, lang="en"):
        names = ["Ääkköset Öljy %d.pdf" % i if i % 20 == 0 else "Liite %d.pdf" % i for i in range(n)]
        self.start(method=signer.SIGN, lang=lang, docs=[document(name) for name in names])
        self.ready([cert(pin_index=2, pin_min=6)])
        field = self.window.pin()
        wait_until("all documents", lambda: len(self.listed()) == n)
        return field

    def test_a_long_list_is_searched_and_it_is_said_that_all_is_signed(self):
        for lang, (name, found) in self.WORDS_OF_SEARCH.items():
            with self.subTest(lang=lang):
                n = 500 if lang == "en" else 60
                field = self.start_many(n, lang)
                search = self.window.one("text", name)
                before = self.window.geometry()
                Window.type("12")
                self.window.until_length(field, 2)
                Window.press("ctrl+f")
                wait_until("the focus", lambda: Window.is_focused(search))
                Window.type("SET")
                self.window.until_says(found % (n / 20, n, n))
                self.assertEqual(len(self.listed()), n / 20)
                search.queryEditableText().setTextContents("äÄKKÖSET öljy 40")
                few = found % (2 if n == 500 else 1, n, n)
                self.window.until_says(few)
                self.assertTrue(all("Öljy 40" in text for text in self.listed()))
                wait_until("the description", lambda: search.description == few)
                self.assertEqual(self.window.geometry(), before)
                self.window.shot(lang + "-search")
                Window.press("Escape")
                wait_until("all documents", lambda: len(self.listed()) == n)
                wait_until("the PIN field", lambda: Window.is_focused(field))
                self.assertEqual(len(Window.text(field)), 2)
                self.assertFalse(self.window.has(few))
                self.assertTrue(self.signer.is_silent(0.1))  # it was no cancel
                self.stop()

    def test_a_search_changes_nothing_of_what_is_confirmed(self):
        field = self.start_many()
        search = self.window.one("text", "Search documents")
        Window.press("ctrl+f")
        Window.type("aaksi")  # å, ä and a are letters of their own
        self.window.until_says("No document has this in its name; all 500 will be signed.")
        self.assertEqual(self.listed(), [])
        search.queryEditableText().setTextContents("liite 499")
        self.window.until_says("1 of 500 documents shown; all 500 will be signed.")
        self.assertEqual(self.listed(), ["500. Liite 499.pdf"])
        Window.press("Return")
        wait_until("the PIN field", lambda: Window.is_focused(field))
        Window.type("123456")
        self.window.until_length(field, 6)
        Window.press("Return")
        self.assertEqual(self.signer.answer()["pin"], "123456")
        self.signer.show(signer.WORKING, certs=[cert(pin_index=2)], done=500, total=500)
        self.window.until_says("500 of 500 signed")
        self.window.until_says("signed ✓")
        Window.press("ctrl+f", "Escape")  # the search has the focus: that ends it
        wait_until("all documents", lambda: len(self.listed()) == 500)
        self.assertTrue(self.signer.is_silent(0.1))
        Window.press("Escape")
        self.assertEqual(self.signer.answer()["verb"], "cancel")

    def test_a_signed_document_is_marked(self):
        names = ["%d.pdf" % i for i in range(9)]
        self.start(method=signer.SIGN, docs=[document(name) for name in names])
        self.ready([cert(pin_index=2, pin_min=6)])
        field = self.window.pin()
        Window.type("123456")
        self.window.until_length(field, 6)
        Window.press("Return")
        self.assertEqual(self.signer.answer()["verb"], "confirm")
        self.signer.show(signer.WORKING, certs=[cert(pin_index=2)], done=4, total=9)
        wait_until("four marks", lambda: sum("signed ✓" in node.name for node in self.window.nodes(
            scrolled_away=True)) == 4)
        self.window.shot("en-signed")

    def test_a_short_list_has_no_search(self):
        self.start_ready([cert(pin_index=2, pin_min=6)], method=signer.SIGN, docs=DOCUMENTS)
        self.assertEqual(self.window.all("text"), [])

    # ---- the PIN ----

    def test_the_pin_goes_to_the_signer_and_nowhere_else(self):
        field = self.start_ready()
        confirm = self.confirm_button()
        Window.type(PIN[:3])
        self.window.until_length(field, 3)
        self.assertFalse(self.is_on(confirm))
        Window.press("Return")
        Window.type("a" + PIN[3:] + "9")  # a letter, and a digit more than the card takes
        wait_until("the button", lambda: self.is_on(confirm))
        self.window.until_length(field, 8)
        self.assertNotRegex(Window.text(field), "[0-9]")
        self.assertEqual(self.is_in_memory(PIN), self.may_read_memory())
        Window.press("Return")
        self.assertEqual(self.signer.answer(), {
            "verb": "confirm", "serial": 1, "cert": 0, "last_try_agreed": False, "pin": PIN})
        self.signer.show(signer.WORKING, certs=[cert()], total=1)
        self.window.until_says("Do not take it out")
        self.assertFalse(self.is_on(self.window.one("password text")))
        self.assertEqual(Window.text(self.window.one("password text")), "")
        self.assertFalse(self.is_in_memory(PIN))

    @staticmethod
    def may_read_memory():
        """Root may; to everybody else the process is closed (PR_SET_DUMPABLE)."""
        return os.geteuid() == 0

    def is_in_memory(self, digits):
        needles = [digits.encode(code) for code in ("ascii", "utf-16-le", "utf-32-le")]
        folder = "/proc/%d/" % self.signer.prompt.pid
        if not self.may_read_memory():
            with self.assertRaises(PermissionError):
                open(folder + "mem", "rb").close()
            return False
        with open(folder + "maps", encoding="ascii") as maps, open(folder + "mem", "rb") as memory:
            for line in maps:
                low, high = (int(n, 16) for n in line.split()[0].split("-"))
                if " rw" in line:
                    memory.seek(low)
                    content = memory.read(high - low)
                    if any(needle in content for needle in needles):
                        return True
        return False

    def test_backspace_and_the_keypad_work(self):
        field = self.start_ready()
        Window.press("KP_1", "2", "BackSpace", "KP_3", "4", "5")
        self.window.until_length(field, 4)
        Window.click(self.confirm_button())
        self.assertEqual(self.signer.answer()["pin"], "1345")

    def test_nothing_can_be_pasted_or_dropped_in(self):
        field = self.start_ready()
        owner = subprocess.Popen(
            ["/usr/bin/python3", "-c",
             "import gi; gi.require_version('Gtk', '3.0'); gi.require_version('Gdk', '3.0')\n"
             "from gi.repository import Gtk, Gdk\n"
             "for name in ('CLIPBOARD', 'PRIMARY'):\n"
             "    Gtk.Clipboard.get(Gdk.Atom.intern(name, False)).set_text('12345678', -1)\n"
             "print('ready', flush=True)\n"
             "Gtk.main()"], stdout=subprocess.PIPE, env={**os.environ, "NO_AT_BRIDGE": "1"})
        try:
            owner.stdout.readline()
            x, y, _, _ = self.window.geometry()
            box = field.queryComponent().getExtents(0)
            Window.press("ctrl+v", "shift+Insert")
            for button in ("2", "3"):
                xdotool("mousemove", str(box.x + 20), str(box.y + 10), "click", button)
            Window.press("shift+F10", "Menu")
            Window.type("4321")
            self.window.until_length(field, 4)
            Window.press("Return")
            self.assertEqual(self.signer.answer()["pin"], "4321")
        finally:
            owner.kill()
            owner.wait()
            owner.stdout.close()

    def test_a_wrong_pin_is_announced_and_the_field_is_empty_again(self):
        for lang, words in WORDS.items():
            with self.subTest(lang=lang):
                field = self.start_ready(lang=lang)
                Window.type(PIN)
                self.window.until_length(field, 8)
                Window.press("Return")
                self.assertEqual(self.signer.answer()["pin"], PIN)
                self.ready([cert(tries=3)], error="PIN_WRONG")
                banner = self.window.one("alert")
                wait_until("the banner", lambda: words["wrong"] in banner.name)
                field = self.window.pin()
                self.assertEqual(Window.text(field), "")
                self.window.until_says("3 ")
                self.window.shot(lang + "-wrong")
                self.stop()

    def test_the_last_try_wants_a_second_yes(self):
        for lang, words in WORDS.items():
            with self.subTest(lang=lang):
                field = self.start_ready([cert(tries=1)], lang=lang)
                confirm = self.confirm_button(lang)
                Window.type("123456")
                self.window.until_length(field, 6)
                Window.press("Return")
                self.assertFalse(self.is_on(confirm))
                box = self.window.one("check box", words["last"])
                self.window.shot(lang + "-last-try")
                Window.press("Tab", "space")
                wait_until("the button", lambda: self.is_on(confirm))
                Window.click(confirm)
                answer = self.signer.answer()
                self.assertEqual((answer["verb"], answer["last_try_agreed"], answer["pin"]),
                                 ("confirm", True, "123456"))
                self.assertIsNotNone(box)
                self.stop()

    # ---- nothing that was meant for another window decides ----

    def test_keys_before_arming_are_thrown_away(self):
        self.start()
        self.ready()
        self.window.appear()
        # A person who goes on typing in the browser: each key starts the time again.
        until = time.monotonic() + 3 * ARM_S
        while time.monotonic() < until:
            Window.press("1", "2", "3", "4", "Return", "Escape", "space")
        field = self.window.pin()
        self.assertEqual(Window.text(field), "")
        self.assertTrue(self.signer.is_silent(0.2))
        Window.type("123456")
        self.window.until_length(field, 6)
        self.ready([cert(), cert()])  # something new to read: the same again
        Window.press("Return")
        self.assertTrue(self.signer.is_silent(0.2))
        field = self.window.pin()
        self.assertEqual(Window.text(field), "")

    def test_the_button_is_off_until_the_time_has_passed(self):
        self.start(method=signer.SUBSCRIBE)
        self.window.appear()
        self.signer.show(signer.READY, needs_pin=False)
        shown = time.monotonic()
        allow = self.window.one("push button", "Allow")
        wait_until("the button", lambda: self.is_on(allow))
        self.assertGreater(time.monotonic() - shown, 0.8 * ARM_S)

    def test_enter_alone_never_says_yes_without_a_pin(self):
        for method, name in ((signer.SUBSCRIBE, "Allow"),
                             (signer.GET_SIGNING_CERTIFICATE, "Give the certificate")):
            certs = [] if method == signer.SUBSCRIBE else [cert(pin_index=2)]
            for keys, verb in ((["Return"], "cancel"), (["Tab", "space"], "confirm")):
                with self.subTest(name=name, keys=keys):
                    self.start(method=method)
                    self.signer.show(signer.READY, needs_pin=False, certs=certs)
                    button = self.window.one("push button", name)
                    wait_until("the button", lambda: self.is_on(button))
                    wait_until("the focus", lambda: Window.is_focused(
                        self.window.one("push button", "Cancel")))
                    Window.press(*keys)
                    answer = self.signer.answer()
                    self.assertEqual((answer["verb"], answer["pin"]), (verb, None))
                    self.stop()

    def test_a_second_confirmation_of_one_state_is_not_sent(self):
        field = self.start_ready()
        confirm = self.confirm_button()
        Window.type("1234")
        self.window.until_length(field, 4)
        Window.press("Return", "Return")
        self.assertEqual(self.signer.answer()["pin"], "1234")
        wait_until("the button off", lambda: not self.is_on(confirm))
        self.assertTrue(self.signer.is_silent(0.2))

    # ---- choosing ----

    def test_one_of_several_certificates_is_chosen_by_keyboard(self):
        self.start_ready([cert(holder="EXPIRED ERKKI", usable=signer.EXPIRED),
                          cert(holder="FIRST FIA"), cert(holder="SECOND SANNA", tries=2,
                                                         reader="Reader 01")])
        expired = self.window.one("list item", "EXPIRED ERKKI")
        self.assertIn("has expired", expired.name)
        self.assertFalse(self.is_on(expired))
        Window.type("12")
        Window.press("shift+Tab", "Down")
        self.window.until_says("2 tries left")
        field = self.window.one("password text")
        self.window.until_length(field, 0)  # it was for the other one
        Window.press("Tab")
        Window.type("4321")
        self.window.until_length(field, 4)
        Window.press("Return")
        answer = self.signer.answer()
        self.assertEqual((answer["cert"], answer["pin"]), (2, "4321"))

    def test_tab_goes_from_the_pin_to_the_buttons_and_round(self):
        field = self.start_ready()
        Window.type("1234")
        self.window.until_length(field, 4)
        order = []
        for _ in range(6):
            order.append(self.window.focused().name)
            Window.press("Tab")
            wait_until("the next focus", lambda: self.window.focused() is not None
                       and self.window.focused().name != order[-1])
        self.assertEqual(order[0:3], ["PIN1 (basic PIN)", "Cancel", "Identify yourself"])
        self.assertIn("PIN1 (basic PIN)", order[3:])
        self.assertNotIn("", order)

    # ---- ways out ----

    def test_escape_cancels_and_the_program_ends(self):
        self.start_ready()
        Window.press("Escape")
        self.assertEqual(self.signer.answer()["verb"], "cancel")
        self.assertIsNone(self.signer.answer())
        self.assertEqual(self.signer.prompt.wait(5), 0)

    def test_closing_the_window_cancels(self):
        self.start_ready()
        close_window(int(self.window.appear()))
        self.assertEqual(self.signer.answer()["verb"], "cancel")

    def test_waiting_can_be_ended_with_its_reason(self):
        self.start()
        self.signer.show(signer.WAIT_READER, "NO_READER")
        report = self.window.one("push button", "Tell the service that there is no reader")
        Window.click(report)
        self.assertEqual(self.signer.answer()["verb"], "report")

    def test_a_locked_or_fresh_card_leads_to_card_management(self):
        for error, name, title in (("PIN_BLOCKED", "Unlock in card management", "PIN codes"),
                                   ("PIN_NOT_ACTIVATED", "Activate in card management",
                                    "Activation")):
            with self.subTest(error=error):
                self.start()
                self.signer.show(signer.ENDED, error, certs=[cert()])
                self.window.until_says("Korttisilta's card management")
                button = self.window.one("push button", name)
                self.window.shot("en-" + error.lower())
                before = set(managers())
                Window.click(button)
                self.assertEqual(self.signer.answer()["verb"], "close")
                self.assertIsNone(self.signer.answer())
                pid = wait_until("the manager", lambda: next(iter(set(managers()) - before), None))
                manager = Window(pid)
                try:
                    manager.one("heading", title)
                finally:
                    os.kill(pid, signal.SIGTERM)
                self.stop()

    def test_other_ends_do_not_offer_card_management(self):
        self.start()
        self.signer.show(signer.ENDED, "CARD_REMOVED", certs=[cert()])
        self.window.until_says("taken out too early")
        self.assertEqual(self.window.all("push button", "card management"), [])

    def test_the_window_is_gone_soon_after_the_pipe_closes(self):
        times = []
        for _ in range(3):
            self.start_ready()
            began = time.monotonic()
            self.signer.hang_up()
            self.assertEqual(self.signer.prompt.wait(5), 0)
            times.append(time.monotonic() - began)
            self.assertIsNone(self.window.find())
        print("gone after %s ms" % [round(1000 * t) for t in times], file=sys.stderr)
        self.assertLess(min(times), 0.1)

    def test_nonsense_from_the_pipe_ends_it(self):
        self.start_ready()
        self.signer.send(b"nonsense")
        self.status = 1
        self.assertEqual(self.signer.prompt.wait(5), 1)

    def test_without_display_and_terminal_it_says_so(self):
        bare = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
        one = Signer(PROGRAM, bare, start_new_session=True)
        one.ask()
        self.assertIsNone(one.answer())
        self.assertEqual(one.prompt.wait(5), 3)
        one.socket.close()


def main():
    import pyatspi
    for event in ("object:state-changed", "object:text-changed", "object:property-change",
                  "object:children-changed", "window"):
        pyatspi.Registry.registerEventListener(lambda _event: None, event)
    program = unittest.main(exit=False, verbosity=2)
    return 0 if program.result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(run_inside(main))
