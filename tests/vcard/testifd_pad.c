/* The PIN pad of the test reader (PC/SC part 10). A test presses its keys by the card's control
 * socket (README.md); what is typed goes into the command and nowhere else. */
#include "testifd.h"

#include <PCSC/reader.h>

#include <poll.h>
#include <string.h>

#define FEATURE_CODE(feature) SCARD_CTL_CODE(3600u + (feature))
#define FEATURE_LAST          0x20u
#define DEFAULT_TIMEOUT_S     30

#define SW_TIMEOUT   0x6400u
#define SW_CANCELLED 0x6401u

/* First byte of what the card process answers to CODE_PAD_ASK (pad.h). */
enum reply { REPLY_TYPED = 0, REPLY_CANCELLED = 1, REPLY_TIMED_OUT = 2, REPLY_ENDED = 3 };

/* What GET_KEY_PRESSED tells. */
#define KEY_NONE      0x00u
#define KEY_DIGIT     0x2Bu
#define KEY_ENTER     0x0Du
#define KEY_CANCELLED 0x1Bu
#define KEY_TIMED_OUT 0x0Eu

static const struct {
    enum testifd_pad_kind kind;
    uint8_t feature;
} features[] = {
    {TESTIFD_PAD_DIRECT, FEATURE_VERIFY_PIN_DIRECT},
    {TESTIFD_PAD_DIRECT, FEATURE_MODIFY_PIN_DIRECT},
    {TESTIFD_PAD_DIRECT, FEATURE_IFD_PIN_PROPERTIES},
    {TESTIFD_PAD_VERIFY, FEATURE_VERIFY_PIN_DIRECT},
    {TESTIFD_PAD_VERIFY, FEATURE_IFD_PIN_PROPERTIES},
    {TESTIFD_PAD_FALSE, FEATURE_VERIFY_PIN_DIRECT},
    {TESTIFD_PAD_FALSE, FEATURE_MODIFY_PIN_DIRECT},
    {TESTIFD_PAD_FALSE, FEATURE_IFD_PIN_PROPERTIES},
    {TESTIFD_PAD_START, FEATURE_VERIFY_PIN_START},
    {TESTIFD_PAD_START, FEATURE_VERIFY_PIN_FINISH},
    {TESTIFD_PAD_START, FEATURE_MODIFY_PIN_START},
    {TESTIFD_PAD_START, FEATURE_MODIFY_PIN_FINISH},
    {TESTIFD_PAD_START, FEATURE_GET_KEY_PRESSED},
    {TESTIFD_PAD_START, FEATURE_ABORT},
    {TESTIFD_PAD_START, FEATURE_IFD_PIN_PROPERTIES},
};

static RESPONSECODE give(const void *bytes, size_t len, uint8_t *out, size_t cap, size_t *ret_len)
{
    if (len > cap) {
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    }
    memcpy(out, bytes, len);
    *ret_len = len;
    return IFD_SUCCESS;
}

/* ---- an entry ---- */

static void forget(struct testifd_reader *r)
{
    memset(&r->entry, 0, sizeof r->entry);
}

static bool request_of(const struct testifd_entry *e, struct pad_request *ret)
{
    return e->modify ? pad_request_modify(e->request, e->request_len, ret)
                     : pad_request_verify(e->request, e->request_len, ret);
}

static RESPONSECODE begin(struct testifd_reader *r, bool modify, const uint8_t *in, size_t len)
{
    struct pad_request request;
    forget(r);
    if (r->fd < 0) {
        return IFD_ICC_NOT_PRESENT;
    }
    if (len > sizeof r->entry.request) {
        return IFD_COMMUNICATION_ERROR;
    }
    memcpy(r->entry.request, in, len);
    r->entry.request_len = len;
    r->entry.modify = modify;
    r->entry.busy = request_of(&r->entry, &request);
    return r->entry.busy ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
}

static bool ask(struct testifd_reader *r)
{
    static const uint8_t code = CODE_PAD_ASK;
    r->entry.asked = r->entry.asked || testifd_put(r, &code, 1);
    return r->entry.asked;
}

static void take_reply(struct testifd_entry *e, const uint8_t *reply, size_t len)
{
    struct pad_values *v = &e->values;
    e->asked = false;
    e->keys_told = 0;
    if (reply[0] == REPLY_TYPED) {
        memcpy(v->digits[v->n], reply + 1, len - 1);
        v->len[v->n++] = len - 1;
    } else {
        e->sw = reply[0] == REPLY_CANCELLED ? SW_CANCELLED : SW_TIMEOUT;
    }
}

