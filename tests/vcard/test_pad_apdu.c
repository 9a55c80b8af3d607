/* The commands that the test reader's PIN pad builds, by themselves: the driver runs inside pcscd,
 * out of the sanitizers' sight. */
#include "pad_apdu.h"

#include "base/buf.h"
#include "base/enc.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include <stdlib.h>

struct row {
    const char *structure;
    const char *typed[PAD_VALUES];
    uint16_t sw; /* 0: the command */
    const char *command;
};

/* Time-out, time-out 2, format, block, length format, max, min, condition, messages, language,
 * message, prologue, length, template. */
static const struct row verifies[] = {
    {"0000 82 00 00 0C04 02 01 0904 00 000000 11000000 002000110C000000000000000000000000",
     {"1234"},
     0,
     "002000110C313233340000000000000000"},
    {"0000 82 08 00 0804 02 01 0904 00 000000 0D000000 0020000108FFFFFFFFFFFFFFFF",
     {"12345678"},
     0,
     "00200001083132333435363738"},
    {"0000 82 00 00 0804 02 01 0904 00 000000 05000000 0020000300",
     {"123456"},
     0,
     "0020000306313233343536"},
    {"0000 82 00 00 0804 02 01 0904 00 000000 04000000 00200003",
     {"1234"},
     0,
     "002000030431323334"},
    /* BCD with its length in front (ISO 9564 format 2 has the same shape). */
    {"0000 89 87 10 0C04 02 01 0904 00 000000 0D000000 002000010820FFFFFFFFFFFFFF",
     {"12345"},
     0,
     "00200001080512345FFFFFFFFF"},
    /* Bits as units; right-justified; binary. */
    {"0000 42 04 00 0804 02 01 0904 00 000000 11000000 002000110C000000000000000000000000",
     {"1234"},
     0,
     "002000110C003132333400000000000000"},
    {"0000 86 08 00 0804 02 01 0904 00 000000 0D000000 00200001080000000000000000",
     {"1234"},
     0,
     "00200001080000000031323334"},
    {"0000 80 08 00 0804 02 01 0904 00 000000 0D000000 0020000108FFFFFFFFFFFFFFFF",
     {"1209"},
     0,
     "002000010801020009FFFFFFFF"},
    /* Sixteen bytes of padding don't fit the field for the block: the template holds them. */
    {"0000 82 00 00 1006 02 01 0904 00 000000 15000000 002000111000000000000000000000000000000000",
     {"123456"},
     0,
     "002000111031323334353600000000000000000000"},
    {"0000 82 08 00 0804 02 01 0904 00 000000 0D000000 0020000108FFFFFFFFFFFFFFFF",
     {"123"},
     0x6403,
     ""},
    {"0000 82 08 00 0804 02 01 0904 00 000000 0D000000 0020000108FFFFFFFFFFFFFFFF",
     {"123456789"},
     0x6403,
     ""},
    /* Too small a block, a place behind the template's end, bits that are no bytes, Lc that lies.
     */
    {"0000 82 02 00 0804 02 01 0904 00 000000 0D000000 0020000108FFFFFFFFFFFFFFFF",
     {"1234"},
     PAD_UNFIT,
     ""},
    {"0000 BA 00 00 0804 02 01 0904 00 000000 0D000000 0020000108FFFFFFFFFFFFFFFF",
     {"1234"},
     PAD_UNFIT,
     ""},
    {"0000 1A 00 00 0804 02 01 0904 00 000000 0D000000 0020000108FFFFFFFFFFFFFFFF",
     {"1234"},
     PAD_UNFIT,
     ""},
    {"0000 82 00 00 0804 02 01 0904 00 000000 0D000000 0020000109FFFFFFFFFFFFFFFF",
     {"1234"},
     PAD_UNFIT,
     ""},
    {"0000 82 48 00 0804 02 01 0904 00 000000 0D000000 0020000108FFFFFFFFFFFFFFFF",
     {"1234"},
     PAD_UNFIT,
     ""},
    {"0000 83 08 00 0804 02 01 0904 00 000000 0D000000 0020000108FFFFFFFFFFFFFFFF",
     {"1234"},
     PAD_UNFIT,
     ""},
};

