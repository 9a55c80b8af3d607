#include "pad_apdu.h"

#include <PCSC/reader.h>

#include <string.h>

#define HEADER        5u /* with Lc */
#define SW_DIFFERENT  0x6402u
#define SW_PIN_LENGTH 0x6403u

#define FORMAT_BYTES  0x80u /* system units are bytes, else bits */
#define FORMAT_RIGHT  0x04u
#define FORMAT_BINARY 0x00u
#define FORMAT_BCD    0x01u
#define FORMAT_ASCII  0x02u

#define CONFIRM_NEW 0x01u
#define CONFIRM_OLD 0x02u

bool pad_request_verify(const uint8_t *bytes, size_t len, struct pad_request *ret)
{
    PIN_VERIFY_STRUCTURE s;
    if (len < sizeof s) {
        return false;
    }
    memcpy(&s, bytes, sizeof s);
    *ret = (struct pad_request){.timeout_s = s.bTimerOut,
                                .format = s.bmFormatString,
                                .block = s.bmPINBlockString,
                                .length_format = s.bmPINLengthFormat,
                                .min = (uint8_t)(s.wPINMaxExtraDigit >> 8),
                                .max = (uint8_t)s.wPINMaxExtraDigit,
                                .apdu = bytes + sizeof s,
                                .apdu_len = len - sizeof s};
    return s.ulDataLength == ret->apdu_len && ret->apdu_len >= HEADER - 1;
}

bool pad_request_modify(const uint8_t *bytes, size_t len, struct pad_request *ret)
{
    PIN_MODIFY_STRUCTURE s;
    if (len < sizeof s) {
        return false;
    }
    memcpy(&s, bytes, sizeof s);
    *ret = (struct pad_request){.timeout_s = s.bTimerOut,
                                .format = s.bmFormatString,
                                .block = s.bmPINBlockString,
                                .length_format = s.bmPINLengthFormat,
                                .min = (uint8_t)(s.wPINMaxExtraDigit >> 8),
                                .max = (uint8_t)s.wPINMaxExtraDigit,
                                .offset = {s.bInsertionOffsetOld, s.bInsertionOffsetNew},
                                .wants_old = (s.bConfirmPIN & CONFIRM_OLD) != 0,
                                .confirms = (s.bConfirmPIN & CONFIRM_NEW) != 0,
                                .apdu = bytes + sizeof s,
                                .apdu_len = len - sizeof s};
    return s.ulDataLength == ret->apdu_len && ret->apdu_len >= HEADER - 1;
}

size_t pad_request_values(const struct pad_request *r, bool modify)
{
    return modify ? 1u + (r->wants_old ? 1u : 0u) + (r->confirms ? 1u : 0u) : 1u;
}

/* The typed digits in the coding of the format; 0: none such. */
static size_t encode(uint8_t format, const uint8_t *digits, size_t n, uint8_t *ret)
{
    switch (format & 3u) {
    case FORMAT_ASCII:
        memcpy(ret, digits, n);
        return n;
    case FORMAT_BINARY:
        for (size_t i = 0; i < n; i++) {
            ret[i] = (uint8_t)(digits[i] - '0');
        }
        return n;
    case FORMAT_BCD:
        memset(ret, 0xFF, (n + 1) / 2);
        for (size_t i = 0; i < n; i++) {
            uint8_t d = (uint8_t)(digits[i] - '0');
            ret[i / 2] = (uint8_t)(i % 2 == 0 ? d << 4 | 0x0F : (ret[i / 2] & 0xF0) | d);
        }
        return (n + 1) / 2;
    default:
        return 0;
    }
}

/* A command that grows. */
struct draft {
    uint8_t at[PAD_COMMAND_MAX];
    size_t len;
    bool open; /* the template has no data: each value goes behind what is there, and Lc follows */
};

/* Length of the value in front of it (bmPINBlockString, bmPINLengthFormat): whole bytes only. */
static bool insert_length(const struct pad_request *r, struct draft *d, size_t n)
{
    size_t bits = r->block >> 4;
    size_t at = HEADER + (r->length_format & 0x0Fu);
    if (bits == 0) {
        return true;
    }
    if (bits != 8 || (r->length_format & 0x10u) == 0 || at >= d->len) {
        return false;
    }
    d->at[at] = (uint8_t)n;
    return true;
}

static bool insert(const struct pad_request *r, struct draft *d, size_t offset,
                   const uint8_t *digits, size_t n)
{
    uint8_t value[PAD_DIGITS_MAX];
    size_t position = (r->format >> 3) & 0x0Fu;
    size_t block = r->block & 0x0Fu;
    size_t len = encode(r->format, digits, n, value);
    if (len == 0 || (!(r->format & FORMAT_BYTES) && position % 8 != 0) ||
        (block != 0 && len > block)) {
        return false;
    }
    position = r->format & FORMAT_BYTES ? position : position / 8;
    size_t at = d->open ? d->len : HEADER + offset + position;
    if ((r->format & FORMAT_RIGHT) && block != 0) {
        at += block - len;
    }
    if (at + len > sizeof d->at || (!d->open && at + len > d->len)) {
        return false;
    }
    memcpy(d->at + at, value, len); /* around it stays what the template has: the padding */
    d->len = d->open ? at + len : d->len;
    memset(value, 0, sizeof value);
    return insert_length(r, d, n);
}

static uint16_t judge(const struct pad_request *r, const struct pad_values *v)
{
    for (size_t i = 0; i < v->n; i++) {
        if (v->len[i] < r->min || (r->max != 0 && v->len[i] > r->max)) {
            return SW_PIN_LENGTH;
        }
    }
    if (r->confirms && (v->len[v->n - 1] != v->len[v->n - 2] ||
                        memcmp(v->digits[v->n - 1], v->digits[v->n - 2], v->len[v->n - 1]) != 0)) {
        return SW_DIFFERENT;
    }
    return 0;
}

uint16_t pad_build(const struct pad_request *r, bool modify, const struct pad_values *v,
                   uint8_t *ret_command, size_t *ret_len)
{
    struct draft d = {.len = r->apdu_len, .open = r->apdu_len <= HEADER};
    size_t first = 0;
    bool ok = true;
    uint16_t sw = judge(r, v);
    if (sw != 0) {
        return sw;
    }
    /* Each value has its place; in a template without data there is room for one. */
    bool has_places = !d.open || !modify || !r->wants_old;
    if (r->apdu_len > sizeof d.at || !has_places ||
        (!d.open && r->apdu[4] != r->apdu_len - HEADER)) {
        return PAD_UNFIT;
    }
    memcpy(d.at, r->apdu, r->apdu_len);
    if (d.open) {
        d.len = HEADER;
    }
    if (!modify || r->wants_old) {
        ok = insert(r, &d, r->offset[0], v->digits[0], v->len[0]);
        first = 1;
    }
    if (modify) {
        ok = ok && insert(r, &d, r->offset[1], v->digits[first], v->len[first]);
    }
    if (ok) {
        d.at[4] = (uint8_t)(d.len - HEADER);
        memcpy(ret_command, d.at, d.len);
        *ret_len = d.len;
    }
    memset(&d, 0, sizeof d);
    return ok ? 0 : PAD_UNFIT;
}
