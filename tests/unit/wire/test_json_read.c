#include "wire/json_read.h"

#include "base/limits.h"
#include "unit/test.h"

#include <stdio.h>

static enum err try_open(struct span text)
{
    struct json *j = NULL;
    enum err e = json_open(text, &j);
    assert_true((e == ERR_OK) == (j != NULL));
    json_close(&j);
    return e;
}

static struct json *open_text(const char *text)
{
    struct json *j = NULL;
    assert_int_equal(json_open(span_str(text), &j), ERR_OK);
    return j;
}

static void only_an_object_is_a_message(void **state)
{
    static const struct {
        const char *text;
        enum err want;
    } rows[] = {
        {"{}", ERR_OK},
        {" \r\n\t{\"a\":[]} ", ERR_OK},
        {"[]", ERR_REQUEST_INVALID},
        {"[{\"jsonrpc\":\"2.0\"}]", ERR_REQUEST_INVALID},
        {" 1", ERR_REQUEST_INVALID},
        {"\"{}\"", ERR_REQUEST_INVALID},
        {"null", ERR_REQUEST_INVALID},
        {"", ERR_MALFORMED},
        {"{\"a\":1,}", ERR_MALFORMED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(try_open(span_str(rows[i].text)), rows[i].want);
    }
}

static void a_key_may_stand_once_in_its_object_however_it_is_spelled(void **state)
{
    static const struct {
        const char *text;
        enum err want;
    } rows[] = {
        {"{\"a\":1,\"a\":1}", ERR_MALFORMED},
        {"{\"a\":1,\"b\":2,\"a\":3}", ERR_MALFORMED},
        {"{\"a\":1,\"\\u0061\":2}", ERR_MALFORMED},
        {"{\"\\u0061\":1,\"a\":2}", ERR_MALFORMED},
        {"{\"\\/\":1,\"/\":2}", ERR_MALFORMED},
        {"{\"\":1,\"\":2}", ERR_MALFORMED},
        {"{\"x\":{\"a\":1,\"a\":2}}", ERR_MALFORMED},
        {"{\"x\":[1,{\"a\":1,\"a\":2}]}", ERR_MALFORMED},
        {"{\"a\":[{\"q\":1}],\"a\":2}", ERR_MALFORMED},
        {"{\"a\":1,\"A\":2}", ERR_OK},
        {"{\"a\":{\"a\":{\"a\":1}}}", ERR_OK},
        {"{\"x\":[{\"a\":1},{\"a\":1}]}", ERR_OK},
        {"{\"a\":\"a\",\"b\":\"a\"}", ERR_OK},
        /* composed and decomposed forms are different keys */
        {"{\"\xC3\xA4\":1,\"a\xCC\x88\":2}", ERR_OK},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (try_open(span_str(rows[i].text)) != rows[i].want) {
            fail_msg("wrong: %s", rows[i].text);
        }
    }
}

/* {"k0":0,"k1":0,...} */
static enum err open_members(size_t n)
{
    char text[4096] = "{";
    size_t len = 1;
    for (size_t i = 0; i < n; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, "%s\"k%zu\":0", i > 0 ? "," : "", i);
    }
    text[len++] = '}';
    return try_open(span_of(text, len));
}

static void an_object_has_at_most_64_members(void **state)
{
    (void)state;
    assert_int_equal(open_members(LIMIT_JSON_MEMBERS), ERR_OK);
    assert_int_equal(open_members(LIMIT_JSON_MEMBERS + 1), ERR_TOO_LARGE);
}

static enum err open_key(size_t len)
{
    char text[LIMIT_JSON_KEY + 16];
    memset(text, 'k', sizeof text);
    memcpy(text, "{\"", 2);
    memcpy(text + 2 + len, "\":1}", 4);
    return try_open(span_of(text, len + 6));
}

static void a_key_has_at_most_128_bytes(void **state)
{
    (void)state;
    assert_int_equal(open_key(LIMIT_JSON_KEY), ERR_OK);
    assert_int_equal(open_key(LIMIT_JSON_KEY + 1), ERR_TOO_LARGE);
}

