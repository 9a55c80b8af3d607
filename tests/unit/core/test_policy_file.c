#include "core/policy_file.h"

#include "unit/os/scratch.h"
#include "unit/test.h"

#define MAIL "https://mail.example.fi"

static bool decrypts(const struct policy *p, const char *origin)
{
    return policy_grants(p, span_str(origin), POLICY_DECRYPT);
}

static void a_file_says_who_may_decrypt_and_that_no_revocation_is_looked_up(void **state)
{
    static struct policy p;
    (void)state;
    assert_null(policy_file_parse(span_str("{\"origins\":{\"" MAIL "\":{\"decrypt\":true},"
                                           "\"http://localhost:8080\":{\"decrypt\":false},"
                                           "\"https://other.example.fi\":{}},"
                                           "\"revocationCheck\":\"never\"}"),
                                  &p));
    assert_true(decrypts(&p, MAIL));
    assert_false(decrypts(&p, "http://localhost:8080"));
    assert_false(decrypts(&p, "https://other.example.fi"));
    assert_int_equal(p.check, CHECK_NEVER);
}

static void a_later_file_changes_what_it_names_and_nothing_else(void **state)
{
    static struct policy p;
    (void)state;
    assert_null(policy_file_parse(span_str("{}"), &p));
    assert_int_equal(p.check, CHECK_ASKED);
    assert_null(policy_file_parse(span_str("{\"origins\":{\"" MAIL
                                           "\":{\"decrypt\":true},\"https://b.example\":"
                                           "{\"decrypt\":true}},\"revocationCheck\":\"never\"}"),
                                  &p));
    assert_null(policy_file_parse(
        span_str("{\"origins\":{\"" MAIL "\":{\"decrypt\":false},\"https://b.example\":{}}}"), &p));
    assert_false(decrypts(&p, MAIL));
    assert_true(decrypts(&p, "https://b.example"));
    assert_int_equal(p.check, CHECK_NEVER);
}

static void revocation_is_looked_up_when_the_file_says(void **state)
{
    static struct policy p;
    (void)state;
    assert_null(policy_file_parse(span_str("{\"revocationCheck\":\"always\"}"), &p));
    assert_int_equal(p.check, CHECK_ALWAYS);
    assert_null(policy_file_parse(span_str("{\"revocationCheck\":\"asked\"}"), &p));
    assert_int_equal(p.check, CHECK_ASKED);
    assert_null(policy_file_parse(span_str("{\"revocationCheck\":\"never\"}"), &p));
    assert_int_equal(p.check, CHECK_NEVER);
}

static void pin_pads_are_used_unless_the_file_says_no(void **state)
{
    static struct policy p;
    (void)state;
    assert_null(policy_file_parse(span_str("{}"), &p));
    assert_false(p.plain_readers);
    assert_null(policy_file_parse(span_str("{\"pinPad\":false}"), &p));
    assert_true(p.plain_readers);
    assert_null(policy_file_parse(span_str("{\"revocationCheck\":\"never\"}"), &p));
    assert_true(p.plain_readers);
    assert_null(policy_file_parse(span_str("{\"pinPad\":true}"), &p));
    assert_false(p.plain_readers);
}

static void the_journal_is_kept_unless_the_file_says_no(void **state)
{
    static struct policy p;
    (void)state;
    assert_null(policy_file_parse(span_str("{}"), &p));
    assert_false(p.no_journal);
    assert_null(policy_file_parse(span_str("{\"journal\":false}"), &p));
    assert_true(p.no_journal);
    assert_null(policy_file_parse(span_str("{\"pinPad\":false}"), &p));
    assert_true(p.no_journal);
    assert_null(policy_file_parse(span_str("{\"journal\":true}"), &p));
    assert_false(p.no_journal);
}

