/* The prompt that consent_open starts is this program under another name: it plays what the
 * question's origin asks for. */
#include "os/stream.h"
#include "ui/consent.h"
#include "ui/dialog.h"
#include "unit/os/scratch.h"
#include "unit/test.h"
#include "wire/frame.h"

#include <libgen.h>
#include <poll.h>
#include <signal.h>

#define PROMPT  "korttisilta-prompt"
#define WAIT_MS 10000

/* ---- the prompt's side ---- */

static struct frame_reader in;

static struct span next_record(void)
{
    struct span body;
    while (!frame_reader_has(&in, &body)) {
        uint8_t bytes[4096];
        size_t len = sizeof bytes;
        if (stream_read(0, bytes, &len) != ERR_OK ||
            frame_reader_feed(&in, span_of(bytes, len)) != ERR_OK) {
            _exit(99);
        }
    }
    return body;
}

static uint32_t next_serial(void)
{
    struct ask_state s = {.phase = ASK_READING};
    if (ask_unpack_state(next_record(), &s) != ERR_OK || frame_reader_next(&in) != ERR_OK) {
        _exit(98);
    }
    uint32_t serial = s.serial;
    ask_state_clear(&s);
    return serial;
}

static void put_answer(struct buf *out, enum ask_verb verb, uint32_t serial)
{
    struct ask_answer a = {.verb = verb, .serial = serial, .cert = 1, .last_try_agreed = true};
    struct buf record;
    buf_init(&record, LIMIT_ASK_ANSWER);
    if (verb == ASK_CONFIRM && secret_new(&a.pin) == ERR_OK) {
        for (uint8_t c = '1'; c <= '6'; c++) {
            (void)!secret_push(a.pin, c);
        }
    }
    (void)!ask_pack_answer(&a, &record);
    (void)!frame_append(out, buf_span(&record));
    buf_clear(&record);
    ask_answer_clear(&a);
}

static void send(struct buf *out, size_t piece)
{
    for (struct span rest = buf_span(out); rest.len > 0; rest = span_sub(rest, piece, rest.len)) {
        (void)!stream_write(1, span_sub(rest, 0, piece));
    }
    buf_clear(out);
}

static int play(const char *what)
{
    struct buf out;
    buf_init(&out, 4096);
    if (strcmp(what, "https://confirm") == 0) {
        put_answer(&out, ASK_CONFIRM, next_serial());
        send(&out, out.len);
        (void)next_record(); /* stays until the other side goes */
    } else if (strcmp(what, "https://pieces") == 0) {
        put_answer(&out, ASK_REPORT, next_serial());
        send(&out, 1);
    } else if (strcmp(what, "https://late") == 0) {
        uint32_t first = next_serial();
        (void)next_serial();
        put_answer(&out, ASK_CONFIRM, first);
        put_answer(&out, ASK_CANCEL, first);
        send(&out, out.len);
    } else if (strcmp(what, "https://no-display") == 0) {
        return PROMPT_NO_DISPLAY;
    } else if (strcmp(what, "https://crash") == 0) {
        (void)raise(SIGKILL);
    } else if (strcmp(what, "https://babble") == 0) {
        (void)!frame_append(&out, span_str("hello"));
        send(&out, out.len);
        (void)next_record();
    } else if (strcmp(what, "https://flood") == 0) {
        static const uint8_t header[] = {0xFF, 0xFF, 0xFF, 0x7F};
        (void)!stream_write(1, span_of(header, sizeof header));
        (void)next_record();
    }
    return 0; /* https://close */
}

static int be_the_prompt(void)
{
    struct ask_question q = {.method = METHOD_AUTHENTICATE};
    char what[LIMIT_ORIGIN + 1];
    frame_reader_init(&in, LIMIT_ASK);
    if (ask_unpack_question(next_record(), &q) != ERR_OK || frame_reader_next(&in) != ERR_OK) {
        return 97;
    }
    memcpy(what, q.origin.at, q.origin.len);
    what[q.origin.len] = '\0';
    ask_question_clear(&q);
    return play(what);
}

/* ---- the asking side ---- */

static struct consent *open_for(const char *origin)
{
    struct ask_question q = {.method = METHOD_AUTHENTICATE, .origin = span_str(origin)};
    struct consent *c = NULL;
    assert_int_equal(consent_open(&q, &c), ERR_OK);
    return c;
}

static void show(struct consent *c, enum err want)
{
    struct ask_state s = {.phase = ASK_READY, .needs_pin = true, .n_certs = 2};
    for (size_t i = 0; i < 2; i++) {
        s.certs[i] = (struct ask_cert){.pin_index = 1, .pin_min = 4, .pin_max = 8};
    }
    assert_int_equal(consent_show(c, &s), want);
}

/* Reads until there is an answer or an end; never more often than the descriptor says. */
static enum err read_one(struct consent *c, struct ask_answer *ret, bool *ret_has)
{
    enum err e = ERR_OK;
    *ret_has = false;
    while (e == ERR_OK && !*ret_has) {
        struct pollfd p = {consent_fd(c), POLLIN, 0};
        assert_int_equal(poll(&p, 1, WAIT_MS), 1);
        e = consent_read(c, ret, ret_has);
    }
    return e;
}