/* {"a":[0,0,...]}: object, key and array are three tokens. */
static enum err open_array(size_t n)
{
    struct buf text;
    buf_init(&text, LIMIT_MESSAGE);
    assert_int_equal(buf_append_str(&text, "{\"a\":[0"), ERR_OK);
    for (size_t i = 1; i < n; i++) {
        assert_int_equal(buf_append_str(&text, ",0"), ERR_OK);
    }
    assert_int_equal(buf_append_str(&text, "]}"), ERR_OK);
    enum err e = try_open(buf_span(&text));
    buf_clear(&text);
    return e;
}

static void a_text_has_at_most_8192_values_and_keys(void **state)
{
    (void)state;
    assert_int_equal(open_array(LIMIT_JSON_TOKENS - 3), ERR_OK);
    assert_int_equal(open_array(LIMIT_JSON_TOKENS - 2), ERR_TOO_LARGE);
}

static enum err open_padded(size_t len)
{
    char *text = malloc(len);
    assert_non_null(text);
    memset(text, ' ', len);
    memcpy(text, "{}", 2);
    enum err e = try_open(span_of(text, len));
    free(text);
    return e;
}

static void a_text_has_at_most_4_mib(void **state)
{
    (void)state;
    assert_int_equal(open_padded(LIMIT_MESSAGE), ERR_OK);
    assert_int_equal(open_padded(LIMIT_MESSAGE + 1), ERR_TOO_LARGE);
}

static void members_are_found_by_name_in_their_own_object_only(void **state)
{
    struct json *j = open_text("{\"a\":{\"deep\":1},\"b\":[{\"x\":2}],\"s\":\"b\",\"\\u0063\":3}");
    int64_t number;
    (void)state;
    assert_int_equal(json_kind(j, json_member(j, JSON_ROOT, "a")), JSON_OBJECT);
    assert_int_equal(json_kind(j, json_member(j, JSON_ROOT, "b")), JSON_ARRAY);
    assert_int_equal(json_kind(j, json_member(j, JSON_ROOT, "s")), JSON_STRING);
    assert_int_equal(json_integer(j, json_member(j, JSON_ROOT, "c"), 0, 9, &number), ERR_OK);
    assert_int_equal(number, 3);
    assert_true(json_member(j, JSON_ROOT, "deep") == JSON_ABSENT);
    assert_true(json_member(j, JSON_ROOT, "x") == JSON_ABSENT);
    assert_true(json_member(j, JSON_ROOT, "") == JSON_ABSENT);
    assert_true(json_member(j, JSON_ABSENT, "a") == JSON_ABSENT);
    assert_true(json_member(j, json_member(j, JSON_ROOT, "b"), "x") == JSON_ABSENT);
    json_close(&j);
    assert_null(j);
    json_close(&j);
}

static void unknown_members_are_noticed(void **state)
{
    static const char *const ab[] = {"a", "b", NULL};
    static const char *const none[] = {NULL};
    struct json *j = open_text("{\"a\":{\"z\":1},\"\\u0062\":{}}");
    (void)state;
    assert_true(json_has_only(j, JSON_ROOT, ab));
    assert_false(json_has_only(j, JSON_ROOT, ab + 1));
    assert_false(json_has_only(j, JSON_ROOT, none));
    assert_false(json_has_only(j, json_member(j, JSON_ROOT, "a"), ab));
    assert_true(json_has_only(j, json_member(j, JSON_ROOT, "b"), none));
    json_close(&j);
}

