/* The sentences of ui/pin_form.h. */
#include "ui/pin_form.h"

#include <stdio.h>

#define PUK 3u

/* Which of two sentences: of PIN2, else of PIN1. */
static size_t row_of(uint8_t index)
{
    return index == 2 ? 1 : 0;
}

const char *pin_form_pin(uint8_t index)
{
    if (index == PUK) {
        return _("PUK code");
    }
    return index == 2 ? _("PIN2 (signature PIN)") : _("PIN1 (basic PIN)");
}

const char *pin_form_title(enum pin_task task, uint8_t index)
{
    static const char *const rows[][2] = {
        [PIN_CHANGE] = {N_("Change PIN1 (basic PIN)"), N_("Change PIN2 (signature PIN)")},
        [PIN_UNLOCK] = {N_("Unlock PIN1 with the PUK code"), N_("Unlock PIN2 with the PUK code")},
        [PIN_ACTIVATE] = {N_("Choose PIN1 (basic PIN)"), N_("Choose PIN2 (signature PIN)")},
    };
    return _(rows[task][row_of(index)]);
}

const char *pin_form_intro(const struct pin_form *f)
{
    static const char *const rows[] = {
        [PIN_CHANGE] = N_("Type the current PIN, and then the new one twice."),
        [PIN_UNLOCK] = N_("Type the PUK code that came to you in a letter, and then a new PIN "
                          "twice."),
        [PIN_ACTIVATE] = N_("Type the activation code from the letter that came with the card, and "
                            "then the PIN of your choice twice."),
    };
    return _(rows[f->task]);
}

const char *pin_form_part(const struct pin_form *f, enum pin_part part)
{
    static const char *const codes[][2] = {
        [PIN_CHANGE] = {N_("Current PIN1"), N_("Current PIN2")},
        [PIN_UNLOCK] = {N_("PUK code"), N_("PUK code")},
        [PIN_ACTIVATE] = {N_("Activation code"), N_("Activation code")},
    };
    static const char *const values[][2] = {
        [PIN_PART_NEW] = {N_("New PIN1"), N_("New PIN2")},
        [PIN_PART_AGAIN] = {N_("New PIN1 again"), N_("New PIN2 again")},
    };
    size_t row = row_of(f->index);
    return _(part == PIN_PART_CODE ? codes[f->task][row] : values[part][row]);
}

const char *pin_form_done(const struct pin_form *f)
{
    static const char *const rows[][2] = {
        [PIN_CHANGE] = {N_("PIN1 has been changed."), N_("PIN2 has been changed.")},
        [PIN_UNLOCK] = {N_("PIN1 has been unlocked. The new PIN1 is in use."),
                        N_("PIN2 has been unlocked. The new PIN2 is in use.")},
        [PIN_ACTIVATE] = {N_("PIN1 is in use."), N_("PIN2 is in use.")},
    };
    return _(rows[f->task][row_of(f->index)]);
}

/* What is typed as the code, as the sentences below tell it apart. */
enum kind { KIND_PIN1, KIND_PIN2, KIND_PUK, KIND_LETTER, KIND_PRESET, KINDS };

static enum kind kind_of(const struct pin_form *f)
{
    if (f->task == PIN_ACTIVATE) {
        return f->spends == PUK ? KIND_LETTER : KIND_PRESET;
    }
    return f->spends == PUK ? KIND_PUK : f->spends == 2 ? KIND_PIN2 : KIND_PIN1;
}

static const struct {
    const char *last;
    const char *wrong;
    const char *locked;
} codes[KINDS] = {
    [KIND_PIN1] = {N_("I understand that this is the last try. If the current PIN1 is wrong, PIN1 "
                      "is locked."),
                   N_("The current PIN1 was wrong."),
                   N_("PIN1 is locked, because it was wrong too many times. Unlock it with the PUK "
                      "code.")},
    [KIND_PIN2] = {N_("I understand that this is the last try. If the current PIN2 is wrong, PIN2 "
                      "is locked."),
                   N_("The current PIN2 was wrong."),
                   N_("PIN2 is locked, because it was wrong too many times. Unlock it with the PUK "
                      "code.")},
    [KIND_PUK] = {N_("I understand that this is the last try of the PUK code. If it is wrong, the "
                     "card can never be unlocked again, and I need a new card."),
                  N_("The PUK code was wrong."),
                  N_("The PUK code is locked, because it was wrong too many times. This card can't "
                     "be unlocked any more. Apply for a new card.")},
    [KIND_LETTER] = {N_("I understand that this is the last try of the activation code. If it is "
                        "wrong, the card can never be activated, and I need a new card."),
                     N_("The activation code was wrong."),
                     N_("The activation code is locked, because it was wrong too many times. This "
                        "card can't be activated any more. Contact the issuer of the card.")},
    [KIND_PRESET] = {N_("I understand that this is the last try. If the activation code is wrong, "
                        "the PIN is locked."),
                     N_("The activation code was wrong."),
                     N_("The PIN is locked, because the activation code was wrong too many times. "
                        "Ask the issuer of the card for a PUK code.")},
};

