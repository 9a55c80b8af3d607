#include "base/log.h"

#include "unit/test.h"

#include <stdio.h>
#include <unistd.h>

/* Runs with stderr in a file; the text that came is in `got`. */
struct capture {
    FILE *file;
    int saved;
    char got[2048];
};

static void capture_begin(struct capture *c)
{
    fflush(stderr);
    c->file = tmpfile();
    assert_non_null(c->file);
    c->saved = dup(STDERR_FILENO);
    assert_true(c->saved >= 0);
    assert_true(dup2(fileno(c->file), STDERR_FILENO) >= 0);
}

static void capture_end(struct capture *c)
{
    fflush(stderr);
    assert_true(dup2(c->saved, STDERR_FILENO) >= 0);
    close(c->saved);
    rewind(c->file);
    c->got[fread(c->got, 1, sizeof c->got - 1, c->file)] = '\0';
    fclose(c->file);
}

static void write_all_levels(void)
{
    log_line(LOG_ERROR, "e %d", 1);
    log_line(LOG_WARN, "w %s", "x");
    log_line(LOG_INFO, "i");
    log_line(LOG_DEBUG, "d");
}

/* In the order of the rows: the level stays until log_open finds another one. */
static void the_level_comes_from_the_environment(void **state)
{
    static const struct {
        const char *level; /* NULL: not set */
        const char *want;
    } rows[] = {
        {NULL, "t: error: e 1\nt: warn: w x\n"},
        {"nonsense", "t: error: e 1\nt: warn: w x\n"},
        {"error", "t: error: e 1\n"},
        {"info", "t: error: e 1\nt: warn: w x\nt: info: i\n"},
        {"debug", "t: error: e 1\nt: warn: w x\nt: info: i\nt: debug: d\n"},
        {"warn", "t: error: e 1\nt: warn: w x\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct capture c;
        if (rows[i].level != NULL) {
            setenv("KORTTISILTA_LOG", rows[i].level, 1);
        } else {
            unsetenv("KORTTISILTA_LOG");
        }
        log_open("t");
        capture_begin(&c);
        write_all_levels();
        capture_end(&c);
        assert_string_equal(c.got, rows[i].want);
    }
}

static void foreign_text_can_not_start_a_line_of_its_own(void **state)
{
    struct capture c;
    (void)state;
    log_open("t");
    capture_begin(&c);
    log_line(LOG_ERROR, "origin %s end", "a\nt: error: forged\r\x1B[2J\x7F");
    capture_end(&c);
    assert_string_equal(c.got, "t: error: origin a?t: error: forged??[2J? end\n");
}

static void a_long_line_is_cut(void **state)
{
    struct capture c;
    char text[1500];
    (void)state;
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    capture_begin(&c);
    log_line(LOG_ERROR, "%s", text);
    capture_end(&c);
    assert_int_equal(strlen(c.got), strlen("t: error: ") + 511 + 1);
    assert_int_equal(c.got[strlen(c.got) - 1], '\n');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_level_comes_from_the_environment),
        cmocka_unit_test(foreign_text_can_not_start_a_line_of_its_own),
        cmocka_unit_test(a_long_line_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
