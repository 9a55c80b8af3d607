/* Transparent files of a card that hold one certificate: SELECT and READ BINARY (ISO 7816-4 §7.1.1,
 * §7.2.3) for exactly the bytes of the DER object at the file's start. What is padded behind it is
 * never read: some FINEID cards refuse an overlong last block. */
#ifndef CARD_FILE_H
#define CARD_FILE_H

#include "base/buf.h"
#include "card/card_io.h"

/* The first bytes of a certificate: with serial number, issuer and dates they tell it from every
 * other one. A shorter certificate is its own head. */
#define FILE_HEAD 256u

enum file_from {
    FILE_FROM_MF,    /* path from the MF, without 3F00 */
    FILE_FROM_FOLDER /* identifier of a file in the folder that is selected */
};

/* ERR_CERT_NOT_FOUND when there is no such file. */
enum err file_select(struct card_io *io, enum file_from from, struct span path) MUST_CHECK;
/* Reads the head of the selected file into `out` (empty, maximum at least LIMIT_CERT) and tells how
 * long the certificate is. One exchange unless the card gives short blocks. ERR_CERT_NOT_FOUND when
 * the file does not begin with a DER SEQUENCE of at most LIMIT_CERT bytes, ERR_CARD_IO when it ends
 * before the certificate does. */
enum err file_read_head(struct card_io *io, struct buf *out, size_t *ret_len) MUST_CHECK;
/* A selected file that tells its length by its content or not at all: reads to its end, or until
 * `is_whole`, unless NULL, says of a short block's end that nothing can be missing. */
enum err file_read_whole(struct card_io *io, struct buf *out,
                         bool (*is_whole)(struct span content)) MUST_CHECK;
/* Reads on until `out` holds `len` bytes. */
enum err file_read_rest(struct card_io *io, struct buf *out, size_t len) MUST_CHECK;

#endif
