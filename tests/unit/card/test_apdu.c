#include "unit/card/replay.h"

#include "card/apdu.h"

static struct replay r;

static int start(void **state)
{
    (void)state;
    replay_init(&r, span_of(replay_atr_v4, sizeof replay_atr_v4));
    r.is_open = true;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    replay_clear(&r);
    return 0;
}

static enum err read_some(enum apdu_repeat repeat, struct apdu_answer *answer)
{
    struct apdu a;
    apdu_read_binary(&a, 0, 256);
    return apdu_exchange(&r.io, &a, repeat, answer);
}

static void commands_are_the_bytes_of_the_standard(void **state)
{
    static const uint8_t aid[] = {0xA0, 0x01};
    static const uint8_t path[] = {0x50, 0x16, 0x43, 0x32};
    static const uint8_t digest[] = {0xD1, 0xD2};
    struct apdu built[10];
    static const char *const expected[] = {"00A4040C02A001",
                                           "00A4080C0450164332",
                                           "00A408040450164332",
                                           "00B0012380",
                                           "00B0000000",
                                           "00200082",
                                           "00CB00FF05A003830111",
                                           "00CB00FF05A00383011100",
                                           "002241B606800154840102",
                                           "002A90A0049002D1D2"};
    (void)state;
    apdu_select_aid(&built[0], span_of(aid, sizeof aid));
    apdu_select_path(&built[1], span_of(path, sizeof path), false);
    apdu_select_path(&built[2], span_of(path, sizeof path), true);
    apdu_read_binary(&built[3], 0x123, 0x80);
    apdu_read_binary(&built[4], 0, 256);
    apdu_verify_probe(&built[5], 0x82);
    apdu_get_pin_data(&built[6], 0x11, false);
    apdu_get_pin_data(&built[7], 0x11, true);
    apdu_mse_sign(&built[8], 0x54, 0x02);
    apdu_pso_hash(&built[9], span_of(digest, sizeof digest));
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        struct buf bytes;
        buf_init(&bytes, LIMIT_APDU_COMMAND);
        replay_hex(expected[i], strlen(expected[i]), &bytes);
        assert_int_equal(built[i].len, bytes.len);
        assert_memory_equal(built[i].bytes, bytes.at, bytes.len);
        buf_clear(&bytes);
    }
}

static void verify_pads_the_pin_to_its_stored_length(void **state)
{
    static const uint8_t expected[] = {0x00, 0x20, 0x00, 0x11, 0x0C, '1', '2', '3', '4',
                                       0,    0,    0,    0,    0,    0,   0,   0};
    struct apdu a;
    (void)state;
    apdu_verify(&a, 0x11, (struct apdu_pin){span_str("1234"), 12, 0x00});
    assert_int_equal(a.len, sizeof expected);
    assert_memory_equal(a.bytes, expected, sizeof expected);
}

static void a_command_is_wiped_when_it_was_sent(void **state)
{
    static const struct apdu nothing;
    struct apdu a;
    struct apdu_answer answer;
    (void)state;
    replay_text(&r, "> 002000110431323334\n< 9000\n");
    apdu_verify(&a, 0x11, (struct apdu_pin){span_str("1234"), 4, 0x00});
    assert_int_equal(apdu_exchange(&r.io, &a, APDU_ONCE, &answer), ERR_OK);
    assert_memory_equal(&a, &nothing, sizeof a);
    r.fault = FAULT_REMOVED;
    r.fault_at = 1;
    apdu_verify(&a, 0x11, (struct apdu_pin){span_str("1234"), 4, 0x00});
    assert_int_equal(apdu_exchange(&r.io, &a, APDU_ONCE, &answer), ERR_CARD_REMOVED);
    assert_memory_equal(&a, &nothing, sizeof a);
}

static void what_the_card_holds_back_is_fetched(void **state)
{
    static const uint8_t joined[] = {1, 2, 3, 4, 5};
    struct apdu_answer answer;
    (void)state;
    replay_text(&r, "> 00B0000000\n< 01 6103\n> 00C0000003\n< 0203 6102\n> 00C0000002\n< 6C02\n"
                    "> 00C0000002\n< 0405 9000\n");
    assert_int_equal(read_some(APDU_REPEAT, &answer), ERR_OK);
    assert_int_equal(answer.sw, SW_OK);
    assert_int_equal(answer.len, sizeof joined);
    assert_memory_equal(answer.data, joined, sizeof joined);
}

