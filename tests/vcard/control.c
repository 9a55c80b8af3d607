#include "control.h"

#include "commands.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARGS     2u
#define ANY_ARGS SIZE_MAX

/* The words after the command. */
struct words {
    const char *word[ARGS];
    size_t n;
};

struct row {
    const char *name;
    size_t n_args; /* ANY_ARGS: the command counts them itself */
    /* NULL: done; else what is wrong. `reply` may get more text after "ok". */
    const char *(*run)(struct session *s, const struct words *w, struct buf *reply);
};

static bool number(const char *word, int base, unsigned long max, unsigned long *ret)
{
    char *end;
    unsigned long value = strtoul(word, &end, base);
    if (word[0] == '-' || end == word || *end != '\0' || value > max) {
        return false;
    }
    *ret = value;
    return true;
}

static const char *plan(struct session *s, enum fault_kind kind, const struct words *w, int base,
                        unsigned long max)
{
    unsigned long at;
    unsigned long arg = 0;
    if (!number(w->word[0], 10, 1000000, &at) ||
        (w->n > 1 && !number(w->word[1], base, max, &arg))) {
        return "not a number";
    }
    return session_plan(s, kind, at, (unsigned)arg) == ERR_OK ? NULL : "not plannable";
}

static const char *run_remove_at(struct session *s, const struct words *w, struct buf *reply)
{
    (void)reply;
    return plan(s, FAULT_REMOVE, w, 10, 0);
}

static const char *run_garbage_at(struct session *s, const struct words *w, struct buf *reply)
{
    (void)reply;
    return plan(s, FAULT_GARBAGE, w, 10, 0);
}

static const char *run_short_at(struct session *s, const struct words *w, struct buf *reply)
{
    (void)reply;
    return plan(s, FAULT_SHORT, w, 10, 0);
}

static const char *run_mute_at(struct session *s, const struct words *w, struct buf *reply)
{
    (void)reply;
    return plan(s, FAULT_MUTE, w, 10, 0);
}

static const char *run_no_reader_at(struct session *s, const struct words *w, struct buf *reply)
{
    (void)reply;
    return plan(s, FAULT_NO_READER, w, 10, 0);
}

static const char *run_sw_at(struct session *s, const struct words *w, struct buf *reply)
{
    (void)reply;
    return plan(s, FAULT_SW, w, 16, 0xFFFF);
}

static const char *run_delay_at(struct session *s, const struct words *w, struct buf *reply)
{
    (void)reply;
    return plan(s, FAULT_DELAY, w, 10, SESSION_DELAY_MAX);
}

static const char *run_delay(struct session *s, const struct words *w, struct buf *reply)
{
    unsigned long ms;
    (void)reply;
    if (!number(w->word[0], 10, SESSION_DELAY_MAX, &ms)) {
        return "not a number of ms";
    }
    s->delay = (unsigned)ms;
    return NULL;
}

static const char *run_clear(struct session *s, const struct words *w, struct buf *reply)
{
    (void)w;
    (void)reply;
    s->n_faults = 0;
    s->delay = 0;
    pad_clear(&s->pad);
    return NULL;
}

static const char *run_insert(struct session *s, const struct words *w, struct buf *reply)
{
    (void)w;
    (void)reply;
    s->inserted = true;
    return NULL;
}

static const char *run_remove(struct session *s, const struct words *w, struct buf *reply)
{
    (void)w;
    (void)reply;
    s->inserted = false;
    engine_reset(&s->engine);
    return NULL;
}

static const char *run_reload(struct session *s, const struct words *w, struct buf *reply)
{
    (void)w;
    (void)reply;
    return session_reload(s) == ERR_OK ? NULL : "the folder is no card any more";
}

static const char *run_pin2(struct session *s, const struct words *w, struct buf *reply)
{
    (void)reply;
    if (strcmp(w->word[0], "oneshot") != 0 && strcmp(w->word[0], "persistent") != 0) {
        return "oneshot or persistent";
    }
    s->engine.pin2_persistent = w->word[0][0] == 'p';
    return NULL;
}

static const char *run_protocol(struct session *s, const struct words *w, struct buf *reply)
{
    bool t1 = strcmp(w->word[0], "t1") == 0;
    (void)reply;
    if (!t1 && strcmp(w->word[0], "t0") != 0) {
        return "t0 or t1";
    }
    if (t1 && !s->engine.folder.profile->t1) {
        return "this card offers T=0 only";
    }
    s->engine.t1 = t1;
    return NULL;
}

static const char *pad_state(const struct pad *pad, struct buf *reply)
{
    char text[64];
    snprintf(text, sizeof text, " %s queued=%zu asked=%lu", pad->waiting ? "waiting" : "idle",
             pad->n, pad->asked);
    return buf_append_str(reply, text) == ERR_OK ? NULL : "too long";
}

