#include "core/pin_command.h"

#include "card/profile.h"
#include "core/pinning.h"
#include "os/clock.h"
#include "os/tty.h"
#include "os/wait.h"

#include <stdio.h>
#include <string.h>

enum status { DONE, NOT_DONE, USAGE };

/* One command, and what its steps share. */
struct run {
    enum pin_task task;
    uint8_t index; /* 0: both, one after the other */
    const char *reader;
    struct card *card;
    struct pin_set pins;
    struct pin_form *form; /* what is being asked; NULL: nothing */
    struct tty *tty;
    struct secret *parts[PIN_PARTS];
    bool last_try_agreed;
    bool has_code;  /* it was typed here, for the PIN before */
    bool cancelled; /* while the reader waited */
    bool told;      /* what is typed here meanwhile does not count */
};

/* ---- one line in the terminal ---- */

enum line { LINE_OPEN, LINE_ENTERED, LINE_CANCELLED };

struct typing {
    struct run *r;
    struct secret *secret; /* NULL: a yes is wanted */
    size_t max;
    bool yes;
    enum line line;
};

static bool take_key(void *user, enum tty_key key, uint8_t c)
{
    struct typing *t = user;
    if (key == TTY_CANCEL) {
        t->line = LINE_CANCELLED;
    } else if (key == TTY_ENTER) {
        t->line = LINE_ENTERED;
    } else if (t->secret != NULL) {
        tty_edit_secret(t->r->tty, t->secret, t->max, key, c);
    } else if (key == TTY_CHAR && c == (uint8_t)_("y")[0]) {
        t->yes = true;
        tty_say(t->r->tty, _("y"));
        tty_say(t->r->tty, "\b");
    }
    return t->line == LINE_OPEN;
}

/* False: the person cancelled, or the terminal is gone. */
static bool type_line(struct typing *t)
{
    int fd = tty_fd(t->r->tty);
    while (t->line == LINE_OPEN) {
        (void)wait_readable(&fd, 1, UINT64_MAX);
        if (tty_read(t->r->tty, take_key, t) != ERR_OK) {
            t->line = LINE_CANCELLED;
        }
    }
    tty_say(t->r->tty, "\r\n");
    return t->line == LINE_ENTERED;
}

static bool ask_part(struct run *r, const struct pin_form *f, enum pin_part part)
{
    char hint[PIN_TEXT];
    struct typing t = {.r = r, .secret = r->parts[part], .max = f->max[part]};
    pin_form_hint(f, part, hint);
    secret_wipe(r->parts[part]);
    tty_say(r->tty, pin_form_part(f, part));
    if (*hint != '\0') {
        tty_say(r->tty, ", ");
        tty_say(r->tty, hint);
    }
    tty_say(r->tty, ": ");
    return type_line(&t);
}

/* Enter alone is no yes: the question comes again. */
static bool ask_yes(struct run *r, const char *question)
{
    struct typing t = {.r = r};
    while (!t.yes) {
        t.line = LINE_OPEN;
        tty_say_line(r->tty, question);
        tty_say(r->tty, _("y = yes, Esc = cancel"));
        tty_say(r->tty, ": ");
        if (!type_line(&t)) {
            return false;
        }
    }
    return true;
}

/* ---- what is typed on the reader ---- */

static bool pad_begins(void *user, enum pin_entry entry, bool can_stop)
{
    struct run *r = user;
    char text[PIN_TEXT];
    pin_form_entry(r->form, entry, can_stop, text);
    tty_say_line(r->tty, text);
    if (can_stop) {
        tty_say_line(r->tty, _("Esc = cancel"));
    }
    return !r->cancelled;
}

static bool take_pad_key(void *user, enum tty_key key, uint8_t c)
{
    struct run *r = user;
    (void)c;
    r->cancelled = r->cancelled || key == TTY_CANCEL;
    if (key == TTY_CHAR && !r->told) {
        r->told = true;
        tty_say_line(r->tty, _("Type on the card reader, not here."));
    }
    return !r->cancelled;
}

static bool pad_wait(void *user, unsigned ms)
{
    struct run *r = user;
    int fd = tty_fd(r->tty);
    if (wait_readable(&fd, 1, clock_monotonic_ms() + ms) != 0 &&
        tty_read(r->tty, take_pad_key, r) != ERR_OK) {
        r->cancelled = true;
    }
    return !r->cancelled;
}

/* Keys from the time when the reader waited must not answer what is asked next. */
static void discard_keys(const struct run *r)
{
    int fd = tty_fd(r->tty);
    while (wait_readable(&fd, 1, 0) != 0 && tty_read(r->tty, NULL, NULL) == ERR_OK) {
    }
}

