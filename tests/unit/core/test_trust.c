#include "core/trust.h"

#include "base/limits.h"
#include "core/listener_cert.h"
#include "crypto/local_tls.h"
#include "os/store.h"
#include "unit/os/scratch.h"
#include "unit/test.h"

#define NOW INT64_C(1795500000) /* in 2026 */
#define DAY INT64_C(86400)

static int start(void **state)
{
    return scratch_make(state) != 0 || setenv("XDG_STATE_HOME", scratch, 1) != 0;
}

static void read_file(const char *name, struct buf *out)
{
    buf_init(out, LIMIT_ADMIN_FILE);
    assert_int_equal(store_read(STORE_STATE, name, out), ERR_OK);
}

/* True when trust_make made another issuer. */
static bool makes_anew(int64_t now, int days)
{
    struct buf before, after;
    read_file(LISTENER_CERT_ISSUER, &before);
    assert_int_equal(trust_make(now, days), ERR_OK);
    read_file(LISTENER_CERT_ISSUER, &after);
    bool anew = !local_tls_same(buf_span(&before), buf_span(&after));
    buf_clear(&before);
    buf_clear(&after);
    return anew;
}

static void what_is_good_stays_for_years(void **state)
{
    (void)state;
    assert_int_equal(trust_make(NOW, 0), ERR_OK);
    assert_false(makes_anew(NOW, 0));
    assert_false(makes_anew(NOW, 365));
    assert_false(makes_anew(NOW + 3 * 365 * DAY, 365));
    assert_false(makes_anew(NOW + 5 * 365 * DAY, 0));
    assert_true(makes_anew(NOW + 5 * 365 * DAY, 365));
}

static void one_damaged_file_makes_all_of_them_anew(void **state)
{
    static const int64_t damaged[] = {0, 1, LOCAL_TLS_PERIODS - 1};
    char name[LISTENER_CERT_NAME];
    (void)state;
    assert_int_equal(trust_make(NOW, 0), ERR_OK);
    for (size_t i = 0; i < sizeof damaged / sizeof damaged[0]; i++) {
        listener_cert_name(local_tls_period(NOW) + damaged[i], name);
        assert_int_equal(store_replace(STORE_STATE, name, span_str("x")), ERR_OK);
        assert_true(makes_anew(NOW, 0));
        store_remove(STORE_STATE, name);
        assert_true(makes_anew(NOW, 0));
    }
}

static void the_agent_finds_the_file_of_its_day(void **state)
{
    char path[256], want[256], name[LISTENER_CERT_NAME];
    (void)state;
    assert_int_equal(listener_cert_stamp(NOW), 0);
    assert_int_equal(trust_make(NOW, 0), ERR_OK);
    for (int64_t at = NOW; at < NOW + 5 * 365 * DAY; at += 100 * DAY) {
        assert_int_equal(listener_cert_ready(at, path, sizeof path), ERR_OK);
        listener_cert_name(local_tls_period(at), name);
        snprintf(want, sizeof want, "%s/korttisilta/%s", scratch, name);
        assert_string_equal(path, want);
    }
    uint64_t stamp = listener_cert_stamp(NOW);
    assert_int_not_equal(stamp, 0);
    assert_int_not_equal(listener_cert_stamp(NOW + 31 * DAY), stamp);
    assert_int_equal(listener_cert_stamp(NOW - 31 * DAY), 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, scratch_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_good_stays_for_years),
        TEST(one_damaged_file_makes_all_of_them_anew),
        TEST(the_agent_finds_the_file_of_its_day),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