/* Of the code that is typed, or of a PIN that nobody unlocks with this program. */
static const char *locked_text(enum kind kind, bool can_unlock)
{
    static const char *const rows[] = {
        [KIND_PIN1] = N_("PIN1 is locked, because it was wrong too many times."),
        [KIND_PIN2] = N_("PIN2 is locked, because it was wrong too many times."),
    };
    bool other = (kind == KIND_PIN1 || kind == KIND_PIN2) && !can_unlock;
    return _(other ? rows[kind] : codes[kind].locked);
}

const char *pin_form_last_try(const struct pin_form *f)
{
    return _(codes[kind_of(f)].last);
}

static void put_tries(int8_t left, char *ret, size_t cap)
{
    snprintf(ret, cap, ngettext("%d try left", "%d tries left", (unsigned long)left), left);
}

void pin_form_status(const struct pin_facts *p, char *ret)
{
    if (!p->activated && !p->blocked && p->tries_left > 0) {
        char left[64];
        put_tries(p->tries_left, left, sizeof left);
        snprintf(ret, PIN_TEXT, "%s, %s", _("not activated"), left);
    } else if (!p->activated) {
        snprintf(ret, PIN_TEXT, "%s", _("not activated"));
    } else if (p->blocked || p->tries_left == 0) {
        snprintf(ret, PIN_TEXT, "%s", _("locked"));
    } else if (p->tries_left < 0) {
        snprintf(ret, PIN_TEXT, "%s", _("the card does not tell how many tries are left"));
    } else {
        put_tries(p->tries_left, ret, PIN_TEXT);
    }
}

void pin_form_hint(const struct pin_form *f, enum pin_part part, char *ret)
{
    ret[0] = '\0';
    if (part == PIN_PART_CODE && f->tries_left >= 0) {
        put_tries(f->tries_left, ret, PIN_TEXT);
    } else if (part == PIN_PART_NEW) {
        snprintf(ret, PIN_TEXT, _("%u–%u digits"), f->min[part], f->max[part]);
    }
}

void pin_form_flaw_text(const struct pin_form *f, enum pin_flaw flaw, char *ret)
{
    static const char *const plain[] = {
        [PIN_FLAW_NONE] = "",
        [PIN_FLAW_NEW_SAME] = N_("The new PIN must differ from the code that is typed first."),
        [PIN_FLAW_AGAIN] = N_("The new PIN was not the same both times. Type it again."),
        [PIN_FLAW_LAST_TRY] = N_("Confirm first that you know that this is the last try."),
    };
    uint8_t min = f->min[PIN_PART_NEW];
    uint8_t max = f->max[PIN_PART_NEW];
    if (flaw == PIN_FLAW_CODE_LENGTH) {
        bool exact = f->min[PIN_PART_CODE] == f->max[PIN_PART_CODE];
        snprintf(ret, PIN_TEXT, exact ? _("%s: exactly %u digits.") : _("%s: at least %u digits."),
                 pin_form_part(f, PIN_PART_CODE), f->min[PIN_PART_CODE]);
    } else if (flaw == PIN_FLAW_NEW_LENGTH) {
        snprintf(ret, PIN_TEXT, _("The new PIN must have %u–%u digits."), min, max);
    } else {
        snprintf(ret, PIN_TEXT, "%s", *plain[flaw] != '\0' ? _(plain[flaw]) : "");
    }
}

#define AGAIN N_("Take the card out, put it back in and look here what has changed.")

