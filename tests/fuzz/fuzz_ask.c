/* Input: question, state or answer (1 byte), then a record. What is unpacked packs to the same
 * bytes. */
#include "wire/ask.h"

#include "fuzz.h"

static void check_question(struct span record)
{
    struct ask_question q = {.method = METHOD_AUTHENTICATE};
    struct buf out;
    buf_init(&out, LIMIT_ASK);
    if (ask_unpack_question(record, &q) == ERR_OK) {
        REQUIRE(q.n_docs <= LIMIT_DOCS && (q.n_docs > 0) == (q.method == METHOD_SIGN));
        REQUIRE(q.origin.len > 0 && q.origin.len <= LIMIT_ORIGIN);
        REQUIRE(ask_pack_question(&q, &out) == ERR_OK);
        REQUIRE(span_eq(buf_span(&out), record));
    }
    ask_question_clear(&q);
    buf_clear(&out);
}

static void check_state(struct span record)
{
    struct ask_state s = {.phase = ASK_READING};
    struct buf out;
    buf_init(&out, LIMIT_ASK);
    if (ask_unpack_state(record, &s) == ERR_OK) {
        REQUIRE(s.n_certs <= LIMIT_CERTS && (s.selected < s.n_certs || s.selected == 0));
        REQUIRE(s.done <= s.total && s.phase <= ASK_ENDED && s.error < ERR_COUNT);
        REQUIRE(ask_pack_state(&s, &out) == ERR_OK);
        REQUIRE(span_eq(buf_span(&out), record));
    }
    ask_state_clear(&s);
    buf_clear(&out);
}

static void check_answer(struct span record)
{
    struct ask_answer a = {.verb = ASK_CANCEL};
    struct buf out;
    buf_init(&out, LIMIT_ASK);
    if (ask_unpack_answer(record, &a) == ERR_OK) {
        REQUIRE(a.cert < LIMIT_CERTS);
        REQUIRE(a.pin == NULL || (a.verb == ASK_CONFIRM && secret_len(a.pin) <= LIMIT_PIN_MAX));
        REQUIRE(ask_pack_answer(&a, &out) == ERR_OK);
        REQUIRE(span_eq(buf_span(&out), record));
    }
    ask_answer_clear(&a);
    buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const checks[])(struct span record) = {check_question, check_state, check_answer};
    struct span record;
    uint8_t choice = fuzz_choice(data, size, &record);
    checks[choice % (sizeof checks / sizeof checks[0])](record);
    return 0;
}
