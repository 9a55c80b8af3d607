#include "unit/card/winscard_abi.h"
#include "unit/test.h"

#include "base/limits.h"
#include "card/pcsc.h"

/* PC/SC as this test wants it: one reader, one card. */
static struct {
    long establish_rv, connect_rv, status_rv, look_rv, reconnect_rv, transmit_rv, end_rv;
    long begin_rvs[8];
    unsigned begins, reconnects, transmits, contexts, handles, looks;
    unsigned long protocol;
    unsigned long event;       /* of every look without waiting */
    unsigned long event_after; /* of a look that waits; 0: the time passes */
    unsigned long end_disposition, disconnect_disposition;
    unsigned long sent_protocol;
    unsigned char sent[300];
    size_t sent_len;
} pcsc;

#define PRESENT(count) (ABI_STATE_PRESENT | (unsigned long)(count) << 16)

long SCardEstablishContext(unsigned long scope, const void *a, const void *b, long *context)
{
    (void)scope, (void)a, (void)b;
    *context = 11;
    pcsc.contexts += pcsc.establish_rv == ABI_OK ? 1 : 0;
    return pcsc.establish_rv;
}

long SCardReleaseContext(long context)
{
    assert_int_equal(context, 11);
    pcsc.contexts--;
    return ABI_OK;
}

long SCardConnect(long context, const char *reader, unsigned long share, unsigned long protocols,
                  long *card, unsigned long *protocol)
{
    assert_int_equal(context, 11);
    assert_string_equal(reader, "Reader 0");
    assert_int_equal(share, 2); /* SCARD_SHARE_SHARED */
    assert_int_equal(protocols, ABI_T0 | ABI_T1);
    *card = 22;
    *protocol = pcsc.protocol;
    pcsc.handles += pcsc.connect_rv == ABI_OK ? 1 : 0;
    return pcsc.connect_rv;
}

long SCardDisconnect(long card, unsigned long disposition)
{
    assert_int_equal(card, 22);
    pcsc.disconnect_disposition = disposition;
    pcsc.handles--;
    return ABI_OK;
}

long SCardReconnect(long card, unsigned long share, unsigned long protocols, unsigned long init,
                    unsigned long *protocol)
{
    assert_int_equal(card, 22);
    assert_int_equal(share, 2);
    assert_int_equal(protocols, ABI_T0 | ABI_T1);
    assert_int_equal(init, ABI_LEAVE_CARD);
    *protocol = pcsc.protocol;
    pcsc.reconnects++;
    return pcsc.reconnect_rv;
}

long SCardGetStatusChange(long context, unsigned long timeout, struct abi_reader_state *states,
                          unsigned long n)
{
    assert_int_equal(context, 11);
    assert_int_equal(n, 1);
    assert_string_equal(states[0].name, "Reader 0");
    pcsc.looks++;
    if (pcsc.look_rv != ABI_OK) {
        return pcsc.look_rv;
    }
    if (timeout > 0) {
        assert_true(timeout <= LIMIT_REMOVAL_MS);
        states[0].event = pcsc.event_after;
        return pcsc.event_after == 0 ? ABI_TIMEOUT : ABI_OK;
    }
    states[0].event = pcsc.event | ABI_STATE_CHANGED;
    return ABI_OK;
}

long SCardStatus(long card, char *reader, unsigned long *reader_len, unsigned long *state,
                 unsigned long *protocol, unsigned char *atr, unsigned long *atr_len)
{
    (void)card, (void)reader, (void)reader_len, (void)state, (void)protocol;
    assert_int_equal(*atr_len, LIMIT_ATR);
    memcpy(atr, "\x3B\x02\x14\x50", 4);
    *atr_len = 4;
    return pcsc.status_rv;
}

long SCardBeginTransaction(long card)
{
    assert_int_equal(card, 22);
    return pcsc.begin_rvs[pcsc.begins++];
}

long SCardEndTransaction(long card, unsigned long disposition)
{
    assert_int_equal(card, 22);
    pcsc.end_disposition = disposition;
    return pcsc.end_rv;
}

long SCardTransmit(long card, const struct abi_pci *send, const unsigned char *command,
                   unsigned long command_len, struct abi_pci *receive, unsigned char *answer,
                   unsigned long *answer_len)
{
    (void)receive;
    assert_int_equal(card, 22);
    pcsc.transmits++;
    pcsc.sent_protocol = send->protocol;
    assert_true(command_len <= sizeof pcsc.sent);
    memcpy(pcsc.sent, command, command_len);
    pcsc.sent_len = command_len;
    if (pcsc.transmit_rv == ABI_OK) {
        memcpy(answer, "\x90\x00", 2);
        *answer_len = 2;
    }
    return pcsc.transmit_rv;
}

static struct card_io *io;

static int start(void **state)
{
    (void)state;
    memset(&pcsc, 0, sizeof pcsc);
    pcsc.protocol = ABI_T0;
    pcsc.event = PRESENT(5);
    io = NULL;
    return 0;
}

