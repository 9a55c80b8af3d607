#include "unit/test.h"

#include "card/tlv.h"

static void one_object_and_the_rest_are_told_apart(void **state)
{
    static const struct {
        uint8_t in[8];
        size_t in_len;
        uint32_t tag;
        size_t value_len;
        size_t rest_len;
    } rows[] = {
        {{0x30, 0x00}, 2, 0x30, 0, 0},
        {{0x04, 0x02, 1, 2, 0x05, 0x00}, 6, 0x04, 2, 2},
        {{0xDF, 0x21, 0x01, 5}, 4, 0xDF21, 1, 0},
        {{0x7F, 0x81, 0x02, 0x01, 9}, 5, 0x7F8102, 1, 0},
        {{0x30, 0x81, 0x02, 1, 2}, 5, 0x30, 2, 0},
        {{0x30, 0x82, 0x00, 0x01, 1, 2}, 6, 0x30, 1, 1},
        {{0x30, 0x83, 0x00, 0x00, 0x01, 1}, 6, 0x30, 1, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span rest = span_of(rows[i].in, rows[i].in_len);
        struct tlv t;
        assert_int_equal(tlv_next(&rest, &t), ERR_OK);
        assert_int_equal(t.tag, rows[i].tag);
        assert_int_equal(t.value.len, rows[i].value_len);
        assert_int_equal(rest.len, rows[i].rest_len);
    }
}

static void malformed_objects_are_refused_and_nothing_is_taken(void **state)
{
    static const struct {
        uint8_t in[8];
        size_t in_len;
    } rows[] = {
        {{0}, 0},
        {{0x30}, 1},                         /* no length */
        {{0x30, 0x01}, 2},                   /* no value */
        {{0x30, 0x03, 1, 2}, 4},             /* value cut */
        {{0x30, 0x80, 0, 0}, 4},             /* indefinite length */
        {{0x30, 0x81}, 2},                   /* length cut */
        {{0x30, 0x84, 0, 0, 0, 1, 1}, 7},    /* length of four bytes */
        {{0x30, 0x82, 0xFF, 0xFF, 1}, 5},    /* longer than what is there */
        {{0x7F, 0x81, 0x81, 0x01, 0x00}, 5}, /* tag of four bytes */
        {{0x7F, 0x81}, 2},                   /* tag cut */
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct span rest = span_of(rows[i].in, rows[i].in_len);
        struct tlv t;
        assert_int_equal(tlv_next(&rest, &t), ERR_CARD_IO);
        assert_int_equal(rest.len, rows[i].in_len);
    }
}

static void a_tag_is_found_at_its_level_only(void **state)
{
    static const uint8_t in[] = {0x30, 0x03, 0x84, 0x01, 0xAA, 0x84, 0x01, 0xBB, 0x85};
    struct span value;
    (void)state;
    assert_int_equal(tlv_find(span_of(in, sizeof in), 0x84, &value), ERR_OK);
    assert_int_equal(value.at[0], 0xBB);
    assert_int_equal(tlv_find(span_of(in, sizeof in), 0x85, &value), ERR_CARD_IO);
    assert_int_equal(tlv_find(span_of(NULL, 0), 0x85, &value), ERR_CARD_IO);
}

static void the_total_is_known_from_the_head_alone(void **state)
{
    static const uint8_t head[] = {0x30, 0x82, 0x04, 0x3B, 0x30};
    size_t len = 0;
    (void)state;
    assert_int_equal(tlv_total(span_of(head, sizeof head), &len), ERR_OK);
    assert_int_equal(len, 4 + 0x43B);
    assert_int_equal(tlv_total(span_of(head, 3), &len), ERR_CARD_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_object_and_the_rest_are_told_apart),
        cmocka_unit_test(malformed_objects_are_refused_and_nothing_is_taken),
        cmocka_unit_test(a_tag_is_found_at_its_level_only),
        cmocka_unit_test(the_total_is_known_from_the_head_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
