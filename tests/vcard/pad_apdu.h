/* What a PIN pad makes of the PIN_VERIFY and PIN_MODIFY structures of PC/SC part 10 (§2.5): the
 * command, out of its template and the digits that were typed. Pure functions, tested by themselves
 * and through pcscd. */
#ifndef VCARD_PAD_APDU_H
#define VCARD_PAD_APDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAD_REQUEST_MAX 300u
#define PAD_DIGITS_MAX  16u
#define PAD_VALUES      3u /* old, new, new again */
#define PAD_COMMAND_MAX 261u

struct pad_values {
    uint8_t digits[PAD_VALUES][PAD_DIGITS_MAX]; /* ASCII */
    size_t len[PAD_VALUES];
    size_t n;
};

/* The fields that the two structures share, and what is needed of the rest. */
struct pad_request {
    uint8_t timeout_s; /* 0: the reader's own */
    uint8_t format;
    uint8_t block;
    uint8_t length_format;
    uint8_t min;
    uint8_t max;
    uint8_t offset[2]; /* of the old and the new value in the data; only with PIN_MODIFY */
    bool wants_old;
    bool confirms;
    const uint8_t *apdu;
    size_t apdu_len;
};

/* False: not such a structure; lengths don't fit. */
bool pad_request_verify(const uint8_t *bytes, size_t len, struct pad_request *ret);
bool pad_request_modify(const uint8_t *bytes, size_t len, struct pad_request *ret);
/* How many values are asked for. */
size_t pad_request_values(const struct pad_request *r, bool modify);

/* 0: `ret_command` is ready. Else the status word with which the reader ends the entry: 6402 the
 * repeated value differs, 6403 too few or too many digits; or PAD_UNFIT: the structure asks for
 * something that this reader can't do. */
#define PAD_UNFIT 0xFFFFu
uint16_t pad_build(const struct pad_request *r, bool modify, const struct pad_values *v,
                   uint8_t *ret_command, size_t *ret_len);

#endif
