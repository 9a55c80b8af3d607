/* The sentences of ui/pin_form.h about a reader's PIN pad. */
#include "ui/pin_form.h"

#include <stdio.h>
#include <string.h>

/* Behind what is in `ret`, a blank between. */
static void add(char *ret, const char *text)
{
    size_t len = strlen(ret);
    snprintf(ret + len, PIN_TEXT - len, "%s%s", len > 0 ? " " : "", text);
}

/* "Current PIN1 (5 tries left)" */
static void add_part(const struct pin_form *f, enum pin_part part, const char *end, char *ret)
{
    char hint[PIN_TEXT], text[PIN_TEXT];
    const char *name = pin_form_part(f, part);
    pin_form_hint(f, part, hint);
    if (*hint != '\0') {
        snprintf(text, sizeof text, "%.200s (%.200s)%s", name, hint, end);
    } else {
        snprintf(text, sizeof text, "%.400s%s", name, end);
    }
    add(ret, text);
}

void pin_form_entry(const struct pin_form *f, enum pin_entry entry, bool can_stop, char *ret)
{
    static const char *const heads[] = {
        [PIN_ENTRY_CODE] = N_("Type on the card reader, and press OK on it:"),
        [PIN_ENTRY_NEW] = N_("The code was right. Type on the card reader, and press OK on it "
                             "after each:"),
        [PIN_ENTRY_ALL] = N_("Type on the card reader in this order, and press OK on it after "
                             "each:"),
    };
    snprintf(ret, PIN_TEXT, "%s", _(heads[entry]));
    if (entry != PIN_ENTRY_NEW) {
        add_part(f, PIN_PART_CODE, entry == PIN_ENTRY_CODE ? "." : ",", ret);
    }
    if (entry != PIN_ENTRY_CODE) {
        add_part(f, PIN_PART_NEW, ",", ret);
        add_part(f, PIN_PART_AGAIN, ".", ret);
    }
    if (!can_stop) {
        add(ret, _("To cancel, press the cancel key of the reader."));
    }
}

void pin_form_why_here(const struct pin_form *f, char *ret)
{
    const char *why =
        f->where == PIN_PAD_VERIFIES
            ? _("The keypad of this card reader can check a PIN but not set a new one.")
            : _("This card wants the codes in a form that the keypads of card readers can't make.");
    snprintf(ret, PIN_TEXT, "%s", why);
    if (f->unlocks_on_reader) {
        add(ret, _("You can choose a new PIN with the PUK code instead, which is typed on the "
                   "reader."));
        add(ret, _("Or type the codes on this computer, which they then pass through."));
    } else {
        add(ret, _("You can type the codes on this computer, which they then pass through."));
    }
}

bool pin_form_pad_error(const struct pin_form *f, enum err e, char *ret)
{
    if (f->where != PIN_ON_READER) {
        return false;
    }
    if (e == ERR_PIN_FORMAT) {
        snprintf(ret, PIN_TEXT, "%s",
                 _("What was typed on the card reader had too few or too many digits. Nothing was "
                   "changed."));
        return true;
    }
    if (e == ERR_CARD_STATUS) {
        snprintf(ret, PIN_TEXT,
                 _("The card refused what was typed. The new PIN must have %u–%u digits and "
                   "differ from the code that is typed first."),
                 f->min[PIN_PART_NEW], f->max[PIN_PART_NEW]);
        return true;
    }
    return false;
}
