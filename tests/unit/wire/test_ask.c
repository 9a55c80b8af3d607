#include "unit/test.h"
#include "wire/ask.h"

static const uint8_t digest[LIMIT_DIGEST] = {1, 2, 3, 4};
static struct ask_document docs[LIMIT_DOCS + 1];
static char long_text[LIMIT_PURPOSE + 2];

/* ---- samples ---- */

static struct ask_document sample_document(void)
{
    return (struct ask_document){
        .name = span_str("sopimus ä.pdf"),
        .media_type = span_str("application/pdf"),
        .size = UINT64_MAX,
        .hash = HASH_SHA384,
        .digest = span_of(digest, 48),
        .has_content = true,
    };
}

static struct ask_question sample_question(size_t n_docs)
{
    for (size_t i = 0; i < n_docs; i++) {
        docs[i] = sample_document();
        docs[i].has_content = i % 2 == 0;
    }
    return (struct ask_question){
        .method = n_docs > 0 ? METHOD_SIGN : METHOD_AUTHENTICATE,
        .lang = LANG_SV,
        .origin = span_str("https://palvelu.example.fi"),
        .purpose = span_str("Työsopimus"),
        .behalf_name = span_str("Esimerkki Oy"),
        .behalf_id = span_str("1234567-8"),
        .behalf_mandate = span_str("Kaikki"),
        .docs = n_docs > 0 ? docs : NULL,
        .n_docs = n_docs,
    };
}

static struct ask_cert sample_cert(void)
{
    return (struct ask_cert){
        .holder = span_str("MEIKÄLÄINEN MATTI 99900011Y"),
        .person_id = span_str("99900011Y"),
        .id_kind = ID_SATU,
        .employer = span_str("Testiorganisaatio Oy"),
        .issuer = span_str("DVV Citizen Certificates"),
        .reader = span_str("Reader 00"),
        .not_before = -1,
        .not_after = INT64_MAX,
        .usable = ASK_EXPIRED,
        .pin_index = 2,
        .pin_min = LIMIT_PIN_MIN,
        .pin_max = LIMIT_PIN_MAX,
        .tries_left = -1,
        .on_reader = true,
    };
}

static struct ask_state sample_state(size_t n_certs)
{
    struct ask_state s = {
        .serial = UINT32_MAX,
        .phase = ASK_READY,
        .error = ERR_PIN_WRONG,
        .needs_pin = true,
        .n_certs = n_certs,
        .selected = n_certs > 0 ? n_certs - 1 : 0,
        .done = 3,
        .total = LIMIT_DOCS,
        .can_stop = true,
    };
    for (size_t i = 0; i < n_certs; i++) {
        s.certs[i] = sample_cert();
    }
    return s;
}

static struct secret *pin_of(const char *digits)
{
    struct secret *pin = NULL;
    assert_int_equal(secret_new(&pin), ERR_OK);
    for (; *digits != '\0'; digits++) {
        assert_int_equal(secret_push(pin, (uint8_t)*digits), ERR_OK);
    }
    return pin;
}

/* ---- round trips ---- */

static void assert_same_document(const struct ask_document *a, const struct ask_document *b)
{
    assert_true(span_eq(a->name, b->name));
    assert_true(span_eq(a->media_type, b->media_type));
    assert_true(a->size == b->size);
    assert_int_equal(a->hash, b->hash);
    assert_true(span_eq(a->digest, b->digest));
    assert_int_equal(a->has_content, b->has_content);
}

static void a_question_comes_out_as_it_went_in(void **state)
{
    static const size_t counts[] = {0, 1, LIMIT_DOCS};
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct ask_question in = sample_question(counts[i]);
        struct ask_question out = {.method = METHOD_SIGN};
        struct buf record;
        buf_init(&record, LIMIT_ASK);
        assert_int_equal(ask_pack_question(&in, &record), ERR_OK);
        assert_int_equal(ask_unpack_question(buf_span(&record), &out), ERR_OK);
        buf_clear(&record); /* the result owns what it needs */
        assert_int_equal(out.method, in.method);
        assert_int_equal(out.lang, in.lang);
        assert_true(span_eq(out.origin, in.origin));
        assert_true(span_eq(out.purpose, in.purpose));
        assert_true(span_eq(out.behalf_name, in.behalf_name));
        assert_true(span_eq(out.behalf_id, in.behalf_id));
        assert_true(span_eq(out.behalf_mandate, in.behalf_mandate));
        assert_int_equal(out.n_docs, counts[i]);
        for (size_t k = 0; k < counts[i]; k++) {
            assert_same_document(&out.docs[k], &in.docs[k]);
        }
        ask_question_clear(&out);
        ask_question_clear(&out);
    }
}

