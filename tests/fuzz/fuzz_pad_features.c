/* Input: what a reader says about its PIN pad and how it uses it: the table of features, its
 * properties, whose lengths stand before them, then for each control code a byte (error, or the
 * card taken out) and an answer with its length. Whatever it says, only codes of its own table are
 * used, with structures whose lengths add up, and an entry ends. */
#include "card/pcsc.h"

#include "../unit/card/winscard_abi.h"
#include "fuzz.h"

#define GET_FEATURES 0x42000D48ul /* SCARD_CTL_CODE(3400) */
#define FEATURES     0x0Cu
#define WAITS        64

static struct {
    struct span features, properties, rest;
    bool is_out;
    unsigned waits;
} reader;

/* A length of one byte, and as many bytes of what is left. */
static struct span take(struct span *from)
{
    struct span rest;
    uint8_t n = fuzz_choice(from->at, from->len, &rest);
    struct span bytes = span_sub(rest, 0, n);
    *from = span_sub(rest, bytes.len, rest.len);
    return bytes;
}

static bool is_of_the_table(unsigned long code)
{
    for (size_t at = 0; at + 6 <= reader.features.len; at += 6) {
        const uint8_t *row = reader.features.at + at;
        unsigned long value = (unsigned long)row[2] << 24 | (unsigned long)row[3] << 16 |
                              (unsigned long)row[4] << 8 | row[5];
        if (row[0] < FEATURES && row[1] == 4 && value == code && code != 0) {
            return true;
        }
    }
    return false;
}

long SCardEstablishContext(unsigned long scope, const void *a, const void *b, long *context)
{
    (void)scope, (void)a, (void)b;
    *context = 11;
    return ABI_OK;
}

long SCardReleaseContext(long context)
{
    return context == 11 ? ABI_OK : ABI_INVALID_HANDLE;
}

long SCardConnect(long context, const char *name, unsigned long share, unsigned long protocols,
                  long *card, unsigned long *protocol)
{
    (void)context, (void)name, (void)share, (void)protocols;
    *card = 22;
    *protocol = ABI_T0;
    return ABI_OK;
}

long SCardDisconnect(long card, unsigned long disposition)
{
    (void)disposition;
    return card == 22 ? ABI_OK : ABI_INVALID_HANDLE;
}

long SCardStatus(long card, char *name, unsigned long *name_len, unsigned long *state,
                 unsigned long *protocol, unsigned char *atr, unsigned long *atr_len)
{
    (void)card, (void)name, (void)name_len, (void)protocol, (void)atr;
    *atr_len = 0;
    if (state != NULL) {
        *state = reader.is_out ? 0x0002 : 0x0034; /* SCARD_ABSENT; PRESENT and more */
    }
    return ABI_OK;
}

long SCardGetStatusChange(long context, unsigned long timeout, struct abi_reader_state *states,
                          unsigned long n)
{
    REQUIRE(context == 11 && n == 1);
    states->event = ABI_STATE_PRESENT;
    return timeout == 0 ? ABI_OK : ABI_TIMEOUT;
}

static long give(struct span bytes, void *out, unsigned long cap, unsigned long *ret_len)
{
    size_t n = bytes.len < cap ? bytes.len : cap;
    if (n > 0) {
        memcpy(out, bytes.at, n);
    }
    *ret_len = bytes.len; /* more than the room, where it is */
    return ABI_OK;
}

/* PIN_VERIFY has 19 bytes before its template, PIN_MODIFY 24; the length stands in the last four.
 */
static void check_structure(const uint8_t *in, size_t len)
{
    bool fits = false;
    REQUIRE(len > 24);
    for (size_t head = 19; head <= 24; head += 5) {
        size_t said = in[head - 4] | (size_t)in[head - 3] << 8;
        fits = fits || (said == len - head && said >= 5 && said <= LIMIT_PAD_TEMPLATE);
    }
    REQUIRE(fits && in[0] % LIMIT_PAD_S == 0 && in[0] > 0);
}

long SCardControl(long card, unsigned long code, const void *in, unsigned long in_len, void *out,
                  unsigned long out_len, unsigned long *returned)
{
    REQUIRE(card == 22);
    *returned = 0;
    if (code == GET_FEATURES) {
        return give(reader.features, out, out_len, returned);
    }
    REQUIRE(is_of_the_table(code));
    if (reader.properties.at != NULL) { /* asked for once, before any entry */
        struct span properties = reader.properties;
        reader.properties = span_of(NULL, 0);
        if (in_len == 0) {
            return give(properties, out, out_len, returned);
        }
    }
    if (in_len > 0) {
        check_structure(in, in_len);
    }
    uint8_t fate = fuzz_choice(reader.rest.at, reader.rest.len, &reader.rest);
    reader.is_out = fate == 1;
    return fate == 2 ? ABI_NOT_TRANSACTED : give(take(&reader.rest), out, out_len, returned);
}

static bool begins(void *user, const struct pad_entry *entry, bool can_stop)
{
    (void)user;
    REQUIRE(entry->len >= 5);
    reader.waits = 0;
    return can_stop || reader.rest.len != 7;
}

static bool wait_for(void *user, unsigned ms)
{
    (void)user;
    REQUIRE(ms <= LIMIT_PAD_KEY_MS);
    return ++reader.waits < WAITS;
}

static void enter(struct card_io *io, bool modify, bool asks_old)
{
    static const struct pad_person person = {0x040B, begins, wait_for, NULL};
    const struct pad_entry entry = {.command = {0x00, 0x24, 0x00, 0x11, 0x02, 0xFF, 0xFF},
                                    .len = 7,
                                    .min = 4,
                                    .max = 8,
                                    .block = 12,
                                    .modify = modify,
                                    .asks_old = asks_old,
                                    .new_offset = 1};
    uint8_t answer[LIMIT_APDU_ANSWER];
    size_t len = sizeof answer;
    enum err e = io->enter(io, &entry, &person, answer, &len);
    REQUIRE(e == ERR_OK || e == ERR_ABORTED || e == ERR_PAD_FAILED || e == ERR_CARD_REMOVED ||
            e == ERR_CARD_IO);
    REQUIRE(len <= sizeof answer);
    REQUIRE((e == ERR_PAD_FAILED) == (io->pad == NULL));
    reader.is_out = false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct card_io *io = NULL;
    struct span input = span_of(data, size);
    memset(&reader, 0, sizeof reader);
    reader.features = take(&input);
    reader.properties = take(&input);
    reader.rest = input;
    REQUIRE(pcsc_open("Reader 0", &io) == ERR_OK);
    bool verifies = io->pad != NULL;
    REQUIRE(!verifies || io->pad->can_verify);
    bool modifies = verifies && io->pad->can_modify;
    reader.properties = span_of(NULL, 0);
    if (verifies) {
        enter(io, false, false);
    }
    for (int old = 0; old < 2 && modifies && io->pad != NULL; old++) {
        enter(io, true, old == 1);
    }
    io->free(io);
    return 0;
}
