#include "core/queue.h"
#include "unit/test.h"

#include <stdio.h>

/* What the queue did, as words: "start 1/a", "answer 1/a CANCELLED", "stop". */
struct stage {
    struct queue *queue;
    char log[1024];
    enum err start_result;
    bool stops_at_once;
};

static void note(struct stage *s, const char *what)
{
    size_t len = strlen(s->log);
    int n = snprintf(s->log + len, sizeof s->log - len, "%s%s", len > 0 ? "; " : "", what);
    assert_true(n > 0 && (size_t)n < sizeof s->log - len);
}

static enum err on_start(void *user, struct request *r)
{
    struct stage *s = user;
    char text[64];
    snprintf(text, sizeof text, "start %.*s", (int)r->id.len, (const char *)r->id.at);
    note(s, text);
    return s->start_result;
}

static bool on_stop(void *user)
{
    struct stage *s = user;
    note(s, "stop");
    return s->stops_at_once;
}

static void on_answer(void *user, uint64_t connection, const struct request *r,
                      const struct response *resp)
{
    char text[96];
    snprintf(text, sizeof text, "answer %u/%.*s %s", (unsigned)connection, (int)r->id.len,
             (const char *)r->id.at, err_name(resp->err));
    note(user, text);
}

static void on_progress(void *user, uint64_t connection, const struct request *r,
                        const struct progress *p)
{
    char text[96];
    snprintf(text, sizeof text, "progress %u/%.*s %u/%u", (unsigned)connection, (int)r->id.len,
             (const char *)r->id.at, p->done, p->total);
    note(user, text);
}

static const struct queue_calls calls = {on_start, on_stop, on_answer, on_progress};

static int open_stage(void **state)
{
    struct stage *s = calloc(1, sizeof *s);
    *state = s;
    return s == NULL || queue_open(&calls, s, &s->queue) != ERR_OK;
}

static int close_stage(void **state)
{
    struct stage *s = *state;
    queue_close(&s->queue);
    assert_null(s->queue);
    queue_close(&s->queue);
    free(s);
    return 0;
}

static struct request make(const char *id, const char *origin)
{
    struct request r;
    request_init(&r);
    assert_int_equal(buf_append_str(&r.store, id), ERR_OK);
    assert_int_equal(buf_append_str(&r.store, origin), ERR_OK);
    r.id = span_sub(buf_span(&r.store), 0, strlen(id));
    r.origin = span_sub(buf_span(&r.store), strlen(id), strlen(origin));
    r.method = METHOD_AUTHENTICATE;
    r.timeout_ms = LIMIT_TIMEOUT_DEF_MS;
    return r;
}

static enum err add_at(struct stage *s, uint64_t connection, const char *id, const char *origin,
                       uint64_t now)
{
    struct request r = make(id, origin);
    enum err e = queue_add(s->queue, connection, &r, now);
    assert_int_equal(r.id.len, e == ERR_OK ? 0 : strlen(id));
    request_clear(&r);
    return e;
}

static enum err add(struct stage *s, uint64_t connection, const char *id)
{
    char origin[64];
    snprintf(origin, sizeof origin, "https://site%u.example", (unsigned)connection);
    return add_at(s, connection, id, origin, 0);
}

static void done(struct stage *s, enum err e, uint64_t now)
{
    struct response resp;
    response_init(&resp, METHOD_AUTHENTICATE);
    resp.err = e;
    queue_done(s->queue, &resp, now);
    response_clear(&resp);
}

static void expect(struct stage *s, const char *log)
{
    assert_string_equal(s->log, log);
    s->log[0] = '\0';
}

