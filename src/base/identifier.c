#include "base/identifier.h"

static bool are_digits(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
    }
    return text.len > 0;
}

/* The check character is the remainder of the eight digits by 31, as in a personal identity code.
 */
static bool is_satu(struct span text)
{
    static const char check[] = "0123456789ABCDEFHJKLMNPRSTUVWXY";
    unsigned long value = 0;
    if (text.len != 9 || !are_digits(span_sub(text, 0, 8))) {
        return false;
    }
    for (size_t i = 0; i < 8; i++) {
        value = value * 10 + (unsigned long)(text.at[i] - '0');
    }
    return text.at[8] == (uint8_t)check[value % 31];
}

static bool is_hsa_id(struct span text)
{
    const uint8_t *dash = text.len > 3 ? memchr(text.at, '-', text.len) : NULL;
    if (dash == NULL || text.at[0] != 'S' || text.at[1] != 'E') {
        return false;
    }
    size_t at = (size_t)(dash - text.at);
    for (size_t i = at + 1; i < text.len; i++) {
        uint8_t c = text.at[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))) {
            return false;
        }
    }
    return at > 2 && are_digits(span_sub(text, 2, at - 2)) && at + 1 < text.len;
}

/* Luhn's digit over the last ten; a coordination number has its day plus 60. */
static bool is_personal(struct span text)
{
    unsigned sum = 0;
    if (text.len != 12 || !are_digits(text)) {
        return false;
    }
    unsigned month = (unsigned)(text.at[4] - '0') * 10 + (unsigned)(text.at[5] - '0');
    unsigned day = (unsigned)(text.at[6] - '0') * 10 + (unsigned)(text.at[7] - '0');
    for (size_t i = 2; i < 12; i++) {
        unsigned part = (unsigned)(text.at[i] - '0') * (i % 2 == 0 ? 2 : 1);
        sum += part / 10 + part % 10;
    }
    return month >= 1 && month <= 12 && day % 60 >= 1 && day % 60 <= 31 && sum % 10 == 0;
}

enum id_kind identifier_kind(struct span text)
{
    return is_satu(text)       ? ID_SATU
           : is_hsa_id(text)   ? ID_HSA
           : is_personal(text) ? ID_PERSONAL
                               : ID_OTHER;
}
