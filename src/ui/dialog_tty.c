/* The same questions on a terminal, for a session without a display. */
#include "ui/dialog.h"

#include "os/clock.h"
#include "os/tty.h"
#include "os/wait.h"
#include "ui/dialog_tty_docs.h"
#include "ui/origin_text.h"
#include "ui/texts.h"

#include <glib.h>
#include <stdlib.h>

#define FOREVER UINT64_MAX

/* What the next line is about. */
enum step { STEP_WAIT, STEP_CHOOSE, STEP_LAST_TRY, STEP_PIN, STEP_YES, STEP_WORKING, STEP_END };

struct terminal {
    struct link *link;
    struct tty *tty;
    enum step step;
    size_t chosen; /* certificate */
    size_t marked; /* what was typed in this line: a number, or 1 for yes */
    bool last_agreed;
    uint64_t armed_ms; /* keys before this time were meant for something else */
    uint64_t end_ms;   /* an explanation closes by itself then */
    struct doc_pages docs;
    struct secret *pin;
    bool done;
};

static void say(const struct terminal *t, const char *text)
{
    tty_say(t->tty, text);
}

static void say_line(const struct terminal *t, const char *text)
{
    tty_say_line(t->tty, text);
}

static void say_take(const struct terminal *t, char *take_text)
{
    say_line(t, take_text);
    g_free(take_text);
}

static void say_named(const struct terminal *t, const char *name, struct span words)
{
    if (words.len > 0) {
        char *safe = texts_safe(words);
        say_take(t, g_strdup_printf("  %s %s", name, safe));
        g_free(safe);
    }
}

/* ---- the question ---- */

static void say_origin(const struct terminal *t, const struct ask_question *q)
{
    struct origin_text origin;
    char *all = texts_safe(q->origin);
    origin_text_make(q->origin, &origin);
    say_take(t, g_strdup_printf("%s: %s", _("The request comes from"), all));
    if (origin.decoded != NULL) {
        say_take(t, g_strdup_printf(_("In its own letters: %s"), origin.decoded));
    }
    if (origin.note != ORIGIN_PLAIN) {
        say_line(t, texts_origin_note(origin.note));
    }
    if (origin.is_local) {
        say_line(t, _("The page comes from this computer."));
    }
    origin_text_clear(&origin);
    g_free(all);
}

static void say_words(const struct terminal *t, const struct ask_question *q)
{
    if (q->purpose.len + q->behalf_name.len + q->behalf_id.len + q->behalf_mandate.len == 0) {
        return;
    }
    say_line(t, _("The service's own words – Korttisilta has not checked them"));
    say_named(t, _("Purpose:"), q->purpose);
    say_named(t, _("On behalf of:"), q->behalf_name);
    say_named(t, _("Business ID:"), q->behalf_id);
    say_named(t, _("Mandate:"), q->behalf_mandate);
}

static void say_question(struct terminal *t)
{
    const struct ask_question *q = &t->link->question;
    say(t, "\r\n=== ");
    say_line(t, texts_title(q->method));
    say_take(t, texts_task(q->method, q->n_docs));
    say_origin(t, q);
    say_line(t, texts_meaning(q->method));
    say_words(t, q);
    t->docs = (struct doc_pages){.tty = t->tty, .question = q};
    if (q->n_docs > 0) {
        doc_pages_show(&t->docs);
    }
}

/* ---- states ---- */

/* What there is of it, joined. */
static char *cert_text(const struct ask_cert *c)
{
    char *parts[] = {texts_holder(c), texts_identifier(c), texts_employer(c), texts_safe(c->issuer),
                     texts_validity(c)};
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i] != NULL && *parts[i] != '\0') {
            g_string_append_printf(text, "%s%s", text->len > 0 ? ", " : "", parts[i]);
        }
        g_free(parts[i]);
    }
    return g_string_free(text, FALSE);
}

