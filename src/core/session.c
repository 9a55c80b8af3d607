#include "core/session.h"

#include "base/log.h"
#include "card/readers.h"
#include "core/choices.h"
#include "core/issuers.h"
#include "core/jobs.h"
#include "core/journal.h"
#include "core/question.h"
#include "core/revoked.h"
#include "os/clock.h"
#include "os/wait.h"
#include "ui/consent.h"
#include "ui/translate.h"

enum next { GO_ON, ENDED };

struct session {
    const struct request *request;
    int caller_fd;
    struct consent *window;
    struct readers *readers; /* NULL: no card is needed */
    struct choices choices;
    enum ask_phase phase;
    enum err told; /* what the person was last told with the phase */
    enum err
        stopped; /* why progress() said no: ERR_ABORTED by the page, ERR_CANCELLED by the person */
    uint64_t deadline_ms;
    size_t done, total; /* of what the key is doing */
    bool can_stop;      /* the reader's PIN pad can be told to stop waiting */
    struct response response;
    const struct session_calls *calls;
    void *caller;
};

/* Only what is made with the certificate from now on would be worth less. */
static bool may_check(const struct request *r)
{
    return r->check != CHECK_NEVER && r->method != METHOD_SUBSCRIBE && r->method != METHOD_DECRYPT;
}

static bool checks_always(const struct request *r)
{
    return r->check == CHECK_ALWAYS && may_check(r);
}

static enum err show(struct session *s, enum ask_phase phase, enum err error, size_t done,
                     size_t total)
{
    struct ask_state state = {
        .phase = phase,
        .error = error,
        .needs_pin = msg_needs_pin(s->request->method),
        .done = (uint32_t)done,
        .total = (uint32_t)total,
        .can_stop = phase == ASK_ON_READER && s->can_stop,
        .can_check = phase == ASK_READY && may_check(s->request),
    };
    s->phase = phase;
    s->told = error;
    choices_describe(&s->choices, &state);
    return consent_show(s->window, &state);
}

/* Final: the caller hears it now; the person reads why at leisure when there is something to read.
 */
static enum next finish(struct session *s, enum err e)
{
    if (!s->request->no_journal) {
        journal_note(s->request, &s->response, e);
    }
    if (e != ERR_OK) {
        response_clear(&s->response);
    }
    s->response.err = e;
    log_line(LOG_INFO, "%s: %s", msg_method_name(s->request->method), err_name(e));
    s->calls->answer(s->caller, &s->response);
    return ENDED;
}

static void linger(struct session *s)
{
    uint64_t until = clock_monotonic_ms() + LIMIT_LINGER_MS;
    bool has = false;
    while (!has) {
        struct ask_answer answer = {0};
        int fds[] = {s->caller_fd, consent_fd(s->window)};
        unsigned ready = wait_readable(fds, 2, until);
        if (ready != 2 || consent_read(s->window, &answer, &has) != ERR_OK) {
            return;
        }
        ask_answer_clear(&answer);
    }
}

static enum next explain(struct session *s, enum err e)
{
    (void)finish(s, e);
    choices_refresh(&s->choices, s->request);
    if (show(s, ASK_ENDED, e, 0, 0) == ERR_OK) {
        linger(s);
    }
    return ENDED;
}

/* A window that is gone says why when it is read next, by the loop. */
static enum next after_show(struct session *s, enum err e)
{
    return e == ERR_OK || e == ERR_CLOSED ? GO_ON : finish(s, e);
}

/* ---- looking for cards ---- */

static enum err look(struct session *s)
{
    struct reader_state now[LIMIT_READERS];
    size_t n = 0;
    enum err why;
    enum err e = readers_take(s->readers, now, LIMIT_READERS, &n);
    enum ask_phase phase = choices_update(&s->choices, s->request, e, now, n, &why);
    /* Stays to be read for as long as the new card can be confirmed. */
    if (phase == ASK_READY && s->told == ERR_CARD_CHANGED) {
        why = s->told;
    }
    e = show(s, phase, why, 0, 0);
    if (phase == ASK_READY && (issuers_are_wanted(s->request) || checks_always(s->request))) {
        issuers_read_cards(&s->choices, s->request->presence_epoch);
    }
    return e;
}

/* True when the person said no, or closed the window, which is the same. */
static bool was_cancelled(struct session *s)
{
    struct ask_answer answer = {0};
    bool has = false;
    enum err e = consent_read(s->window, &answer, &has);
    bool cancelled = e != ERR_OK || (has && answer.verb == ASK_CANCEL);
    ask_answer_clear(&answer);
    return cancelled;
}