static enum err run_on_reader(struct run *r, int8_t *ret_tries)
{
    const struct pin_person person = {pad_begins, pad_wait, r};
    const struct pin_answer answer = {.person = &person, .last_try_agreed = r->last_try_agreed};
    r->cancelled = false;
    r->told = false;
    enum err e = pinning_run(r->card, r->pins.activation, r->form, &answer, ret_tries);
    discard_keys(r);
    return e;
}

/* ---- the form ---- */

static struct pin_answer answer_of(const struct run *r)
{
    return (struct pin_answer){.parts = {r->parts[0], r->parts[1], r->parts[2]},
                               .last_try_agreed = r->last_try_agreed};
}

/* A flaw is said at once, and what has it is asked again; of a repetition that differs both. */
static bool ask_parts(struct run *r, const struct pin_form *f, enum pin_part first)
{
    enum pin_part part = first;
    while (part < PIN_PARTS) {
        if (!ask_part(r, f, part)) {
            return false;
        }
        struct pin_answer answer = answer_of(r);
        enum pin_flaw flaw = pin_form_flaw(f, &answer, (size_t)part + 1);
        if (flaw != PIN_FLAW_NONE) {
            char text[PIN_TEXT];
            pin_form_flaw_text(f, flaw, text);
            tty_say_line(r->tty, text);
            part = flaw == PIN_FLAW_AGAIN ? PIN_PART_NEW : part;
        } else {
            part++;
        }
    }
    return true;
}

static enum err run_typed(struct run *r, int8_t *ret_tries)
{
    if (!ask_parts(r, r->form, r->has_code ? PIN_PART_NEW : PIN_PART_CODE)) {
        return ERR_CANCELLED;
    }
    struct pin_answer answer = answer_of(r);
    tty_say_line(r->tty, _("The card is working. Do not take it out."));
    enum err e = pinning_run(r->card, r->pins.activation, r->form, &answer, ret_tries);
    r->has_code = e == ERR_OK;
    return e;
}

static bool agrees_to_type_here(struct run *r)
{
    char text[PIN_TEXT];
    pin_form_why_here(r->form, text);
    tty_say_line(r->tty, text);
    return ask_yes(r, _("Type them on this computer?"));
}

static enum err run_form(struct run *r, int8_t *ret_tries)
{
    struct pin_form *f = r->form;
    tty_say_line(r->tty, pin_form_title(f->task, f->index));
    if (pin_form_asks_where(f)) {
        if (!agrees_to_type_here(r)) {
            return ERR_CANCELLED;
        }
        pin_form_type_here(f);
    }
    r->last_try_agreed = pin_form_is_last_try(f) && ask_yes(r, pin_form_last_try(f));
    if (pin_form_is_last_try(f) && !r->last_try_agreed) {
        return ERR_CANCELLED;
    }
    return f->where == PIN_ON_READER ? run_on_reader(r, ret_tries) : run_typed(r, ret_tries);
}

static void say_error(const struct run *r, enum err e, int8_t tries)
{
    static const struct pin_form none = {.index = 1, .spends = 1};
    char text[PIN_TEXT];
    pin_form_error(r->form != NULL ? r->form : &none, e, tries, text);
    tty_say_line(r->tty, text);
}

/* The code has spent its try, or has all of them again; a pad that failed is no more. */
static enum err look_again(struct run *r)
{
    enum err e = pinning_look(r->card, &r->pins);
    if (e != ERR_OK) {
        r->form = NULL;
        say_error(r, e, -1);
    }
    return e;
}

static enum status run_made_form(struct run *r, struct pin_form *form)
{
    int8_t tries = -1;
    r->form = form;
    enum err e = run_form(r, &tries);
    if (e == ERR_PAD_FAILED) {
        say_error(r, e, tries);
        e = look_again(r);
        if (e != ERR_OK) {
            return NOT_DONE;
        }
        e = ask_yes(r, _("Type them on this computer?"))
                ? pin_form_make(&r->pins, form->task, form->index, form)
                : ERR_CANCELLED;
        e = e == ERR_OK ? run_form(r, &tries) : e;
    }
    if (e == ERR_OK) {
        tty_say_line(r->tty, pin_form_done(form));
        return DONE;
    }
    say_error(r, e, tries);
    return NOT_DONE;
}

static enum status run_one(struct run *r, uint8_t index)
{
    struct pin_form form;
    enum err e = pin_form_make(&r->pins, r->task, index, &form);
    enum status status = NOT_DONE;
    if (e == ERR_OK) {
        status = run_made_form(r, &form);
        r->form = NULL;
    } else {
        tty_say_line(r->tty, pin_form_refusal(&r->pins, e, r->task, index));
    }
    return status;
}