/* An array's elements may be longer than any key: asking it for members must not treat them so. */
static void what_is_no_object_has_no_members_to_judge(void **state)
{
    static const char *const values[] = {
        "[]", "[{\"a\":\"\\n%0200d\"}]", "[\"\\n%0200d\"]", "\"\\n%0200d\"", "%d", "null"};
    static const char *const none[] = {NULL};
    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        char value[300];
        char text[320];
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(value, sizeof value, values[i], 7);
#pragma GCC diagnostic pop
        snprintf(text, sizeof text, "{\"a\":%s}", value);
        struct json *j = open_text(text);
        size_t node = json_member(j, JSON_ROOT, "a");
        assert_false(json_has_only(j, node, none));
        assert_int_equal(json_member(j, node, "a"), JSON_ABSENT);
        json_close(&j);
    }
    struct json *j = open_text("{}");
    assert_false(json_has_only(j, JSON_ABSENT, none));
    assert_int_equal(json_kind(j, JSON_ABSENT), JSON_NULL);
    json_close(&j);
}

static void arrays_are_walked_over_nested_elements(void **state)
{
    struct json *j = open_text("{\"a\":[{\"x\":[1,2]},[],\"s\",4],\"e\":[],\"z\":0}");
    static const enum json_kind want[] = {JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_NUMBER};
    size_t array = json_member(j, JSON_ROOT, "a");
    size_t node = json_first(j, array);
    (void)state;
    assert_int_equal(json_count(j, array), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(json_kind(j, node), want[i]);
        node = json_next(j, node);
    }
    assert_true(node == JSON_ABSENT);
    assert_int_equal(json_count(j, json_member(j, JSON_ROOT, "e")), 0);
    assert_true(json_first(j, json_member(j, JSON_ROOT, "e")) == JSON_ABSENT);
    assert_int_equal(json_count(j, json_member(j, JSON_ROOT, "z")), 0);
    assert_int_equal(json_count(j, JSON_ROOT), 0);
    assert_int_equal(json_count(j, JSON_ABSENT), 0);
    json_close(&j);
}

static void keys_that_are_data_are_walked_with_their_values(void **state)
{
    static const struct {
        const char *key, *value;
    } want[] = {{"b", "1"}, {"", "x"}, {"c", "z"}, {"a", "last"}};
    struct json *j = NULL;
    struct buf store;
    struct span key, value;
    size_t n = 0;
    (void)state;
    assert_int_equal(json_open(span_str("{\"o\":{\"b\":\"1\",\"\":[{\"x\":\"x\"}],"
                                        "\"c\":{\"y\":{},\"z\":[\"z\"]},\"\\u0061\":\"last\"},"
                                        "\"e\":{},\"s\":\"o\",\"l\":[\"k\",1]}"),
                               &j),
                     ERR_OK);
    buf_init(&store, 64);
    size_t object = json_member(j, JSON_ROOT, "o");
    for (size_t at = json_first_key(j, object); at != JSON_ABSENT; at = json_next_key(j, at)) {
        size_t inner = json_value(j, at);
        assert_int_equal(json_string(j, at, 0, 8, &store, &key), ERR_OK);
        assert_true(span_is(key, want[n].key));
        inner = n == 1 ? json_member(j, json_first(j, inner), "x") : inner;
        inner = n == 2 ? json_first(j, json_member(j, inner, "z")) : inner;
        assert_int_equal(json_string(j, inner, 1, 8, &store, &value), ERR_OK);
        assert_true(span_is(value, want[n].value));
        n++;
    }
    assert_int_equal(n, 4);
    static const char *const without[] = {"e", "s", "l", "absent"};
    for (size_t i = 0; i < 4; i++) {
        assert_true(json_first_key(j, json_member(j, JSON_ROOT, without[i])) == JSON_ABSENT);
    }
    buf_clear(&store);
    json_close(&j);
}