static void the_answer_and_its_pin_arrive(void **state)
{
    struct consent *c = open_for("https://confirm");
    struct ask_answer a = {.verb = ASK_CANCEL};
    bool has = true;
    (void)state;
    assert_int_equal(consent_read(c, &a, &has), ERR_OK);
    assert_false(has); /* nothing yet, and no waiting */
    show(c, ERR_OK);
    assert_int_equal(read_one(c, &a, &has), ERR_OK);
    assert_int_equal(a.verb, ASK_CONFIRM);
    assert_int_equal(a.cert, 1);
    assert_true(a.last_try_agreed);
    assert_true(span_is(secret_span(a.pin), "123456"));
    ask_answer_clear(&a);
    consent_close(&c);
    assert_null(c);
    consent_close(&c);
}

static void an_answer_in_pieces_is_put_together_and_then_the_window_is_gone(void **state)
{
    struct consent *c = open_for("https://pieces");
    struct ask_answer a = {.verb = ASK_CANCEL};
    bool has;
    (void)state;
    show(c, ERR_OK);
    assert_int_equal(read_one(c, &a, &has), ERR_OK);
    assert_int_equal(a.verb, ASK_REPORT);
    assert_null(a.pin);
    assert_int_equal(read_one(c, &a, &has), ERR_CLOSED);
    show(c, ERR_CLOSED);
    consent_close(&c);
}

static void a_confirmation_of_an_older_state_is_dropped(void **state)
{
    struct consent *c = open_for("https://late");
    struct ask_answer a = {.verb = ASK_CONFIRM};
    bool has;
    (void)state;
    show(c, ERR_OK);
    show(c, ERR_OK);
    assert_int_equal(read_one(c, &a, &has), ERR_OK);
    assert_int_equal(a.verb, ASK_CANCEL);
    consent_close(&c);
}

static void the_end_of_the_prompt_tells_why(void **state)
{
    static const struct {
        const char *origin;
        enum err want;
    } rows[] = {
        {"https://close", ERR_CLOSED},        {"https://no-display", ERR_PROMPT_FAILED},
        {"https://crash", ERR_PROMPT_FAILED}, {"https://babble", ERR_PROMPT_FAILED},
        {"https://flood", ERR_PROMPT_FAILED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct consent *c = open_for(rows[i].origin);
        struct ask_answer a = {.verb = ASK_CANCEL};
        bool has;
        assert_int_equal(read_one(c, &a, &has), rows[i].want);
        assert_false(has);
        consent_close(&c);
    }
}

static void a_question_that_can_not_be_sent_starts_no_conversation(void **state)
{
    struct ask_question none = {.method = METHOD_AUTHENTICATE};
    char long_origin[LIMIT_ORIGIN + 1];
    struct consent *c = NULL;
    (void)state;
    memset(long_origin, 'a', sizeof long_origin);
    none.origin = span_of(long_origin, sizeof long_origin);
    assert_int_equal(consent_open(&none, &c), ERR_PROMPT_FAILED);
    assert_null(c);
}

static void a_prompt_that_is_not_installed_is_an_error(void **state)
{
    struct ask_question q = {.method = METHOD_AUTHENTICATE, .origin = span_str("https://close")};
    struct consent *c = NULL;
    char path[128], away[128];
    (void)state;
    snprintf(path, sizeof path, "%s/" PROMPT, scratch);
    snprintf(away, sizeof away, "%s/away", scratch);
    assert_int_equal(rename(path, away), 0);
    assert_int_equal(consent_open(&q, &c), ERR_PROMPT_FAILED);
    assert_int_equal(rename(away, path), 0);
    assert_null(c);
}

/* ---- the program ---- */

static int copy_self(const char *name)
{
    static uint8_t bytes[64 * 1024];
    char path[128];
    size_t n;
    FILE *from = fopen("/proc/self/exe", "rb");
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    FILE *to = fopen(path, "wb");
    if (from == NULL || to == NULL) {
        return -1;
    }
    while ((n = fread(bytes, 1, sizeof bytes, from)) > 0 && fwrite(bytes, 1, n, to) == n) {
    }
    fclose(from);
    return fclose(to) == 0 ? chmod(path, 0700) : -1;
}

/* The prompt is looked for beside the running program: both copies stand in a folder of their own.
 */
static int run_in_scratch(void)
{
    char path[128];
    if (scratch_make(NULL) != 0 || copy_self(PROMPT) != 0 || copy_self("test_consent") != 0) {
        return 1;
    }
    snprintf(path, sizeof path, "%s/test_consent", scratch);
    execl(path, path, scratch, (char *)NULL);
    return 1;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_and_its_pin_arrive),
        cmocka_unit_test(an_answer_in_pieces_is_put_together_and_then_the_window_is_gone),
        cmocka_unit_test(a_confirmation_of_an_older_state_is_dropped),
        cmocka_unit_test(the_end_of_the_prompt_tells_why),
        cmocka_unit_test(a_question_that_can_not_be_sent_starts_no_conversation),
        cmocka_unit_test(a_prompt_that_is_not_installed_is_an_error),
    };
    if (strcmp(basename(argv[0]), PROMPT) == 0) {
        return be_the_prompt();
    }
    if (argc != 2) {
        return run_in_scratch();
    }
    snprintf(scratch, sizeof scratch, "%s", argv[1]);
    stream_ignore_broken_pipe();
    return cmocka_run_group_tests(tests, NULL, scratch_drop);
}