static void say_cert(const struct terminal *t, const struct ask_cert *c, size_t number)
{
    char *text = cert_text(c);
    char *reader = texts_safe(c->reader);
    say_take(t, g_strdup_printf("  %zu. %s (%s) %s%s", number, text, reader,
                                texts_unusable(c->usable), texts_status(c->status)));
    g_free(reader);
    g_free(text);
}

static void say_certs(const struct terminal *t)
{
    const struct ask_state *s = &t->link->state;
    if (s->n_certs > 0) {
        say_line(t, texts_certs(s));
    }
    for (size_t i = 0; i < s->n_certs; i++) {
        say_cert(t, &s->certs[i], i + 1);
    }
}

static size_t usable_count(const struct ask_state *s, size_t *ret_last)
{
    size_t n = 0;
    for (size_t i = 0; i < s->n_certs; i++) {
        if (s->certs[i].usable == ASK_USABLE) {
            *ret_last = i;
            n++;
        }
    }
    return n;
}

static bool is_on_reader(const struct terminal *t)
{
    const struct ask_state *s = &t->link->state;
    return s->needs_pin && t->chosen < s->n_certs && s->certs[t->chosen].on_reader;
}

/* The prompt of the line that the person types next. */
static void say_step(const struct terminal *t)
{
    const struct ask_cert *c = &t->link->state.certs[t->chosen];
    char *text = NULL;
    if (t->step == STEP_CHOOSE) {
        text = g_strdup_printf("%s (1-%zu): ", _("Choose the certificate"), t->link->state.n_certs);
    } else if (t->step == STEP_LAST_TRY) {
        char *last = texts_last_try(c->pin_index);
        text = g_strdup_printf("%s (%s): ", last, _("y = yes, Esc = cancel"));
        g_free(last);
    } else if (t->step == STEP_PIN) {
        char *hint = texts_pin_hint(c);
        text = g_strdup_printf("%s, %s: ", texts_pin(c->pin_index), hint);
        g_free(hint);
    } else if (t->step == STEP_YES && is_on_reader(t)) {
        char *hint = texts_pin_hint(c);
        text = g_strdup_printf("%s, %s: %s ", texts_pin(c->pin_index), hint,
                               _("y = yes, Esc = cancel"));
        g_free(hint);
    } else if (t->step == STEP_YES) {
        text = g_strdup_printf("%s ", _("y = yes, Esc = cancel"));
    }
    if (text != NULL) {
        say(t, text);
    }
    g_free(text);
}

static void go(struct terminal *t, enum step step)
{
    t->step = step;
    t->marked = 0;
    secret_wipe(t->pin);
    say_step(t);
}

static void go_after_choice(struct terminal *t)
{
    const struct ask_state *s = &t->link->state;
    t->last_agreed = false;
    if (s->can_check && s->certs[t->chosen].status == STATUS_NOT_ASKED) {
        say_line(t, _("Press r to ask the issuer if the certificate has been revoked."));
    }
    if (!s->needs_pin) {
        go(t, STEP_YES);
    } else {
        enum step next = is_on_reader(t) ? STEP_YES : STEP_PIN;
        go(t, s->certs[t->chosen].tries_left == 1 ? STEP_LAST_TRY : next);
    }
}

static void show_ready(struct terminal *t)
{
    const struct ask_state *s = &t->link->state;
    size_t n;
    t->chosen = 0;
    if (t->link->question.method == METHOD_SUBSCRIBE) {
        go(t, STEP_YES);
        return;
    }
    say_certs(t);
    n = usable_count(s, &t->chosen);
    if (n == 0) {
        go(t, STEP_WAIT);
    } else if (n == 1) {
        go_after_choice(t);
    } else {
        go(t, STEP_CHOOSE);
    }
}

static uint8_t pin_index(const struct terminal *t)
{
    return texts_pin_index(&t->link->state, t->link->question.method);
}

