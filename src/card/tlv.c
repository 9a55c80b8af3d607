#include "card/tlv.h"

#define TAG_MAX    3u
#define LENGTH_MAX 3u /* 16 MiB: far above any limit, so sums of sizes can't wrap */

static enum err take_byte(struct span *rest, uint8_t *ret)
{
    if (rest->len == 0) {
        return ERR_CARD_IO;
    }
    *ret = rest->at[0];
    *rest = span_sub(*rest, 1, rest->len);
    return ERR_OK;
}

static enum err take_tag(struct span *rest, uint32_t *ret)
{
    uint8_t byte;
    enum err e = take_byte(rest, &byte);
    uint32_t tag = e == ERR_OK ? byte : 0;
    bool more = (tag & 0x1F) == 0x1F; /* number in the following bytes */
    for (size_t i = 1; e == ERR_OK && more; i++) {
        e = i < TAG_MAX ? take_byte(rest, &byte) : ERR_CARD_IO;
        if (e == ERR_OK) {
            tag = tag << 8 | byte;
            more = (byte & 0x80) != 0;
        }
    }
    if (e == ERR_OK) {
        *ret = tag;
    }
    return e;
}

static enum err take_length(struct span *rest, size_t *ret)
{
    uint8_t byte;
    enum err e = take_byte(rest, &byte);
    if (e != ERR_OK) {
        return e;
    }
    if (byte < 0x80) {
        *ret = byte;
        return ERR_OK;
    }
    size_t n = byte & 0x7Fu;
    if (n == 0 || n > LENGTH_MAX) { /* 0 is the indefinite form */
        return ERR_CARD_IO;
    }
    size_t len = 0;
    for (size_t i = 0; i < n; i++) {
        e = take_byte(rest, &byte);
        if (e != ERR_OK) {
            return e;
        }
        len = len << 8 | byte;
    }
    *ret = len;
    return ERR_OK;
}

static enum err take_head(struct span *rest, uint32_t *ret_tag, size_t *ret_len)
{
    enum err e = take_tag(rest, ret_tag);
    return e == ERR_OK ? take_length(rest, ret_len) : e;
}

enum err tlv_next(struct span *rest, struct tlv *ret)
{
    struct span left = *rest;
    uint32_t tag;
    size_t len;
    enum err e = take_head(&left, &tag, &len);
    if (e != ERR_OK || len > left.len) {
        return ERR_CARD_IO;
    }
    *ret = (struct tlv){tag, span_sub(left, 0, len)};
    *rest = span_sub(left, len, left.len);
    return ERR_OK;
}

enum err tlv_find(struct span in, uint32_t tag, struct span *ret_value)
{
    struct tlv t;
    while (tlv_next(&in, &t) == ERR_OK) {
        if (t.tag == tag) {
            *ret_value = t.value;
            return ERR_OK;
        }
    }
    return ERR_CARD_IO;
}

enum err tlv_total(struct span head, size_t *ret_len)
{
    struct span left = head;
    uint32_t tag;
    size_t len;
    enum err e = take_head(&left, &tag, &len);
    if (e == ERR_OK) {
        *ret_len = head.len - left.len + len;
    }
    return e;
}