/* Offsets of old and new behind the length format; flags of confirmation behind the lengths. */
static const struct row modifies[] = {
    {"0000 82 00 00 00 08 0804 03 02 03 0904 000102 000000 15000000 "
     "0024000110FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
     {"1234", "654321", "654321"},
     0,
     "002400011031323334FFFFFFFF363534333231FFFF"},
    {"0000 82 00 00 00 08 0804 03 02 03 0904 000102 000000 15000000 "
     "0024000110FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF",
     {"1234", "654321", "654322"},
     0x6402,
     ""},
    {"0000 82 00 00 00 00 0804 03 02 03 0904 000102 000000 05000000 0024000300",
     {"1234", "4321", "4321"},
     PAD_UNFIT,
     ""},
    {"0000 82 00 00 00 00 0804 00 02 01 0904 000102 000000 05000000 002C020300",
     {"4321"},
     0,
     "002C02030434333231"},
    {"0000 82 00 00 00 08 0804 00 02 01 0904 000102 000000 15000000 "
     "002C0001103132333435363738FFFFFFFFFFFFFFFF",
     {"4321"},
     0,
     "002C000110313233343536373834333231FFFFFFFF"},
};

static size_t unhex(const char *text, uint8_t *ret, size_t cap)
{
    char plain[2 * PAD_REQUEST_MAX + 1];
    struct buf bytes;
    size_t n = 0;
    for (const char *at = text; *at != '\0'; at++) {
        if (*at != ' ') {
            plain[n++] = *at;
        }
    }
    plain[n] = '\0';
    buf_init(&bytes, cap);
    assert_int_equal(enc_hex_decode(span_str(plain), &bytes), ERR_OK);
    size_t len = bytes.len;
    if (len > 0) {
        memcpy(ret, bytes.at, len);
    }
    buf_clear(&bytes);
    return len;
}

static void check(const struct row *row, bool modify)
{
    uint8_t structure[PAD_REQUEST_MAX];
    uint8_t command[PAD_COMMAND_MAX];
    uint8_t want[PAD_COMMAND_MAX];
    size_t len = 0;
    struct pad_request request;
    struct pad_values values = {.n = 0};
    size_t n = unhex(row->structure, structure, sizeof structure);
    assert_true(modify ? pad_request_modify(structure, n, &request)
                       : pad_request_verify(structure, n, &request));
    for (; values.n < PAD_VALUES && row->typed[values.n] != NULL; values.n++) {
        values.len[values.n] = strlen(row->typed[values.n]);
        memcpy(values.digits[values.n], row->typed[values.n], values.len[values.n]);
    }
    assert_int_equal(pad_request_values(&request, modify), values.n);
    assert_int_equal(pad_build(&request, modify, &values, command, &len), row->sw);
    assert_int_equal(len, unhex(row->command, want, sizeof want));
    assert_memory_equal(command, want, len);
}

static void digits_stand_where_the_verify_structure_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof verifies / sizeof verifies[0]; i++) {
        check(&verifies[i], false);
    }
}

static void old_and_new_stand_where_the_modify_structure_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof modifies / sizeof modifies[0]; i++) {
        check(&modifies[i], true);
    }
}

static void a_structure_that_is_cut_short_is_refused(void **state)
{
    uint8_t structure[PAD_REQUEST_MAX];
    struct pad_request request;
    (void)state;
    size_t n = unhex(verifies[0].structure, structure, sizeof structure);
    for (size_t len = 0; len < n; len++) {
        uint8_t *exact = malloc(len + 1); /* so that reading past it is seen */
        assert_non_null(exact);
        memcpy(exact + 1, structure, len);
        assert_false(pad_request_verify(exact + 1, len, &request));
        assert_false(pad_request_modify(exact + 1, len, &request));
        free(exact);
    }
}

/* Every value of the three fields that place the digits, in templates of every small length. */
static void no_structure_writes_outside_of_the_command(void **state)
{
    uint8_t command[PAD_COMMAND_MAX];
    uint8_t apdu[5 + 8] = {0x00, 0x20, 0x00, 0x01};
    struct pad_values values = {.len = {PAD_DIGITS_MAX}, .n = 1};
    size_t built = 0;
    (void)state;
    memset(values.digits[0], '7', PAD_DIGITS_MAX);
    for (unsigned i = 0; i < 0x10000; i++) {
        size_t len;
        uint8_t lc = (uint8_t)(i % 9);
        apdu[4] = lc;
        struct pad_request r = {.format = (uint8_t)i,
                                .block = (uint8_t)(i >> 8),
                                .length_format = (uint8_t)(i * 7),
                                .min = 1,
                                .max = PAD_DIGITS_MAX,
                                .apdu = apdu,
                                .apdu_len = 5u + lc};
        if (pad_build(&r, false, &values, command, &len) == 0) {
            assert_true(len <= sizeof command);
            assert_int_equal(command[4], len - 5);
            built++;
        }
    }
    assert_true(built > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(digits_stand_where_the_verify_structure_says),
        cmocka_unit_test(old_and_new_stand_where_the_modify_structure_says),
        cmocka_unit_test(a_structure_that_is_cut_short_is_refused),
        cmocka_unit_test(no_structure_writes_outside_of_the_command),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