static void show_message(struct terminal *t)
{
    const struct ask_state *s = &t->link->state;
    bool ended = s->phase == ASK_ENDED;
    char *why = ended ? texts_error(s->error, pin_index(t))
                      : texts_phase_error(s->phase, s->error, pin_index(t));
    if (why != NULL) {
        say_line(t, why);
    }
    say_line(t, ended ? texts_next(s->error) : texts_phase(s->phase));
    if (*texts_advice(s->phase) != '\0') {
        say_line(t, texts_advice(s->phase));
    }
    if (texts_manage(s->error) != NULL) {
        say_line(t, _("In a terminal: korttisilta pin"));
    }
    if (texts_report(s->phase) != NULL) {
        say_line(t, _("Press n to tell the service that it is not possible, Esc to cancel."));
    }
    if (ended) {
        say_line(t, _("Press Enter to close."));
    }
    g_free(why);
}

static void show_state(struct terminal *t)
{
    const struct ask_state *s = &t->link->state;
    t->docs.is_typing = false;
    say(t, "\r\n");
    if (s->phase == ASK_WORKING || s->phase == ASK_ON_READER || s->phase == ASK_CHECKING) {
        say_take(t, texts_working(s, pin_index(t)));
        t->step = STEP_WORKING;
        return;
    }
    show_message(t);
    t->armed_ms = clock_monotonic_ms() + LIMIT_ARM_MS;
    if (s->phase == ASK_READY) {
        show_ready(t);
    } else {
        if (s->phase == ASK_NO_CERT) {
            say_certs(t);
        }
        go(t, s->phase == ASK_ENDED ? STEP_END : STEP_WAIT);
    }
    if (s->phase == ASK_ENDED) {
        t->end_ms = clock_monotonic_ms() + LIMIT_LINGER_MS;
    }
}

/* ---- answers ---- */

static void answer(struct terminal *t, enum ask_verb verb)
{
    struct ask_answer a = {.verb = verb};
    if (verb == ASK_CONFIRM || verb == ASK_CHECK) {
        a.cert = t->chosen;
    }
    if (verb == ASK_CONFIRM) {
        a.last_try_agreed = t->last_agreed;
        a.pin = t->link->state.needs_pin && !is_on_reader(t) ? t->pin : NULL;
    }
    bool final = verb != ASK_CONFIRM && verb != ASK_CHECK;
    if (link_answer(t->link, a) != ERR_OK || final) {
        t->done = true;
    }
    secret_wipe(t->pin);
    t->step = STEP_WORKING;
    say(t, "\r\n");
}

static void choose(struct terminal *t)
{
    const struct ask_state *s = &t->link->state;
    if (t->marked >= 1 && t->marked <= s->n_certs && s->certs[t->marked - 1].usable == ASK_USABLE) {
        t->chosen = t->marked - 1;
        say(t, "\r\n");
        go_after_choice(t);
    }
}

static void enter(struct terminal *t)
{
    const struct ask_cert *c = &t->link->state.certs[t->chosen];
    bool is_complete = (t->step == STEP_PIN && secret_len(t->pin) >= c->pin_min) ||
                       (t->step == STEP_YES && t->marked == 1);
    if (t->step == STEP_CHOOSE) {
        choose(t);
    } else if (t->step == STEP_LAST_TRY && t->marked == 1) {
        t->last_agreed = true;
        say(t, "\r\n");
        go(t, is_on_reader(t) ? STEP_YES : STEP_PIN);
    } else if (is_complete) {
        answer(t, ASK_CONFIRM);
    } else if (t->step == STEP_END) {
        answer(t, ASK_CLOSE);
    }
}

static void type(struct terminal *t, uint8_t key)
{
    const struct ask_state *s = &t->link->state;
    bool digit = key >= '0' && key <= '9';
    /* Translators: the letter of "yes" in "y = yes, Esc = cancel". */
    bool yes = key == (uint8_t)_("y")[0];
    if (t->step == STEP_CHOOSE && digit && key != '0') {
        const char shown[] = {(char)key, '\b', '\0'};
        t->marked = (size_t)(key - '0');
        say(t, shown);
    } else if ((t->step == STEP_YES || t->step == STEP_LAST_TRY) && yes) {
        t->marked = 1;
        say(t, _("y"));
        say(t, "\b");
    } else if (t->step == STEP_WAIT && key == 'n' && texts_report(s->phase) != NULL) {
        answer(t, ASK_REPORT);
    }
}