/* The card process must not answer an entry that nobody waits for any more. */
static void stop_asking(struct testifd_reader *r)
{
    static const uint8_t code = CODE_PAD_END;
    uint8_t reply[1 + PAD_DIGITS_MAX] = {REPLY_TYPED};
    size_t len;
    if (!r->entry.asked || !testifd_put(r, &code, 1)) {
        return;
    }
    while (reply[0] != REPLY_ENDED) {
        if (testifd_get(r, reply, sizeof reply, &len) != IFD_SUCCESS) {
            testifd_card_left(r);
            break;
        }
    }
    memset(reply, 0, sizeof reply);
    r->entry.asked = false;
}

/* Waits for one value, or for the end of the time. IFD_RESPONSE_TIMEOUT: nothing yet. */
static RESPONSECODE wait_value(struct testifd_reader *r, int timeout_ms)
{
    uint8_t reply[1 + PAD_DIGITS_MAX];
    size_t len = 0;
    if (r->fd < 0 || !ask(r)) {
        return IFD_COMMUNICATION_ERROR;
    }
    struct pollfd p = {r->fd, POLLIN, 0};
    if (poll(&p, 1, timeout_ms) <= 0) {
        return IFD_RESPONSE_TIMEOUT;
    }
    RESPONSECODE rc = testifd_get(r, reply, sizeof reply, &len);
    if (rc != IFD_SUCCESS || len == 0) {
        testifd_card_left(r);
        return IFD_COMMUNICATION_ERROR;
    }
    take_reply(&r->entry, reply, len);
    memset(reply, 0, sizeof reply);
    return IFD_SUCCESS;
}

static int timeout_of(const struct pad_request *request)
{
    return (request->timeout_s != 0 ? request->timeout_s : DEFAULT_TIMEOUT_S) * 1000;
}

static RESPONSECODE collect(struct testifd_reader *r, const struct pad_request *request)
{
    struct testifd_entry *e = &r->entry;
    RESPONSECODE rc = IFD_SUCCESS;
    while (rc == IFD_SUCCESS && e->sw == 0 &&
           e->values.n < pad_request_values(request, e->modify)) {
        rc = wait_value(r, timeout_of(request));
    }
    if (rc == IFD_RESPONSE_TIMEOUT) {
        stop_asking(r);
        e->sw = SW_TIMEOUT;
        rc = r->fd >= 0 ? IFD_SUCCESS : IFD_COMMUNICATION_ERROR;
    }
    return rc;
}

static RESPONSECODE run_command(struct testifd_reader *r, const struct pad_request *request,
                                uint8_t *out, size_t cap, size_t *ret_len)
{
    struct testifd_entry *e = &r->entry;
    uint8_t command[PAD_COMMAND_MAX];
    size_t len = 0;
    uint16_t sw = e->sw != 0 ? e->sw : pad_build(request, e->modify, &e->values, command, &len);
    if (sw == PAD_UNFIT) {
        return IFD_COMMUNICATION_ERROR;
    }
    if (sw != 0) {
        const uint8_t bytes[] = {(uint8_t)(sw >> 8), (uint8_t)sw};
        return give(bytes, sizeof bytes, out, cap, ret_len);
    }
    static const uint8_t sends = CODE_PAD_SENDS;
    RESPONSECODE rc = IFD_COMMUNICATION_ERROR;
    if (r->fd >= 0 && testifd_put(r, &sends, 1)) {
        rc = testifd_exchange(r, command, len, out, cap, ret_len);
    }
    memset(command, 0, sizeof command);
    return rc;
}

static RESPONSECODE finish(struct testifd_reader *r, uint8_t *out, size_t cap, size_t *ret_len)
{
    struct pad_request request;
    if (!r->entry.busy || !request_of(&r->entry, &request)) {
        return IFD_COMMUNICATION_ERROR;
    }
    RESPONSECODE rc = collect(r, &request);
    if (rc == IFD_SUCCESS) {
        rc = run_command(r, &request, out, cap, ret_len);
    }
    forget(r);
    return rc;
}

