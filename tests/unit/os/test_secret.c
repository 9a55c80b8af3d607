#include "os/secret.h"
#include "unit/test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static struct secret *typed(const char *digits)
{
    struct secret *s = NULL;
    assert_int_equal(secret_new(&s), ERR_OK);
    for (; *digits != '\0'; digits++) {
        assert_int_equal(secret_push(s, (uint8_t)*digits), ERR_OK);
    }
    return s;
}

static void a_new_secret_is_empty(void **state)
{
    struct secret *s = typed("");
    (void)state;
    assert_int_equal(secret_len(s), 0);
    assert_int_equal(secret_span(s).len, 0);
    secret_free(&s);
    assert_null(s);
    secret_free(&s);
}

static void characters_are_edited_anywhere(void **state)
{
    static const struct {
        const char *before;
        size_t insert_at, remove_at, remove_n;
        const char *after;
    } rows[] = {
        {"1234", 0, 9, 1, "x1234"}, {"1234", 2, 0, 1, "2x34"}, {"1234", 4, 0, 0, "1234x"},
        {"12", 1, 1, 99, "1"},      {"", 0, 0, 1, ""},         {"1234", 4, 2, 2, "12x"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct secret *s = typed(rows[i].before);
        assert_int_equal(secret_insert(s, rows[i].insert_at, 'x'), ERR_OK);
        secret_remove(s, rows[i].remove_at, rows[i].remove_n);
        assert_true(span_is(secret_span(s), rows[i].after));
        assert_int_equal(secret_span(s).at[secret_len(s)], 0);
        secret_free(&s);
    }
}

static void nothing_is_written_past_the_capacity(void **state)
{
    struct secret *s = typed("0123456789abcdef");
    (void)state;
    assert_int_equal(secret_push(s, 'g'), ERR_TOO_LARGE);
    assert_int_equal(secret_insert(s, 0, 'g'), ERR_TOO_LARGE);
    assert_int_equal(secret_len(s), SECRET_CAP);
    secret_remove(s, 15, 1);
    assert_int_equal(secret_insert(s, 16, 'g'), ERR_ARGUMENT);
    secret_free(&s);
}

static void wiping_leaves_no_character(void **state)
{
    struct secret *s = typed("123456");
    const uint8_t *at = secret_span(s).at;
    (void)state;
    secret_wipe(s);
    assert_int_equal(secret_len(s), 0);
    for (size_t i = 0; i <= SECRET_CAP; i++) {
        assert_int_equal(at[i], 0);
    }
    secret_free(&s);
}

static void removed_characters_are_overwritten(void **state)
{
    struct secret *s = typed("987654");
    (void)state;
    secret_remove(s, 1, 3);
    assert_true(span_is(secret_span(s), "954"));
    for (size_t i = 3; i <= SECRET_CAP; i++) {
        assert_int_equal(secret_span(s).at[i], 0);
    }
    secret_free(&s);
}

static void equality_is_of_length_and_characters(void **state)
{
    static const struct {
        const char *a, *b;
        bool equal;
    } rows[] = {
        {"1234", "1234", true}, {"1234", "1235", false}, {"1234", "123", false}, {"", "", true}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct secret *a = typed(rows[i].a), *b = typed(rows[i].b);
        assert_int_equal(secret_equal(a, b), rows[i].equal);
        secret_free(&a);
        secret_free(&b);
    }
}

/* In a child, which gets a copy of all memory: the status tells what it saw. */
static int in_child(int (*see)(const struct secret *), const struct secret *s)
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        _exit(see(s));
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static int count_left(const struct secret *s)
{
    int left = 0;
    for (size_t i = 0; i < SECRET_CAP; i++) {
        left += secret_span(s).at[i] != 0;
    }
    return left;
}

static int touch_past_the_page(const struct secret *s)
{
    const volatile uint8_t *at = secret_span(s).at;
    signal(SIGSEGV, SIG_DFL);
    at += 4096 - ((uintptr_t)at & 4095);
    return *at;
}

static void a_forked_process_does_not_get_it(void **state)
{
    struct secret *s = typed("123456");
    (void)state;
    assert_int_equal(in_child(count_left, s), 0);
    assert_int_equal(count_left(s), 6);
    secret_free(&s);
}

static void the_page_behind_it_can_not_be_touched(void **state)
{
    struct secret *s = typed("123456");
    (void)state;
    int status = in_child(touch_past_the_page, s);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGSEGV);
    secret_free(&s);
}

/* The flags of the mapping, as the kernel lists them: dd is "do not dump", wf "wipe on fork". */
static void the_page_stays_out_of_core_dumps(void **state)
{
    struct secret *s = typed("123456");
    char line[512], flags[512] = "";
    bool inside = false;
    FILE *f = fopen("/proc/self/smaps", "r");
    (void)state;
    assert_non_null(f);
    while (fgets(line, sizeof line, f) != NULL) {
        unsigned long from, to;
        if (sscanf(line, "%lx-%lx ", &from, &to) == 2) {
            inside = (uintptr_t)s >= from && (uintptr_t)s < to;
        }
        if (inside && strncmp(line, "VmFlags:", 8) == 0) {
            strcpy(flags, line);
        }
    }
    fclose(f);
    assert_non_null(strstr(flags, " dd"));
    assert_non_null(strstr(flags, " wf"));
    secret_free(&s);
}

static int harden(const struct secret *s)
{
    struct rlimit core;
    (void)s;
    secret_harden_process();
    return prctl(PR_GET_DUMPABLE) != 0 || getrlimit(RLIMIT_CORE, &core) != 0 || core.rlim_max != 0;
}

static void a_hardened_process_leaves_no_core(void **state)
{
    (void)state;
    assert_int_equal(in_child(harden, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_secret_is_empty),
        cmocka_unit_test(characters_are_edited_anywhere),
        cmocka_unit_test(nothing_is_written_past_the_capacity),
        cmocka_unit_test(wiping_leaves_no_character),
        cmocka_unit_test(removed_characters_are_overwritten),
        cmocka_unit_test(equality_is_of_length_and_characters),
        cmocka_unit_test(a_forked_process_does_not_get_it),
        cmocka_unit_test(the_page_behind_it_can_not_be_touched),
        cmocka_unit_test(the_page_stays_out_of_core_dumps),
        cmocka_unit_test(a_hardened_process_leaves_no_core),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
