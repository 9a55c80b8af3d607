/* What an IDPrime-style card answers besides files, PINs and signatures: data objects that identify
 * it, and random bytes. */
#include "commands.h"

#include <openssl/rand.h>

#define CPLC_LEN 42u
#define LE_MAX   256u

static unsigned give(struct buf *out, struct span bytes)
{
    return buf_append(out, bytes) == ERR_OK ? SW_OK : SW_INTERNAL;
}

/* Production data of the chip: 9F7F 2A and 42 bytes, here made of the card's identifier so that
 * each card has its own. */
static unsigned give_cplc(const struct engine *e, struct buf *out)
{
    const struct profile *p = e->folder.profile;
    uint8_t cplc[3 + CPLC_LEN] = {0x9F, 0x7F, CPLC_LEN};
    for (size_t i = 0; i < p->n_files; i++) {
        if (p->files[i].content == CONTENT_MD_CARD_ID) {
            struct span id = span_sub(buf_span(&e->folder.files[i]), 0, CPLC_LEN);
            memcpy(cplc + 3, id.at, id.len);
        }
    }
    return give(out, span_of(cplc, sizeof cplc));
}

unsigned minidriver_get_data(struct engine *e, const struct apdu *a, struct buf *out)
{
    static const uint8_t version[] = {0xDF, 0x30, 0x0C, 'I', 'D', 'P', 'r', 'i',
                                      'm',  'e',  ' ',  '4', '.', '5', '.'};
    switch (a->p1 << 8 | a->p2) {
    case 0x9F7F:
        return give_cplc(e, out);
    case 0xDF30:
        return give(out, span_of(version, sizeof version));
    default:
        return SW_NO_REFERENCE;
    }
}

unsigned minidriver_challenge(struct engine *e, const struct apdu *a, struct buf *out)
{
    uint8_t bytes[LE_MAX];
    (void)e;
    if (a->p1 != 0 || a->p2 > 1) {
        return SW_P1P2;
    }
    if (RAND_bytes(bytes, (int)a->le) != 1) {
        return SW_INTERNAL;
    }
    return give(out, span_of(bytes, a->le));
}
