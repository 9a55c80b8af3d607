/* card_decrypt of card.h. */
#include "base/log.h"
#include "base/wipe.h"
#include "card/card.h"
#include "card/key_use.h"

#define PART_MAX 255u
/* What stands before the cryptogram (ISO 7816-8 DECIPHER, padding indicator of ISO 7816-4): the one
 * of FINEID S1 for RSA; "no further indication" for the other side's point. */
#define INDICATOR_RSA 0x81u
#define INDICATOR_EC  0x00u

bool card_key_decrypts(const struct card *c, const struct card_key *k, enum dec_alg alg)
{
    return profile_dec_find(c->profile, &c->profile->keys[k->row], card_key_type(c, k), alg) !=
           NULL;
}

static enum err set_environment(struct key_use *u, const struct profile_dec *dec)
{
    struct apdu a;
    uint16_t sw;
    bool told = alg_dec_kind(dec->alg) == KEY_RSA;
    apdu_mse_decipher(&a, told ? &dec->byte : NULL, u->row->ref);
    return key_use_prepare(u, &a, span_of(NULL, 0), &sw);
}

/* One part; all but the last are to be answered with 9000 alone. */
static enum err send_part(struct card_io *io, struct span part, bool more, size_t le,
                          struct apdu_answer *ret)
{
    struct apdu a;
    apdu_pso_decipher(&a, part, more, !more && io->t1 ? le : 0); /* T=0 has no place for it */
    enum err e = apdu_exchange(io, &a, APDU_ONCE, ret);
    return e == ERR_OK && (ret->sw != SW_OK || (more && ret->len > 0)) ? ERR_DECRYPT_FAILED : e;
}

/* The status word stays here: what a card says of a padding is nobody's to hear. */
static enum err decipher(struct card_io *io, struct span data, size_t max, struct buf *out)
{
    struct apdu_answer r = {.sw = 0};
    enum err e = ERR_OK;
    for (size_t at = 0; e == ERR_OK && at < data.len; at += PART_MAX) {
        bool more = data.len - at > PART_MAX;
        e = send_part(io, span_sub(data, at, PART_MAX), more, max < 256 ? max : 256, &r);
    }
    if (e == ERR_OK && (r.len == 0 || r.len > max)) {
        e = ERR_DECRYPT_FAILED;
    }
    if (e == ERR_OK) {
        e = buf_append(out, span_of(r.data, r.len));
    }
    wipe(&r, sizeof r);
    return e;
}

enum err card_decrypt(struct card *c, struct card_key *k, const struct card_pin *pin,
                      enum dec_alg alg, struct span cryptogram, struct buf *out)
{
    struct key_type type = card_key_type(c, k);
    const struct profile_dec *dec =
        profile_dec_find(c->profile, &c->profile->keys[k->row], type, alg);
    uint8_t data[1 + LIMIT_SIGNATURE];
    struct key_use u;
    buf_clear(out);
    if (dec == NULL || cryptogram.len != alg_dec_input_len(type) ||
        cryptogram.len > LIMIT_SIGNATURE) {
        return ERR_ALG_UNSUPPORTED;
    }
    data[0] = type.kind == KEY_RSA ? INDICATOR_RSA : INDICATOR_EC;
    memcpy(data + 1, cryptogram.at, cryptogram.len);
    enum err e = key_use_begin(&u, c, k, pin);
    if (e != ERR_OK) {
        return e;
    }
    e = key_use_verify(&u);
    if (e == ERR_OK) {
        e = set_environment(&u, dec);
    }
    if (e == ERR_OK) {
        e = decipher(c->io, span_of(data, 1 + cryptogram.len), alg_dec_output_max(alg, type), out);
    }
    if (e == ERR_OK && alg == DEC_ECDH && out->len != alg_dec_output_max(alg, type)) {
        buf_clear(out);
        e = ERR_DECRYPT_FAILED;
    }
    key_use_end(&u);
    return e;
}
