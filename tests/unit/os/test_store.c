#include "unit/os/scratch.h"
#include "unit/test.h"

#include "os/store.h"

#include <dirent.h>
#include <unistd.h>

#define NAME "test.store"

static char path[128];

static int start(void **state)
{
    if (scratch_make(state) != 0 || setenv("XDG_RUNTIME_DIR", scratch, 1) != 0) {
        return 1;
    }
    snprintf(path, sizeof path, "%s/korttisilta/" NAME, scratch);
    return 0;
}

static enum err read_back(struct buf *out, size_t max)
{
    buf_init(out, max);
    return store_read(STORE_SESSION, NAME, out);
}

static void what_was_written_is_read(void **state)
{
    static const char *const texts[] = {"first", "", "the second is longer"};
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct buf b;
        assert_int_equal(store_replace(STORE_SESSION, NAME, span_str(texts[i])), ERR_OK);
        assert_int_equal(read_back(&b, 100), ERR_OK);
        assert_true(span_is(buf_span(&b), texts[i]));
        buf_clear(&b);
    }
}

static void the_state_folder_is_another_place(void **state)
{
    struct buf b;
    char text[256], want[256];
    (void)state;
    assert_int_equal(setenv("XDG_STATE_HOME", scratch, 1), 0);
    assert_int_equal(setenv("XDG_RUNTIME_DIR", "/nowhere", 1), 0);
    assert_int_equal(store_stamp(STORE_STATE, NAME), 0);
    assert_int_equal(store_replace(STORE_STATE, NAME, span_str("x")), ERR_OK);
    uint64_t stamp = store_stamp(STORE_STATE, NAME);
    assert_int_not_equal(stamp, 0);
    assert_int_equal(store_stamp(STORE_STATE, NAME), stamp);
    assert_int_equal(store_path(STORE_STATE, NAME, text, sizeof text), ERR_OK);
    snprintf(want, sizeof want, "%s/korttisilta/" NAME, scratch);
    assert_string_equal(text, want);
    buf_init(&b, 10);
    assert_int_equal(store_read(STORE_STATE, NAME, &b), ERR_OK);
    buf_clear(&b);
    assert_int_equal(store_replace(STORE_STATE, NAME, span_str("x")), ERR_OK);
    assert_int_not_equal(store_stamp(STORE_STATE, NAME), stamp);
    store_remove(STORE_STATE, NAME);
    store_remove(STORE_STATE, NAME);
    assert_int_equal(store_read(STORE_STATE, NAME, &b), ERR_CLOSED);
    buf_clear(&b);
    /* without the variable it is below the home folder */
    assert_int_equal(unsetenv("XDG_STATE_HOME"), 0);
    assert_int_equal(setenv("HOME", scratch, 1), 0);
    assert_int_equal(store_replace(STORE_STATE, NAME, span_str("x")), ERR_OK);
    snprintf(want, sizeof want, "%s/.local/state/korttisilta/" NAME, scratch);
    assert_int_equal(access(want, R_OK), 0);
}

static void a_missing_file_is_told(void **state)
{
    struct buf b;
    (void)state;
    assert_int_equal(read_back(&b, 100), ERR_CLOSED);
    buf_clear(&b);
}

static void a_file_larger_than_the_room_is_told(void **state)
{
    struct buf b;
    (void)state;
    assert_int_equal(store_replace(STORE_SESSION, NAME, span_str("12345")), ERR_OK);
    assert_int_equal(read_back(&b, 4), ERR_TOO_LARGE);
    buf_clear(&b);
    assert_int_equal(read_back(&b, 5), ERR_OK);
    buf_clear(&b);
}

static void only_its_owner_may_touch_the_file(void **state)
{
    static const mode_t modes[] = {0640, 0604, 0620, 0610};
    struct stat st;
    struct buf b;
    (void)state;
    assert_int_equal(store_replace(STORE_SESSION, NAME, span_str("x")), ERR_OK);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        assert_int_equal(chmod(path, modes[i]), 0);
        assert_int_equal(read_back(&b, 100), ERR_CLOSED);
        buf_clear(&b);
    }
}

static void nothing_but_a_regular_file_is_read(void **state)
{
    char target[128];
    struct buf b;
    (void)state;
    assert_int_equal(store_replace(STORE_SESSION, NAME, span_str("x")), ERR_OK);
    snprintf(target, sizeof target, "%s/elsewhere", scratch);
    assert_int_equal(rename(path, target), 0);
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(read_back(&b, 100), ERR_CLOSED);
    buf_clear(&b);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_int_equal(read_back(&b, 100), ERR_CLOSED);
    buf_clear(&b);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(read_back(&b, 100), ERR_CLOSED);
    buf_clear(&b);
}

static size_t count_files(void)
{
    char folder[128];
    size_t n = 0;
    snprintf(folder, sizeof folder, "%s/korttisilta", scratch);
    DIR *d = opendir(folder);
    assert_non_null(d);
    while (readdir(d) != NULL) {
        n++;
    }
    closedir(d);
    return n - 2; /* . and .. */
}

static void a_failed_replacement_leaves_the_old_and_no_rest(void **state)
{
    (void)state;
    assert_int_equal(store_replace(STORE_SESSION, NAME, span_str("x")), ERR_OK);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkdir(path, 0700), 0); /* a file can't take a folder's place */
    assert_int_equal(store_replace(STORE_SESSION, NAME, span_str("y")), ERR_CLOSED);
    assert_int_equal(count_files(), 1);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, scratch_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_was_written_is_read),
        TEST(the_state_folder_is_another_place),
        TEST(a_missing_file_is_told),
        TEST(a_file_larger_than_the_room_is_told),
        TEST(only_its_owner_may_touch_the_file),
        TEST(nothing_but_a_regular_file_is_read),
        TEST(a_failed_replacement_leaves_the_old_and_no_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
