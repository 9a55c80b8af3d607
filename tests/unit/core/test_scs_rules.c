#include "core/scs_rules.h"

#include "unit/test.h"

#define SITE "https://palvelu.example.fi"
/* base64 of "rand" and of SITE ";" and 64 digits, and the same with a newline */
#define RANDOM "cmFuZA=="
#define N64_B64                                                                                    \
    "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDEyMw=="
#define BOUND   "aHR0cHM6Ly9wYWx2ZWx1LmV4YW1wbGUuZmk7" N64_B64
#define NEWLINE "aHR0cHM6Ly9wYWx2ZWx1LmV4YW1wbGUuZmkK" N64_B64
#define LOG_IN(version, content)                                                                   \
    "{\"version\":\"" version "\",\"content\":\"" content                                          \
    "\",\"selector\":{\"keyusages\":[\"digitalsignature\"]}}"

static void paths_and_verbs_lead_where_they_should(void **state)
{
    static const struct {
        const char *verb, *path;
        enum scs_route want;
    } rows[] = {
        {"GET", "/version", SCS_VERSION},
        {"GET", "/version?_=17", SCS_VERSION},
        {"POST", "/sign", SCS_SIGN},
        {"GET", "/sign", SCS_NO_VERB},
        {"POST", "/version", SCS_NO_VERB},
        {"HEAD", "/version", SCS_NO_VERB},
        {"get", "/version", SCS_NO_VERB},
        {"GET", "/", SCS_PAGE},
        {"GET", "/page.js", SCS_SCRIPT},
        {"GET", "/page.css?1", SCS_STYLE},
        {"POST", "/page.js", SCS_NO_VERB},
        {"GET", "/?lang=fi", SCS_PAGE},
        {"OPTIONS", "/version", SCS_PREFLIGHT},
        {"OPTIONS", "/sign", SCS_PREFLIGHT},
        {"OPTIONS", "/anything", SCS_PREFLIGHT},
        {"GET", "/version/", SCS_NO_PATH},
        {"GET", "/Version", SCS_NO_PATH},
        {"GET", "//version", SCS_NO_PATH},
        {"GET", "", SCS_NO_PATH},
        {"POST", "/signature", SCS_NO_PATH},
        {"GET", "/sign/../version", SCS_NO_PATH},
        {"GET", "/%76ersion", SCS_NO_PATH},
        {"GET", "https://x/version", SCS_NO_PATH},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum scs_route got = scs_rules_route(span_str(rows[i].verb), span_str(rows[i].path));
        if (got != rows[i].want) {
            fail_msg("%s %s: %d", rows[i].verb, rows[i].path, (int)got);
        }
    }
}

static enum err decode(const struct policy *p, const char *json, struct request *r)
{
    request_init(r);
    return scs_rules_decode(p, span_str(json), span_str("\"a\""), span_str(SITE), r);
}

static enum err try(const struct policy *p, const char *json)
{
    struct request r;
    enum err e = decode(p, json, &r);
    request_clear(&r);
    return e;
}

static void a_login_is_bound_before_anybody_is_asked(void **state)
{
    static const struct policy none;
    struct request r;
    (void)state;
    assert_int_equal(decode(&none, LOG_IN("1.0", BOUND), &r), ERR_OK);
    assert_true(span_is(r.id, "\"a\"") && span_is(r.origin, SITE));
    assert_int_equal(r.binding, BINDING_OLD);
    request_clear(&r);
    assert_int_equal(try(&none, LOG_IN("1.3", BOUND)), ERR_OK);
    assert_int_equal(try(&none, LOG_IN("1.1", NEWLINE)), ERR_OK);
    assert_int_equal(try(&none, LOG_IN("1.3", NEWLINE)), ERR_NOT_BOUND);
    assert_int_equal(try(&none, LOG_IN("1.0", RANDOM)), ERR_NOT_BOUND);
    assert_int_equal(try(&none, "{\"content\":\"" RANDOM "\"}"), ERR_OK); /* signs */
    assert_int_equal(try(&none, "{"), ERR_MALFORMED);
}

static void random_bytes_are_for_the_origins_of_the_policy_and_old_versions(void **state)
{
    static struct policy p;
    struct request r;
    (void)state;
    policy_origin_at(&p, span_str("https://other.example"))->rights = 1u << POLICY_RANDOM_BYTES;
    assert_int_equal(try(&p, LOG_IN("1.0", RANDOM)), ERR_NOT_BOUND);
    policy_origin_at(&p, span_str(SITE))->rights = 1u << POLICY_RANDOM_BYTES;
    assert_int_equal(decode(&p, LOG_IN("1.0", RANDOM), &r), ERR_OK);
    assert_int_equal(r.binding, BINDING_NONE);
    request_clear(&r);
    assert_int_equal(try(&p, LOG_IN("1.3", RANDOM)), ERR_NOT_BOUND);
    assert_int_equal(try(&p, "{\"content\":\"" RANDOM
                             "\",\"contentType\":\"digest\",\"selector\":{\"keyusages\":["
                             "\"digitalsignature\"]}}"),
                     ERR_NOT_BOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_and_verbs_lead_where_they_should),
        cmocka_unit_test(a_login_is_bound_before_anybody_is_asked),
        cmocka_unit_test(random_bytes_are_for_the_origins_of_the_policy_and_old_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
