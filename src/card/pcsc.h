/* card_io over PC/SC (winscard.h enters the program here and in readers.c only). */
#ifndef CARD_PCSC_H
#define CARD_PCSC_H

#include "card/card_io.h"

/* Connects to the card in `reader` (shared, T=0 or T=1). ERR_PCSC_DOWN, ERR_NO_READER, ERR_NO_CARD,
 * ERR_CARD_IO (mute card), ERR_BUSY (another program holds it exclusively). */
enum err pcsc_open(const char *reader, struct card_io **ret) MUST_CHECK;

#endif
