/* What is asked of a reader's PIN pad for each kind of PIN, and what its answers mean. */
#include "unit/card/replay.h"

#include "card/pin_pad.h"

/* The reader: each entry gets the next answer. */
static struct {
    const char *answers[4];
    struct pad_entry entries[4];
    size_t n;
} pad;

static const struct card_pad able = {.can_verify = true, .can_modify = true};
static const struct pad_person person = {.language = 0x040B};

static const struct profile_pin padded = {1, 0x11, 4, 12, 4, 8, 12, 0x00};
static const struct pad_range old_pin = {5, 12};
static const struct pad_range new_pin = {4, 8};
static const struct profile_pin typed = {2, 0x04, 4, 8, 6, 8, 0, 0x00};

static enum err enter(struct card_io *io, const struct pad_entry *entry, const struct pad_person *p,
                      uint8_t *answer, size_t *len)
{
    struct buf bytes;
    assert_ptr_equal(p, &person);
    assert_non_null(io->pad);
    pad.entries[pad.n] = *entry;
    buf_init(&bytes, 8);
    replay_hex(pad.answers[pad.n], strlen(pad.answers[pad.n]), &bytes);
    pad.n++;
    *len = bytes.len;
    if (bytes.len > 0) {
        memcpy(answer, bytes.at, bytes.len);
    }
    buf_clear(&bytes);
    return ERR_OK;
}

static struct card_io reader(const char *first, const char *second)
{
    memset(&pad, 0, sizeof pad);
    pad.answers[0] = first;
    pad.answers[1] = second;
    return (struct card_io){.enter = enter, .pad = &able};
}

static void assert_template(size_t i, const char *hex)
{
    struct buf want;
    buf_init(&want, LIMIT_PAD_TEMPLATE);
    replay_hex(hex, strlen(hex), &want);
    assert_int_equal(pad.entries[i].len, want.len);
    assert_memory_equal(pad.entries[i].command, want.at, want.len);
    buf_clear(&want);
}

static void a_padded_pin_goes_into_its_block(void **state)
{
    struct pin_state s = {5, false, true};
    struct card_io io = reader("9000", NULL);
    (void)state;
    assert_int_equal(pin_pad_verify(&io, &padded, &person, &s), ERR_OK);
    assert_template(0, "002000110C000000000000000000000000");
    assert_int_equal(pad.entries[0].block, 12);
    assert_int_equal(pad.entries[0].min, 4);
    assert_int_equal(pad.entries[0].max, 12);
    assert_int_equal(pad.entries[0].language, 0x040B);
    assert_false(pad.entries[0].modify);
}

static void an_unpadded_pin_follows_the_header(void **state)
{
    struct pin_state s = {5, false, true};
    struct card_io io = reader("63C4", NULL);
    (void)state;
    assert_int_equal(pin_pad_verify(&io, &typed, &person, &s), ERR_PIN_WRONG);
    assert_template(0, "0020000400");
    assert_int_equal(pad.entries[0].block, 0);
    assert_int_equal(s.tries, 4);
}

static void a_change_asks_for_three_values(void **state)
{
    struct pin_state s = {5, false, true};
    struct card_io io = reader("9000", NULL);
    (void)state;
    assert_int_equal(pin_pad_change(&io, &padded, old_pin, new_pin, &person, &s), ERR_OK);
    assert_int_equal(pad.n, 1);
    assert_int_equal(pad.entries[0].min, 4);
    assert_int_equal(pad.entries[0].max, 12);
    assert_template(0, "0024001118000000000000000000000000000000000000000000000000");
    assert_true(pad.entries[0].modify && pad.entries[0].asks_old);
    assert_int_equal(pad.entries[0].new_offset, 12);
}

/* A pad knows one place for the new value, wherever the old one ends: with "1234" and "12345678" it
 * could make 5678 the new PIN, which nobody meant. */
