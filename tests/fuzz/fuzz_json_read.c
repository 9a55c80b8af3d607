/* Input: a JSON text. What is accepted is written out again node by node and read back. */
#include "wire/json_read.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "fuzz.h"
#include "wire/json_grammar.h"
#include "wire/json_write.h"

static void check_string(const struct json *j, size_t node)
{
    struct buf store;
    struct buf out;
    struct span text;
    struct json_writer w;
    buf_init(&store, LIMIT_MESSAGE);
    buf_init(&out, (size_t)6 * LIMIT_MESSAGE);
    REQUIRE(json_string(j, node, 0, LIMIT_MESSAGE, &store, &text) == ERR_OK);
    REQUIRE(utf8_valid(text));
    REQUIRE(text.len == 0 || memchr(text.at, 0, text.len) == NULL);
    json_write_open(&w, &out, (size_t)6 * LIMIT_MESSAGE);
    json_put_string(&w, NULL, text);
    REQUIRE(json_write_close(&w) == ERR_OK);
    REQUIRE(json_grammar_check(buf_span(&out)) == ERR_OK);
    uint8_t *again = malloc(out.len);
    REQUIRE(again != NULL);
    size_t n = json_grammar_unescape(span_sub(buf_span(&out), 1, out.len - 2), again);
    REQUIRE(span_eq(span_of(again, n), text));
    free(again);
    buf_clear(&out);
    buf_clear(&store);
}

static void check_base64(const struct json *j, size_t node)
{
    struct buf store;
    struct span bytes;
    buf_init(&store, LIMIT_MESSAGE);
    enum err e = json_base64(j, node, 1, 1000, &store, &bytes);
    REQUIRE(e == ERR_OK ? bytes.len >= 1 && bytes.len <= 1000 : store.len == 0);
    buf_clear(&store);
}

static void check_number(const struct json *j, size_t node)
{
    int64_t value;
    if (json_integer(j, node, -1000, 1000, &value) == ERR_OK) {
        REQUIRE(value >= -1000 && value <= 1000);
    }
}

static void check_array(const struct json *j, size_t node)
{
    size_t n = 0;
    for (size_t i = json_first(j, node); i != JSON_ABSENT; i = json_next(j, i)) {
        REQUIRE(n++ < LIMIT_JSON_TOKENS);
    }
    REQUIRE(n == json_count(j, node));
}

static void check_keys(const struct json *j, size_t node)
{
    size_t n = 0;
    for (size_t key = json_first_key(j, node); key != JSON_ABSENT; key = json_next_key(j, key)) {
        REQUIRE(json_kind(j, key) == JSON_STRING);
        REQUIRE(json_value(j, key) < LIMIT_JSON_TOKENS);
        REQUIRE(n++ < LIMIT_JSON_MEMBERS);
    }
}

static void check_node(const struct json *j, size_t node)
{
    bool truth;
    struct span text;
    struct buf store;
    enum json_kind kind = json_kind(j, node);
    buf_init(&store, 16);
    if (kind == JSON_STRING) {
        check_string(j, node);
        check_base64(j, node);
    } else {
        REQUIRE(json_string(j, node, 0, 16, &store, &text) == ERR_ARGUMENT);
    }
    REQUIRE((json_bool(j, node, &truth) == ERR_OK) == (kind == JSON_BOOL));
    check_number(j, node);
    check_array(j, node);
    check_keys(j, node);
    buf_clear(&store);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const names[] = {"a", "b", "id", "", NULL};
    struct json *j = NULL;
    struct span text = span_of(data, size);
    enum err grammar = json_grammar_check(text);
    enum err e = json_open(text, &j);
    REQUIRE(grammar == ERR_OK || e == ERR_MALFORMED);
    if (e != ERR_OK) {
        REQUIRE(j == NULL);
        return 0;
    }
    for (size_t i = 0; names[i] != NULL; i++) {
        size_t node = json_member(j, JSON_ROOT, names[i]);
        if (node != JSON_ABSENT) {
            check_node(j, node);
            for (size_t k = json_first(j, node); k != JSON_ABSENT; k = json_next(j, k)) {
                check_node(j, k);
            }
            (void)json_has_only(j, node, names);
        }
    }
    (void)json_has_only(j, JSON_ROOT, names);
    check_keys(j, JSON_ROOT);
    json_close(&j);
    return 0;
}
