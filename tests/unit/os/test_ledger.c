#include "unit/os/scratch.h"
#include "unit/test.h"

#include "os/ledger.h"

#include <sys/wait.h>

#define NAME "test.ledger"

static const struct ledger ledger = {.name = NAME, .max_line = 64, .max_file = 400};
static char path[128], old[sizeof path + 4];

static int start(void **state)
{
    if (scratch_make(state) != 0 || setenv("XDG_STATE_HOME", scratch, 1) != 0) {
        return 1;
    }
    snprintf(path, sizeof path, "%s/korttisilta/" NAME, scratch);
    snprintf(old, sizeof old, "%s.old", path);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    ledger_remove(&ledger);
    return 0;
}

/* The line after "…N" is "…N+1", so that a line made from another one than the last shows. */
static enum err make_next(void *user, struct span last, struct buf *out)
{
    char text[80];
    char number[16];
    snprintf(number, sizeof number, "%.*s", (int)last.len,
             last.len > 0 ? (const char *)last.at : "");
    snprintf(text, sizeof text, "%d %s", atoi(number) + 1, (const char *)user);
    return buf_append_str(out, text);
}

static enum err make_nothing(void *user, struct span last, struct buf *out)
{
    (void)user;
    (void)last;
    (void)out;
    return ERR_NOMEM;
}

struct lines {
    char text[64][80];
    size_t n;
    size_t enough;
};

static bool take(void *user, struct span line)
{
    struct lines *l = user;
    assert_true(l->n < 64);
    snprintf(l->text[l->n++], sizeof l->text[0], "%.*s", (int)line.len, (const char *)line.at);
    return l->n != l->enough;
}

static struct lines read_all(void)
{
    struct lines l = {.n = 0};
    assert_int_equal(ledger_read(&ledger, take, &l), ERR_OK);
    return l;
}

static void write_file(const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_int_equal(chmod(path, 0600), 0);
    fputs(text, f);
    fclose(f);
}

static void each_line_follows_the_last_one(void **state)
{
    struct lines l = {.n = 0};
    struct stat st;
    (void)state;
    assert_int_equal(ledger_read(&ledger, take, &l), ERR_CLOSED);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(ledger_append(&ledger, make_next, "x"), ERR_OK);
    }
    l = read_all();
    assert_int_equal(l.n, 3);
    assert_string_equal(l.text[2], "3 x");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
}

static void a_line_that_is_not_made_leaves_the_file(void **state)
{
    (void)state;
    assert_int_equal(ledger_append(&ledger, make_next, "x"), ERR_OK);
    assert_int_equal(ledger_append(&ledger, make_nothing, NULL), ERR_NOMEM);
    char longer[70];
    memset(longer, 'y', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_int_equal(ledger_append(&ledger, make_next, longer), ERR_TOO_LARGE);
    assert_int_equal(read_all().n, 1);
}

static void a_full_file_becomes_the_old_one_and_the_next_goes_on(void **state)
{
    struct lines l;
    (void)state;
    for (int i = 0; i < 30; i++) {
        assert_int_equal(
            ledger_append(&ledger, make_next, "0123456789012345678901234567890123456789"), ERR_OK);
    }
    assert_int_equal(access(old, F_OK), 0);
    l = read_all();
    assert_true(l.n > 8 && l.n < 30);
    for (size_t i = 0; i < l.n; i++) {
        assert_int_equal(atoi(l.text[i]), 30 - (int)(l.n - 1 - i));
    }
}

static void a_line_that_was_cut_off_stays_by_itself(void **state)
{
    struct lines l;
    (void)state;
    write_file("1 x\n2 cut");
    assert_int_equal(ledger_append(&ledger, make_next, "x"), ERR_OK);
    l = read_all();
    assert_int_equal(l.n, 3);
    assert_string_equal(l.text[1], "2 cut");
    assert_string_equal(l.text[2], "3 x");
}

static void too_long_a_line_is_given_in_parts(void **state)
{
    struct lines l;
    char text[64 + 64 + 6];
    (void)state;
    memset(text, 'a', 64 + 64 + 2);
    strcpy(text + 64 + 64 + 2, "\n1\n");
    write_file(text);
    l = read_all();
    assert_int_equal(l.n, 4);
    assert_int_equal(strlen(l.text[0]), 64);
    assert_string_equal(l.text[2], "aa");
    assert_string_equal(l.text[3], "1");
}

static void reading_stops_when_it_is_enough(void **state)
{
    struct lines l = {.n = 0, .enough = 2};
    (void)state;
    write_file("1\n2\n3\n");
    assert_int_equal(ledger_read(&ledger, take, &l), ERR_OK);
    assert_int_equal(l.n, 2);
}

static void what_others_may_touch_is_not_used(void **state)
{
    struct lines l = {.n = 0};
    (void)state;
    write_file("1\n");
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(ledger_append(&ledger, make_next, "x"), ERR_CLOSED);
    assert_int_equal(ledger_read(&ledger, take, &l), ERR_CLOSED);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink("/etc/hostname", path), 0);
    assert_int_equal(ledger_append(&ledger, make_next, "x"), ERR_CLOSED);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(ledger_append(&ledger, make_next, "x"), ERR_CLOSED);
}

/* Two programs at a time, over a change of files: no line is lost, none is made from an old one. */
static void programs_wait_for_each_other(void **state)
{
    static const struct ledger small = {.name = NAME, .max_line = 64, .max_file = 4000};
    enum { PROGRAMS = 4, LINES = 100 };
    struct lines *l = calloc(1, sizeof *l);
    (void)state;
    for (int i = 0; i < PROGRAMS; i++) {
        if (fork() == 0) {
            bool good = true;
            for (int j = 0; j < LINES; j++) {
                good = good && ledger_append(&small, make_next, "01234567") == ERR_OK;
            }
            _exit(good ? 0 : 1);
        }
    }
    for (int i = 0; i < PROGRAMS; i++) {
        int status;
        assert_true(wait(&status) > 0);
        assert_int_equal(status, 0);
    }
    l->n = 0;
    l->enough = 1;
    assert_int_equal(ledger_read(&small, take, l), ERR_OK);
    int first = atoi(l->text[0]);
    assert_true(first > 0 && first < PROGRAMS * LINES);
    assert_int_equal(ledger_append(&small, make_next, "x"), ERR_OK);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    int number = 0;
    while (fscanf(f, "%d %*s", &number) == 1) {
    }
    fclose(f);
    assert_int_equal(number, PROGRAMS * LINES + 1);
    free(l);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(each_line_follows_the_last_one, fresh),
        cmocka_unit_test_setup(a_line_that_is_not_made_leaves_the_file, fresh),
        cmocka_unit_test_setup(a_full_file_becomes_the_old_one_and_the_next_goes_on, fresh),
        cmocka_unit_test_setup(a_line_that_was_cut_off_stays_by_itself, fresh),
        cmocka_unit_test_setup(too_long_a_line_is_given_in_parts, fresh),
        cmocka_unit_test_setup(reading_stops_when_it_is_enough, fresh),
        cmocka_unit_test_setup(what_others_may_touch_is_not_used, fresh),
        cmocka_unit_test_setup(programs_wait_for_each_other, fresh),
    };
    return cmocka_run_group_tests(tests, start, scratch_drop);
}