static void a_wrong_le_is_corrected_once_and_only_where_allowed(void **state)
{
    struct apdu_answer answer;
    (void)state;
    replay_text(&r, "> 00B0000000\n< 6C05\n> 00B0000005\n< 0102030405 9000\n"
                    "> 00B0000000\n< 6C05\n> 00B0000005\n< 6C04\n"
                    "> 00B0000000\n< 6C05\n");
    assert_int_equal(read_some(APDU_REPEAT, &answer), ERR_OK);
    assert_int_equal(answer.len, 5);
    assert_int_equal(read_some(APDU_REPEAT, &answer), ERR_OK);
    assert_int_equal(answer.sw, 0x6C04);
    assert_int_equal(read_some(APDU_ONCE, &answer), ERR_OK);
    assert_int_equal(answer.sw, 0x6C05);
    assert_int_equal(r.at, 5);
}

static void impossible_answers_are_errors(void **state)
{
    static const enum replay_fault faults[] = {FAULT_EMPTY, FAULT_ONE_BYTE, FAULT_NO_STATUS,
                                               FAULT_TOO_LONG, FAULT_IO};
    struct apdu_answer answer = {.len = 99};
    (void)state;
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        r.fault = faults[i];
        r.fault_at = r.at;
        assert_int_equal(read_some(APDU_REPEAT, &answer), ERR_CARD_IO);
        assert_int_equal(answer.len, 99);
    }
}

static void an_endless_chain_ends_with_the_room_for_it(void **state)
{
    struct apdu_answer answer;
    (void)state;
    r.fault = FAULT_ENDLESS;
    assert_int_equal(read_some(APDU_REPEAT, &answer), ERR_CARD_IO);
    assert_int_equal(r.at, sizeof answer.data + 1);
}

static void a_get_response_without_bytes_is_an_error(void **state)
{
    struct apdu_answer answer;
    (void)state;
    replay_text(&r, "> 00B0000000\n< 6103\n> 00C0000003\n< 6103\n"
                    "> 00B0000000\n< 6103\n> 00C0000003\n< 9000\n"
                    "> 00B0000000\n< 6103\n> 00C0000003\n< 6F00\n");
    assert_int_equal(read_some(APDU_REPEAT, &answer), ERR_CARD_IO);
    assert_int_equal(read_some(APDU_REPEAT, &answer), ERR_CARD_IO);
    assert_int_equal(read_some(APDU_REPEAT, &answer), ERR_OK);
    assert_int_equal(answer.sw, 0x6F00);
}

static void every_status_word_has_a_meaning(void **state)
{
    static const struct {
        uint16_t sw;
        enum err err;
        int8_t tries;
    } rows[] = {
        {0x9000, ERR_OK, -1},
        {0x63C0, ERR_PIN_BLOCKED, 0},
        {0x63C1, ERR_PIN_WRONG, 1},
        {0x63CF, ERR_PIN_WRONG, 15},
        {0x6300, ERR_PIN_WRONG, -1},
        {0x6983, ERR_PIN_BLOCKED, -1},
        {0x6984, ERR_PIN_NOT_ACTIVATED, -1},
        {0x6A82, ERR_CERT_NOT_FOUND, -1},
        {0x6282, ERR_CARD_STATUS, -1},
        {0x6985, ERR_CARD_STATUS, -1},
        {0x6C60, ERR_CARD_STATUS, -1},
        {0x9001, ERR_CARD_STATUS, -1},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(apdu_status(rows[i].sw), rows[i].err);
        assert_int_equal(apdu_tries(rows[i].sw), rows[i].tries);
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(commands_are_the_bytes_of_the_standard),
        TEST(verify_pads_the_pin_to_its_stored_length),
        TEST(a_command_is_wiped_when_it_was_sent),
        TEST(what_the_card_holds_back_is_fetched),
        TEST(a_wrong_le_is_corrected_once_and_only_where_allowed),
        TEST(impossible_answers_are_errors),
        TEST(an_endless_chain_ends_with_the_room_for_it),
        TEST(a_get_response_without_bytes_is_an_error),
        TEST(every_status_word_has_a_meaning),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
