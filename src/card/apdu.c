#include "card/apdu.h"

#include "base/wipe.h"

#define INS_VERIFY       0x20
#define CLA_CHAINED      0x10 /* ISO 7816-4 §5.4.1: not the last of a chain */
#define INS_MSE          0x22
#define INS_CHANGE       0x24
#define INS_PSO          0x2A
#define INS_UNLOCK       0x2C
#define INS_SELECT       0xA4
#define INS_READ_BINARY  0xB0
#define INS_GET_RESPONSE 0xC0
#define INS_GET_DATA     0xCB

#define HEADER 4u

static void start(struct apdu *a, uint8_t ins, uint8_t p1, uint8_t p2)
{
    a->bytes[0] = 0x00;
    a->bytes[1] = ins;
    a->bytes[2] = p1;
    a->bytes[3] = p2;
    a->len = HEADER;
    a->has_le = false;
}

static void put(struct apdu *a, const void *from, size_t len)
{
    if (len > 0) { /* an empty span may have no place at all */
        memcpy(a->bytes + a->len, from, len);
        a->len += len;
    }
}

static void put_byte(struct apdu *a, size_t value)
{
    a->bytes[a->len++] = (uint8_t)value;
}

static void put_data(struct apdu *a, struct span data)
{
    put_byte(a, data.len);
    put(a, data.at, data.len);
}

/* 256 is written as 00 (§5.1). */
static void put_le(struct apdu *a, size_t le)
{
    put_byte(a, le & 0xFF);
    a->has_le = true;
}

void apdu_select_aid(struct apdu *a, struct span aid)
{
    start(a, INS_SELECT, 0x04, 0x0C);
    put_data(a, aid);
}

void apdu_select_path(struct apdu *a, struct span path, bool fcp)
{
    start(a, INS_SELECT, 0x08, fcp ? 0x04 : 0x0C);
    put_data(a, path);
}

void apdu_select_in_folder(struct apdu *a, struct span id, bool fcp)
{
    start(a, INS_SELECT, 0x02, fcp ? 0x04 : 0x0C);
    put_data(a, id);
}

void apdu_read_binary(struct apdu *a, size_t offset, size_t len)
{
    start(a, INS_READ_BINARY, (uint8_t)(offset >> 8 & 0x7F), (uint8_t)(offset & 0xFF));
    put_le(a, len);
}

void apdu_verify_probe(struct apdu *a, uint8_t ref)
{
    start(a, INS_VERIFY, 0x00, ref);
}

static size_t pin_len(struct apdu_pin pin)
{
    return pin.stored > pin.digits.len ? pin.stored : pin.digits.len;
}

static void put_pin(struct apdu *a, struct apdu_pin pin)
{
    put(a, pin.digits.at, pin.digits.len);
    for (size_t i = pin.digits.len; i < pin_len(pin); i++) {
        put_byte(a, pin.pad);
    }
}

void apdu_verify(struct apdu *a, uint8_t ref, struct apdu_pin pin)
{
    start(a, INS_VERIFY, 0x00, ref);
    put_byte(a, pin_len(pin));
    put_pin(a, pin);
}

void apdu_change_pin(struct apdu *a, uint8_t ref, struct apdu_pin old_pin, struct apdu_pin new_pin)
{
    start(a, INS_CHANGE, 0x00, ref);
    put_byte(a, pin_len(old_pin) + pin_len(new_pin));
    put_pin(a, old_pin);
    put_pin(a, new_pin);
}

void apdu_unlock_pin(struct apdu *a, uint8_t ref, const struct apdu_pin *code,
                     struct apdu_pin new_pin)
{
    start(a, INS_UNLOCK, code != NULL ? 0x00 : 0x02, ref);
    put_byte(a, (code != NULL ? pin_len(*code) : 0) + pin_len(new_pin));
    if (code != NULL) {
        put_pin(a, *code);
    }
    put_pin(a, new_pin);
}

void apdu_get_pin_data(struct apdu *a, uint8_t ref, bool t1)
{
    const uint8_t wanted[] = {0xA0, 0x03, 0x83, 0x01, ref};
    start(a, INS_GET_DATA, 0x00, 0xFF);
    put_data(a, span_of(wanted, sizeof wanted));
    if (t1) {
        put_le(a, 256);
    }
}

void apdu_mse_sign(struct apdu *a, uint8_t algorithm, uint8_t key_ref)
{
    const uint8_t template[] = {0x80, 0x01, algorithm, 0x84, 0x01, key_ref};
    start(a, INS_MSE, 0x41, 0xB6);
    put_data(a, span_of(template, sizeof template));
}

void apdu_pso_hash(struct apdu *a, struct span digest)
{
    start(a, INS_PSO, 0x90, 0xA0);
    put_byte(a, digest.len + 2);
    put_byte(a, 0x90);
    put_data(a, digest);
}

void apdu_pso_cds(struct apdu *a, size_t le)
{
    start(a, INS_PSO, 0x9E, 0x9A);
    put_le(a, le);
}

