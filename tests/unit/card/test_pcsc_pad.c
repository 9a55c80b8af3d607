/* A reader's PIN pad by what it claims, truly or not (PC/SC part 10), through pcsc_open and the
 * card_io that it makes. */
#include "unit/card/winscard_abi.h"
#include "unit/test.h"

#include "base/buf.h"
#include "base/enc.h"
#include "base/limits.h"
#include "card/pcsc.h"

#define GET_FEATURES  0x42000D48ul /* SCARD_CTL_CODE(3400) */
#define CODE(feature) (0x42330000ul + (feature))
#define CALLS         16

/* Rows of the table of features, in hex. */
#define VERIFY_START  "010442330001"
#define VERIFY_FINISH "020442330002"
#define MODIFY_START  "030442330003"
#define MODIFY_FINISH "040442330004"
#define KEY_PRESSED   "050442330005"
#define VERIFY_DIRECT "060442330006"
#define MODIFY_DIRECT "070442330007"
#define PROPERTIES    "0A044233000A"
#define ABORT         "0B044233000B"
#define START         VERIFY_START VERIFY_FINISH KEY_PRESSED ABORT
#define START_ALL     START MODIFY_START MODIFY_FINISH

/* The reader: what it answers to each control code, and what it was asked. */
static struct {
    const char *name;
    const char *features;
    const char *properties;
    const char *keys; /* of GET_KEY_PRESSED: a byte of hex for each call, then 00 */
    const char *answer;
    long rv;           /* of DIRECT and FINISH */
    size_t claims;     /* not 0: this many bytes are said to have been returned */
    bool is_taken_out; /* from the first key on */
    unsigned long codes[CALLS];
    size_t n;
    unsigned char sent[128];
    size_t sent_len;
} reader;

long SCardEstablishContext(unsigned long scope, const void *a, const void *b, long *context)
{
    (void)scope, (void)a, (void)b;
    *context = 11;
    return ABI_OK;
}

long SCardReleaseContext(long context)
{
    (void)context;
    return ABI_OK;
}

long SCardConnect(long context, const char *name, unsigned long share, unsigned long protocols,
                  long *card, unsigned long *protocol)
{
    (void)context, (void)share, (void)protocols;
    assert_string_equal(name, reader.name);
    *card = 22;
    *protocol = ABI_T0;
    return ABI_OK;
}

long SCardDisconnect(long card, unsigned long disposition)
{
    (void)card, (void)disposition;
    return ABI_OK;
}

long SCardStatus(long card, char *name, unsigned long *name_len, unsigned long *state,
                 unsigned long *protocol, unsigned char *atr, unsigned long *atr_len)
{
    (void)card, (void)name, (void)name_len, (void)protocol, (void)atr;
    *atr_len = 0;
    if (state != NULL) {
        *state = reader.is_taken_out ? 0x0002 : 0x0034; /* SCARD_ABSENT; PRESENT and more */
    }
    return ABI_OK;
}

long SCardGetStatusChange(long context, unsigned long timeout, struct abi_reader_state *states,
                          unsigned long n)
{
    (void)context;
    assert_int_equal(n, 1);
    states->event = ABI_STATE_PRESENT;
    return timeout == 0 ? ABI_OK : ABI_TIMEOUT;
}

static long give(const char *hex, unsigned char *out, unsigned long cap, unsigned long *ret_len)
{
    struct buf bytes;
    buf_init(&bytes, 1024);
    assert_int_equal(enc_hex_decode(span_str(hex), &bytes), ERR_OK);
    size_t n = bytes.len < cap ? bytes.len : cap;
    if (n > 0) {
        memcpy(out, bytes.at, n);
    }
    *ret_len = reader.claims != 0 ? reader.claims : bytes.len;
    buf_clear(&bytes);
    return ABI_OK;
}

static long give_key(unsigned char *out, unsigned long cap, unsigned long *ret_len)
{
    char key[3] = "00";
    if (*reader.keys != '\0') {
        memcpy(key, reader.keys, 2);
        reader.keys += 2;
    }
    return give(key, out, cap, ret_len);
}