static void one_operation_runs_at_a_time_in_order(void **state)
{
    struct stage *s = *state;
    assert_true(queue_is_empty(s->queue));
    assert_int_equal(add(s, 1, "a"), ERR_OK);
    assert_int_equal(add(s, 2, "b"), ERR_OK);
    assert_int_equal(add(s, 3, "c"), ERR_OK);
    expect(s, "start a");
    done(s, ERR_OK, 0);
    expect(s, "answer 1/a OK; start b");
    done(s, ERR_PIN_BLOCKED, 0);
    expect(s, "answer 2/b PIN_BLOCKED; start c");
    assert_false(queue_is_empty(s->queue));
    done(s, ERR_OK, 0);
    expect(s, "answer 3/c OK");
    assert_true(queue_is_empty(s->queue));
}

static void a_connection_has_one_request_at_a_time(void **state)
{
    struct stage *s = *state;
    assert_int_equal(add(s, 1, "a"), ERR_OK);
    assert_int_equal(add(s, 1, "b"), ERR_BUSY);
    assert_int_equal(add(s, 2, "c"), ERR_OK);
    assert_int_equal(add(s, 2, "d"), ERR_BUSY);
    done(s, ERR_OK, 0);
    assert_int_equal(add(s, 1, "b"), ERR_OK);
    expect(s, "start a; answer 1/a OK; start c");
}

static void an_id_that_is_pending_can_not_be_used_again(void **state)
{
    struct stage *s = *state;
    assert_int_equal(add(s, 1, "a"), ERR_OK);
    assert_int_equal(add(s, 2, "a"), ERR_OK); /* another connection's ids are its own */
    assert_int_equal(add(s, 1, "a"), ERR_REQUEST_INVALID);
    assert_int_equal(add(s, 2, "a"), ERR_REQUEST_INVALID);
    done(s, ERR_OK, 0);
    assert_int_equal(add(s, 1, "a"), ERR_OK);
}

static void an_origin_has_few_requests_on_all_its_connections(void **state)
{
    struct stage *s = *state;
    for (unsigned i = 0; i < LIMIT_PER_ORIGIN; i++) {
        assert_int_equal(add_at(s, i + 1, "a", "https://one.example", 0), ERR_OK);
    }
    assert_int_equal(add_at(s, 9, "a", "https://one.example", 0), ERR_BUSY);
    assert_int_equal(add_at(s, 10, "a", "https://two.example", 0), ERR_OK);
    done(s, ERR_OK, 0);
    assert_int_equal(add_at(s, 9, "a", "https://one.example", 0), ERR_OK);
}

static void few_requests_wait(void **state)
{
    struct stage *s = *state;
    for (unsigned i = 0; i <= LIMIT_QUEUE; i++) {
        assert_int_equal(add(s, i + 1, "a"), ERR_OK);
    }
    assert_int_equal(add(s, 99, "a"), ERR_BUSY);
    done(s, ERR_OK, 0);
    assert_int_equal(add(s, 99, "a"), ERR_OK);
}

static void a_waiting_request_is_cancelled_by_its_own_connection_only(void **state)
{
    struct stage *s = *state;
    assert_int_equal(add(s, 1, "a"), ERR_OK);
    assert_int_equal(add(s, 2, "b"), ERR_OK);
    assert_int_equal(add(s, 3, "c"), ERR_OK);
    assert_false(queue_cancel(s->queue, 3, span_str("b")));
    assert_true(queue_cancel(s->queue, 2, span_str("b")));
    assert_false(queue_cancel(s->queue, 2, span_str("b")));
    done(s, ERR_OK, 0);
    expect(s, "start a; answer 2/b ABORTED; answer 1/a OK; start c");
}

static void the_next_one_starts_when_a_cancelled_one_has_really_ended(void **state)
{
    struct stage *s = *state;
    assert_int_equal(add(s, 1, "a"), ERR_OK);
    assert_int_equal(add(s, 2, "b"), ERR_OK);
    assert_true(queue_cancel(s->queue, 1, span_str("a")));
    expect(s, "start a; stop; answer 1/a ABORTED");
    assert_false(queue_cancel(s->queue, 1, span_str("a")));
    assert_int_equal(add(s, 1, "a"), ERR_OK);
    assert_false(queue_is_empty(s->queue));
    queue_done(s->queue, NULL, 0);
    expect(s, "start b");
    done(s, ERR_OK, 0);
    expect(s, "answer 2/b OK; start a");
}

