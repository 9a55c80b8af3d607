#include "card/file.h"

#include "base/limits.h"
#include "base/log.h"
#include "card/apdu.h"
#include "card/tlv.h"

#define TAG_SEQUENCE 0x30
#define DER_HEADER   4u /* tag and length of anything up to LIMIT_CERT */

enum err file_select(struct card_io *io, enum file_from from, struct span path)
{
    void (*select)(struct apdu *, struct span, bool) =
        from == FILE_FROM_FOLDER ? apdu_select_in_folder : apdu_select_path;
    struct apdu a;
    struct apdu_answer r;
    select(&a, path, false);
    enum err e = apdu_exchange(io, &a, APDU_REPEAT, &r);
    /* Not every reader-card pair was seen with "no data back": describe the file then. */
    if (e == ERR_OK && r.sw == SW_WRONG_P1P2) {
        select(&a, path, true);
        e = apdu_exchange(io, &a, APDU_REPEAT, &r);
    }
    return e == ERR_OK ? apdu_status(r.sw) : e;
}

/* One block of at most `len` bytes, appended; a card may give fewer but not none. */
static enum err read_block(struct card_io *io, struct buf *out, size_t len)
{
    struct apdu a;
    struct apdu_answer r;
    size_t wanted = len < FILE_HEAD ? len : FILE_HEAD;
    apdu_read_binary(&a, out->len, wanted);
    enum err e = apdu_exchange(io, &a, APDU_REPEAT, &r);
    if (e != ERR_OK) {
        return e;
    }
    if (r.sw == SW_END_OF_FILE && r.len > 0) {
        r.sw = SW_OK;
    }
    if (r.sw == SW_NO_FILE_OPEN && out->len == 0) {
        return ERR_CERT_NOT_FOUND; /* cards of S4-2 answer 9000 to SELECT of a file that is not
                                      there */
    }
    if (r.sw == SW_WRONG_OFFSET || (r.sw == SW_OK && (r.len == 0 || r.len > wanted))) {
        return ERR_CARD_IO; /* the file ends before its certificate, or the answer is impossible */
    }
    e = apdu_status(r.sw);
    return e == ERR_OK ? buf_append(out, span_of(r.data, r.len)) : e;
}

static enum err read_until(struct card_io *io, struct buf *out, size_t len)
{
    enum err e = ERR_OK;
    for (size_t blocks = 0; e == ERR_OK && out->len < len; blocks++) {
        e = blocks < LIMIT_READ_BLOCKS ? read_block(io, out, len - out->len) : ERR_CARD_IO;
    }
    return e;
}

enum err file_read_head(struct card_io *io, struct buf *out, size_t *ret_len)
{
    size_t total = 0;
    enum err e = read_block(io, out, FILE_HEAD);
    bool is_known = false;
    if (e == ERR_OK && out->len > 1 && out->at[0] == 0x01 && out->at[1] == 0x00) {
        log_line(LOG_WARN, "card: a compressed certificate is left out");
    }
    while (e == ERR_OK && out->at[0] == TAG_SEQUENCE && !is_known) {
        is_known = tlv_total(buf_span(out), &total) == ERR_OK;
        if (!is_known) {
            e = out->len < DER_HEADER ? read_block(io, out, DER_HEADER - out->len)
                                      : ERR_CERT_NOT_FOUND;
        }
    }
    if (e != ERR_OK || !is_known || total > LIMIT_CERT) {
        return e != ERR_OK ? e : ERR_CERT_NOT_FOUND;
    }
    e = read_until(io, out, total < FILE_HEAD ? total : FILE_HEAD);
    if (e == ERR_OK) {
        buf_truncate(out, out->len < total ? out->len : total);
        *ret_len = total;
    }
    return e;
}

enum err file_read_whole(struct card_io *io, struct buf *out, bool (*is_whole)(struct span content))
{
    for (size_t blocks = 0; blocks < LIMIT_READ_BLOCKS; blocks++) {
        struct apdu a;
        struct apdu_answer r;
        apdu_read_binary(&a, out->len, FILE_HEAD);
        enum err e = apdu_exchange(io, &a, APDU_REPEAT, &r);
        if (e != ERR_OK) {
            return e;
        }
        bool at_end = r.sw == SW_END_OF_FILE || (r.sw == SW_OK && r.len == 0) ||
                      (out->len > 0 && r.sw != SW_OK); /* past the end, in whatever words */
        if (!at_end && r.sw != SW_OK) {
            return apdu_status(r.sw);
        }
        if (r.len > FILE_HEAD) {
            return ERR_CARD_IO;
        }
        e = buf_append(out, span_of(r.data, r.len));
        bool is_short = r.len < FILE_HEAD;
        if (e != ERR_OK || at_end || (is_short && is_whole != NULL && is_whole(buf_span(out)))) {
            return e;
        }
    }
    return ERR_CARD_IO;
}

enum err file_read_rest(struct card_io *io, struct buf *out, size_t len)
{
    return read_until(io, out, len);
}