long SCardControl(long card, unsigned long code, const void *in, unsigned long in_len, void *out,
                  unsigned long out_len, unsigned long *returned)
{
    assert_int_equal(card, 22);
    *returned = 0;
    if (code == GET_FEATURES) {
        return give(reader.features, out, out_len, returned);
    }
    if (code == CODE(0x0A)) {
        return give(reader.properties, out, out_len, returned);
    }
    assert_true(reader.n < CALLS);
    reader.codes[reader.n++] = code;
    if (code == CODE(0x05)) {
        return give_key(out, out_len, returned);
    }
    if (in_len > 0) {
        assert_true(in_len <= sizeof reader.sent);
        memcpy(reader.sent, in, in_len);
        reader.sent_len = in_len;
    }
    bool answers =
        code == CODE(0x02) || code == CODE(0x04) || code == CODE(0x06) || code == CODE(0x07);
    return !answers              ? ABI_OK
           : reader.rv != ABI_OK ? reader.rv
                                 : give(reader.answer, out, out_len, returned);
}

static struct card_io *io;

static int start(void **state)
{
    (void)state;
    memset(&reader, 0, sizeof reader);
    reader.name = "Reader 0";
    reader.features = reader.properties = reader.keys = "";
    reader.answer = "9000";
    io = NULL;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    if (io != NULL) {
        io->free(io);
    }
    return 0;
}

static void open_reader(const char *features)
{
    reader.features = features;
    assert_int_equal(pcsc_open(reader.name, &io), ERR_OK);
}

/* ---- what it can ---- */