static bool progress(void *user, size_t done, size_t total)
{
    struct session *s = user;
    s->done = done;
    const struct progress p = {(uint32_t)done, (uint32_t)total};
    if (total > 1) {
        s->calls->progress(s->caller, &p);
    }
    if (wait_readable(&s->caller_fd, 1, 0) != 0) {
        s->stopped = ERR_ABORTED;
    } else if (show(s, ASK_WORKING, ERR_OK, done, total) != ERR_OK || was_cancelled(s)) {
        s->stopped = ERR_CANCELLED;
    }
    return s->stopped == ERR_OK;
}

/* The reader is about to wait for the PIN. */
static bool pad_begins(void *user, const struct pad_entry *entry, bool can_stop)
{
    struct session *s = user;
    (void)entry; /* always one PIN */
    s->can_stop = can_stop;
    if (show(s, ASK_ON_READER, ERR_OK, s->done, s->total) != ERR_OK) {
        s->stopped = ERR_CANCELLED;
    }
    return s->stopped == ERR_OK;
}

static bool pad_wait(void *user, unsigned ms)
{
    struct session *s = user;
    uint64_t now = clock_monotonic_ms();
    int fds[] = {s->caller_fd, consent_fd(s->window)};
    unsigned ready = wait_readable(fds, 2, now + ms);
    if (ready & 1) {
        s->stopped = ERR_ABORTED;
    } else if ((ready & 2) && was_cancelled(s)) {
        s->stopped = ERR_CANCELLED;
    } else if (now >= s->deadline_ms) {
        s->stopped = ERR_TIMED_OUT;
    }
    return s->stopped == ERR_OK;
}

/* Again with each try: another certificate may have been chosen. */
static enum err put_certificate(struct session *s, const struct choice *item)
{
    response_clear(&s->response);
    s->response.key = item->info.key;
    s->response.n_algs = card_key_algs(item->card, choices_key(item), s->response.algs,
                                       sizeof s->response.algs / sizeof s->response.algs[0]);
    enum err e = buf_append(&s->response.certificate, buf_span(&choices_key(item)->cert));
    if (e == ERR_OK && issuers_are_wanted(s->request)) {
        issuers_add_chain(ISSUERS_FOLDER, item->card, &s->response);
    }
    return e;
}

static enum err let_card_sign(struct session *s, const struct choice *item,
                              const struct card_pin *pin, struct jobs *jobs)
{
    size_t done = 0;
    size_t n = jobs_count(jobs);
    s->total = n;
    enum err e = show(s, ASK_WORKING, ERR_OK, 0, n);
    if (e == ERR_OK) {
        e = card_sign(item->card, choices_key(item), pin, jobs_list(jobs), n, progress, s, &done);
    }
    e = e == ERR_ABORTED ? s->stopped : e; /* ERR_CANCELLED may come from the reader's own key */
    s->response.stopped = e == ERR_CANCELLED && done > 0;
    /* The person approved the whole list: what was signed before they stopped it is theirs to give.
     */
    return e == ERR_OK || s->response.stopped ? jobs_take(jobs, done, &s->response) : e;
}

static enum err sign(struct session *s, const struct choice *item, const struct card_pin *pin)
{
    struct jobs *jobs = NULL;
    struct span chain[LIMIT_CHAIN];
    for (size_t i = 0; i < s->response.n_chain; i++) {
        chain[i] = buf_span(&s->response.chain[i]);
    }
    const struct jobs_signer signer = {item->alg, buf_span(&s->response.certificate), chain,
                                       s->response.n_chain};
    enum err e = jobs_make(s->request, &signer, &jobs);
    if (e == ERR_OK) {
        e = let_card_sign(s, item, pin, jobs);
    }
    jobs_free(&jobs);
    return e;
}

/* The point is judged before the PIN goes out: what is not on the key's own curve could draw the
 * key out of a card piece by piece. */
static enum err decrypt(struct session *s, const struct choice *item, const struct card_pin *pin)
{
    const struct request *r = s->request;
    struct card_key *key = choices_key(item);
    enum err e = alg_dec_kind(r->dec_alg) == KEY_EC
                     ? cert_check_point(buf_span(&key->cert), r->cryptogram)
                     : ERR_OK;
    if (e == ERR_OK) {
        e = show(s, ASK_WORKING, ERR_OK, 0, 1);
    }
    if (e == ERR_OK) {
        e = card_decrypt(item->card, key, pin, r->dec_alg, r->cryptogram, &s->response.plaintext);
    }
    return e;
}

