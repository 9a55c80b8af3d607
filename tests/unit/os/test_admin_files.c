#include "unit/os/scratch.h"
#include "unit/test.h"

#include "base/limits.h"
#include "os/admin_files.h"

static char seen[512];
static size_t stop_after;
static bool all;

static bool note(void *user, const char *name, struct span content)
{
    assert_ptr_equal(user, seen);
    size_t len = strlen(seen);
    snprintf(seen + len, sizeof seen - len, "%s=%.*s;", name, (int)content.len,
             (const char *)content.at);
    return --stop_after > 0;
}

static void put(const char *name, const char *content, mode_t mode)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(content, f) >= 0);
    assert_int_equal(fclose(f), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static const char *walk(size_t most)
{
    seen[0] = '\0';
    stop_after = most;
    all = admin_files_each(scratch, ".card", note, seen);
    return seen;
}

static void files_of_root_are_read_in_the_order_of_their_names(void **state)
{
    (void)state;
    put("b.card", "2", 0644);
    put("a.card", "1", 0644);
    put("c.other", "3", 0644);
    put(".card", "4", 0644);
    put(".hidden.card", "5", 0644);
    bool is_root = geteuid() == 0; /* else nothing here can belong to root, and nothing is read */
    assert_string_equal(walk(9), is_root ? "a.card=1;b.card=2;" : "");
    assert_int_equal(all, is_root);
    assert_string_equal(walk(1), is_root ? "a.card=1;" : "");
}

static void what_others_may_change_is_not_read(void **state)
{
    char path[128], fifo[128], link_name[128];
    (void)state;
    put("good.card", "1", 0644);
    put("group.card", "2", 0664);
    put("world.card", "3", 0646);
    put("owner.card", "4", 0644);
    snprintf(path, sizeof path, "%s/owner.card", scratch);
    snprintf(fifo, sizeof fifo, "%s/fifo.card", scratch);
    snprintf(link_name, sizeof link_name, "%s/link.card", scratch);
    assert_int_equal(mkfifo(fifo, 0644), 0);
    assert_int_equal(symlink("good.card", link_name), 0);
    bool is_root = geteuid() == 0;
    if (is_root) {
        assert_int_equal(chown(path, 12345, 0), 0);
    }
    assert_string_equal(walk(9), is_root ? "good.card=1;" : "");
    assert_false(all);
    assert_int_equal(chmod(scratch, 0777), 0);
    assert_string_equal(walk(9), "");
    assert_false(all);
}

static void a_file_that_is_too_large_is_left_out(void **state)
{
    static char text[LIMIT_ADMIN_FILE + 2];
    (void)state;
    memset(text, 'x', sizeof text - 1);
    put("large.card", text, 0644);
    put("small.card", "1", 0644);
    assert_string_equal(walk(9), geteuid() == 0 ? "small.card=1;" : "");
    assert_false(all);
}

static void a_folder_that_is_not_there_is_empty(void **state)
{
    (void)state;
    seen[0] = '\0';
    assert_true(admin_files_each("/nonexistent/korttisilta", ".card", note, seen));
    assert_string_equal(seen, "");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scratch_make, scratch_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(files_of_root_are_read_in_the_order_of_their_names),
        TEST(what_others_may_change_is_not_read),
        TEST(a_file_that_is_too_large_is_left_out),
        TEST(a_folder_that_is_not_there_is_empty),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
