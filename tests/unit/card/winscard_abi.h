/* The calls of PC/SC that src/card makes, for tests that stand in for the library: the tests link
 * no PC/SC headers, so what <winscard.h> of pcsc-lite declares is written down here. The functions
 * that a test defines are taken before those of the shared library. */
#ifndef UNIT_CARD_WINSCARD_ABI_H
#define UNIT_CARD_WINSCARD_ABI_H

#include <stddef.h>
#include <stdint.h>

struct abi_reader_state {
    const char *name;
    void *user;
    unsigned long current;
    unsigned long event;
    unsigned long atr_len;
    unsigned char atr[33];
};

struct abi_pci {
    unsigned long protocol;
    unsigned long len;
};

#define ABI_OK             0l
#define ABI_CANCELLED      0x80100002l
#define ABI_INVALID_HANDLE 0x80100003l
#define ABI_NO_MEMORY      0x80100006l
#define ABI_UNKNOWN_READER 0x80100009l
#define ABI_TIMEOUT        0x8010000Al
#define ABI_SHARING        0x8010000Bl
#define ABI_NO_CARD        0x8010000Cl
#define ABI_PROTOCOL       0x8010000Fl
#define ABI_NOT_TRANSACTED 0x80100016l
#define ABI_NO_SERVICE     0x8010001Dl
#define ABI_NO_READERS     0x8010002El
#define ABI_MUTE           0x80100066l
#define ABI_RESET          0x80100068l
#define ABI_REMOVED        0x80100069l

#define ABI_STATE_CHANGED   0x0002ul
#define ABI_STATE_UNKNOWN   0x0004ul
#define ABI_STATE_EMPTY     0x0010ul
#define ABI_STATE_PRESENT   0x0020ul
#define ABI_STATE_EXCLUSIVE 0x0080ul
#define ABI_STATE_INUSE     0x0100ul
#define ABI_STATE_MUTE      0x0200ul
#define ABI_INFINITE        0xFFFFFFFFul
#define ABI_LEAVE_CARD      0ul
#define ABI_RESET_CARD      1ul
#define ABI_T0              1ul
#define ABI_T1              2ul

long SCardEstablishContext(unsigned long scope, const void *a, const void *b, long *context);
long SCardReleaseContext(long context);
long SCardListReaders(long context, const char *groups, char *names, unsigned long *len);
long SCardGetStatusChange(long context, unsigned long timeout, struct abi_reader_state *states,
                          unsigned long n);
long SCardCancel(long context);
long SCardConnect(long context, const char *reader, unsigned long share, unsigned long protocols,
                  long *card, unsigned long *protocol);
long SCardReconnect(long card, unsigned long share, unsigned long protocols, unsigned long init,
                    unsigned long *protocol);
long SCardDisconnect(long card, unsigned long disposition);
long SCardBeginTransaction(long card);
long SCardEndTransaction(long card, unsigned long disposition);
long SCardStatus(long card, char *reader, unsigned long *reader_len, unsigned long *state,
                 unsigned long *protocol, unsigned char *atr, unsigned long *atr_len);
long SCardTransmit(long card, const struct abi_pci *send, const unsigned char *command,
                   unsigned long command_len, struct abi_pci *receive, unsigned char *answer,
                   unsigned long *answer_len);
long SCardControl(long card, unsigned long code, const void *in, unsigned long in_len, void *out,
                  unsigned long out_len, unsigned long *returned);

#endif