static void an_operation_that_stops_at_once_makes_room_at_once(void **state)
{
    struct stage *s = *state;
    s->stops_at_once = true;
    assert_int_equal(add(s, 1, "a"), ERR_OK);
    assert_int_equal(add(s, 2, "b"), ERR_OK);
    assert_true(queue_cancel(s->queue, 1, span_str("a")));
    expect(s, "start a; stop; answer 1/a ABORTED; start b");
}

static void a_connection_that_goes_away_takes_its_requests_along(void **state)
{
    struct stage *s = *state;
    assert_int_equal(add(s, 1, "a"), ERR_OK);
    assert_int_equal(add(s, 2, "b"), ERR_OK);
    assert_int_equal(add(s, 3, "c"), ERR_OK);
    queue_drop(s->queue, 2);
    queue_drop(s->queue, 1);
    queue_drop(s->queue, 7);
    expect(s, "start a; stop");
    queue_done(s->queue, NULL, 0);
    done(s, ERR_OK, 0);
    expect(s, "start c; answer 3/c OK");
}

static void an_operation_that_can_not_start_is_answered_and_the_next_tried(void **state)
{
    struct stage *s = *state;
    s->start_result = ERR_AGENT_DOWN;
    assert_int_equal(add(s, 1, "a"), ERR_OK);
    expect(s, "start a; answer 1/a AGENT_DOWN");
    assert_true(queue_is_empty(s->queue));
}

static void a_request_waits_no_longer_than_it_wanted(void **state)
{
    struct stage *s = *state;
    struct request r = make("b", "https://two.example");
    r.timeout_ms = 5000;
    assert_int_equal(queue_deadline(s->queue), UINT64_MAX);
    assert_int_equal(add(s, 1, "a"), ERR_OK);
    assert_int_equal(queue_deadline(s->queue), UINT64_MAX); /* it runs */
    assert_int_equal(queue_add(s->queue, 2, &r, 100), ERR_OK);
    assert_int_equal(add(s, 3, "c"), ERR_OK);
    assert_int_equal(queue_deadline(s->queue), 5100);
    queue_expire(s->queue, 5099);
    expect(s, "start a");
    queue_expire(s->queue, 5100);
    expect(s, "answer 2/b TIMED_OUT");
    assert_int_equal(queue_deadline(s->queue), LIMIT_TIMEOUT_DEF_MS);
}

#define PUSHY "https://pushy.example"

static void cancel_by_person(struct stage *s, uint64_t now)
{
    assert_int_equal(add_at(s, 1, "a", PUSHY, now), ERR_OK);
    done(s, ERR_CANCELLED, now);
}

static void an_origin_that_is_cancelled_again_and_again_must_pause(void **state)
{
    struct stage *s = *state;
    for (unsigned i = 0; i < LIMIT_CANCELS; i++) {
        cancel_by_person(s, 1000);
    }
    assert_int_equal(add_at(s, 1, "a", PUSHY, 1000), ERR_BUSY);
    assert_int_equal(add_at(s, 2, "a", PUSHY, 1000 + LIMIT_PAUSE_MS - 1), ERR_BUSY);
    assert_int_equal(add_at(s, 3, "a", "https://other.example", 1000), ERR_OK);
    done(s, ERR_OK, 1000);
    cancel_by_person(s, 1000 + LIMIT_PAUSE_MS); /* counted from the beginning again */
    cancel_by_person(s, 1000 + LIMIT_PAUSE_MS);
    assert_int_equal(add_at(s, 1, "a", PUSHY, 1000 + LIMIT_PAUSE_MS), ERR_OK);
}