static void assert_same_cert(const struct ask_cert *a, const struct ask_cert *b)
{
    assert_true(span_eq(a->holder, b->holder));
    assert_true(span_eq(a->person_id, b->person_id));
    assert_int_equal(a->id_kind, b->id_kind);
    assert_true(span_eq(a->employer, b->employer));
    assert_true(span_eq(a->issuer, b->issuer));
    assert_true(span_eq(a->reader, b->reader));
    assert_true(a->not_before == b->not_before && a->not_after == b->not_after);
    assert_int_equal(a->usable, b->usable);
    assert_int_equal(a->pin_index, b->pin_index);
    assert_int_equal(a->pin_min, b->pin_min);
    assert_int_equal(a->pin_max, b->pin_max);
    assert_int_equal(a->tries_left, b->tries_left);
    assert_int_equal(a->on_reader, b->on_reader);
}

static void a_state_comes_out_as_it_went_in(void **state)
{
    static const size_t counts[] = {0, 1, LIMIT_CERTS};
    (void)state;
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        struct ask_state in = sample_state(counts[i]);
        struct ask_state out = {.phase = ASK_ENDED};
        struct buf record;
        buf_init(&record, LIMIT_ASK);
        assert_int_equal(ask_pack_state(&in, &record), ERR_OK);
        assert_int_equal(ask_unpack_state(buf_span(&record), &out), ERR_OK);
        buf_clear(&record);
        assert_int_equal(out.serial, in.serial);
        assert_int_equal(out.phase, in.phase);
        assert_int_equal(out.error, in.error);
        assert_int_equal(out.needs_pin, in.needs_pin);
        assert_int_equal(out.n_certs, in.n_certs);
        assert_int_equal(out.selected, in.selected);
        assert_int_equal(out.done, in.done);
        assert_int_equal(out.total, in.total);
        for (size_t k = 0; k < counts[i]; k++) {
            assert_same_cert(&out.certs[k], &in.certs[k]);
        }
        assert_true(out.can_stop);
        ask_state_clear(&out);
        ask_state_clear(&out);
    }
}