static void two_values_without_blocks_are_no_work_for_a_pad(void **state)
{
    struct pin_state s = {5, false, true};
    struct card_io io = reader("9000", "9000");
    struct profile_pin pins[] = {padded, {3, 0x83, 8, 8, 8, 8, 12, 0x00}};
    struct profile p = {.unlock = UNLOCK_TOGETHER, .pins = pins, .n_pins = 2};
    (void)state;
    assert_true(pin_pad_fits_change(&padded));
    assert_false(pin_pad_fits_change(&typed));
    assert_int_equal(pin_pad_change(&io, &typed, old_pin, new_pin, &person, &s), ERR_UNSUPPORTED);
    assert_true(pin_pad_fits_unlock(&p, &pins[0]));
    pins[1].stored = 8;
    assert_false(pin_pad_fits_unlock(&p, &pins[0]));
    pins[0].stored = pins[1].stored = 0;
    assert_false(pin_pad_fits_unlock(&p, &pins[0]));
    assert_int_equal(pin_pad_unlock(&io, &p, &pins[0], new_pin, &person, &s), ERR_UNSUPPORTED);
    p.unlock = UNLOCK_VERIFIED; /* each value in a command of its own */
    assert_true(pin_pad_fits_unlock(&p, &pins[0]));
    p.unlock = UNLOCK_ISSUER;
    assert_false(pin_pad_fits_unlock(&p, &pins[0]));
    p.n_pins = 1;
    p.unlock = UNLOCK_VERIFIED;
    assert_false(pin_pad_fits_unlock(&p, &pins[0]));
    assert_int_equal(pad.n, 0);
}

static void a_puk_stands_before_the_new_pin_or_goes_ahead(void **state)
{
    struct pin_state s = {5, false, true};
    struct card_io io = reader("9000", NULL);
    const struct profile *citizen = profile_at(0);
    struct profile other = *citizen;
    (void)state;
    assert_int_equal(pin_pad_unlock(&io, citizen, &citizen->pins[0], new_pin, &person, &s), ERR_OK);
    assert_template(0, "002C001118000000000000000000000000000000000000000000000000");
    assert_int_equal(pad.entries[0].min, 4);
    other.unlock = UNLOCK_VERIFIED;
    io = reader("9000", "6A80");
    assert_int_equal(pin_pad_unlock(&io, &other, &citizen->pins[0], new_pin, &person, &s),
                     ERR_CARD_STATUS);
    assert_template(0, "002000830C000000000000000000000000");
    assert_template(1, "002C02110C000000000000000000000000");
    assert_true(pad.entries[1].modify && !pad.entries[1].asks_old);
    assert_int_equal(pad.entries[0].min, 8); /* of the PUK alone */
    assert_int_equal(pad.entries[1].min, 4);
    assert_int_equal(pad.entries[1].max, 8);
}

static void the_readers_own_words_are_told_apart(void **state)
{
    static const struct {
        const char *answer;
        enum err err;
    } rows[] = {
        {"6400", ERR_PAD_TIMED_OUT}, {"6401", ERR_CANCELLED},   {"6402", ERR_PIN_DIFFERS},
        {"6403", ERR_PIN_FORMAT},    {"6404", ERR_PAD_FAILED},  {"63C0", ERR_PIN_BLOCKED},
        {"6983", ERR_PIN_BLOCKED},   {"6700", ERR_CARD_STATUS}, {"", ERR_CARD_IO},
        {"90", ERR_CARD_IO},         {"AA9000", ERR_CARD_IO},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pin_state s = {5, false, true};
        struct card_io io = reader(rows[i].answer, NULL);
        assert_int_equal(pin_pad_verify(&io, &padded, &person, &s), rows[i].err);
        assert_int_equal(io.pad == NULL, rows[i].err == ERR_PAD_FAILED);
        assert_int_equal(s.tries, rows[i].err == ERR_PIN_BLOCKED ? 0 : 5);
    }
}

static void a_reader_without_the_feature_is_not_asked(void **state)
{
    static const struct card_pad verify_only = {.can_verify = true};
    struct pin_state s = {5, false, true};
    struct card_io io = reader(NULL, NULL);
    (void)state;
    io.pad = &verify_only;
    assert_int_equal(pin_pad_change(&io, &padded, old_pin, new_pin, &person, &s), ERR_PAD_FAILED);
    io.pad = NULL;
    assert_int_equal(pin_pad_verify(&io, &padded, &person, &s), ERR_PAD_FAILED);
    assert_int_equal(pad.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_padded_pin_goes_into_its_block),
        cmocka_unit_test(an_unpadded_pin_follows_the_header),
        cmocka_unit_test(a_change_asks_for_three_values),
        cmocka_unit_test(two_values_without_blocks_are_no_work_for_a_pad),
        cmocka_unit_test(a_puk_stands_before_the_new_pin_or_goes_ahead),
        cmocka_unit_test(the_readers_own_words_are_told_apart),
        cmocka_unit_test(a_reader_without_the_feature_is_not_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
