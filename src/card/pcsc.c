#include "card/pcsc.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/wipe.h"
#include "card/pcsc_pad.h"
#include "card/scard.h"

#include <stdlib.h>

/* Another program may reset the card between our reconnect and our next try; not for ever. */
#define BEGIN_ROUNDS 3

struct pcsc {
    struct card_io io; /* first member: the functions get a pointer to it */
    SCARDCONTEXT context;
    SCARDHANDLE card;
    bool has_context;
    bool has_card;
    DWORD protocol;
    struct pcsc_pad pad;
    char reader[LIMIT_READER_NAME];
    uint8_t atr[LIMIT_ATR];
};

/* What the reader holds now. With a state that was known before and a time, waits until it differs.
 */
static LONG look(struct pcsc *p, DWORD known, DWORD timeout_ms, DWORD *ret_state)
{
    SCARD_READERSTATE state = {.szReader = p->reader, .dwCurrentState = known};
    LONG rv = SCardGetStatusChange(p->context, timeout_ms, &state, 1);
    if (rv == SCARD_S_SUCCESS) {
        *ret_state = state.dwEventState;
    }
    return rv;
}

/* After our handle was reset or lost: is it still the card that was there when we connected? A
 * removal can hide behind a later reset by another program, so the counter decides. */
static enum err judge_presence(struct pcsc *p)
{
    DWORD state;
    LONG rv = look(p, SCARD_STATE_UNAWARE, 0, &state);
    if (rv != SCARD_S_SUCCESS) {
        return scard_error(rv, SCARD_CONNECTED);
    }
    if ((state & SCARD_STATE_PRESENT) == 0) {
        return ERR_CARD_REMOVED;
    }
    return scard_counter(state) == p->io.insertion_count ? ERR_OK : ERR_CARD_CHANGED;
}

static enum err reconnect(struct pcsc *p)
{
    enum err e = judge_presence(p);
    if (e != ERR_OK) {
        return e;
    }
    LONG rv = SCardReconnect(p->card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                             SCARD_LEAVE_CARD, &p->protocol);
    p->io.t1 = p->protocol == SCARD_PROTOCOL_T1;
    return scard_error(rv, SCARD_CONNECTED);
}

/* While another program holds a transaction, PC/SC waits inside SCardBeginTransaction. */
static enum err begin(struct card_io *io, bool *ret_reset)
{
    struct pcsc *p = (struct pcsc *)io;
    bool reset = false;
    for (int round = 0; round < BEGIN_ROUNDS; round++) {
        LONG rv = SCardBeginTransaction(p->card);
        if (rv == SCARD_S_SUCCESS) {
            *ret_reset = reset;
            return ERR_OK;
        }
        enum err e = ERR_OK;
        if (rv == SCARD_W_RESET_CARD || rv == SCARD_W_UNPOWERED_CARD) {
            reset = true;
            e = reconnect(p);
        } else if (rv == SCARD_W_REMOVED_CARD) {
            e = judge_presence(p);
            e = e == ERR_OK ? ERR_CARD_CHANGED : e;
        } else {
            e = scard_error(rv, SCARD_CONNECTED);
        }
        if (e != ERR_OK) {
            return e;
        }
    }
    return ERR_BUSY;
}

/* A card that is pulled out in the middle of an exchange is first an exchange that broke; that it
 * is gone comes as an event a little later. People should read that, not "does not answer". */
static enum err explain_broken(struct pcsc *p)
{
    DWORD state;
    LONG rv = look(p, SCARD_STATE_UNAWARE, 0, &state);
    if (rv == SCARD_S_SUCCESS && (state & SCARD_STATE_PRESENT) != 0 &&
        scard_counter(state) == p->io.insertion_count) {
        rv = look(p, state & ~(DWORD)SCARD_STATE_CHANGED, LIMIT_REMOVAL_MS, &state);
    }
    if (rv != SCARD_S_SUCCESS) {
        return rv == SCARD_E_TIMEOUT ? ERR_CARD_IO : scard_error(rv, SCARD_CONNECTED);
    }
    bool same = (state & SCARD_STATE_PRESENT) != 0 && scard_counter(state) == p->io.insertion_count;
    return same ? ERR_CARD_IO : ERR_CARD_REMOVED;
}