static const char *run_pinpad(struct session *s, const struct words *w, struct buf *reply)
{
    static const struct {
        const char *name;
        enum pad_kind kind;
        size_t words;
    } keys[] = {{"type", PAD_TYPED, 2},
                {"cancel", PAD_CANCELLED, 1},
                {"timeout", PAD_TIMED_OUT, 1},
                {"remove", PAD_REMOVED, 1}};
    if (w->n == 1 && strcmp(w->word[0], "state") == 0) {
        return pad_state(&s->pad, reply);
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (w->n == keys[i].words && strcmp(w->word[0], keys[i].name) == 0) {
            enum err e = pad_add(&s->pad, keys[i].kind, w->n == 2 ? w->word[1] : "");
            return e == ERR_OK ? NULL : "not digits, or too many entries";
        }
    }
    return "type DIGITS, cancel, timeout, remove, or state";
}

static struct folder_pin *pin_of(struct session *s, const struct words *w)
{
    unsigned long ref;
    return number(w->word[0], 16, 0xFF, &ref) ? folder_pin_find(&s->engine.folder, (uint8_t)ref)
                                              : NULL;
}

static const char *save(struct session *s)
{
    return folder_save_pins(&s->engine.folder) == ERR_OK ? NULL : "not saved";
}

static const char *run_tries(struct session *s, const struct words *w, struct buf *reply)
{
    unsigned long tries;
    struct folder_pin *pin = pin_of(s, w);
    (void)reply;
    if (pin == NULL || !number(w->word[1], 10, 15, &tries)) {
        return "a PIN reference and 0 to 15";
    }
    pin->tries = (uint8_t)tries;
    pin->invalid = false;
    return save(s);
}

static const char *run_block(struct session *s, const struct words *w, struct buf *reply)
{
    struct folder_pin *pin = pin_of(s, w);
    (void)reply;
    if (pin == NULL) {
        return "no such PIN";
    }
    pin->tries = 0;
    s->engine.verified[pin - s->engine.folder.pins] = false;
    return save(s);
}

static const char *run_invalidate(struct session *s, const struct words *w, struct buf *reply)
{
    struct folder_pin *pin = pin_of(s, w);
    (void)reply;
    if (pin == NULL) {
        return "no such PIN";
    }
    pin->invalid = true;
    pin->changed = false;
    s->engine.verified[pin - s->engine.folder.pins] = false;
    return save(s);
}

static const char *run_fresh(struct session *s, const struct words *w, struct buf *reply)
{
    struct folder_pin *pin = pin_of(s, w);
    (void)reply;
    if (pin == NULL) {
        return "no such PIN";
    }
    pin->changed = false;
    return save(s);
}

static const char *run_stats(struct session *s, const struct words *w, struct buf *reply)
{
    (void)w;
    bool ok = buf_append_str(reply, " ") == ERR_OK && stats_print(&s->stats, reply) == ERR_OK;
    return ok ? NULL : "too long";
}

static const char *run_stats_reset(struct session *s, const struct words *w, struct buf *reply)
{
    (void)w;
    (void)reply;
    memset(&s->stats, 0, sizeof s->stats);
    return NULL;
}

static const char *run_quit(struct session *s, const struct words *w, struct buf *reply)
{
    (void)w;
    (void)reply;
    s->quit = true;
    return NULL;
}

static const struct row rows[] = {
    {"insert", 0, run_insert},
    {"remove", 0, run_remove},
    {"reload", 0, run_reload},
    {"remove-at", 1, run_remove_at},
    {"garbage-at", 1, run_garbage_at},
    {"short-at", 1, run_short_at},
    {"sw-at", 2, run_sw_at},
    {"delay-at", 2, run_delay_at},
    {"mute-at", 1, run_mute_at},
    {"no-reader-at", 1, run_no_reader_at},
    {"delay", 1, run_delay},
    {"clear", 0, run_clear},
    {"pin2", 1, run_pin2},
    {"pinpad", ANY_ARGS, run_pinpad},
    {"protocol", 1, run_protocol},
    {"tries", 2, run_tries},
    {"block", 1, run_block},
    {"invalidate", 1, run_invalidate},
    {"fresh", 1, run_fresh},
    {"stats", 0, run_stats},
    {"stats-reset", 0, run_stats_reset},
    {"quit", 0, run_quit},
};

static const struct row *find(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof rows / sizeof rows[0]; i++) {
        if (strcmp(rows[i].name, name) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

enum err control_run(struct session *s, char *line, struct buf *reply)
{
    char *state = NULL;
    struct words w = {{NULL, NULL}, 0};
    const char *wrong = "unknown command";
    size_t from = reply->len;
    const char *name = strtok_r(line, " \r\n", &state);
    const struct row *row = find(name);
    enum err e = buf_append_str(reply, "ok");
    for (char *word = strtok_r(NULL, " \r\n", &state); word != NULL;
         word = strtok_r(NULL, " \r\n", &state)) {
        if (w.n < ARGS) {
            w.word[w.n] = word;
        }
        w.n++;
    }
    if (row != NULL) {
        bool fits = w.n == row->n_args || (row->n_args == ANY_ARGS && w.n > 0 && w.n <= ARGS);
        wrong = fits ? row->run(s, &w, reply) : "wrong number of arguments";
    }
    if (e == ERR_OK && wrong != NULL) {
        buf_truncate(reply, from);
        e = buf_append_str(reply, "error ");
        e = e == ERR_OK ? buf_append_str(reply, wrong) : e;
    }
    return e == ERR_OK ? buf_append_str(reply, "\n") : e;
}
