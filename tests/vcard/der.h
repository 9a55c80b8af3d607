/* A small DER writer for the directory files of a card: values are built from the inside out. */
#ifndef VCARD_DER_H
#define VCARD_DER_H

#include "base/buf.h"

#define DER_MAX 1024u

#define DER_BOOLEAN    0x01u
#define DER_INTEGER    0x02u
#define DER_BITS       0x03u
#define DER_OCTETS     0x04u
#define DER_NULL       0x05u
#define DER_OID        0x06u
#define DER_ENUMERATED 0x0Au
#define DER_UTF8       0x0Cu
#define DER_SEQUENCE   0x30u
#define DER_CONTEXT(n) (0xA0u + (n)) /* constructed */
#define DER_VALUE(n)   (0x80u + (n)) /* primitive */

/* Append tag, length and body. */
enum err der_put(struct buf *out, uint8_t tag, struct span body) MUST_CHECK;
enum err der_put_uint(struct buf *out, uint8_t tag, unsigned value) MUST_CHECK;
enum err der_put_text(struct buf *out, uint8_t tag, const char *text) MUST_CHECK;
/* Wraps what `inner` holds and appends it to `out`; `inner` is empty after. */
enum err der_wrap(struct buf *out, uint8_t tag, struct buf *inner) MUST_CHECK;

/* Inside a function with `enum err e` and a label `out`. */
#define DER_TRY(expression)                                                                        \
    do {                                                                                           \
        e = (expression);                                                                          \
        if (e != ERR_OK) {                                                                         \
            goto out;                                                                              \
        }                                                                                          \
    } while (0)

#endif
