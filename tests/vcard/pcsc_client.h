/* A small PC/SC client for the tests of the virtual card itself. */
#ifndef VCARD_PCSC_CLIENT_H
#define VCARD_PCSC_CLIENT_H

#include "base/buf.h"

#include <stdbool.h>
#include <winscard.h>

#define PCSC_READERS 16u

struct pcsc_client {
    SCARDCONTEXT context;
    SCARDHANDLE card;
    bool connected;
    DWORD protocol; /* that was agreed on */
    char reader[MAX_READERNAME];
};

/* Waits until the daemon lists n_readers or more, and exactly n_cards of them hold a powered card.
 */
bool pcsc_client_wait(struct pcsc_client *c, size_t n_readers, size_t n_cards, unsigned timeout_ms);
/* Waits until the card of the reader is in (or out), as PC/SC sees it. */
bool pcsc_client_wait_card(struct pcsc_client *c, bool in, unsigned timeout_ms);
bool pcsc_client_open(struct pcsc_client *c);
void pcsc_client_close(struct pcsc_client *c);
/* Connects to the first reader whose name begins so and that holds a card. */
bool pcsc_client_connect(struct pcsc_client *c, const char *reader);
bool pcsc_client_reset(struct pcsc_client *c);
void pcsc_client_disconnect(struct pcsc_client *c);
/* ERR_CARD_IO when there was no answer. */
enum err pcsc_client_transmit(struct pcsc_client *c, struct span command,
                              struct buf *answer) MUST_CHECK;
/* Uses a feature of the reader (PC/SC part 10). ERR_NO_READER: it does not claim it; ERR_CARD_IO.
 */
enum err pcsc_client_feature(struct pcsc_client *c, uint8_t feature, struct span request,
                             struct buf *answer) MUST_CHECK;
/* Prints reader names and ATRs. */
bool pcsc_client_list(struct pcsc_client *c);

#endif