/* One key for each call; the last value's ENTER ends the entry. */
static uint8_t next_key(struct testifd_reader *r)
{
    struct testifd_entry *e = &r->entry;
    struct pad_request request;
    size_t n = e->values.n;
    if (!e->busy || !request_of(e, &request)) {
        return KEY_NONE;
    }
    if (n > 0 && e->keys_told <= e->values.len[n - 1]) {
        return e->keys_told++ < e->values.len[n - 1] ? KEY_DIGIT : KEY_ENTER;
    }
    if (e->sw == 0 && n < pad_request_values(&request, e->modify) &&
        wait_value(r, 0) == IFD_SUCCESS && e->sw == 0) {
        e->keys_told = 1;
        return KEY_DIGIT;
    }
    return e->sw == SW_CANCELLED ? KEY_CANCELLED : e->sw == SW_TIMEOUT ? KEY_TIMED_OUT : KEY_NONE;
}

/* ---- the features ---- */

static RESPONSECODE give_features(const struct testifd_reader *r, uint8_t *out, size_t cap,
                                  size_t *ret_len)
{
    uint8_t table[sizeof features / sizeof features[0] * 6];
    size_t len = 0;
    for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
        uint32_t code = FEATURE_CODE((uint32_t)features[i].feature);
        if (features[i].kind != r->pad) {
            continue;
        }
        const uint8_t row[] = {features[i].feature,   4,
                               (uint8_t)(code >> 24), (uint8_t)(code >> 16),
                               (uint8_t)(code >> 8),  (uint8_t)code};
        memcpy(table + len, row, sizeof row);
        len += sizeof row;
    }
    return give(table, len, out, cap, ret_len);
}

static bool has_feature(const struct testifd_reader *r, uint8_t feature)
{
    for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
        if (features[i].kind == r->pad && features[i].feature == feature) {
            return true;
        }
    }
    return false;
}

static RESPONSECODE give_properties(uint8_t *out, size_t cap, size_t *ret_len)
{
    static const PIN_PROPERTIES_STRUCTURE properties = {.wLcdLayout =
                                                            0x0210, /* two lines of sixteen */
                                                        .bEntryValidationCondition = 0x07,
                                                        .bTimeOut2 = 0};
    return give(&properties, sizeof properties, out, cap, ret_len);
}

static RESPONSECODE run_feature(struct testifd_reader *r, uint8_t feature, const uint8_t *in,
                                size_t in_len, uint8_t *out, size_t cap, size_t *ret_len)
{
    bool modify = feature == FEATURE_MODIFY_PIN_DIRECT || feature == FEATURE_MODIFY_PIN_START;
    RESPONSECODE rc;
    uint8_t key;
    switch (feature) {
    case FEATURE_IFD_PIN_PROPERTIES:
        return give_properties(out, cap, ret_len);
    case FEATURE_VERIFY_PIN_DIRECT:
    case FEATURE_MODIFY_PIN_DIRECT:
        rc = begin(r, modify, in, in_len);
        return rc == IFD_SUCCESS ? finish(r, out, cap, ret_len) : rc;
    case FEATURE_VERIFY_PIN_START:
    case FEATURE_MODIFY_PIN_START:
        rc = begin(r, modify, in, in_len);
        return rc == IFD_SUCCESS && !ask(r) ? IFD_COMMUNICATION_ERROR : rc;
    case FEATURE_VERIFY_PIN_FINISH:
    case FEATURE_MODIFY_PIN_FINISH:
        return finish(r, out, cap, ret_len);
    case FEATURE_GET_KEY_PRESSED:
        key = next_key(r);
        return give(&key, 1, out, cap, ret_len);
    case FEATURE_ABORT:
        stop_asking(r);
        forget(r);
        return IFD_SUCCESS;
    default:
        return IFD_ERROR_NOT_SUPPORTED;
    }
}

RESPONSECODE testifd_control(struct testifd_reader *r, DWORD code, const uint8_t *in, size_t in_len,
                             uint8_t *out, size_t cap, size_t *ret_len)
{
    if (code == CM_IOCTL_GET_FEATURE_REQUEST) {
        return give_features(r, out, cap, ret_len);
    }
    if (code < FEATURE_CODE(1u) || code > FEATURE_CODE(FEATURE_LAST) ||
        !has_feature(r, (uint8_t)(code - FEATURE_CODE(0u)))) {
        return IFD_ERROR_NOT_SUPPORTED;
    }
    uint8_t feature = (uint8_t)(code - FEATURE_CODE(0u));
    if (r->pad == TESTIFD_PAD_FALSE && feature != FEATURE_IFD_PIN_PROPERTIES) {
        return IFD_COMMUNICATION_ERROR;
    }
    return run_feature(r, feature, in, in_len, out, cap, ret_len);
}
