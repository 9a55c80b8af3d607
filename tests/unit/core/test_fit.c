#include "core/fit.h"

#include "os/clock.h"
#include "unit/test.h"

static struct cert_info sample_info(void)
{
    struct cert_info info = {
        .key_usage = CERT_NON_REPUDIATION,
        .person_id = "SE2321000016-T0335",
        .issuer = "Test CA",
        .issuer_name = "CN=Test CA,O=Org\\, Inc,C=SE",
        .policies = {"1.2.752.74.8.999.3", "1.2.3"},
        .n_policies = 2,
        .not_before = clock_calendar_s() - 100,
        .not_after = clock_calendar_s() + 100,
    };
    return info;
}

static void every_member_of_a_filter_must_fit(void **state)
{
    static const struct {
        struct cert_filter f;
        bool fits;
    } rows[] = {
        {{.n_issuers = 0}, true},
        {{.issuers = {{(const uint8_t *)"Test CA", 7}}, .n_issuers = 1}, true},
        {{.issuers = {{(const uint8_t *)"Test C", 6}}, .n_issuers = 1}, false},
        {{.issuers = {{(const uint8_t *)"x", 1},
                      {(const uint8_t *)"CN=Test CA,O=Org\\, Inc,C=SE", 27}},
          .n_issuers = 2},
         true},
        {{.issuers = {{(const uint8_t *)"CN=Test CA", 10}}, .n_issuers = 1}, false},
        {{.policies = {{(const uint8_t *)"1.2.3", 5}}, .n_policies = 1}, true},
        {{.policies = {{(const uint8_t *)"1.2", 3}}, .n_policies = 1}, false},
        {{.policies = {{(const uint8_t *)"9.9", 3}, {(const uint8_t *)"1.2.752.74.8.999.3", 18}},
          .n_policies = 2},
         true},
        {{.holder = {(const uint8_t *)"SE2321000016-T0335", 18}}, true},
        {{.holder = {(const uint8_t *)"SE2321000016-T033", 17}}, false},
        {{.holder = {(const uint8_t *)"se2321000016-T0335", 18}}, false},
        {{.key_usage = CERT_NON_REPUDIATION}, true},
        {{.key_usage = CERT_NON_REPUDIATION | CERT_DIGITAL_SIGNATURE}, false},
        {{.holder = {(const uint8_t *)"SE2321000016-T0335", 18}, .key_usage = 1}, false},
        {{.key_kinds = 1u << KEY_RSA}, true},
        {{.key_kinds = 1u << KEY_EC}, false},
        {{.key_kinds = 1u << KEY_EC | 1u << KEY_RSA}, true},
        {{.issuers = {{(const uint8_t *)"c=se, CN=test ca, O=Org\\, Inc", 29}}, .n_issuers = 1},
         false},
        {{.issuers = {{(const uint8_t *)"c=se, CN=test ca, O=Org\\, Inc", 29}},
          .n_issuers = 1,
          .loose = true},
         true},
    };
    struct cert_info info = sample_info();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (fit_filter(&rows[i].f, &info) != rows[i].fits) {
            fail_msg("row %zu", i);
        }
    }
}

/* Spoils one thing after the other; the reasons come in this order. */
static void the_first_reason_is_what_the_page_asked_for(void **state)
{
    struct request r;
    struct cert_info info = sample_info();
    struct card_key key = {.use = CERT_SIGN, .pin_activated = true};
    (void)state;
    request_init(&r);
    r.method = METHOD_SIGN;
    assert_int_equal(fit_use(&r), CERT_SIGN);
    assert_int_equal(fit_now(&r, &info, &key), ASK_USABLE);
    key.pin_blocked = true;
    assert_int_equal(fit_now(&r, &info, &key), ASK_PIN_BLOCKED);
    r.method = METHOD_GET_SIGNING_CERTIFICATE; /* wants no PIN */
    assert_int_equal(fit_now(&r, &info, &key), ASK_USABLE);
    r.method = METHOD_SIGN;
    info.not_before = clock_calendar_s() + 50;
    assert_int_equal(fit_now(&r, &info, &key), ASK_NOT_YET_VALID);
    info.not_after = clock_calendar_s() - 50;
    assert_int_equal(fit_now(&r, &info, &key), ASK_EXPIRED);
    r.filter.holder = span_str("x");
    assert_int_equal(fit_now(&r, &info, &key), ASK_NOT_ACCEPTED);
    info.key_usage = CERT_NON_REPUDIATION | CERT_DIGITAL_SIGNATURE;
    assert_int_equal(fit_now(&r, &info, &key), ASK_OTHER_PURPOSE);
    r.method = METHOD_AUTHENTICATE;
    assert_int_equal(fit_use(&r), CERT_AUTH);
    assert_int_equal(fit_now(&r, &info, &key), ASK_OTHER_PURPOSE);
    request_clear(&r);
}

static void a_certificate_that_the_page_names_is_the_only_one(void **state)
{
    struct request r;
    struct cert_info info = sample_info();
    struct card_key key = {.use = CERT_SIGN, .pin_activated = true};
    (void)state;
    buf_init(&key.cert, LIMIT_CERT);
    assert_int_equal(buf_append_str(&key.cert, "DER"), ERR_OK);
    request_init(&r);
    r.method = METHOD_SIGN;
    r.certificate = span_str("DER");
    assert_int_equal(fit_now(&r, &info, &key), ASK_USABLE);
    r.certificate = span_str("DES");
    assert_int_equal(fit_now(&r, &info, &key), ASK_NOT_ACCEPTED);
    buf_clear(&key.cert);
    request_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_of_a_filter_must_fit),
        cmocka_unit_test(the_first_reason_is_what_the_page_asked_for),
        cmocka_unit_test(a_certificate_that_the_page_names_is_the_only_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