static void the_scs_interface_has_its_rules(void **state)
{
    static struct policy p;
    struct span a = span_str("https://a.example"), b = span_str("https://b.example");
    (void)state;
    assert_null(policy_file_parse(
        span_str("{\"scs\":{\"enabled\":false,\"ports\":[53952,8089],\"reasonCodes\":\"string\","
                 "\"cardPresence\":[\"https://a.example\"],\"randomBytes\":[\"https://a.example\"],"
                 "\"extensionOrigins\":[\"https://a.example\",\"https://b.example\"]}}"),
        &p));
    assert_true(p.scs.off && p.scs.codes_as_strings && !p.scs.presence_to_all);
    assert_int_equal(p.scs.n_ports, 2);
    assert_int_equal(p.scs.ports[0], 53952);
    assert_int_equal(p.scs.ports[1], 8089);
    assert_true(policy_grants(&p, a, POLICY_CARD_PRESENCE));
    assert_true(policy_grants(&p, a, POLICY_RANDOM_BYTES));
    assert_true(policy_grants(&p, a, POLICY_SCS_EXTENSION));
    assert_false(policy_grants(&p, b, POLICY_CARD_PRESENCE));
    assert_false(policy_grants(&p, b, POLICY_RANDOM_BYTES));
    assert_true(policy_grants(&p, b, POLICY_SCS_EXTENSION));
    assert_false(policy_grants(&p, a, POLICY_DECRYPT));
    /* A later file's list is the whole list; what it does not name stays. */
    assert_null(policy_file_parse(span_str("{\"scs\":{\"extensionOrigins\":[\"https://b.example\"],"
                                           "\"cardPresence\":\"all\",\"enabled\":true}}"),
                                  &p));
    assert_false(policy_grants(&p, a, POLICY_SCS_EXTENSION));
    assert_true(policy_grants(&p, b, POLICY_SCS_EXTENSION));
    assert_true(policy_grants(&p, a, POLICY_RANDOM_BYTES));
    assert_true(!p.scs.off && p.scs.codes_as_strings && p.scs.presence_to_all);
    assert_int_equal(p.scs.n_ports, 2);
    assert_null(policy_file_parse(
        span_str("{\"scs\":{\"cardPresence\":\"listed\",\"reasonCodes\":\"number\"}}"), &p));
    assert_false(p.scs.presence_to_all || p.scs.codes_as_strings);
    assert_null(policy_file_parse(span_str("{\"scs\":{\"cardPresence\":[]}}"), &p));
    assert_false(policy_grants(&p, a, POLICY_CARD_PRESENCE));
}

static void web_eids_dialect_is_served_unless_the_file_says_no(void **state)
{
    static struct policy p;
    (void)state;
    assert_null(policy_file_parse(span_str("{\"webEid\":false}"), &p));
    assert_true(p.no_webeid);
    assert_null(policy_file_parse(span_str("{}"), &p));
    assert_true(p.no_webeid);
    assert_null(policy_file_parse(span_str("{\"webEid\":true}"), &p));
    assert_false(p.no_webeid);
}

static void a_file_with_a_flaw_changes_nothing(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"", "JSON"},
        {"[]", "JSON"},
        {"{\"origins\":{}} x", "JSON"},
        {"{\"origins\":{},\"origins\":{}}", "JSON"},
        {"{\"origin\":{}}", "it has a member that is not known"},
        {"{\"\":{}}", "it has a member that is not known"},
        {"{\"origins\":[]}", "\"origins\" is no object"},
        {"{\"origins\":{\"https://x.example/\":{\"decrypt\":true}}}", "browsers write it"},
        {"{\"origins\":{\"https://X.example\":{}}}", "browsers write it"},
        {"{\"origins\":{\"https://x.example:443\":{}}}", "browsers write it"},
        {"{\"origins\":{\"http://x.example\":{}}}", "browsers write it"},
        {"{\"origins\":{\"*\":{}}}", "browsers write it"},
        {"{\"origins\":{\"\":{}}}", "browsers write it"},
        {"{\"origins\":{\"https://x.example\":true}}", "an origin is no object"},
        {"{\"origins\":{\"https://x.example\":{\"decrypt\":1}}}", "true or false"},
        {"{\"origins\":{\"https://x.example\":{\"decrypt\":null}}}", "true or false"},
        {"{\"origins\":{\"https://x.example\":{\"decrypt\":true,\"sing\":true}}}",
         "a member that is not known"},
        {"{\"revocationCheck\":\"sometimes\"}", "\"asked\", \"always\" or \"never\""},
        {"{\"revocationCheck\":\"Never\"}", "revocationCheck"},
        {"{\"revocationCheck\":\"\"}", "revocationCheck"},
        {"{\"revocationCheck\":true}", "revocationCheck"},
        {"{\"pinPad\":0}", "\"pinPad\" is true or false"},
        {"{\"journal\":1}", "\"journal\" is true or false"},
        {"{\"pinPad\":\"false\"}", "\"pinPad\" is true or false"},
        {"{\"pinPad\":false,\"pinpad\":false}", "a member that is not known"},
        {"{\"scs\":true}", "\"scs\" is no object"},
        {"{\"scs\":{\"on\":true}}", "\"scs\" has a member that is not known"},
        {"{\"scs\":{\"enabled\":1}}", "\"enabled\""},
        {"{\"scs\":{\"ports\":[]}}", "\"ports\""},
        {"{\"scs\":{\"ports\":53952}}", "\"ports\""},
        {"{\"scs\":{\"ports\":[443]}}", "\"ports\""},
        {"{\"scs\":{\"ports\":[65536]}}", "\"ports\""},
        {"{\"scs\":{\"ports\":[53952,53952]}}", "\"ports\""},
        {"{\"scs\":{\"ports\":[1024,1025,1026,1027]}}", "\"ports\""},
        {"{\"scs\":{\"ports\":[\"53952\"]}}", "\"ports\""},
        {"{\"scs\":{\"reasonCodes\":\"text\"}}", "\"reasonCodes\""},
        {"{\"scs\":{\"reasonCodes\":1}}", "\"reasonCodes\""},
        {"{\"scs\":{\"cardPresence\":\"some\"}}", "\"cardPresence\""},
        {"{\"scs\":{\"cardPresence\":true}}", "a list of origins"},
        {"{\"scs\":{\"randomBytes\":\"all\"}}", "a list of origins"},
        {"{\"scs\":{\"extensionOrigins\":[\"https://X.example\"]}}", "browsers write it"},
        {"{\"scs\":{\"extensionOrigins\":[1]}}", "browsers write it"},
        {"{\"webEid\":\"off\"}", "\"webEid\" is true or false"},
        {"{\"webEid\":null}", "webEid"},
        /* What stands before the flaw does not count either. */
        {"{\"revocationCheck\":\"never\",\"origins\":{\"" MAIL "\":{\"decrypt\":true}},\"x\":1}",
         "not known"},
    };
    static struct policy p;
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *why = policy_file_parse(span_str(rows[i].text), &p);
        assert_non_null(why);
        assert_non_null(strstr(why, rows[i].why));
        assert_int_equal(p.n_origins, 0);
        assert_int_equal(p.check, CHECK_ASKED);
        assert_false(p.plain_readers);
    }
}