/* Every PIN that is still to be chosen, so that a half-activated card is finished too. */
static enum status activate(struct run *r)
{
    enum status status = DONE;
    uint8_t index = pin_set_next_fresh(&r->pins, 0);
    if (index == 0) {
        return run_one(r, 1); /* says why there is nothing to do */
    }
    while (status == DONE && index != 0) {
        status = run_one(r, index);
        index = pin_set_next_fresh(&r->pins, index);
        if (status == DONE && index != 0 && look_again(r) != ERR_OK) {
            status = NOT_DONE;
        }
    }
    return status;
}

/* ---- before and after ---- */

static enum err open_run(struct run *r)
{
    enum err e = pinning_open(r->reader, &r->card);
    return e == ERR_OK ? pinning_look(r->card, &r->pins) : e;
}

static enum status explain(enum err e)
{
    static const struct pin_form none = {.index = 1, .spends = 1};
    char text[PIN_TEXT];
    if (e == ERR_ARGUMENT) {
        fprintf(
            stderr, "%s\n",
            _("Several cards are in. Name the reader with --reader; \"korttisilta cards\" lists "
              "them."));
    } else {
        pin_form_error(&none, e, -1, text);
        fprintf(stderr, "%s\n", text);
    }
    return NOT_DONE;
}

static enum status print_status(struct run *r)
{
    char text[PIN_TEXT];
    printf("%s: %s\n%s: %s\n", _("Reader"), r->card->reader, _("Card"), r->card->profile->name);
    for (size_t i = 0; i < r->pins.n; i++) {
        const struct pin_facts *p = &r->pins.pins[i];
        pin_form_status(p, text);
        printf("%s: %s\n", pin_form_pin(p->index), text);
    }
    if (pin_set_next_fresh(&r->pins, 0) != 0) {
        printf("%s\n", _("Activate the card with the code in the letter that came with it."));
    }
    return DONE;
}

static enum status run_task(struct run *r)
{
    enum err e = secret_new(&r->parts[PIN_PART_CODE]);
    enum status status = NOT_DONE;
    for (size_t i = PIN_PART_NEW; e == ERR_OK && i < PIN_PARTS; i++) {
        e = secret_new(&r->parts[i]);
    }
    if (e == ERR_OK) {
        e = tty_open(&r->tty);
    }
    if (e == ERR_CLOSED) {
        fprintf(stderr, "%s\n", _("PINs are asked in a terminal, and there is none."));
    } else if (e != ERR_OK) {
        status = explain(e);
    } else {
        status = r->task == PIN_ACTIVATE ? activate(r) : run_one(r, r->index);
    }
    tty_close(&r->tty);
    for (size_t i = 0; i < PIN_PARTS; i++) {
        secret_free(&r->parts[i]);
    }
    return status;
}

/* ---- words ---- */

static const struct {
    const char *word;
    bool only_looks;
    bool wants_pin;
    enum pin_task task;
} commands[] = {
    {"status", true, false, PIN_CHANGE},
    {"change", false, true, PIN_CHANGE},
    {"unlock", false, true, PIN_UNLOCK},
    {"activate", false, false, PIN_ACTIVATE},
};

static enum status usage(void)
{
    fprintf(
        stderr, "%s\n",
        _("usage: korttisilta pin status|change 1|change 2|unlock 1|unlock 2|activate [--reader "
          "NAME]"));
    return USAGE;
}

static uint8_t index_of(const char *word)
{
    return strcmp(word, "1") == 0 ? 1 : strcmp(word, "2") == 0 ? 2 : 0;
}

static enum status run_command(struct run *r, bool only_looks)
{
    secret_harden_process();
    enum err e = open_run(r);
    enum status status = e != ERR_OK ? explain(e) : only_looks ? print_status(r) : run_task(r);
    card_free(&r->card);
    return status;
}

int pin_command_run(int argc, char **argv)
{
    struct run r = {.index = 0};
    if (argc >= 3 && strcmp(argv[argc - 2], "--reader") == 0) {
        r.reader = argv[argc - 1];
        argc -= 2;
    }
    for (size_t i = 0; argc > 0 && i < sizeof commands / sizeof commands[0]; i++) {
        bool meant = strcmp(argv[0], commands[i].word) == 0;
        r.task = commands[i].task;
        r.index = commands[i].wants_pin && argc == 2 ? index_of(argv[1]) : 0;
        if (meant && commands[i].wants_pin == (r.index != 0) &&
            argc == (commands[i].wants_pin ? 2 : 1)) {
            return (int)run_command(&r, commands[i].only_looks);
        }
    }
    return (int)usage();
}
