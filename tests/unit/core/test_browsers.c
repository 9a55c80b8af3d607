#include "core/browsers.h"

#include "unit/os/scratch.h"
#include "unit/test.h"

static char found[2048]; /* "name|profile|folder below home", a line each */

static void on_store(void *user, const struct browsers_store *store)
{
    (void)user;
    const char *folder = strncmp(store->folder, scratch, strlen(scratch)) == 0
                             ? store->folder + strlen(scratch)
                             : store->folder;
    size_t len = strlen(found);
    snprintf(found + len, sizeof found - len, "%s|%s|%s\n", store->name, store->profile, folder);
}

static void put(const char *name, const char *text)
{
    char path[512];
    snprintf(path, sizeof path, "%s/%s", scratch, name);
    for (char *at = path + strlen(scratch) + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        (void)mkdir(path, 0700);
        *at = '/';
    }
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    fclose(f);
}

static int start(void **state)
{
    found[0] = '\0';
    return scratch_make(state) != 0 || setenv("HOME", scratch, 1) != 0;
}

static void nothing_is_found_where_nothing_is(void **state)
{
    (void)state;
    browsers_each_store(false, on_store, NULL);
    assert_string_equal(found, "");
}

static void the_stores_of_every_packaging_are_found(void **state)
{
    (void)state;
    put(".pki/nssdb/cert9.db", "");
    put("snap/chromium/current/.pki/nssdb/cert9.db", "");
    put(".mozilla/firefox/profiles.ini",
        "[Install4F96D1932A9F858E]\nDefault=x\n\n[Profile1]\nName=default\nIsRelative=1\nPath=a."
        "default\n"
        "Default=1\n\n[Profile0]\r\nName=work\r\nIsRelative=1\r\nPath=b.work\r\n\n"
        "[Profile2]\nName=never "
        "started\nIsRelative=1\nPath=c\n\n[General]\nStartWithLastProfile=1\n");
    put(".mozilla/firefox/a.default/cert9.db", "");
    put(".mozilla/firefox/b.work/cert9.db", "");
    put(".mozilla/firefox/d.unlisted/cert9.db", "");
    put("snap/firefox/common/.mozilla/firefox/profiles.ini",
        "[Profile0]\nName=s\nIsRelative=1\nPath=s.s");
    put("snap/firefox/common/.mozilla/firefox/s.s/cert9.db", "");
    browsers_each_store(false, on_store, NULL);
    assert_string_equal(found, "Chromium||/.pki/nssdb\n"
                               "Chromium (snap)||/snap/chromium/current/.pki/nssdb\n"
                               "Firefox|default|/.mozilla/firefox/a.default\n"
                               "Firefox|work|/.mozilla/firefox/b.work\n"
                               "Firefox (snap)|s|/snap/firefox/common/.mozilla/firefox/s.s\n");
}

static void a_profile_elsewhere_is_found_by_its_full_path(void **state)
{
    char ini[512];
    (void)state;
    put("elsewhere/p/cert9.db", "");
    snprintf(ini, sizeof ini, "[Profile0]\nName=p\nIsRelative=0\nPath=%s/elsewhere/p\n", scratch);
    put(".mozilla/firefox/profiles.ini", ini);
    browsers_each_store(false, on_store, NULL);
    assert_string_equal(found, "Firefox|p|/elsewhere/p\n");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, scratch_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nothing_is_found_where_nothing_is),
        TEST(the_stores_of_every_packaging_are_found),
        TEST(a_profile_elsewhere_is_found_by_its_full_path),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