static enum err transmit(struct card_io *io, struct span command, uint8_t *answer, size_t *len)
{
    struct pcsc *p = (struct pcsc *)io;
    const SCARD_IO_REQUEST *pci = p->protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0;
    DWORD got = *len;
    if (command.len < 4 || command.len > LIMIT_APDU_COMMAND) {
        return ERR_INTERNAL;
    }
    LONG rv = SCardTransmit(p->card, pci, command.at, command.len, NULL, answer, &got);
    if (rv == SCARD_S_SUCCESS) {
        *len = got;
        return ERR_OK;
    }
    wipe(answer, *len);
    log_line(LOG_INFO, "card: PC/SC says %08lX to INS %02X", (unsigned long)(uint32_t)rv,
             command.at[1]);
    enum err e = scard_error(rv, SCARD_CONNECTED);
    return e == ERR_CARD_IO ? explain_broken(p) : e;
}

/* A driver that fails while the card is there has no pad that works, whatever it claims; unless the
 * keys were told of. */
static enum err enter(struct card_io *io, const struct pad_entry *entry,
                      const struct pad_person *person, uint8_t *answer, size_t *len)
{
    struct pcsc *p = (struct pcsc *)io;
    struct pcsc_pad_end end;
    LONG rv = pcsc_pad_enter(p->card, &p->pad, entry, person, answer, len, &end);
    if (end.stopped) {
        return ERR_ABORTED;
    }
    if (rv == SCARD_S_SUCCESS) {
        return ERR_OK;
    }
    log_line(LOG_INFO, "card: PC/SC says %08lX to the PIN pad", (unsigned long)(uint32_t)rv);
    enum err e = scard_error(rv, SCARD_CONNECTED);
    e = e == ERR_CARD_IO || e == ERR_INTERNAL ? explain_broken(p) : e;
    if (e == ERR_CARD_IO && !end.typed) {
        p->io.pad = NULL;
        e = ERR_PAD_FAILED;
    }
    return e;
}

/* A failure here leaves nothing to do: the card is gone, or SCardDisconnect gives the lock back. */
static void end(struct card_io *io, bool reset)
{
    struct pcsc *p = (struct pcsc *)io;
    LONG rv = SCardEndTransaction(p->card, reset ? SCARD_RESET_CARD : SCARD_LEAVE_CARD);
    if (rv != SCARD_S_SUCCESS) {
        log_line(LOG_INFO, "card: PC/SC says %08lX at the end", (unsigned long)(uint32_t)rv);
    }
}

static void pcsc_free(struct card_io *io)
{
    struct pcsc *p = (struct pcsc *)io;
    if (p->has_card) {
        SCardDisconnect(p->card, SCARD_LEAVE_CARD);
    }
    if (p->has_context) {
        SCardReleaseContext(p->context);
    }
    free(p);
}

static enum err read_atr(struct pcsc *p)
{
    DWORD len = sizeof p->atr;
    DWORD name_len = 0;
    LONG rv = SCardStatus(p->card, NULL, &name_len, NULL, NULL, p->atr, &len);
    if (rv == SCARD_S_SUCCESS) {
        p->io.atr = p->atr;
        p->io.atr_len = len;
    }
    return scard_error(rv, SCARD_OPENING);
}

static enum err connect_card(struct pcsc *p)
{
    DWORD state;
    LONG rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &p->context);
    p->has_context = rv == SCARD_S_SUCCESS;
    if (rv == SCARD_S_SUCCESS) {
        rv = SCardConnect(p->context, p->reader, SCARD_SHARE_SHARED,
                          SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &p->card, &p->protocol);
        p->has_card = rv == SCARD_S_SUCCESS;
    }
    /* After the connect: a card that is changed from here on is told by SCardBeginTransaction. */
    if (rv == SCARD_S_SUCCESS) {
        rv = look(p, SCARD_STATE_UNAWARE, 0, &state);
    }
    if (rv == SCARD_S_SUCCESS) {
        p->io.insertion_count = scard_counter(state);
        p->io.t1 = p->protocol == SCARD_PROTOCOL_T1;
        pcsc_pad_find(p->card, p->reader, &p->pad);
        p->io.pad = p->pad.can.can_verify ? &p->pad.can : NULL;
        return read_atr(p);
    }
    return scard_error(rv, SCARD_OPENING);
}

enum err pcsc_open(const char *reader, struct card_io **ret)
{
    struct pcsc *p = calloc(1, sizeof *p);
    size_t len = strlen(reader);
    if (p == NULL) {
        return ERR_NOMEM;
    }
    enum err e = ERR_NO_READER;
    if (len > 0 && len < sizeof p->reader) {
        memcpy(p->reader, reader, len + 1);
        p->io = (struct card_io){
            .begin = begin, .transmit = transmit, .enter = enter, .end = end, .free = pcsc_free};
        p->io.reader = p->reader;
        e = connect_card(p);
    }
    if (e != ERR_OK) {
        pcsc_free(&p->io);
        return e;
    }
    *ret = &p->io;
    return ERR_OK;
}
