#include "unit/card/replay.h"

#include "card/minidriver.h"

/* Index rows: FID, size, name, folder, 1. */
#define ROW_KXC0 "0301 064E 6B78633030000000 6D73637000000000 01"
#define ROW_KSC1 "0302 064E 6B73633031000000 6D73637000000000 01"
#define ROW_MAP  "0204 00AC 636D617066696C65 6D73637000000000 01"

static struct buf index_file, containers, key_map;
static struct profile_key keys[LIMIT_CERTS];

static void load(struct buf *b, const char *hex)
{
    buf_clear(b);
    buf_init(b, LIMIT_CARD_FILE);
    replay_hex(hex, strlen(hex), b);
}

/* n containers with a valid RSA-2048 key, unless `flags` says otherwise. */
static void make_containers(size_t n, uint8_t flags)
{
    buf_clear(&containers);
    buf_init(&containers, LIMIT_CARD_FILE);
    for (size_t i = 0; i < n; i++) {
        const uint8_t row[86] = {'A', 0, [80] = flags, [83] = 0x08, [85] = 0x0C};
        assert_int_equal(buf_append(&containers, span_of(row, sizeof row)), ERR_OK);
    }
}

static size_t make_keys(const char *index_hex, const char *map_hex)
{
    load(&index_file, index_hex);
    load(&key_map, map_hex);
    return minidriver_keys(buf_span(&index_file), buf_span(&containers), buf_span(&key_map), keys);
}

static int stop(void **state)
{
    (void)state;
    buf_clear(&index_file);
    buf_clear(&containers);
    buf_clear(&key_map);
    return 0;
}

static void a_container_with_certificate_and_reference_is_a_key(void **state)
{
    (void)state;
    make_containers(2, 1);
    assert_int_equal(make_keys("03" ROW_MAP ROW_KXC0 ROW_KSC1, "0131000000000001 0132010000000002"),
                     2);
    assert_int_equal(keys[0].use, CERT_AUTH);
    assert_int_equal(keys[0].ref, 0x31);
    assert_int_equal(keys[0].pin, 0);
    assert_int_equal(keys[0].path[1], 0x01);
    assert_int_equal(keys[0].type.bits, 0x0C00);
    assert_true(keys[0].decrypts);
    assert_false(keys[1].decrypts);
    assert_int_equal(keys[1].use, CERT_SIGN);
    assert_int_equal(keys[1].ref, 0x32);
    assert_int_equal(keys[1].pin, 1);
    assert_int_equal(keys[1].type.bits, 0x0800);
}

static void what_does_not_fit_together_is_left_out(void **state)
{
    static const struct {
        const char *index;
        const char *map;
        size_t n_containers;
        uint8_t flags;
    } rows[] = {
        {"", "0131000000000001", 1, 1},
        {"00", "0131000000000001", 1, 1},
        {"01" ROW_KXC0, "", 1, 1},
        {"01" ROW_KXC0, "0131010000000001", 1, 1}, /* reference of another container */
        {"01" ROW_KXC0, "0031000000000001", 1, 1}, /* unused row */
        {"01" ROW_KXC0, "01310000000000", 1, 1},   /* cut */
        {"01" ROW_KXC0, "0131000000000001", 0, 1}, /* no such container */
        {"01" ROW_KXC0, "0131000000000001", 1, 0}, /* container without a key */
        {"00" ROW_KXC0, "0131000000000001", 1, 1}, /* row beyond the count */
        {"01 0301 064E 6B786330FF000000 6D73637000000000 01", "0131000000000001", 1, 1},
        {"01 0301 064E 6B79633030000000 6D73637000000000 01", "0131000000000001", 1, 1},
        {"01 0301 064E 6B78633030000000 7878787800000000 01", "0131000000000001", 1, 1},
        {"01 0301 064E 6B78633030000000 6D736370000000", "0131000000000001", 1, 1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        make_containers(rows[i].n_containers, rows[i].flags);
        assert_int_equal(make_keys(rows[i].index, rows[i].map), 0);
    }
}

static void no_more_keys_are_taken_than_there_is_room_for(void **state)
{
    char text[2 * (1 + 30 * 21) + 1] = "1E";
    (void)state;
    make_containers(1, 1);
    for (size_t i = 0; i < 30; i++) {
        strcat(text, "0301064E6B786330300000006D7363700000000001");
    }
    assert_int_equal(make_keys(text, "0131000000000001"), LIMIT_CERTS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_container_with_certificate_and_reference_is_a_key),
        cmocka_unit_test(what_does_not_fit_together_is_left_out),
        cmocka_unit_test(no_more_keys_are_taken_than_there_is_room_for),
    };
    return cmocka_run_group_tests(tests, NULL, stop);
}
