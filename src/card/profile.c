#include "card/profile.h"

#define ATR_TS_T0 2u

/* Interface bytes: the high half of T0 and of each TDi tells which of TA, TB, TC and TD follow.
 * They may have any value, so the historical bytes are found by counting, never by looking for one.
 */
enum err profile_historical(struct span atr, struct span *ret)
{
    if (atr.len < ATR_TS_T0 || atr.len > LIMIT_ATR) {
        return ERR_CARD_UNKNOWN;
    }
    size_t n_hist = atr.at[1] & 0x0Fu;
    size_t at = ATR_TS_T0;
    size_t n_check = 0; /* TCK is there unless T=0 alone is offered */
    unsigned present = atr.at[1] >> 4;
    while (present != 0) {
        at += (present & 1u) + (present >> 1 & 1u) + (present >> 2 & 1u);
        bool has_td = (present & 8u) != 0;
        present = 0;
        if (has_td) {
            if (at >= atr.len) {
                return ERR_CARD_UNKNOWN;
            }
            n_check = (atr.at[at] & 0x0F) != 0 ? 1 : n_check;
            present = atr.at[at] >> 4;
            at++;
        }
    }
    if (at + n_hist + n_check != atr.len) {
        return ERR_CARD_UNKNOWN;
    }
    *ret = span_sub(atr, at, n_hist);
    return ERR_OK;
}

bool profile_fits(const struct profile *p, struct span hist)
{
    if (hist.len != p->hist_len) {
        return false;
    }
    for (size_t i = 0; i < hist.len; i++) {
        if (((hist.at[i] ^ p->hist[i]) & p->mask[i]) != 0) {
            return false;
        }
    }
    return true;
}

const struct profile *profile_at(size_t i)
{
    if (i < profile_fineid_count) {
        return &profile_fineid[i];
    }
    i -= profile_fineid_count;
    return i < profile_siths_count ? &profile_siths[i] : NULL;
}

enum err profile_find(struct span atr, const struct profile **ret)
{
    struct span hist;
    enum err e = profile_historical(atr, &hist);
    const struct profile *p = NULL;
    for (size_t i = 0; e == ERR_OK && (p = profile_at(i)) != NULL; i++) {
        if (profile_fits(p, hist)) {
            *ret = p;
            return ERR_OK;
        }
    }
    return ERR_CARD_UNKNOWN;
}

static bool pin_is_sound(const struct profile_pin *pin)
{
    bool fits = pin->stored == 0 || (pin->max <= pin->stored && pin->stored <= SECRET_CAP);
    return pin->index >= 1 && pin->index < CARD_PINS && pin->min >= LIMIT_PIN_MIN &&
           pin->min <= pin->max && pin->max <= LIMIT_PIN_MAX && fits &&
           pin->choose_min >= pin->min && pin->choose_min <= pin->choose_max &&
           pin->choose_max <= pin->max;
}

static bool file_is_sound(const struct profile *p, enum profile_place place, size_t path_len)
{
    return path_len >= 2 && path_len % 2 == 0 && path_len <= PROFILE_PATH &&
           (place == PLACE_PATH || (p->folder_len > 0 && path_len == 2));
}

static bool key_is_sound(const struct profile *p, const struct profile_key *key)
{
    return key->pin < p->n_pins && p->pins[key->pin].index != PROFILE_PUK &&
           file_is_sound(p, key->place, key->path_len);
}

static bool kin_is_sound(const struct profile *p, const struct profile_kin *kin)
{
    const struct profile_pin *pin = profile_pin_by_index(p, kin->index);
    return pin != NULL && kin->index != PROFILE_PUK && *kin->crl != '\0' &&
           kin->choose_min >= pin->min && kin->choose_min <= kin->choose_max &&
           kin->choose_max <= pin->max;
}

bool profile_unlocks(const struct profile *p)
{
    return p->unlock == UNLOCK_TOGETHER || p->unlock == UNLOCK_VERIFIED;
}

bool profile_is_sound(const struct profile *p)
{
    bool good = p->hist_len > 0 && p->hist_len <= PROFILE_HIST && p->aid_len > 0 &&
                p->aid_len <= PROFILE_AID && p->folder_len <= PROFILE_AID && p->n_pins > 0 &&
                p->n_algs > 0 && p->n_keys <= LIMIT_CERTS &&
                (p->n_keys > 0 || p->read_layout != NULL);
    for (size_t i = 0; good && i < p->n_pins; i++) {
        good =
            pin_is_sound(&p->pins[i]) && profile_pin_by_index(p, p->pins[i].index) == &p->pins[i];
    }
    for (size_t i = 0; good && i < p->n_keys; i++) {
        good = key_is_sound(p, &p->keys[i]);
    }
    for (size_t i = 0; good && i < p->n_kins; i++) {
        good = kin_is_sound(p, &p->kins[i]);
    }
    for (size_t i = 0; good && i < p->n_cas; i++) {
        good = i < LIMIT_CARD_CAS && file_is_sound(p, p->cas[i].place, p->cas[i].path_len);
    }
    return good && (!profile_unlocks(p) || profile_pin_by_index(p, PROFILE_PUK) != NULL);
}

const struct profile_pin *profile_pin_by_index(const struct profile *p, uint8_t index)
{
    for (size_t i = 0; i < p->n_pins; i++) {
        if (p->pins[i].index == index) {
            return &p->pins[i];
        }
    }
    return NULL;
}

static bool suits(struct sig_alg alg, struct key_type key)
{
    return (alg.scheme == SIG_ECDSA) == (key.kind == KEY_EC);
}

/* P-521 has no hash of its width; SHA-512 is the one that RFC 7518 §3.4 pairs with it. */
static bool is_natural(struct sig_alg alg, struct key_type key)
{
    size_t bits = 8 * alg_hash_len(alg.hash);
    return key.kind == KEY_EC && bits == (key.bits > 512 ? 512 : key.bits);
}

size_t profile_algs(const struct profile *p, struct key_type key, struct sig_alg *ret, size_t cap)
{
    size_t n = 0;
    for (int natural = 1; natural >= 0; natural--) {
        for (size_t i = 0; i < p->n_algs && n < cap; i++) {
            struct sig_alg alg = p->algs[i].alg;
            if (suits(alg, key) && is_natural(alg, key) == (natural == 1)) {
                ret[n++] = alg;
            }
        }
    }
    return n;
}

enum err profile_alg_byte(const struct profile *p, struct key_type key, struct sig_alg alg,
                          uint8_t *ret)
{
    for (size_t i = 0; i < p->n_algs; i++) {
        struct sig_alg row = p->algs[i].alg;
        if (row.scheme == alg.scheme && row.hash == alg.hash && suits(row, key)) {
            *ret = p->algs[i].byte;
            return ERR_OK;
        }
    }
    return ERR_ALG_UNSUPPORTED;
}

const struct profile_dec *profile_dec_find(const struct profile *p, const struct profile_key *key,
                                           struct key_type type, enum dec_alg alg)
{
    for (size_t i = 0; key->decrypts && i < p->n_decs; i++) {
        if (p->decs[i].alg == alg && alg_dec_kind(alg) == type.kind) {
            return &p->decs[i];
        }
    }
    return NULL;
}