static void strings_are_unescaped_and_bounded_in_bytes(void **state)
{
    static const struct {
        const char *json;
        size_t min, max;
        const char *want; /* NULL: ERR_ARGUMENT */
    } rows[] = {
        {"\"abc\"", 1, 3, "abc"},
        {"\"abc\"", 1, 2, NULL},
        {"\"abc\"", 4, 9, NULL},
        {"\"\"", 0, 3, ""},
        {"\"\"", 1, 3, NULL},
        {"\"\\u00e4\"", 2, 2, "\xC3\xA4"},
        {"\"\\u00e4\"", 1, 1, NULL},
        {"\"\\u0061\\u0062\\u0063\"", 3, 3, "abc"},
        {"\"\\u0061\\u0062\\u0063\\u0064\"", 1, 3, NULL},
        {"\"\\ud83d\\ude00\"", 1, 4, "\xF0\x9F\x98\x80"},
        {"1", 0, 9, NULL},
        {"null", 0, 9, NULL},
        {"true", 0, 9, NULL},
        {"[\"a\"]", 0, 9, NULL},
        {"{\"a\":\"b\"}", 0, 9, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[128];
        struct buf store;
        struct span found = {NULL, 0};
        buf_init(&store, 64);
        assert_int_equal(buf_append_str(&store, "before"), ERR_OK);
        snprintf(text, sizeof text, "{\"v\":%s}", rows[i].json);
        struct json *j = open_text(text);
        enum err e = json_string(j, json_member(j, JSON_ROOT, "v"), rows[i].min, rows[i].max,
                                 &store, &found);
        if (rows[i].want == NULL) {
            assert_int_equal(e, ERR_ARGUMENT);
            assert_true(span_is(buf_span(&store), "before"));
        } else {
            assert_int_equal(e, ERR_OK);
            assert_true(span_is(found, rows[i].want));
        }
        json_close(&j);
        buf_clear(&store);
    }
}

static void an_absent_node_has_no_value(void **state)
{
    struct json *j = open_text("{}");
    struct buf store;
    struct span text;
    int64_t number;
    bool truth;
    (void)state;
    buf_init(&store, 9);
    assert_int_equal(json_string(j, JSON_ABSENT, 0, 9, &store, &text), ERR_ARGUMENT);
    assert_int_equal(json_base64(j, JSON_ABSENT, 0, 9, &store, &text), ERR_ARGUMENT);
    assert_int_equal(json_integer(j, JSON_ABSENT, 0, 9, &number), ERR_ARGUMENT);
    assert_int_equal(json_bool(j, JSON_ABSENT, &truth), ERR_ARGUMENT);
    json_close(&j);
}

static void base64_is_decoded_strictly(void **state)
{
    static const struct {
        const char *json;
        size_t min, max;
        const char *want;
    } rows[] = {
        {"\"YWJj\"", 1, 3, "abc"},
        {"\"YWJj\"", 1, 2, NULL},
        {"\"YWJj\"", 4, 9, NULL},
        {"\"\"", 0, 0, ""},
        {"\"\"", 1, 9, NULL},
        {"\"\\/\\/\\/\\/\"", 3, 3, "\xFF\xFF\xFF"},
        {"\"\\u0059WJj\"", 3, 3, "abc"},
        {"\"YWI\"", 0, 9, NULL},
        {"\"YWI=\"", 0, 9, "ab"},
        {"\"YWJ=\"", 0, 9, NULL},
        {"\"YW Jj\"", 0, 9, NULL},
        {"\"YW-_\"", 0, 9, NULL},
        {"5", 0, 9, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[128];
        struct buf store;
        struct span found = {NULL, 0};
        buf_init(&store, 64);
        assert_int_equal(buf_append_str(&store, "before"), ERR_OK);
        snprintf(text, sizeof text, "{\"v\":%s}", rows[i].json);
        struct json *j = open_text(text);
        enum err e = json_base64(j, json_member(j, JSON_ROOT, "v"), rows[i].min, rows[i].max,
                                 &store, &found);
        if (rows[i].want == NULL) {
            assert_int_equal(e, ERR_ARGUMENT);
            assert_true(span_is(buf_span(&store), "before"));
        } else {
            assert_int_equal(e, ERR_OK);
            assert_true(span_is(found, rows[i].want));
        }
        json_close(&j);
        buf_clear(&store);
    }
}

static void integers_are_exact_and_in_range(void **state)
{
    static const struct {
        const char *json;
        int64_t min, max, want;
        enum err err;
    } rows[] = {
        {"0", 0, 9, 0, ERR_OK},
        {"-5", -5, 5, -5, ERR_OK},
        {"9007199254740991", 0, 9007199254740991, 9007199254740991, ERR_OK},
        {"999999999999999999", 0, INT64_MAX, 999999999999999999, ERR_OK},
        {"9007199254740992", 0, 9007199254740991, 0, ERR_ARGUMENT},
        {"9223372036854775807", INT64_MIN, INT64_MAX, 0, ERR_ARGUMENT},
        {"18446744073709551616", INT64_MIN, INT64_MAX, 0, ERR_ARGUMENT},
        {"99999999999999999999999999999999", INT64_MIN, INT64_MAX, 0, ERR_ARGUMENT},
        {"-0", -9, 9, 0, ERR_ARGUMENT},
        {"1.0", 0, 9, 0, ERR_ARGUMENT},
        {"1e0", 0, 9, 0, ERR_ARGUMENT},
        {"10", 0, 9, 0, ERR_ARGUMENT},
        {"-1", 0, 9, 0, ERR_ARGUMENT},
        {"\"1\"", 0, 9, 0, ERR_ARGUMENT},
        {"true", 0, 9, 0, ERR_ARGUMENT},
        {"null", 0, 9, 0, ERR_ARGUMENT},
        {"[1]", 0, 9, 0, ERR_ARGUMENT},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[128];
        int64_t number = 0;
        snprintf(text, sizeof text, "{\"v\":%s}", rows[i].json);
        struct json *j = open_text(text);
        if (json_integer(j, json_member(j, JSON_ROOT, "v"), rows[i].min, rows[i].max, &number) !=
                rows[i].err ||
            number != rows[i].want) {
            fail_msg("wrong: %s", rows[i].json);
        }
        json_close(&j);
    }
}

static void booleans_are_the_two_words(void **state)
{
    struct json *j = open_text("{\"t\":true,\"f\":false,\"n\":null,\"s\":\"true\",\"i\":1}");
    bool truth = false;
    (void)state;
    assert_int_equal(json_bool(j, json_member(j, JSON_ROOT, "t"), &truth), ERR_OK);
    assert_true(truth);
    assert_int_equal(json_bool(j, json_member(j, JSON_ROOT, "f"), &truth), ERR_OK);
    assert_false(truth);
    assert_int_equal(json_bool(j, json_member(j, JSON_ROOT, "n"), &truth), ERR_ARGUMENT);
    assert_int_equal(json_bool(j, json_member(j, JSON_ROOT, "s"), &truth), ERR_ARGUMENT);
    assert_int_equal(json_bool(j, json_member(j, JSON_ROOT, "i"), &truth), ERR_ARGUMENT);
    assert_int_equal(json_kind(j, json_member(j, JSON_ROOT, "n")), JSON_NULL);
    json_close(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_an_object_is_a_message),
        cmocka_unit_test(a_key_may_stand_once_in_its_object_however_it_is_spelled),
        cmocka_unit_test(an_object_has_at_most_64_members),
        cmocka_unit_test(a_key_has_at_most_128_bytes),
        cmocka_unit_test(a_text_has_at_most_8192_values_and_keys),
        cmocka_unit_test(a_text_has_at_most_4_mib),
        cmocka_unit_test(members_are_found_by_name_in_their_own_object_only),
        cmocka_unit_test(unknown_members_are_noticed),
        cmocka_unit_test(what_is_no_object_has_no_members_to_judge),
        cmocka_unit_test(arrays_are_walked_over_nested_elements),
        cmocka_unit_test(keys_that_are_data_are_walked_with_their_values),
        cmocka_unit_test(strings_are_unescaped_and_bounded_in_bytes),
        cmocka_unit_test(an_absent_node_has_no_value),
        cmocka_unit_test(base64_is_decoded_strictly),
        cmocka_unit_test(integers_are_exact_and_in_range),
        cmocka_unit_test(booleans_are_the_two_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