/* What the code itself does not explain. */
static const struct {
    enum err error;
    const char *what;
    const char *next;
} others[] = {
    {ERR_PIN_FORMAT, N_("Nothing was sent to the card:"),
     N_("a code has the wrong number of digits, or the new PIN is the same as the old one.")},
    {ERR_PIN_LAST_TRY, N_("One try is left. Nothing was sent to the card."), ""},
    {ERR_PIN_REPEATED, N_("The card has just refused the same digits. They were not sent again."),
     N_("Check the code before you try once more.")},
    {ERR_PIN_NOT_ACTIVATED, N_("The card has not been activated."),
     N_("Activate it with the code in the letter that came with it.")},
    {ERR_CARD_REMOVED, N_("The card was taken out too early."),
     N_("Put it back in and look here what has changed.")},
    {ERR_CARD_CHANGED, N_("Another card is in the reader now. Nothing was sent to it."), ""},
    {ERR_CARD_IO, N_("The connection to the card was lost."), AGAIN},
    {ERR_CARD_STATUS, N_("The card refused the operation."), AGAIN},
    {ERR_CARD_UNKNOWN, N_("Korttisilta does not know this card."), ""},
    {ERR_BUSY, N_("Another program is using the card."), N_("Close it and try again.")},
    {ERR_NO_CARD, N_("There is no card in the reader."), N_("Put your card in.")},
    {ERR_NO_READER, N_("No card reader was found."),
     N_("Connect the reader. If it is connected, try another USB port.")},
    {ERR_PCSC_DOWN, N_("The smart card service of this computer is not running."),
     N_("Restart the computer, or ask your IT support to start the pcscd service.")},
    {ERR_UNSUPPORTED, N_("Korttisilta can't do this with this card."), ""},
    {ERR_CANCELLED, N_("You cancelled."), ""},
    {ERR_PIN_DIFFERS, N_("The new PIN was not the same both times."), N_("Nothing was changed.")},
    {ERR_PAD_TIMED_OUT, N_("The codes were not typed on the card reader in time."),
     N_("Nothing was changed.")},
    {ERR_PAD_FAILED, N_("The keypad of the card reader does not work."),
     N_("You can type the codes on this computer, which they then pass through.")},
    {ERR_NOMEM, N_("The computer is out of memory."), N_("Close other programs and try again.")},
};

static void put_other(enum err e, char *ret)
{
    const char *what = N_("The program could not finish the work.");
    const char *next = "";
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (others[i].error == e) {
            what = others[i].what;
            next = others[i].next;
        }
    }
    bool more = *next != '\0';
    snprintf(ret, PIN_TEXT, "%s%s%s", _(what), more ? " " : "", more ? _(next) : "");
}

void pin_form_error(const struct pin_form *f, enum err e, int8_t tries, char *ret)
{
    char left[64] = "";
    if (pin_form_pad_error(f, e, ret)) {
        return;
    }
    if (e == ERR_PIN_BLOCKED) {
        snprintf(ret, PIN_TEXT, "%s", locked_text(kind_of(f), f->can_unlock));
    } else if (e == ERR_PIN_WRONG) {
        if (tries >= 0) {
            put_tries(tries, left, sizeof left);
        }
        snprintf(ret, PIN_TEXT, "%s%s%s%s", _(codes[kind_of(f)].wrong), tries >= 0 ? " " : "", left,
                 tries >= 0 ? "." : "");
    } else {
        put_other(e, ret);
    }
}

const char *pin_form_refusal(const struct pin_set *s, enum err e, enum pin_task task, uint8_t index)
{
    static const char *const none[] = {
        [PIN_CHANGE] = N_("Korttisilta can't do this with this card."),
        [PIN_UNLOCK] = N_("Korttisilta can't unlock this card. Contact the issuer of the card."),
        [PIN_ACTIVATE] = N_("There is nothing to activate on this card."),
    };
    if (e == ERR_PIN_BLOCKED) {
        enum kind own = index == 2 ? KIND_PIN2 : KIND_PIN1;
        return locked_text(task == PIN_CHANGE ? own : KIND_PUK, s->unlocker == PIN_UNLOCKER_HOLDER);
    }
    if (e == ERR_PIN_NOT_ACTIVATED) {
        return _("Activate the card with the code in the letter that came with it.");
    }
    if (e == ERR_CARD_STATUS) {
        return _("The card refused the operation.");
    }
    if (task == PIN_UNLOCK && s->unlocker == PIN_UNLOCKER_ISSUER) {
        return _("Korttisilta can't unlock a PIN of this card. Unlock it in the card issuer's own "
                 "program with the PUK code from your letter, or ask the card administrator of "
                 "your organisation.");
    }
    return _(none[task]);
}