/* ---- has it been revoked? ---- */

static bool check_wait(void *user, int fd, uint64_t until)
{
    struct session *s = user;
    int fds[] = {s->caller_fd, consent_fd(s->window), fd};
    unsigned ready = wait_readable(fds, 3, until < s->deadline_ms ? until : s->deadline_ms);
    if (ready & 1) {
        s->stopped = ERR_ABORTED;
    } else if ((ready & 2) && was_cancelled(s)) {
        s->stopped = ERR_CANCELLED;
    } else if (clock_monotonic_ms() >= s->deadline_ms) {
        s->stopped = ERR_TIMED_OUT;
    }
    return s->stopped == ERR_OK;
}

/* ERR_OK, ERR_CERT_REVOKED, ERR_CERT_UNCHECKED, which the choices know from then on; else why there
 * is no answer. */
static enum err check_revocation(struct session *s, size_t item)
{
    struct response with_chain;
    int64_t revoked_at;
    struct span cert = buf_span(&choices_key(&s->choices.items[item])->cert);
    s->stopped = ERR_OK;
    response_init(&with_chain, METHOD_SIGN);
    enum err e = show(s, ASK_CHECKING, ERR_OK, 0, 0);
    if (e == ERR_OK) {
        e = buf_append(&with_chain.certificate, cert);
    }
    if (e == ERR_OK) {
        issuers_read_cards(&s->choices, s->request->presence_epoch);
        issuers_add_chain(ISSUERS_FOLDER, s->choices.items[item].card, &with_chain);
        struct span issuer =
            with_chain.n_chain > 0 ? buf_span(&with_chain.chain[0]) : span_of(NULL, 0);
        e = revoked_ask(cert, issuer, check_wait, s, &revoked_at);
    }
    response_clear(&with_chain);
    if (e == ERR_OK || e == ERR_CERT_REVOKED || e == ERR_CERT_UNCHECKED) {
        choices_tell(&s->choices, s->request, item,
                     e == ERR_OK             ? STATUS_GOOD
                     : e == ERR_CERT_REVOKED ? STATUS_REVOKED
                                             : STATUS_UNKNOWN);
    }
    return e == ERR_ABORTED ? s->stopped : e;
}

/* Before the PIN is used: a try must not be spent on a card that is of no use. */
static enum err check_first(struct session *s, size_t item)
{
    bool wanted = checks_always(s->request) && s->choices.items[item].status != STATUS_GOOD;
    return wanted ? check_revocation(s, item) : ERR_OK;
}

static enum err use_key(struct session *s, const struct choice *item,
                        const struct ask_answer *answer)
{
    const struct pad_person person = {translate_windows_id(s->request->lang), pad_begins, pad_wait,
                                      s};
    const struct card_pin pin = {answer->pin, &person, answer->last_try_agreed};
    if (item->usable != ASK_USABLE || (answer->pin == NULL) != choices_on_reader(item)) {
        return ERR_PROMPT_FAILED;
    }
    s->done = 0;
    s->total = 1;
    s->stopped = ERR_OK;
    enum err e =
        s->request->method == METHOD_DECRYPT ? decrypt(s, item, &pin) : sign(s, item, &pin);
    return e == ERR_ABORTED ? s->stopped : e;
}

/* ---- the person's answers ---- */

/* Nothing has been spent: the same window asks again. */
static bool may_ask_again(enum err e)
{
    static const enum err again[] = {ERR_PIN_WRONG,    ERR_PIN_FORMAT,   ERR_PIN_LAST_TRY,
                                     ERR_PIN_REPEATED, ERR_CARD_CHANGED, ERR_PAD_TIMED_OUT,
                                     ERR_PAD_FAILED};
    for (size_t i = 0; i < sizeof again / sizeof again[0]; i++) {
        if (e == again[i]) {
            return true;
        }
    }
    return false;
}

