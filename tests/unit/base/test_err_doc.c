/* docs/protocol.md lists the errors of err.def, row by row; this keeps the two in step. */
#include "base/err.h"

#include "base/buf.h"
#include "unit/test.h"

#include <stdio.h>

#define BEGIN "<!-- errors:begin -->\n"
#define END   "<!-- errors:end -->"

static char *read_document(void)
{
    static char text[64 * 1024];
    FILE *file = fopen(TEST_SOURCE_DIR "/../docs/protocol.md", "rb");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    assert_int_equal(ferror(file), 0);
    assert_true(len < sizeof text - 1);
    fclose(file);
    text[len] = '\0';
    return text;
}

static void append_row(struct buf *out, enum err e)
{
    char row[512];
    int n = snprintf(row, sizeof row, "| %d | `%s` | %s | %s |\n", err_code(e), err_name(e),
                     err_may_retry(e) ? "yes" : "no", err_text(e));
    assert_true(n > 0 && (size_t)n < sizeof row);
    assert_int_equal(buf_append_str(out, row), ERR_OK);
}

static void the_protocol_document_lists_every_error(void **state)
{
    char *begin = strstr(read_document(), BEGIN);
    struct buf want;
    (void)state;
    assert_non_null(begin);
    begin += strlen(BEGIN);
    char *end = strstr(begin, END);
    assert_non_null(end);
    *end = '\0';
    buf_init(&want, 64 * 1024);
    assert_int_equal(
        buf_append_str(&want, "| code | name | retry | meaning |\n|---|---|---|---|\n"), ERR_OK);
    for (unsigned e = ERR_OK + 1; e < ERR_COUNT; e++) {
        append_row(&want, (enum err)e);
    }
    assert_int_equal(buf_append_u8(&want, 0), ERR_OK);
    if (strcmp(begin, (const char *)want.at) != 0) {
        fail_msg("the table between the two marks must be:\n%s", (const char *)want.at);
    }
    buf_clear(&want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_protocol_document_lists_every_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