/* Whatever happened, nothing stays open. */
static int stop(void **state)
{
    (void)state;
    if (io != NULL) {
        io->free(io);
    }
    return pcsc.contexts != 0 || pcsc.handles != 0;
}

static void open_card(void)
{
    assert_int_equal(pcsc_open("Reader 0", &io), ERR_OK);
}

static void an_open_card_tells_its_reader_atr_protocol_and_count(void **state)
{
    (void)state;
    pcsc.protocol = ABI_T1;
    open_card();
    assert_string_equal(io->reader, "Reader 0");
    assert_int_equal(io->atr_len, 4);
    assert_memory_equal(io->atr, "\x3B\x02\x14\x50", 4);
    assert_true(io->t1);
    assert_int_equal(io->insertion_count, 5);
    io->free(io);
    io = NULL;
    assert_int_equal(pcsc.disconnect_disposition, ABI_LEAVE_CARD);
}

static void a_card_that_can_not_be_opened_is_told_by_its_reason(void **state)
{
    static const struct {
        long rv;
        enum err err;
    } rows[] = {
        {ABI_NO_SERVICE, ERR_PCSC_DOWN}, {ABI_UNKNOWN_READER, ERR_NO_READER},
        {ABI_NO_READERS, ERR_NO_READER}, {ABI_NO_CARD, ERR_NO_CARD},
        {ABI_REMOVED, ERR_NO_CARD},      {ABI_SHARING, ERR_BUSY},
        {ABI_MUTE, ERR_CARD_IO},         {ABI_PROTOCOL, ERR_CARD_IO},
        {ABI_NO_MEMORY, ERR_NOMEM},      {0x8010BEEFl, ERR_CARD_IO},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        long *const places[] = {&pcsc.establish_rv, &pcsc.connect_rv, &pcsc.status_rv,
                                &pcsc.look_rv};
        for (size_t p = 0; p < sizeof places / sizeof places[0]; p++) {
            *places[p] = rows[i].rv;
            assert_int_equal(pcsc_open("Reader 0", &io), rows[i].err);
            assert_null(io);
            assert_int_equal(pcsc.contexts, 0);
            assert_int_equal(pcsc.handles, 0);
            *places[p] = ABI_OK;
        }
    }
}

static void a_reader_name_that_no_reader_can_have_is_not_asked_for(void **state)
{
    char name[LIMIT_READER_NAME + 1];
    (void)state;
    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    assert_int_equal(pcsc_open(name, &io), ERR_NO_READER);
    assert_int_equal(pcsc_open("", &io), ERR_NO_READER);
}

static void a_bracket_begins_and_ends(void **state)
{
    bool reset = true;
    (void)state;
    open_card();
    assert_int_equal(io->begin(io, &reset), ERR_OK);
    assert_false(reset);
    io->end(io, false);
    assert_int_equal(pcsc.end_disposition, ABI_LEAVE_CARD);
    assert_int_equal(io->begin(io, &reset), ERR_OK);
    io->end(io, true);
    assert_int_equal(pcsc.end_disposition, ABI_RESET_CARD);
}

static void a_reset_by_another_program_is_told_after_a_reconnect(void **state)
{
    bool reset = false;
    (void)state;
    open_card();
    pcsc.begin_rvs[0] = ABI_RESET;
    pcsc.protocol = ABI_T1;
    assert_int_equal(io->begin(io, &reset), ERR_OK);
    assert_true(reset);
    assert_int_equal(pcsc.reconnects, 1);
    assert_true(io->t1); /* the protocol is negotiated again */
    io->end(io, false);
}

static void a_program_that_resets_without_end_is_not_waited_for_for_ever(void **state)
{
    bool reset;
    (void)state;
    open_card();
    for (size_t i = 0; i < sizeof pcsc.begin_rvs / sizeof pcsc.begin_rvs[0]; i++) {
        pcsc.begin_rvs[i] = ABI_RESET;
    }
    assert_int_equal(io->begin(io, &reset), ERR_BUSY);
    assert_true(pcsc.begins < sizeof pcsc.begin_rvs / sizeof pcsc.begin_rvs[0]);
}

static void a_removed_card_is_told_from_a_changed_one(void **state)
{
    static const struct {
        long begin;
        unsigned long event;
        enum err err;
    } rows[] = {
        {ABI_REMOVED, ABI_STATE_EMPTY | 6ul << 16, ERR_CARD_REMOVED},
        {ABI_REMOVED, PRESENT(7), ERR_CARD_CHANGED},
        {ABI_REMOVED, PRESENT(5), ERR_CARD_CHANGED},
        /* the removal hides behind a later reset by another program */
        {ABI_RESET, PRESENT(7), ERR_CARD_CHANGED},
        {ABI_RESET, ABI_STATE_EMPTY | 6ul << 16, ERR_CARD_REMOVED},
        {ABI_NO_SERVICE, PRESENT(5), ERR_PCSC_DOWN},
        {ABI_INVALID_HANDLE, PRESENT(5), ERR_CARD_REMOVED},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool reset;
        start(NULL);
        open_card();
        pcsc.begin_rvs[0] = rows[i].begin;
        pcsc.event = rows[i].event;
        assert_int_equal(io->begin(io, &reset), rows[i].err);
        assert_int_equal(pcsc.reconnects, 0);
        assert_int_equal(pcsc.transmits, 0);
        assert_int_equal(stop(NULL), 0);
        io = NULL;
    }
}