static void an_answer_comes_out_as_it_went_in(void **state)
{
    static const struct {
        enum ask_verb verb;
        const char *pin;
    } rows[] = {
        {ASK_CONFIRM, NULL}, {ASK_CONFIRM, ""},  {ASK_CONFIRM, "123456789012"},
        {ASK_CANCEL, NULL},  {ASK_REPORT, NULL}, {ASK_CLOSE, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ask_answer in = {rows[i].verb, 77, LIMIT_CERTS - 1, i % 2 == 0, NULL};
        struct ask_answer out = {.verb = ASK_CLOSE};
        struct buf record;
        in.pin = rows[i].pin != NULL ? pin_of(rows[i].pin) : NULL;
        buf_init(&record, LIMIT_ASK_ANSWER);
        assert_int_equal(ask_pack_answer(&in, &record), ERR_OK);
        assert_int_equal(ask_unpack_answer(buf_span(&record), &out), ERR_OK);
        buf_clear(&record);
        assert_int_equal(out.verb, in.verb);
        assert_int_equal(out.serial, in.serial);
        assert_int_equal(out.cert, in.cert);
        assert_int_equal(out.last_try_agreed, in.last_try_agreed);
        assert_int_equal(out.pin != NULL, in.pin != NULL);
        assert_true(in.pin == NULL || secret_equal(in.pin, out.pin));
        ask_answer_clear(&in);
        ask_answer_clear(&out);
        assert_null(out.pin);
    }
}

static void a_cleared_answer_is_not_a_yes(void **state)
{
    struct ask_answer a = {.verb = ASK_CONFIRM, .last_try_agreed = true};
    (void)state;
    ask_answer_clear(&a);
    assert_int_equal(a.verb, ASK_CANCEL);
    assert_false(a.last_try_agreed);
}

/* ---- records that nobody can have packed ---- */

typedef enum err (*unpacker)(struct span record);

static enum err unpack_question(struct span record)
{
    struct ask_question q = {.method = METHOD_AUTHENTICATE};
    enum err e = ask_unpack_question(record, &q);
    if (e != ERR_OK) {
        assert_null(q.docs);
        assert_null(q.store.at);
    }
    ask_question_clear(&q);
    return e;
}

static enum err unpack_state(struct span record)
{
    struct ask_state s = {.phase = ASK_READING};
    enum err e = ask_unpack_state(record, &s);
    assert_true(e == ERR_OK || s.n_certs == 0);
    ask_state_clear(&s);
    return e;
}

static enum err unpack_answer(struct span record)
{
    struct ask_answer a = {.verb = ASK_CANCEL};
    enum err e = ask_unpack_answer(record, &a);
    assert_true(e == ERR_OK || (a.pin == NULL && a.verb == ASK_CANCEL));
    ask_answer_clear(&a);
    return e;
}

struct sample {
    struct buf record;
    unpacker unpack;
};

static void make_samples(struct sample samples[3])
{
    struct ask_question q = sample_question(2);
    struct ask_state s = sample_state(2);
    struct ask_answer a = {ASK_CONFIRM, 1, 0, false, pin_of("123456")};
    for (size_t i = 0; i < 3; i++) {
        buf_init(&samples[i].record, LIMIT_ASK);
    }
    assert_int_equal(ask_pack_question(&q, &samples[0].record), ERR_OK);
    assert_int_equal(ask_pack_state(&s, &samples[1].record), ERR_OK);
    assert_int_equal(ask_pack_answer(&a, &samples[2].record), ERR_OK);
    samples[0].unpack = unpack_question;
    samples[1].unpack = unpack_state;
    samples[2].unpack = unpack_answer;
    ask_answer_clear(&a);
}

static void a_record_cut_anywhere_is_malformed(void **state)
{
    struct sample samples[3];
    (void)state;
    make_samples(samples);
    for (size_t i = 0; i < 3; i++) {
        struct span whole = buf_span(&samples[i].record);
        for (size_t len = 0; len < whole.len; len++) {
            assert_int_equal(samples[i].unpack(span_sub(whole, 0, len)), ERR_MALFORMED);
        }
        assert_int_equal(samples[i].unpack(whole), ERR_OK);
        assert_int_equal(buf_append_u8(&samples[i].record, 0), ERR_OK);
        assert_int_equal(samples[i].unpack(buf_span(&samples[i].record)), ERR_MALFORMED);
        buf_clear(&samples[i].record);
    }
}

static void a_record_of_another_kind_is_malformed(void **state)
{
    struct sample samples[3];
    (void)state;
    make_samples(samples);
    for (size_t i = 0; i < 3; i++) {
        for (size_t k = 0; k < 3; k++) {
            enum err want = i == k ? ERR_OK : ERR_MALFORMED;
            assert_int_equal(samples[k].unpack(buf_span(&samples[i].record)), want);
        }
    }
    for (size_t i = 0; i < 3; i++) {
        buf_clear(&samples[i].record);
    }
}

static void a_record_with_any_byte_changed_never_crashes(void **state)
{
    struct sample samples[3];
    (void)state;
    make_samples(samples);
    for (size_t i = 0; i < 3; i++) {
        for (size_t at = 0; at < samples[i].record.len; at++) {
            uint8_t was = samples[i].record.at[at];
            for (unsigned bit = 0; bit < 8; bit++) {
                samples[i].record.at[at] = (uint8_t)(was ^ (1u << bit));
                enum err e = samples[i].unpack(buf_span(&samples[i].record));
                assert_true(e == ERR_OK || e == ERR_MALFORMED);
            }
            samples[i].record.at[at] = was;
        }
        buf_clear(&samples[i].record);
    }
}

/* ---- bounds: what a packer refuses, and what only an unpacker can see ---- */

static struct span text_of(size_t len)
{
    memset(long_text, 'x', sizeof long_text);
    return span_of(long_text, len);
}

static enum err pass_question(const struct ask_question *q)
{
    struct buf record;
    buf_init(&record, LIMIT_ASK);
    enum err e = ask_pack_question(q, &record);
    if (e == ERR_OK) {
        e = unpack_question(buf_span(&record));
    } else {
        assert_int_equal(record.len, 0);
    }
    buf_clear(&record);
    return e;
}

static enum err pass_state(const struct ask_state *s)
{
    struct buf record;
    buf_init(&record, LIMIT_ASK);
    enum err e = ask_pack_state(s, &record);
    if (e == ERR_OK) {
        e = unpack_state(buf_span(&record));
    } else {
        assert_int_equal(record.len, 0);
    }
    buf_clear(&record);
    return e;
}

static void every_text_of_a_question_has_its_longest_length(void **state)
{
    static struct ask_question q;
    static const struct {
        struct span *text;
        size_t max;
    } rows[] = {
        {&q.origin, LIMIT_ORIGIN},
        {&q.purpose, LIMIT_PURPOSE},
        {&q.behalf_name, LIMIT_BEHALF},
        {&q.behalf_id, LIMIT_BEHALF},
        {&q.behalf_mandate, LIMIT_BEHALF},
        {&docs[0].name, LIMIT_DOC_NAME},
        {&docs[0].media_type, LIMIT_MEDIA_TYPE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        q = sample_question(1);
        *rows[i].text = text_of(rows[i].max);
        assert_int_equal(pass_question(&q), ERR_OK);
        *rows[i].text = text_of(rows[i].max + 1);
        assert_int_equal(pass_question(&q), ERR_TOO_LARGE);
    }
}

static void every_text_of_a_certificate_has_its_longest_length(void **state)
{
    static struct ask_state s;
    static const struct {
        struct span *text;
        size_t max;
    } rows[] = {
        {&s.certs[0].holder, LIMIT_CERT_TEXT},
        {&s.certs[0].person_id, LIMIT_CERT_TEXT},
        {&s.certs[0].issuer, LIMIT_CERT_TEXT},
        {&s.certs[0].reader, LIMIT_READER_NAME},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        s = sample_state(1);
        *rows[i].text = text_of(rows[i].max);
        assert_int_equal(pass_state(&s), ERR_OK);
        *rows[i].text = text_of(rows[i].max + 1);
        assert_int_equal(pass_state(&s), ERR_TOO_LARGE);
    }
}

static void more_documents_or_certificates_than_fit_are_not_packed(void **state)
{
    struct ask_question q = sample_question(LIMIT_DOCS + 1);
    struct ask_state s = sample_state(LIMIT_CERTS);
    (void)state;
    assert_int_equal(pass_question(&q), ERR_TOO_LARGE);
    s.n_certs++;
    assert_int_equal(pass_state(&s), ERR_TOO_LARGE);
}

#define QUESTION_ROW(label, change)                                                                \
    do {                                                                                           \
        struct ask_question q = sample_question(1);                                                \
        change;                                                                                    \
        print_message("%s\n", label);                                                              \
        assert_int_equal(pass_question(&q), ERR_MALFORMED);                                        \
    } while (0)

static void a_question_out_of_bounds_is_malformed(void **state)
{
    (void)state;
    QUESTION_ROW("a method that asks nobody", q.method = METHOD_HELLO);
    QUESTION_ROW("no such language", q.lang = LANG_COUNT);
    QUESTION_ROW("no origin", q.origin.len = 0);
    QUESTION_ROW("origin with a blank", q.origin = span_str("https://a b"));
    QUESTION_ROW("origin that is not ASCII", q.origin = span_str("https://ä.fi"));
    QUESTION_ROW("purpose that is not UTF-8", q.purpose = span_str("\xC3"));
    QUESTION_ROW("a signature of nothing", q.n_docs = 0);
    QUESTION_ROW("documents without a signature", q.method = METHOD_AUTHENTICATE);
    QUESTION_ROW("no such hash", q.docs[0].hash = HASH_COUNT);
    QUESTION_ROW("digest of another length", q.docs[0].digest.len = 32);
    QUESTION_ROW("no media type", q.docs[0].media_type.len = 0);
    QUESTION_ROW("name that is not UTF-8", q.docs[0].name = span_str("\xFF"));
}

#define STATE_ROW(label, change)                                                                   \
    do {                                                                                           \
        struct ask_state s = sample_state(2);                                                      \
        change;                                                                                    \
        print_message("%s\n", label);                                                              \
        assert_int_equal(pass_state(&s), ERR_MALFORMED);                                           \
    } while (0)

static void a_state_out_of_bounds_is_malformed(void **state)
{
    (void)state;
    STATE_ROW("no such phase", s.phase = ASK_ENDED + 1);
    STATE_ROW("no such error", s.error = ERR_COUNT);
    STATE_ROW("a selection past the end", s.selected = 2);
    STATE_ROW("more done than there is", s.done = s.total + 1);
    STATE_ROW("more than a request can hold", s.total = LIMIT_DOCS + 1);
    STATE_ROW("no such identifier", s.certs[1].id_kind = ID_KINDS);
    STATE_ROW("no such use", s.certs[1].usable = ASK_REVOKED + 1);
    STATE_ROW("no such status", s.certs[1].status = STATUS_COUNT);
    STATE_ROW("no PIN 0", s.certs[0].pin_index = 0);
    STATE_ROW("no PIN 3", s.certs[0].pin_index = 3);
    STATE_ROW("a PIN of no digits", s.certs[0].pin_min = LIMIT_PIN_MIN - 1);
    STATE_ROW("a PIN that is too long", s.certs[0].pin_max = LIMIT_PIN_MAX + 1);
    STATE_ROW("a shortest PIN over the longest", (s.certs[0].pin_min = 8, s.certs[0].pin_max = 7));
    STATE_ROW("tries below unknown", s.certs[0].tries_left = -2);
    STATE_ROW("holder that is not UTF-8", s.certs[0].holder = span_str("\x80"));
}

static void an_answer_out_of_bounds_is_refused(void **state)
{
    static const struct {
        struct ask_answer answer;
        const char *pin;
        enum err pack, unpack;
    } rows[] = {
        {{.verb = ASK_CHECK + 1}, NULL, ERR_OK, ERR_MALFORMED},
        {{.verb = ASK_CONFIRM, .cert = LIMIT_CERTS}, NULL, ERR_TOO_LARGE, ERR_OK},
        {{.verb = ASK_CONFIRM}, "1234567890123", ERR_TOO_LARGE, ERR_OK},
        {{.verb = ASK_CONFIRM}, "12a4", ERR_OK, ERR_MALFORMED},
        {{.verb = ASK_CANCEL}, "1234", ERR_OK, ERR_MALFORMED},
        {{.verb = ASK_CHECK}, "1234", ERR_OK, ERR_MALFORMED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct ask_answer a = rows[i].answer;
        struct buf record;
        buf_init(&record, LIMIT_ASK_ANSWER);
        a.pin = rows[i].pin != NULL ? pin_of(rows[i].pin) : NULL;
        assert_int_equal(ask_pack_answer(&a, &record), rows[i].pack);
        if (rows[i].pack == ERR_OK) {
            assert_int_equal(unpack_answer(buf_span(&record)), rows[i].unpack);
        } else {
            assert_int_equal(record.len, 0);
        }
        buf_clear(&record);
        ask_answer_clear(&a);
    }
}

static void a_record_that_does_not_fit_takes_itself_back(void **state)
{
    struct ask_answer a = {.verb = ASK_CONFIRM, .pin = pin_of("123456")};
    struct buf record;
    (void)state;
    for (size_t max = 0; max < 60; max++) {
        buf_init(&record, max + 1);
        assert_int_equal(buf_append_u8(&record, 'x'), ERR_OK);
        assert_int_equal(ask_pack_answer(&a, &record), ERR_TOO_LARGE);
        assert_int_equal(record.len, 1);
        buf_clear(&record);
    }
    ask_answer_clear(&a);
}

static void a_record_longer_than_any_is_malformed(void **state)
{
    static uint8_t large[LIMIT_ASK + 1];
    (void)state;
    assert_int_equal(unpack_question(span_of(large, sizeof large)), ERR_MALFORMED);
    assert_int_equal(unpack_state(span_of(large, sizeof large)), ERR_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_question_comes_out_as_it_went_in),
        cmocka_unit_test(a_state_comes_out_as_it_went_in),
        cmocka_unit_test(an_answer_comes_out_as_it_went_in),
        cmocka_unit_test(a_cleared_answer_is_not_a_yes),
        cmocka_unit_test(a_record_cut_anywhere_is_malformed),
        cmocka_unit_test(a_record_of_another_kind_is_malformed),
        cmocka_unit_test(a_record_with_any_byte_changed_never_crashes),
        cmocka_unit_test(every_text_of_a_question_has_its_longest_length),
        cmocka_unit_test(every_text_of_a_certificate_has_its_longest_length),
        cmocka_unit_test(more_documents_or_certificates_than_fit_are_not_packed),
        cmocka_unit_test(a_question_out_of_bounds_is_malformed),
        cmocka_unit_test(a_state_out_of_bounds_is_malformed),
        cmocka_unit_test(an_answer_out_of_bounds_is_refused),
        cmocka_unit_test(a_record_that_does_not_fit_takes_itself_back),
        cmocka_unit_test(a_record_longer_than_any_is_malformed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