static void only_the_persons_own_cancels_in_a_row_count(void **state)
{
    struct stage *s = *state;
    for (unsigned i = 0; i < 2 * LIMIT_CANCELS; i++) {
        cancel_by_person(s, 0);
        if (i % 2 == 1) {
            assert_int_equal(add_at(s, 1, "a", PUSHY, 0), ERR_OK);
            done(s, ERR_OK, 0);
        }
    }
    for (unsigned i = 0; i < 2 * LIMIT_CANCELS; i++) {
        assert_int_equal(add_at(s, 1, "a", PUSHY, 0), ERR_OK);
        done(s, ERR_TIMED_OUT, 0);
    }
    assert_int_equal(add_at(s, 1, "a", PUSHY, 0), ERR_OK);
}

static void the_pause_outlives_many_other_origins(void **state)
{
    struct stage *s = *state;
    char origin[64];
    for (unsigned i = 0; i < LIMIT_CANCELS; i++) {
        cancel_by_person(s, 1000);
    }
    for (unsigned i = 0; i < 3 * LIMIT_ORIGINS; i++) {
        snprintf(origin, sizeof origin, "https://site%u.example", i);
        assert_int_equal(add_at(s, 2, "a", origin, 1000), ERR_OK);
        done(s, ERR_CANCELLED, 1000);
        s->log[0] = '\0';
    }
    assert_int_equal(add_at(s, 1, "a", PUSHY, 1000), ERR_BUSY);
}

/* Every order of comings, goings, cancels and ends: one answer for each request that was taken. */
static void every_request_gets_exactly_one_answer(void **state)
{
    unsigned seed = 20240917;
    (void)state;
    for (unsigned round = 0; round < 300; round++) {
        struct stage s = {0};
        unsigned taken = 0, dropped = 0, answers = 0;
        bool pending[4] = {false};
        assert_int_equal(queue_open(&calls, &s, &s.queue), ERR_OK);
        for (unsigned i = 0; i < 60; i++) {
            seed = seed * 1103515245u + 12345u;
            unsigned who = seed >> 16 & 3, what = seed >> 20 & 7;
            s.stops_at_once = (seed >> 24 & 1) != 0;
            s.log[0] = '\0';
            if (what < 4) {
                bool ok = add(&s, who, "a") == ERR_OK;
                assert_int_equal(ok, !pending[who]);
                taken += ok;
                pending[who] = true;
            } else if (what == 4) {
                assert_int_equal(queue_cancel(s.queue, who, span_str("a")), pending[who]);
            } else if (what == 5) {
                queue_drop(s.queue, who);
                dropped += pending[who];
                pending[who] = false;
            } else if (!queue_is_empty(s.queue)) {
                done(&s, ERR_OK, 0);
            }
            for (char *at = s.log; (at = strstr(at, "answer ")) != NULL; at++) {
                unsigned number = (unsigned)(at[7] - '0');
                assert_true(pending[number]);
                pending[number] = false;
                answers++;
            }
        }
        s.log[0] = '\0';
        while (!queue_is_empty(s.queue)) {
            done(&s, ERR_OK, 0);
        }
        for (char *at = s.log; (at = strstr(at, "answer ")) != NULL; at++) {
            answers++;
        }
        assert_int_equal(taken, answers + dropped);
        queue_close(&s.queue);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_stage, close_stage)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_operation_runs_at_a_time_in_order),
        TEST(a_connection_has_one_request_at_a_time),
        TEST(an_id_that_is_pending_can_not_be_used_again),
        TEST(an_origin_has_few_requests_on_all_its_connections),
        TEST(few_requests_wait),
        TEST(a_waiting_request_is_cancelled_by_its_own_connection_only),
        TEST(the_next_one_starts_when_a_cancelled_one_has_really_ended),
        TEST(an_operation_that_stops_at_once_makes_room_at_once),
        TEST(a_connection_that_goes_away_takes_its_requests_along),
        TEST(an_operation_that_can_not_start_is_answered_and_the_next_tried),
        TEST(a_request_waits_no_longer_than_it_wanted),
        TEST(an_origin_that_is_cancelled_again_and_again_must_pause),
        TEST(only_the_persons_own_cancels_in_a_row_count),
        TEST(the_pause_outlives_many_other_origins),
        cmocka_unit_test(every_request_gets_exactly_one_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
