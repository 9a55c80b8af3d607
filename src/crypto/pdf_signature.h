/* The signatures of a PDF file (ISO 32000-2 §12.8): where they stand and which bytes they are over.
 * Nothing of the file is unpacked or drawn, and no cross-reference is followed: a signature
 * dictionary can't be packed, as its ByteRange counts bytes of the file. */
#ifndef CRYPTO_PDF_SIGNATURE_H
#define CRYPTO_PDF_SIGNATURE_H

#include "base/err.h"
#include "base/limits.h"
#include "base/span.h"

struct pdf_signature {
    /* False: there is a signature dictionary that can't be judged. Its ByteRange and Contents must
     * be there once; the range must begin the file, leave out the text of Contents and not one byte
     * more, and hold the dictionary. Nothing below is set then. */
    bool readable;
    struct span sub_filter; /* "ETSI.CAdES.detached", "adbe.pkcs7.detached"; empty without one */
    struct span contents;   /* hexadecimal digits, an even number */
    struct span before;     /* what is signed: this ... */
    struct span after;      /* ... and this behind Contents */
    int64_t said_at;        /* M, seconds since 1970; 0 without one that names its time zone */
    size_t added;           /* bytes of the file behind what is signed */
};

bool pdf_is_one(struct span file);
/* In the order in which they stand in the file. ERR_TOO_LARGE when there are more than
 * LIMIT_PDF_SIGNATURES. Borrows the file. */
enum err pdf_signature_find(struct span file, struct pdf_signature ret[LIMIT_PDF_SIGNATURES],
                            size_t *ret_n) MUST_CHECK;

#endif
