#include "card/pcsc_pad.h"

#include "base/log.h"
#include "os/clock.h"

#include <reader.h>
#include <string.h>

/* §2.5.2: system units are bytes, digits in ASCII from the left, first one at the block's start. */
#define FORMAT_ASCII_LEFT 0x82u
#define BLOCK_MAX         0x0Fu /* of the field; a template says larger ones by itself */
#define CONFIRM_NEW       0x01u
#define CONFIRM_OLD       0x02u
#define DONE_AT_MAX       0x01u
#define DONE_BY_KEY       0x02u
#define DONE_BY_TIME      0x04u

/* What GET_KEY_PRESSED tells (§2.5.5); any other is a key that the person pressed on the way. */
#define KEY_NONE      0x00u
#define KEY_ENTER     0x0Du
#define KEY_TIMED_OUT 0x0Eu
#define KEY_CANCELLED 0x1Bu

#define FEATURE_ROW 6u /* tag, length 4, control code in big-endian */

/* Readers that claim a pad and have no keys; what is known comes from other programs' lists. */
static const char *const without_keys[] = {
    "OMNIKEY CardMan 3x21", "OMNIKEY 3x21", "OMNIKEY AG CardMan 3121",
    "OMNIKEY CardMan 6121", "OMNIKEY 6121", "OMNIKEY AG 6121",
};