static void a_file_with_one_origin_too_many_changes_nothing(void **state)
{
    static struct policy p;
    char text[64];
    (void)state;
    for (size_t i = 0; i < LIMIT_POLICY_ORIGINS; i++) {
        snprintf(text, sizeof text, "{\"origins\":{\"https://n%zu.example\":{}}}", i);
        assert_null(policy_file_parse(span_str(text), &p));
    }
    assert_string_equal(
        policy_file_parse(span_str("{\"origins\":{\"https://one-more.example\":{}}}"), &p),
        "there are too many origins");
    assert_int_equal(p.n_origins, LIMIT_POLICY_ORIGINS);
}

static void put(const char *name, const char *content)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(content, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, 0644), 0);
}

static void a_folder_is_laid_file_over_file_without_the_bad_ones(void **state)
{
    static struct policy p;
    bool is_root = geteuid() == 0; /* else nothing here can belong to root, and nothing is read */
    (void)state;
    put("10.json", "{\"origins\":{\"" MAIL "\":{\"decrypt\":true}}}");
    put("20.json", "{\"revocationCheck\":\"never\"}");
    put("30.conf", "not of ours");
    assert_int_equal(policy_load(scratch, &p), is_root);
    assert_int_equal(decrypts(&p, MAIL), is_root);
    put("15.json", "{\"origins\":{\"" MAIL "\":{\"decrypt\":false}},\"x\":1}");
    put("30.json", "{\"revocationCheck\":\"never\"}");
    assert_false(policy_load(scratch, &p));
    assert_int_equal(decrypts(&p, MAIL), is_root);
    assert_int_equal(p.check, CHECK_NEVER);
    assert_true(policy_load("/nonexistent/korttisilta", &p));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_says_who_may_decrypt_and_that_no_revocation_is_looked_up),
        cmocka_unit_test(a_later_file_changes_what_it_names_and_nothing_else),
        cmocka_unit_test(revocation_is_looked_up_when_the_file_says),
        cmocka_unit_test(pin_pads_are_used_unless_the_file_says_no),
        cmocka_unit_test(the_journal_is_kept_unless_the_file_says_no),
        cmocka_unit_test(the_scs_interface_has_its_rules),
        cmocka_unit_test(web_eids_dialect_is_served_unless_the_file_says_no),
        cmocka_unit_test(a_file_with_a_flaw_changes_nothing),
        cmocka_unit_test(a_file_with_one_origin_too_many_changes_nothing),
        cmocka_unit_test_setup_teardown(a_folder_is_laid_file_over_file_without_the_bad_ones,
                                        scratch_make, scratch_drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