/* What was typed of a PIN before looking at the list is typed again. */
static bool take_list_key(struct terminal *t, enum tty_key key, uint8_t c)
{
    bool may_look = t->step != STEP_WORKING && t->step != STEP_END;
    enum doc_key taken = may_look ? doc_pages_take_key(&t->docs, key, c) : DOC_KEY_OTHER;
    if (taken == DOC_KEY_SHOWN) {
        go(t, t->step);
    } else if (taken == DOC_KEY_TAKEN) {
        secret_wipe(t->pin);
    }
    return taken != DOC_KEY_OTHER;
}

/* Where one certificate is being decided on. */
static bool takes_check(const struct terminal *t, enum tty_key key, uint8_t c)
{
    bool deciding = t->step == STEP_LAST_TRY || t->step == STEP_PIN || t->step == STEP_YES;
    return key == TTY_CHAR && c == 'r' && deciding && t->link->state.can_check;
}

static bool take_key(void *user, enum tty_key key, uint8_t c)
{
    struct terminal *t = user;
    const struct ask_state *s = &t->link->state;
    if (take_list_key(t, key, c)) {
        return true;
    }
    if (takes_check(t, key, c)) {
        answer(t, ASK_CHECK);
    } else if (key == TTY_ENTER) {
        enter(t);
    } else if (key == TTY_CANCEL && s->phase == ASK_ON_READER && !s->can_stop) {
        say_line(t, _("To cancel, press the cancel key of the reader."));
    } else if (key == TTY_CANCEL) {
        answer(t, t->step == STEP_END ? ASK_CLOSE : ASK_CANCEL);
    } else if (t->step == STEP_PIN) {
        tty_edit_secret(t->tty, t->pin, t->link->state.certs[t->chosen].pin_max, key, c);
    } else if (key == TTY_CHAR) {
        type(t, c);
    }
    return !t->done;
}

/* False: the terminal is gone. */
static bool take_keys(struct terminal *t)
{
    uint64_t now = clock_monotonic_ms();
    bool is_early = now < t->armed_ms;
    if (is_early) {
        t->armed_ms = now + LIMIT_ARM_MS;
    }
    return tty_read(t->tty, is_early ? NULL : take_key, t) == ERR_OK;
}

static enum err take_states(struct terminal *t, enum err (*how)(struct link *, bool *))
{
    bool is_new = false;
    enum err e = how(t->link, &is_new);
    if (e == ERR_OK && is_new) {
        show_state(t);
    }
    return e;
}

static int converse(struct terminal *t)
{
    enum err e = take_states(t, link_take);
    while (e == ERR_OK && !t->done) {
        int fds[] = {LINK_IN, tty_fd(t->tty)};
        unsigned ready = wait_readable(fds, 2, t->end_ms);
        if (ready & 1) {
            e = take_states(t, link_read);
        } else if (ready & 2) {
            t->done = !take_keys(t) || t->done;
        } else {
            answer(t, ASK_CLOSE);
        }
    }
    return e == ERR_OK || e == ERR_CLOSED ? EXIT_SUCCESS : EXIT_FAILURE;
}

int dialog_tty_run(struct link *l)
{
    struct terminal t = {.link = l, .end_ms = FOREVER};
    int status = PROMPT_NO_DISPLAY;
    if (secret_new(&t.pin) != ERR_OK) {
        return EXIT_FAILURE;
    }
    if (tty_open(&t.tty) == ERR_OK) {
        t.armed_ms = clock_monotonic_ms() + LIMIT_ARM_MS;
        say_question(&t);
        status = converse(&t);
        say(&t, "\r\n");
    }
    tty_close(&t.tty);
    secret_free(&t.pin);
    return status;
}