static enum next confirmed(struct session *s, const struct ask_answer *answer)
{
    if (s->request->method == METHOD_SUBSCRIBE) {
        return finish(s, ERR_OK);
    }
    if (answer->cert >= s->choices.n_items) {
        return explain(s, ERR_PROMPT_FAILED);
    }
    const struct choice *item = &s->choices.items[answer->cert];
    enum err e = ERR_OK;
    if (item->usable != ASK_USABLE) {
        e = ERR_PROMPT_FAILED; /* the window offers nothing of the kind */
    } else {
        e = check_first(s, answer->cert);
    }
    if (e == ERR_OK) {
        e = put_certificate(s, item);
    }
    if (e == ERR_OK && msg_needs_pin(s->request->method)) {
        e = use_key(s, item, answer);
    }
    if (e == ERR_OK || e == ERR_ABORTED || e == ERR_CANCELLED || e == ERR_TIMED_OUT) {
        return finish(s, e);
    }
    if (e == ERR_CLOSED) {
        return after_show(s, e);
    }
    if (!may_ask_again(e)) {
        return explain(s, e);
    }
    choices_refresh(&s->choices, s->request);
    if (e == ERR_CARD_CHANGED) {
        choices_clear(&s->choices);
        s->told = e;
        return after_show(s, look(s));
    }
    return after_show(s, show(s, ASK_READY, e, 0, 0));
}

/* The person asked; the window goes on. */
static enum next checked(struct session *s, size_t item)
{
    enum err why;
    if (item >= s->choices.n_items || !may_check(s->request)) {
        return explain(s, ERR_PROMPT_FAILED);
    }
    enum err e = check_revocation(s, item);
    if (e != ERR_OK && e != ERR_CERT_REVOKED && e != ERR_CERT_UNCHECKED) {
        return e == ERR_CLOSED ? after_show(s, e) : finish(s, e);
    }
    enum ask_phase phase = choices_phase(&s->choices, &why);
    return after_show(s, show(s, phase, e != ERR_OK ? e : why, 0, 0));
}

static enum next answered(struct session *s)
{
    struct ask_answer answer = {0};
    bool has = false;
    enum next next = GO_ON;
    enum err e = consent_read(s->window, &answer, &has);
    if (e != ERR_OK) {
        return finish(s, e == ERR_CLOSED ? ERR_CANCELLED : e);
    }
    if (!has) {
        return GO_ON;
    }
    switch (answer.verb) {
    case ASK_CONFIRM:
        /* A state that changed while the answer was on its way is shown instead. */
        next = s->phase == ASK_READY ? confirmed(s, &answer) : GO_ON;
        break;
    case ASK_CHECK:
        next = s->phase == ASK_READY ? checked(s, answer.cert) : GO_ON;
        break;
    case ASK_REPORT:
        next = s->told != ERR_OK && s->phase != ASK_READY ? finish(s, s->told) : GO_ON;
        break;
    case ASK_CANCEL:
    case ASK_CLOSE:
        next = finish(s, ERR_CANCELLED);
        break;
    }
    ask_answer_clear(&answer);
    return next;
}

/* ---- the loop ---- */

static enum next step(struct session *s)
{
    int fds[] = {s->caller_fd, consent_fd(s->window),
                 s->readers != NULL ? readers_fd(s->readers) : -1};
    unsigned ready = wait_readable(fds, 3, s->deadline_ms);
    if (ready == 0) {
        return finish(s, ERR_TIMED_OUT);
    }
    if (ready & 1) {
        return finish(s, ERR_ABORTED);
    }
    if (ready & 2) {
        return answered(s);
    }
    return after_show(s, look(s));
}

static enum err open_window(struct session *s)
{
    struct ask_question question = {0};
    enum err e = question_make(s->request, &question);
    if (e == ERR_OK) {
        e = consent_open(&question, &s->window);
    }
    ask_question_clear(&question);
    return e;
}

void session_run(const struct request *r, int caller_fd, const struct session_calls *calls,
                 void *user)
{
    struct session s = {
        .request = r,
        .caller_fd = caller_fd,
        .deadline_ms = clock_monotonic_ms() + r->timeout_ms,
        .calls = calls,
        .caller = user,
    };
    response_init(&s.response, r->method);
    /* The window opens first: its start-up runs beside the card's. */
    enum err e = open_window(&s);
    if (e == ERR_OK && r->method == METHOD_SUBSCRIBE) {
        e = show(&s, ASK_READY, ERR_OK, 0, 0); /* no card is looked at for this */
    } else if (e == ERR_OK) {
        e = readers_open(&s.readers);
    }
    enum next next = after_show(&s, e);
    while (next == GO_ON) {
        next = step(&s);
    }
    consent_close(&s.window);
    choices_clear(&s.choices);
    readers_close(&s.readers);
    response_clear(&s.response);
}