static bool is_without_keys(const char *reader)
{
    for (size_t i = 0; i < sizeof without_keys / sizeof without_keys[0]; i++) {
        if (strstr(reader, without_keys[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static LONG control(SCARDHANDLE card, DWORD code, const void *in, size_t in_len, uint8_t *out,
                    size_t *len)
{
    DWORD got = 0;
    LONG rv = SCardControl(card, code, in, (DWORD)in_len, out, (DWORD)*len, &got);
    *len = rv == SCARD_S_SUCCESS && got <= *len ? got : 0;
    return rv;
}

static void take_features(const uint8_t *at, size_t len, struct pcsc_pad *ret)
{
    while (len >= FEATURE_ROW && at[1] == 4) {
        DWORD code = (DWORD)at[2] << 24 | (DWORD)at[3] << 16 | (DWORD)at[4] << 8 | at[5];
        if (at[0] < PCSC_PAD_FEATURES && ret->codes[at[0]] == 0) {
            ret->codes[at[0]] = code;
        }
        at += FEATURE_ROW;
        len -= FEATURE_ROW;
    }
}

static bool can_start(const struct pcsc_pad *p, size_t start, size_t finish)
{
    return p->codes[start] != 0 && p->codes[finish] != 0 &&
           p->codes[FEATURE_GET_KEY_PRESSED] != 0 && p->codes[FEATURE_ABORT] != 0;
}

static void ask_properties(SCARDHANDLE card, struct pcsc_pad *ret)
{
    PIN_PROPERTIES_STRUCTURE told;
    uint8_t answer[LIMIT_PAD_FEATURES];
    size_t len = sizeof answer;
    ret->conditions = DONE_BY_KEY;
    if (ret->codes[FEATURE_IFD_PIN_PROPERTIES] == 0 ||
        control(card, ret->codes[FEATURE_IFD_PIN_PROPERTIES], NULL, 0, answer, &len) !=
            SCARD_S_SUCCESS ||
        len < sizeof told) {
        return;
    }
    memcpy(&told, answer, sizeof told);
    ret->has_display = told.wLcdLayout != 0;
    ret->conditions = told.bEntryValidationCondition;
}

void pcsc_pad_find(SCARDHANDLE card, const char *reader, struct pcsc_pad *ret)
{
    uint8_t answer[LIMIT_PAD_FEATURES];
    size_t len = sizeof answer;
    *ret = (struct pcsc_pad){.has_display = false};
    if (is_without_keys(reader) ||
        control(card, CM_IOCTL_GET_FEATURE_REQUEST, NULL, 0, answer, &len) != SCARD_S_SUCCESS) {
        return;
    }
    take_features(answer, len, ret);
    bool verify = can_start(ret, FEATURE_VERIFY_PIN_START, FEATURE_VERIFY_PIN_FINISH);
    bool modify = can_start(ret, FEATURE_MODIFY_PIN_START, FEATURE_MODIFY_PIN_FINISH);
    ret->can.can_stop = verify;
    ret->can.can_verify = verify || ret->codes[FEATURE_VERIFY_PIN_DIRECT] != 0;
    ret->can.can_modify =
        ret->can.can_verify && (modify || ret->codes[FEATURE_MODIFY_PIN_DIRECT] != 0);
    if (ret->can.can_verify) {
        ask_properties(card, ret);
    }
}

/* ---- the structures (§2.5.2, §2.5.3) ---- */

/* ENTER where the reader has it. One that ends at a number of digits would cut a shorter PIN off
 * from its end, so that alone is only taken when there is nothing else. */
static uint8_t condition_of(const struct pcsc_pad *p)
{
    uint8_t known = p->conditions & (DONE_BY_KEY | DONE_BY_TIME);
    return (known & DONE_BY_KEY) != 0 ? DONE_BY_KEY : known != 0 ? known : DONE_AT_MAX;
}

static uint8_t block_of(const struct pad_entry *e)
{
    return e->block <= BLOCK_MAX ? e->block : 0;
}

static size_t values_of(const struct pad_entry *e)
{
    return e->modify ? e->asks_old ? 3 : 2 : 1;
}

/* Of the whole entry: part 10 does not say that it begins anew with each value. */
static uint8_t timer_of(const struct pad_entry *e)
{
    return (uint8_t)(values_of(e) * LIMIT_PAD_S);
}

static size_t write_verify(const struct pcsc_pad *p, const struct pad_entry *e, uint8_t *out)
{
    const PIN_VERIFY_STRUCTURE s = {
        .bTimerOut = timer_of(e),
        .bmFormatString = FORMAT_ASCII_LEFT,
        .bmPINBlockString = block_of(e),
        .wPINMaxExtraDigit = (uint16_t)(e->min << 8 | e->max),
        .bEntryValidationCondition = condition_of(p),
        .bNumberMessage = p->has_display ? 1 : 0,
        .wLangId = e->language,
        .ulDataLength = (uint32_t)e->len,
    };
    memcpy(out, &s, sizeof s);
    memcpy(out + sizeof s, e->command, e->len);
    return sizeof s + e->len;
}

static size_t write_modify(const struct pcsc_pad *p, const struct pad_entry *e, uint8_t *out)
{
    const PIN_MODIFY_STRUCTURE s = {
        .bTimerOut = timer_of(e),
        .bmFormatString = FORMAT_ASCII_LEFT,
        .bmPINBlockString = block_of(e),
        .bInsertionOffsetNew = e->new_offset,
        .wPINMaxExtraDigit = (uint16_t)(e->min << 8 | e->max),
        .bConfirmPIN = (uint8_t)(CONFIRM_NEW | (e->asks_old ? CONFIRM_OLD : 0)),
        .bEntryValidationCondition = condition_of(p),
        .bNumberMessage = (uint8_t)(!p->has_display ? 0
                                    : e->asks_old   ? 3
                                                    : 2),
        .wLangId = e->language,
        .bMsgIndex1 = e->asks_old ? 0 : 1,
        .bMsgIndex2 = e->asks_old ? 1 : 2,
        .bMsgIndex3 = e->asks_old ? 2 : 0,
        .ulDataLength = (uint32_t)e->len,
    };
    memcpy(out, &s, sizeof s);
    memcpy(out + sizeof s, e->command, e->len);
    return sizeof s + e->len;
}

/* ---- the entry ---- */

/* No key tells of a card that was pulled out: the reader may say "nothing yet" until its time ends.
 */
static bool is_gone(SCARDHANDLE card)
{
    DWORD name_len = 0, state = 0, atr_len = 0;
    LONG rv = SCardStatus(card, NULL, &name_len, &state, NULL, NULL, &atr_len);
    return rv == SCARD_W_REMOVED_CARD || (rv == SCARD_S_SUCCESS && (state & SCARD_ABSENT) != 0);
}

/* Until the reader has all values, or has ended the entry itself; FINISH brings the outcome. False:
 * the person gave up. A reader that says nothing for longer than it may is asked by FINISH too. */
static LONG watch_keys(SCARDHANDLE card, const struct pcsc_pad *p, const struct pad_entry *e,
                       const struct pad_person *person, struct pcsc_pad_end *ret_end)
{
    uint64_t until = clock_monotonic_ms() + values_of(e) * timer_of(e) * 1000u + LIMIT_PAD_KEY_MS;
    size_t left = values_of(e);
    LONG rv = SCARD_S_SUCCESS;
    while (rv == SCARD_S_SUCCESS && left > 0 && clock_monotonic_ms() < until) {
        uint8_t key[2] = {KEY_NONE};
        size_t len = sizeof key;
        rv = is_gone(card) ? SCARD_W_REMOVED_CARD
                           : control(card, p->codes[FEATURE_GET_KEY_PRESSED], NULL, 0, key, &len);
        if (rv != SCARD_S_SUCCESS || key[0] == KEY_CANCELLED || key[0] == KEY_TIMED_OUT) {
            break;
        }
        left -= key[0] == KEY_ENTER ? 1 : 0;
        if (!person->wait(person->user, key[0] == KEY_NONE ? LIMIT_PAD_KEY_MS : 0)) {
            ret_end->stopped = true;
            break;
        }
    }
    ret_end->typed = left == 0;
    return rv;
}

static LONG start_and_finish(SCARDHANDLE card, const struct pcsc_pad *p, const struct pad_entry *e,
                             const struct pad_person *person, const uint8_t *request, size_t n,
                             uint8_t *answer, size_t *len, struct pcsc_pad_end *ret_end)
{
    uint8_t none[LIMIT_APDU_ANSWER];
    size_t n_none = sizeof none;
    DWORD start = p->codes[e->modify ? FEATURE_MODIFY_PIN_START : FEATURE_VERIFY_PIN_START];
    DWORD finish = p->codes[e->modify ? FEATURE_MODIFY_PIN_FINISH : FEATURE_VERIFY_PIN_FINISH];
    LONG rv = control(card, start, request, n, none, &n_none);
    if (rv == SCARD_S_SUCCESS) {
        rv = watch_keys(card, p, e, person, ret_end);
    }
    if (ret_end->stopped || rv == SCARD_W_REMOVED_CARD) {
        n_none = sizeof none;
        LONG aborted = control(card, p->codes[FEATURE_ABORT], NULL, 0, none, &n_none);
        return ret_end->stopped ? aborted : rv;
    }
    return rv == SCARD_S_SUCCESS ? control(card, finish, NULL, 0, answer, len) : rv;
}

LONG pcsc_pad_enter(SCARDHANDLE card, const struct pcsc_pad *pad, const struct pad_entry *entry,
                    const struct pad_person *person, uint8_t *answer, size_t *len,
                    struct pcsc_pad_end *ret_end)
{
    uint8_t request[sizeof(PIN_MODIFY_STRUCTURE) + LIMIT_PAD_TEMPLATE];
    size_t n =
        entry->modify ? write_modify(pad, entry, request) : write_verify(pad, entry, request);
    DWORD direct =
        pad->codes[entry->modify ? FEATURE_MODIFY_PIN_DIRECT : FEATURE_VERIFY_PIN_DIRECT];
    bool start = entry->modify
                     ? can_start(pad, FEATURE_MODIFY_PIN_START, FEATURE_MODIFY_PIN_FINISH)
                     : can_start(pad, FEATURE_VERIFY_PIN_START, FEATURE_VERIFY_PIN_FINISH);
    *ret_end = (struct pcsc_pad_end){.stopped = !person->begins(person->user, entry, start)};
    if (ret_end->stopped) {
        return SCARD_S_SUCCESS;
    }
    return start ? start_and_finish(card, pad, entry, person, request, n, answer, len, ret_end)
                 : control(card, direct, request, n, answer, len);
}