static void what_a_reader_claims_is_taken_row_by_row(void **state)
{
    static const struct {
        const char *features;
        bool verify, modify, stop;
    } rows[] = {
        {"", false, false, false},
        {VERIFY_DIRECT, true, false, false},
        {VERIFY_DIRECT MODIFY_DIRECT PROPERTIES, true, true, false},
        {MODIFY_DIRECT, false, false, false}, /* a PIN that it can't present it can't change */
        {START, true, false, true},
        {START_ALL, true, true, true},
        {VERIFY_DIRECT START_ALL, true, true, true},
        {VERIFY_START VERIFY_FINISH KEY_PRESSED, false, false, false}, /* never to be stopped */
        {VERIFY_START VERIFY_FINISH ABORT, false, false, false},
        {VERIFY_START KEY_PRESSED ABORT, false, false, false},
        {VERIFY_DIRECT MODIFY_START MODIFY_FINISH, true, false, false},
        /* what is not known is passed over */
        {"FF04FFFFFFFF"
         "0C0442330022"
         "000442330000" VERIFY_DIRECT,
         true, false, false},
        /* bad lengths: nothing behind them can be told from rubbish */
        {"0603423300" VERIFY_DIRECT, false, false, false},
        {VERIFY_DIRECT "0705423300070000", true, false, false},
        {VERIFY_DIRECT "0700" MODIFY_DIRECT, true, false, false},
        {VERIFY_DIRECT "07FF42330007", true, false, false},
        /* cut off */
        {"06", false, false, false},
        {"0604423300", false, false, false},
        {VERIFY_DIRECT "07044233", true, false, false},
        /* twice: the first counts; no code is none */
        {VERIFY_DIRECT "0604DEADBEEF", true, false, false},
        {"060400000000" MODIFY_DIRECT, false, false, false},
        {"060400000000" VERIFY_DIRECT, true, false, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start(state);
        open_reader(rows[i].features);
        assert_int_equal(io->pad != NULL, rows[i].verify);
        if (io->pad != NULL) {
            assert_int_equal(io->pad->can_verify, rows[i].verify);
            assert_int_equal(io->pad->can_modify, rows[i].modify);
            assert_int_equal(io->pad->can_stop, rows[i].stop);
        }
        stop(state);
    }
    io = NULL;
}

static void a_table_that_is_longer_than_it_may_be_is_none(void **state)
{
    static const size_t claims[] = {LIMIT_PAD_FEATURES + 1, 0xFFFFFFFFul, (size_t)-1};
    for (size_t i = 0; i < sizeof claims / sizeof claims[0]; i++) {
        start(state);
        reader.claims = claims[i];
        open_reader(VERIFY_DIRECT);
        assert_null(io->pad);
        stop(state);
    }
    io = NULL;
}

static void readers_that_are_known_to_lack_keys_are_not_believed(void **state)
{
    static const char *const names[] = {"OMNIKEY CardMan 3x21 00 00", "OMNIKEY AG 6121 USB mobile",
                                        "HID Global OMNIKEY 3x21 Smart Card Reader [x] 00 00"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        start(state);
        reader.name = names[i];
        open_reader(VERIFY_DIRECT MODIFY_DIRECT);
        assert_null(io->pad);
        stop(state);
    }
    io = NULL;
}

/* ---- what it is asked for ---- */

static unsigned begun, waited, waits_allowed;

static bool begins(void *user, const struct pad_entry *entry, bool can_stop)
{
    (void)user;
    assert_non_null(entry);
    assert_int_equal(can_stop, io->pad->can_stop);
    begun++;
    return waits_allowed > 0;
}

static bool wait_for(void *user, unsigned ms)
{
    (void)user;
    assert_true(ms <= LIMIT_PAD_KEY_MS);
    return ++waited < waits_allowed;
}

static const struct pad_person person = {0x040B, begins, wait_for, NULL};

static enum err enter(bool modify, bool asks_old, uint8_t block, uint8_t *answer, size_t *len)
{
    struct pad_entry entry = {.command = {0x00, 0x20, 0x00, 0x11, 0x02, 0xFF, 0xFF},
                              .len = 7,
                              .min = 4,
                              .max = 8,
                              .block = block,
                              .modify = modify,
                              .asks_old = asks_old,
                              .language = 0x040B,
                              .new_offset = 12};
    begun = waited = 0;
    waits_allowed = waits_allowed == 0 ? CALLS : waits_allowed;
    *len = LIMIT_APDU_ANSWER;
    return io->enter(io, &entry, &person, answer, len);
}

static uint8_t answer[LIMIT_APDU_ANSWER];
static size_t len;

static void the_structure_says_how_the_entry_ends_and_what_is_shown(void **state)
{
    static const struct {
        const char *properties;
        uint8_t condition, messages;
    } rows[] = {
        {"10020701", 0x02, 1}, {"00000200", 0x02, 0},   {"10020400", 0x04, 1},
        {"10020600", 0x02, 1}, {"10020100", 0x01, 1},   {"10020000", 0x01, 1},
        {"1002F800", 0x01, 1}, /* conditions that nobody knows */
        {"100207", 0x02, 0},   /* cut off: as if it had said nothing */
        {"", 0x02, 0},         {"1002070000", 0x02, 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start(state);
        reader.properties = rows[i].properties;
        open_reader(VERIFY_DIRECT MODIFY_DIRECT PROPERTIES);
        waits_allowed = CALLS;
        assert_int_equal(enter(false, false, 12, answer, &len), ERR_OK);
        assert_int_equal(reader.codes[0], CODE(0x06));
        assert_int_equal(reader.sent_len, 19 + 7);
        assert_int_equal(reader.sent[7], rows[i].condition);
        assert_int_equal(reader.sent[8], rows[i].messages);
        stop(state);
    }
    io = NULL;
}

static void the_structure_holds_the_entry_as_it_is(void **state)
{
    static const uint8_t verify[] = {60, 0, 0x82, 12, 0, 8, 4, 2,    0, 0x0B, 4, 0,    0,
                                     0,  0, 7,    0,  0, 0, 0, 0x20, 0, 0x11, 2, 0xFF, 0xFF};
    static const uint8_t change[] = {180,  0, 0x82, 12, 0, 0, 12, 8, 4, 3, 2, 0,
                                     0x0B, 4, 0,    1,  2, 0, 0,  0, 7, 0, 0, 0};
    static const uint8_t fresh[] = {120,  0, 0x82, 0, 0, 0, 12, 8, 4, 1, 2, 0,
                                    0x0B, 4, 1,    2, 0, 0, 0,  0, 7, 0, 0, 0};
    (void)state;
    open_reader(VERIFY_DIRECT MODIFY_DIRECT);
    waits_allowed = CALLS;
    assert_int_equal(enter(false, false, 12, answer, &len), ERR_OK);
    assert_int_equal(len, 2);
    assert_memory_equal(reader.sent, verify, sizeof verify);
    assert_int_equal(enter(true, true, 12, answer, &len), ERR_OK);
    assert_memory_equal(reader.sent, change, sizeof change);
    /* a block that its field can't say is said by the template */
    assert_int_equal(enter(true, false, 16, answer, &len), ERR_OK);
    assert_memory_equal(reader.sent, fresh, sizeof fresh);
    assert_int_equal(reader.codes[2], CODE(0x07));
    assert_int_equal(begun, 1);
}

/* ---- START, keys, FINISH ---- */

static void keys_are_asked_for_until_every_value_has_its_enter(void **state)
{
    static const struct {
        bool modify, asks_old;
        const char *keys;
        size_t calls;
    } rows[] = {
        {false, false, "002B2B0D", 4}, {true, false, "2B0D2B0D", 4}, {true, true, "0D0D0D", 3},
        {false, false, "0E", 1}, /* the reader's time is over: FINISH brings its word */
        {false, false, "1B", 1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        start(state);
        open_reader(START_ALL);
        reader.keys = rows[i].keys;
        waits_allowed = CALLS;
        assert_int_equal(enter(rows[i].modify, rows[i].asks_old, 12, answer, &len), ERR_OK);
        assert_int_equal(reader.n, rows[i].calls + 2);
        assert_int_equal(reader.codes[0], CODE(rows[i].modify ? 0x03 : 0x01));
        assert_int_equal(reader.codes[reader.n - 1], CODE(rows[i].modify ? 0x04 : 0x02));
        stop(state);
    }
    io = NULL;
}

static void a_person_who_gives_up_aborts_the_entry(void **state)
{
    (void)state;
    open_reader(START_ALL);
    waits_allowed = 3;
    assert_int_equal(enter(false, false, 12, answer, &len), ERR_ABORTED);
    assert_int_equal(reader.codes[reader.n - 1], CODE(0x0B));
    assert_int_equal(reader.n, 1 + 3 + 1);
}

/* Many readers go on saying that no key was pressed. */
static void a_card_that_is_pulled_ends_the_entry(void **state)
{
    (void)state;
    open_reader(START_ALL);
    waits_allowed = CALLS;
    reader.is_taken_out = true;
    assert_int_equal(enter(true, true, 12, answer, &len), ERR_CARD_REMOVED);
    assert_int_equal(reader.n, 2);
    assert_int_equal(reader.codes[1], CODE(0x0B));
}

static void a_driver_that_fails_has_no_pad_from_then_on(void **state)
{
    static const char *const kinds[] = {VERIFY_DIRECT, START, START};
    static const char *const typed[] = {"", "0E", "1B"};
    for (size_t i = 0; i < 3; i++) {
        start(state);
        open_reader(kinds[i]);
        waits_allowed = CALLS;
        reader.keys = typed[i];
        reader.rv = ABI_NOT_TRANSACTED;
        assert_int_equal(enter(false, false, 12, answer, &len), ERR_PAD_FAILED);
        assert_null(io->pad);
        stop(state);
    }
    io = NULL;
}

/* It is the card then that does not answer. */
static void a_reader_that_told_of_the_keys_has_them(void **state)
{
    (void)state;
    open_reader(START_ALL);
    waits_allowed = CALLS;
    reader.keys = "2B0D2B0D0D";
    reader.rv = ABI_NOT_TRANSACTED;
    assert_int_equal(enter(true, true, 12, answer, &len), ERR_CARD_IO);
    assert_non_null(io->pad);
}

static void an_answer_that_is_longer_than_it_may_be_is_none(void **state)
{
    (void)state;
    open_reader(VERIFY_DIRECT);
    waits_allowed = CALLS;
    reader.claims = LIMIT_APDU_ANSWER + 1;
    assert_int_equal(enter(false, false, 12, answer, &len), ERR_OK);
    assert_int_equal(len, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_a_reader_claims_is_taken_row_by_row),
        TEST(a_table_that_is_longer_than_it_may_be_is_none),
        TEST(readers_that_are_known_to_lack_keys_are_not_believed),
        TEST(the_structure_says_how_the_entry_ends_and_what_is_shown),
        TEST(the_structure_holds_the_entry_as_it_is),
        TEST(keys_are_asked_for_until_every_value_has_its_enter),
        TEST(a_person_who_gives_up_aborts_the_entry),
        TEST(a_card_that_is_pulled_ends_the_entry),
        TEST(a_driver_that_fails_has_no_pad_from_then_on),
        TEST(a_reader_that_told_of_the_keys_has_them),
        TEST(an_answer_that_is_longer_than_it_may_be_is_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