static void a_reconnect_that_fails_is_an_error(void **state)
{
    bool reset;
    (void)state;
    open_card();
    pcsc.begin_rvs[0] = ABI_RESET;
    pcsc.reconnect_rv = ABI_NO_CARD;
    assert_int_equal(io->begin(io, &reset), ERR_CARD_REMOVED);
    pcsc.begin_rvs[1] = ABI_RESET;
    pcsc.look_rv = ABI_NO_SERVICE;
    assert_int_equal(io->begin(io, &reset), ERR_PCSC_DOWN);
}

static void a_command_goes_out_as_it_is(void **state)
{
    static const uint8_t command[] = {0x00, 0x20, 0x00, 0x11};
    uint8_t answer[LIMIT_APDU_ANSWER];
    size_t len;
    (void)state;
    for (unsigned long protocol = ABI_T0; protocol <= ABI_T1; protocol++) {
        start(NULL);
        pcsc.protocol = protocol;
        open_card();
        len = sizeof answer;
        assert_int_equal(io->transmit(io, span_of(command, sizeof command), answer, &len), ERR_OK);
        assert_int_equal(len, 2);
        assert_int_equal(pcsc.sent_len, sizeof command);
        assert_memory_equal(pcsc.sent, command, sizeof command);
        assert_int_equal(pcsc.sent_protocol, protocol);
        assert_int_equal(stop(NULL), 0);
        io = NULL;
    }
}

static void a_command_that_no_card_takes_never_goes_out(void **state)
{
    static const uint8_t command[LIMIT_APDU_COMMAND + 1];
    uint8_t answer[LIMIT_APDU_ANSWER];
    size_t len = sizeof answer;
    (void)state;
    open_card();
    assert_int_equal(io->transmit(io, span_of(command, sizeof command), answer, &len),
                     ERR_INTERNAL);
    assert_int_equal(io->transmit(io, span_of(command, 3), answer, &len), ERR_INTERNAL);
    assert_int_equal(pcsc.transmits, 0);
}

static void a_broken_exchange_is_a_removal_when_the_card_goes_away(void **state)
{
    static const struct {
        long rv;
        unsigned long event, event_after;
        enum err err;
        unsigned looks;
    } rows[] = {
        {ABI_REMOVED, PRESENT(5), 0, ERR_CARD_REMOVED, 0},
        {ABI_NO_CARD, PRESENT(5), 0, ERR_CARD_REMOVED, 0},
        {ABI_NO_SERVICE, PRESENT(5), 0, ERR_PCSC_DOWN, 0},
        {ABI_NOT_TRANSACTED, ABI_STATE_EMPTY | 6ul << 16, 0, ERR_CARD_REMOVED, 1},
        {ABI_NOT_TRANSACTED, PRESENT(7), 0, ERR_CARD_REMOVED, 1},
        {ABI_NOT_TRANSACTED, PRESENT(5), ABI_STATE_EMPTY | 6ul << 16, ERR_CARD_REMOVED, 2},
        {ABI_NOT_TRANSACTED, PRESENT(5), 0, ERR_CARD_IO, 2},
        {ABI_NOT_TRANSACTED, PRESENT(5), PRESENT(5) | ABI_STATE_INUSE, ERR_CARD_IO, 2},
    };
    static const uint8_t command[] = {0x00, 0x20, 0x00, 0x11};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t answer[LIMIT_APDU_ANSWER];
        size_t len = sizeof answer;
        start(NULL);
        open_card();
        pcsc.looks = 0;
        pcsc.transmit_rv = rows[i].rv;
        pcsc.event = rows[i].event;
        pcsc.event_after = rows[i].event_after;
        assert_int_equal(io->transmit(io, span_of(command, sizeof command), answer, &len),
                         rows[i].err);
        assert_int_equal(pcsc.looks, rows[i].looks);
        assert_int_equal(stop(NULL), 0);
        io = NULL;
    }
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_open_card_tells_its_reader_atr_protocol_and_count),
        TEST(a_card_that_can_not_be_opened_is_told_by_its_reason),
        TEST(a_reader_name_that_no_reader_can_have_is_not_asked_for),
        TEST(a_bracket_begins_and_ends),
        TEST(a_reset_by_another_program_is_told_after_a_reconnect),
        TEST(a_program_that_resets_without_end_is_not_waited_for_for_ever),
        TEST(a_removed_card_is_told_from_a_changed_one),
        TEST(a_reconnect_that_fails_is_an_error),
        TEST(a_command_goes_out_as_it_is),
        TEST(a_command_that_no_card_takes_never_goes_out),
        TEST(a_broken_exchange_is_a_removal_when_the_card_goes_away),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
