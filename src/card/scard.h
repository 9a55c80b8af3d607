/* What PC/SC return codes mean: the only such table, for pcsc.c and readers.c. It stands by itself
 * so that a program that only watches readers does not link what connects to cards. */
#ifndef CARD_SCARD_H
#define CARD_SCARD_H

#include "base/err.h"

#include <stdint.h>
#include <winscard.h>

/* When the call was made: "no card" means one thing before there was one and another after. */
enum scard_stage { SCARD_OPENING, SCARD_CONNECTED };

/* A code that nobody documents is ERR_CARD_IO. */
enum err scard_error(LONG code, enum scard_stage stage);

/* PC/SC's event counter of a reader: pcsc-lite and Windows both keep it in the upper half of the
 * event state. */
static inline uint32_t scard_counter(DWORD event_state)
{
    return (uint32_t)(event_state >> 16 & 0xFFFF);
}

#endif
