#include "os/paths.h"
#include "unit/os/scratch.h"
#include "unit/test.h"

#include <limits.h>

static void in_scratch(char ret[PATH_MAX], const char *name)
{
    snprintf(ret, PATH_MAX, "%s/%s", scratch, name);
}

static unsigned mode_of(const char *path)
{
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static int fresh(void **state)
{
    int failed = scratch_make(state);
    setenv("XDG_RUNTIME_DIR", scratch, 1);
    setenv("HOME", scratch, 1);
    return failed;
}

static void the_runtime_folder_is_made_for_the_user_only(void **state)
{
    char got[PATH_MAX], want[PATH_MAX];
    (void)state;
    in_scratch(want, "korttisilta");
    assert_int_equal(paths_runtime(got, sizeof got), ERR_OK);
    assert_string_equal(got, want);
    assert_int_equal(mode_of(got), 0700);
    assert_int_equal(paths_runtime(got, sizeof got), ERR_OK);
}

static void a_folder_that_others_may_write_to_is_refused(void **state)
{
    char path[PATH_MAX], got[PATH_MAX];
    (void)state;
    in_scratch(path, "korttisilta");
    assert_int_equal(mkdir(path, 0700), 0);
    assert_int_equal(chmod(path, 0770), 0);
    assert_int_equal(paths_runtime(got, sizeof got), ERR_AGENT_DOWN);
    assert_int_equal(chmod(path, 0702), 0);
    assert_int_equal(paths_runtime(got, sizeof got), ERR_AGENT_DOWN);
}

static void a_folder_of_another_user_is_refused(void **state)
{
    char path[PATH_MAX], got[PATH_MAX];
    (void)state;
    in_scratch(path, "korttisilta");
    assert_int_equal(mkdir(path, 0700), 0);
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 65534, 65534), 0);
    } else {
        assert_int_equal(rmdir(path), 0);
        assert_int_equal(symlink("/root", path), 0);
    }
    assert_int_equal(paths_runtime(got, sizeof got), ERR_AGENT_DOWN);
}

static void a_symbolic_link_is_refused(void **state)
{
    char path[PATH_MAX], real[PATH_MAX], got[PATH_MAX];
    (void)state;
    in_scratch(path, "korttisilta");
    in_scratch(real, "real");
    assert_int_equal(mkdir(real, 0700), 0);
    assert_int_equal(symlink(real, path), 0);
    assert_int_equal(paths_runtime(got, sizeof got), ERR_AGENT_DOWN);
}

static void without_a_session_the_home_folder_serves(void **state)
{
    char got[PATH_MAX], want[PATH_MAX];
    (void)state;
    setenv("XDG_RUNTIME_DIR", "/nowhere/at/all", 1);
    in_scratch(want, ".cache/korttisilta/run");
    assert_int_equal(paths_runtime(got, sizeof got), ERR_OK);
    assert_string_equal(got, want);
    assert_int_equal(mode_of(got), 0700);
    unsetenv("HOME");
    assert_int_equal(paths_runtime(got, sizeof got), ERR_AGENT_DOWN);
}

static void a_relative_runtime_folder_is_ignored(void **state)
{
    char got[PATH_MAX];
    (void)state;
    setenv("XDG_RUNTIME_DIR", "here", 1);
    assert_int_equal(paths_runtime(got, sizeof got), ERR_OK);
    assert_int_equal(got[0], '/');
    assert_int_equal(access("here", F_OK), -1);
}

static void a_name_that_does_not_fit_is_not_cut(void **state)
{
    char got[12] = "untouched";
    (void)state;
    assert_int_equal(paths_runtime(got, sizeof got), ERR_TOO_LARGE);
    assert_int_equal(paths_sibling("x", got, sizeof got), ERR_TOO_LARGE);
    assert_int_equal(paths_locale(got, sizeof got), ERR_TOO_LARGE);
}

static void a_sibling_stands_beside_this_program(void **state)
{
    char self[PATH_MAX], got[PATH_MAX];
    (void)state;
    assert_non_null(realpath("/proc/self/exe", self));
    assert_int_equal(paths_sibling("test_paths", got, sizeof got), ERR_OK);
    assert_string_equal(got, self);
    strcpy(strrchr(self, '/'), "/../share/locale");
    assert_int_equal(paths_locale(got, sizeof got), ERR_OK);
    assert_string_equal(got, self);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_runtime_folder_is_made_for_the_user_only, fresh,
                                        scratch_drop),
        cmocka_unit_test_setup_teardown(a_folder_that_others_may_write_to_is_refused, fresh,
                                        scratch_drop),
        cmocka_unit_test_setup_teardown(a_folder_of_another_user_is_refused, fresh, scratch_drop),
        cmocka_unit_test_setup_teardown(a_symbolic_link_is_refused, fresh, scratch_drop),
        cmocka_unit_test_setup_teardown(without_a_session_the_home_folder_serves, fresh,
                                        scratch_drop),
        cmocka_unit_test_setup_teardown(a_relative_runtime_folder_is_ignored, fresh, scratch_drop),
        cmocka_unit_test_setup_teardown(a_name_that_does_not_fit_is_not_cut, fresh, scratch_drop),
        cmocka_unit_test(a_sibling_stands_beside_this_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