void apdu_pso_cds_digest(struct apdu *a, struct span digest, size_t le, bool t1)
{
    start(a, INS_PSO, 0x9E, 0x9A);
    put_data(a, digest);
    if (t1) {
        put_le(a, le);
    }
}

void apdu_mse_decipher(struct apdu *a, const uint8_t *algorithm, uint8_t key_ref)
{
    const uint8_t data[] = {0x80, 0x01, algorithm != NULL ? *algorithm : 0, 0x84, 0x01, key_ref};
    start(a, INS_MSE, 0x41, 0xB8);
    put_data(a, span_sub(span_of(data, sizeof data), algorithm != NULL ? 0 : 3, sizeof data));
}

void apdu_pso_decipher(struct apdu *a, struct span part, bool more, size_t le)
{
    start(a, INS_PSO, 0x80, 0x86);
    a->bytes[0] = more ? CLA_CHAINED : 0x00;
    put_data(a, part);
    if (le > 0) {
        put_le(a, le);
    }
}

/* Sends once; the data of the answer is added to *ret. ISO 7816-3 §10.3.3: SW1 is 6x (not 60) or
 * 9x. */
static enum err send(struct card_io *io, const struct apdu *a, struct apdu_answer *ret)
{
    uint8_t answer[LIMIT_APDU_ANSWER];
    size_t len = sizeof answer;
    enum err e = io->transmit(io, span_of(a->bytes, a->len), answer, &len);
    if (e != ERR_OK) {
        return e;
    }
    if (len < 2 || len > sizeof answer) {
        return ERR_CARD_IO;
    }
    uint8_t sw1 = answer[len - 2];
    size_t data = len - 2;
    if (((sw1 & 0xF0) != 0x60 && (sw1 & 0xF0) != 0x90) || sw1 == 0x60 ||
        data > sizeof ret->data - ret->len) {
        return ERR_CARD_IO;
    }
    memcpy(ret->data + ret->len, answer, data);
    ret->len += data;
    ret->sw = (uint16_t)(sw1 << 8 | answer[len - 1]);
    wipe(answer, data); /* it may be a plaintext */
    return ERR_OK;
}

static bool wants_le(uint16_t sw)
{
    return (sw & 0xFF00) == 0x6C00;
}

/* Joins what the card holds back. Each round must bring bytes, so the size of the answer bounds the
 * rounds. A GET RESPONSE may itself be told its exact length, once. */
static enum err follow(struct card_io *io, struct apdu_answer *ret)
{
    enum err e = ERR_OK;
    while (e == ERR_OK && (ret->sw & 0xFF00) == 0x6100) {
        size_t before = ret->len;
        struct apdu more;
        start(&more, INS_GET_RESPONSE, 0x00, 0x00);
        put_le(&more, ret->sw & 0xFF);
        e = send(io, &more, ret);
        if (e == ERR_OK && wants_le(ret->sw) && ret->len == before) {
            more.bytes[HEADER] = (uint8_t)ret->sw;
            e = send(io, &more, ret);
        }
        bool says_more = (ret->sw & 0xFF00) == 0x6100 || ret->sw == SW_OK;
        if (e == ERR_OK && ret->len == before && says_more) {
            e = ERR_CARD_IO;
        }
    }
    return e;
}

enum err apdu_exchange(struct card_io *io, struct apdu *a, enum apdu_repeat repeat,
                       struct apdu_answer *ret)
{
    struct apdu_answer got = {.len = 0};
    enum err e = send(io, a, &got);
    if (e == ERR_OK && repeat == APDU_REPEAT && a->has_le && wants_le(got.sw)) {
        a->bytes[a->len - 1] = (uint8_t)got.sw;
        got.len = 0;
        e = send(io, a, &got);
    }
    if (e == ERR_OK) {
        e = follow(io, &got);
    }
    wipe(a, sizeof *a);
    if (e == ERR_OK) {
        *ret = got;
    }
    wipe(&got, sizeof got);
    return e;
}

enum err apdu_status(uint16_t sw)
{
    static const struct {
        uint16_t mask;
        uint16_t sw;
        enum err err;
    } rows[] = {
        {0xFFFF, SW_OK, ERR_OK},
        {0xFFFF, 0x63C0, ERR_PIN_BLOCKED},
        {0xFFF0, 0x63C0, ERR_PIN_WRONG},
        {0xFFFF, SW_PIN_NO_INFO, ERR_PIN_WRONG},
        {0xFFFF, SW_PIN_BLOCKED, ERR_PIN_BLOCKED},
        {0xFFFF, SW_PIN_INVALID, ERR_PIN_NOT_ACTIVATED},
        {0xFFFF, SW_FILE_MISSING, ERR_CERT_NOT_FOUND},
        {0x0000, 0x0000, ERR_CARD_STATUS},
    };
    size_t i = 0;
    while ((sw & rows[i].mask) != rows[i].sw) {
        i++;
    }
    return rows[i].err;
}

int8_t apdu_tries(uint16_t sw)
{
    return (sw & 0xFFF0) == 0x63C0 ? (int8_t)(sw & 0x0F) : -1;
}
