/* Readers and cards that come and go. Holds a PC/SC context, never a card connection; one thread
 * waits in SCardGetStatusChange and tells by a descriptor. Used by the agent for events and by the
 * signer while it waits for a card. */
#ifndef CARD_READERS_H
#define CARD_READERS_H

#include "base/err.h"
#include "base/limits.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader_state {
    char name[LIMIT_READER_NAME];
    bool has_card;
    bool mute;      /* a card is in but does not answer */
    bool exclusive; /* another program holds it */
    uint8_t atr[LIMIT_ATR];
    size_t atr_len;
    uint32_t insertion_count;
};

struct readers;

/* Starts watching. ERR_NOMEM, ERR_INTERNAL. That pcscd is down is a state, not an error. */
enum err readers_open(struct readers **ret) MUST_CHECK;
void readers_close(struct readers **r);
/* Readable when the snapshot has changed since readers_take. */
int readers_fd(const struct readers *r);
/* The state now. Returns ERR_OK, ERR_PCSC_DOWN or ERR_NO_READER; clears the descriptor. */
enum err readers_take(struct readers *r, struct reader_state *ret, size_t cap,
                      size_t *ret_n) MUST_CHECK;
/* One look without a watcher, for the tool. */
enum err readers_list(struct reader_state *ret, size_t cap, size_t *ret_n) MUST_CHECK;
/* A number that stays the same as long as this watcher has had one unbroken PC/SC connection, 0
 * when it has none now. */
uint64_t readers_epoch(struct readers *r);

#endif
