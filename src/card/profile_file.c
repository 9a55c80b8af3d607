#include "card/profile_file.h"

#include <stddef.h>

#define HEX_ANY 0x100u /* "??" */

struct parsing {
    struct profile_store *store;
    bool own_pins; /* the first such line replaces the rows of `like` */
    bool own_keys;
    bool own_algs;
    bool own_kins;
    bool own_decs;
    bool own_cas;
};

/* ---- words ---- */

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static struct span trim(struct span s)
{
    while (s.len > 0 && is_blank(s.at[0])) {
        s = span_sub(s, 1, s.len);
    }
    while (s.len > 0 && is_blank(s.at[s.len - 1])) {
        s = span_sub(s, 0, s.len - 1);
    }
    return s;
}

/* What stands before the first `mark`; *rest is what comes after it. The whole when there is none.
 */
static struct span take_until(struct span *rest, uint8_t mark)
{
    size_t n = 0;
    while (n < rest->len && rest->at[n] != mark) {
        n++;
    }
    struct span taken = span_sub(*rest, 0, n);
    *rest = span_sub(*rest, n + 1, rest->len);
    return taken;
}

static struct span take_word(struct span *rest)
{
    *rest = trim(*rest);
    size_t n = 0;
    while (n < rest->len && !is_blank(rest->at[n])) {
        n++;
    }
    struct span word = span_sub(*rest, 0, n);
    *rest = span_sub(*rest, n, rest->len);
    return word;
}

struct choice_row {
    const char *word;
    int value;
};

static bool choose(struct span word, const struct choice_row *rows, size_t n, int *ret)
{
    for (size_t i = 0; i < n; i++) {
        if (span_is(word, rows[i].word)) {
            *ret = rows[i].value;
            return true;
        }
    }
    return false;
}

#define CHOOSE(word, rows, ret) choose(word, rows, sizeof(rows) / sizeof(rows)[0], ret)

/* 0 to 255 */
static bool decimal(struct span word, uint8_t *ret)
{
    unsigned value = 0;
    for (size_t i = 0; i < word.len; i++) {
        if (i == 3 || word.at[i] < '0' || word.at[i] > '9') {
            return false;
        }
        value = value * 10 + (unsigned)(word.at[i] - '0');
    }
    *ret = (uint8_t)value;
    return word.len > 0 && value <= 0xFF;
}

static int hex_digit(uint8_t c)
{
    static const char digits[] = "0123456789ABCDEF0123456789abcdef";
    const char *at = c == 0 ? NULL : strchr(digits, c);
    return at == NULL ? -1 : (int)((at - digits) % 16);
}

/* Pairs of digits, blanks between them, "??" where `ret_mask` is wanted. */
static bool hex_bytes(struct span text, uint8_t *ret, uint8_t *ret_mask, size_t cap,
                      size_t *ret_len)
{
    size_t n = 0;
    for (text = trim(text); text.len > 0; text = trim(span_sub(text, 2, text.len))) {
        if (text.len < 2 || n == cap) {
            return false;
        }
        bool any = ret_mask != NULL && text.at[0] == '?' && text.at[1] == '?';
        int high = hex_digit(text.at[0]), low = hex_digit(text.at[1]);
        if (!any && (high < 0 || low < 0)) {
            return false;
        }
        ret[n] = (uint8_t)(any ? 0 : high << 4 | low);
        if (ret_mask != NULL) {
            ret_mask[n] = any ? 0x00 : 0xFF;
        }
        n++;
    }
    *ret_len = n;
    return n > 0;
}

static bool hex_byte(struct span word, uint8_t *ret)
{
    size_t len;
    return hex_bytes(word, ret, NULL, 1, &len);
}

/* "4-8" */
static bool range(struct span word, uint8_t *ret_min, uint8_t *ret_max)
{
    struct span rest = word;
    struct span low = take_until(&rest, '-');
    return decimal(low, ret_min) && decimal(rest, ret_max);
}

/* Printable ASCII, of at most cap - 1 bytes. */
static bool text(struct span value, char *ret, size_t cap)
{
    if (value.len == 0 || value.len >= cap) {
        return false;
    }
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] < ' ' || value.at[i] > '~') {
            return false;
        }
        ret[i] = (char)value.at[i];
    }
    ret[value.len] = '\0';
    return true;
}

/* ---- one line each ---- */

static bool set_name(struct parsing *p, struct span value)
{
    p->store->row.name = p->store->name;
    return text(value, p->store->name, sizeof p->store->name);
}

/* Everything of a built-in row but its name and ATR. Stands before the lines that change it. */
static bool set_like(struct parsing *p, struct span value)
{
    struct profile *to = &p->store->row;
    const struct profile *from = NULL;
    for (size_t i = 0; (from = profile_at(i)) != NULL; i++) {
        if (span_is(value, from->name)) {
            struct profile copy = *from;
            copy.name = to->name;
            memcpy(copy.hist, to->hist, sizeof copy.hist);
            memcpy(copy.mask, to->mask, sizeof copy.mask);
            copy.hist_len = to->hist_len;
            *to = copy;
            return !p->own_pins && !p->own_keys && !p->own_algs && !p->own_kins && !p->own_decs &&
                   !p->own_cas;
        }
    }
    return false;
}

static bool set_historical(struct parsing *p, struct span value)
{
    struct profile *to = &p->store->row;
    return hex_bytes(value, to->hist, to->mask, PROFILE_HIST, &to->hist_len);
}

static bool set_application(struct parsing *p, struct span value)
{
    return hex_bytes(value, p->store->row.aid, NULL, PROFILE_AID, &p->store->row.aid_len);
}

static bool set_folder(struct parsing *p, struct span value)
{
    return hex_bytes(value, p->store->row.folder, NULL, PROFILE_AID, &p->store->row.folder_len);
}

static bool set_ambiguous(struct parsing *p, struct span value)
{
    static const struct choice_row rows[] = {{"no", 0}, {"yes", 1}};
    int chosen;
    if (!CHOOSE(value, rows, &chosen)) {
        return false;
    }
    p->store->row.is_ambiguous = chosen == 1;
    return true;
}

static bool set_digest(struct parsing *p, struct span value)
{
    static const struct choice_row rows[] = {{"loaded", DIGEST_LOADED}, {"inline", DIGEST_INLINE}};
    int chosen;
    if (!CHOOSE(value, rows, &chosen)) {
        return false;
    }
    p->store->row.digest = (enum profile_digest)chosen;
    return true;
}

static bool set_verify(struct parsing *p, struct span value)
{
    static const struct choice_row rows[] = {{"each", VERIFY_EACH}, {"lasting", VERIFY_LASTING}};
    int chosen;
    if (!CHOOSE(value, rows, &chosen)) {
        return false;
    }
    p->store->row.verify = (enum profile_verify)chosen;
    return true;
}

static bool set_unlock(struct parsing *p, struct span value)
{
    static const struct choice_row rows[] = {{"none", UNLOCK_NONE},
                                             {"issuer", UNLOCK_ISSUER},
                                             {"together", UNLOCK_TOGETHER},
                                             {"verified", UNLOCK_VERIFIED}};
    int chosen;
    if (!CHOOSE(value, rows, &chosen)) {
        return false;
    }
    p->store->row.unlock = (enum profile_unlock)chosen;
    return true;
}

static bool set_activation(struct parsing *p, struct span value)
{
    static const struct choice_row rows[] = {
        {"never", FRESH_NEVER}, {"puk", FRESH_PUK}, {"dated", FRESH_DATED}};
    int chosen;
    if (!CHOOSE(value, rows, &chosen)) {
        return false;
    }
    p->store->row.activation = (enum profile_activation)chosen;
    return true;
}

/* index ref min-max choose_min-choose_max stored pad: "1 11 4-12 4-8 12 00" */
static bool add_pin(struct parsing *p, struct span value)
{
    struct profile_pin pin;
    struct profile *row = &p->store->row;
    row->n_pins = p->own_pins ? row->n_pins : 0;
    row->n_kins = p->own_pins || p->own_kins ? row->n_kins : 0;
    row->pins = p->store->pins;
    p->own_pins = true;
    if (row->n_pins == PROFILE_PINS || !decimal(take_word(&value), &pin.index) ||
        !hex_byte(take_word(&value), &pin.ref) || !range(take_word(&value), &pin.min, &pin.max) ||
        !range(take_word(&value), &pin.choose_min, &pin.choose_max) ||
        !decimal(take_word(&value), &pin.stored) || !hex_byte(take_word(&value), &pin.pad) ||
        trim(value).len > 0) {
        return false;
    }
    p->store->pins[row->n_pins++] = pin;
    return true;
}

static bool find_pin_row(const struct profile *row, uint8_t index, size_t *ret)
{
    const struct profile_pin *pin = profile_pin_by_index(row, index);
    if (pin == NULL) {
        return false;
    }
    *ret = (size_t)(pin - row->pins);
    return true;
}

static const struct choice_row places[] = {{"path", PLACE_PATH}, {"folder", PLACE_FOLDER}};

/* use ref pin place path key, and whether it decrypts: "auth 01 1 path 4331 EC-384 decipher" */
static bool add_key(struct parsing *p, struct span value)
{
    static const struct choice_row uses[] = {{"auth", CERT_AUTH}, {"sign", CERT_SIGN}};
    static const struct {
        const char *word;
        struct key_type type;
    } types[] = {{"EC-256", {KEY_EC, 256}},     {"EC-384", {KEY_EC, 384}},
                 {"EC-521", {KEY_EC, 521}},     {"RSA-2048", {KEY_RSA, 2048}},
                 {"RSA-3072", {KEY_RSA, 3072}}, {"RSA-4096", {KEY_RSA, 4096}}};
    struct profile_key key = {.path_len = 0};
    struct profile *row = &p->store->row;
    uint8_t pin;
    int use, place;
    row->n_keys = p->own_keys ? row->n_keys : 0;
    row->keys = p->store->keys;
    p->own_keys = true;
    if (row->n_keys == LIMIT_CERTS || !CHOOSE(take_word(&value), uses, &use) ||
        !hex_byte(take_word(&value), &key.ref) || !decimal(take_word(&value), &pin) ||
        !find_pin_row(row, pin, &key.pin) || !CHOOSE(take_word(&value), places, &place) ||
        !hex_bytes(take_word(&value), key.path, NULL, PROFILE_PATH, &key.path_len)) {
        return false;
    }
    struct span type = take_word(&value);
    key.decrypts = span_is(trim(value), "decipher");
    if (!key.decrypts && trim(value).len > 0) {
        return false;
    }
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (span_is(type, types[i].word)) {
            key.use = (enum cert_use)use;
            key.place = (enum profile_place)place;
            key.type = types[i].type;
            p->store->keys[row->n_keys++] = key;
            return true;
        }
    }
    return false;
}

/* scheme hash byte: "ecdsa SHA-384 54" */
static bool add_alg(struct parsing *p, struct span value)
{
    static const struct choice_row schemes[] = {
        {"ecdsa", SIG_ECDSA}, {"pss", SIG_RSA_PSS}, {"pkcs1", SIG_RSA_PKCS1}};
    struct profile_alg alg;
    struct profile *row = &p->store->row;
    int scheme;
    row->n_algs = p->own_algs ? row->n_algs : 0;
    row->algs = p->store->algs;
    p->own_algs = true;
    if (row->n_algs == PROFILE_ALGS || !CHOOSE(take_word(&value), schemes, &scheme) ||
        alg_hash_from_name(take_word(&value), &alg.alg.hash) != ERR_OK ||
        !hex_byte(take_word(&value), &alg.byte) || trim(value).len > 0) {
        return false;
    }
    alg.alg.scheme = (enum sig_scheme)scheme;
    p->store->algs[row->n_algs++] = alg;
    return true;
}

/* file index choose_min-choose_max: "dvvshsp3rc.crl 2 4-8" */
static bool add_kin(struct parsing *p, struct span value)
{
    struct profile_kin kin;
    struct profile *row = &p->store->row;
    row->n_kins = p->own_kins ? row->n_kins : 0;
    row->kins = p->store->kins;
    p->own_kins = true;
    if (row->n_kins == PROFILE_KINS ||
        !text(take_word(&value), p->store->crls[row->n_kins], PROFILE_CRL) ||
        !decimal(take_word(&value), &kin.index) ||
        !range(take_word(&value), &kin.choose_min, &kin.choose_max) || trim(value).len > 0) {
        return false;
    }
    kin.crl = p->store->crls[row->n_kins];
    p->store->kins[row->n_kins++] = kin;
    return true;
}

/* scheme, hash of OAEP, byte: "oaep SHA-256 4D", "pkcs1 1A", "ecdh" */
static bool add_dec(struct parsing *p, struct span value)
{
    static const struct choice_row schemes[] = {
        {"pkcs1", DEC_RSA_PKCS1}, {"oaep", DEC_OAEP_SHA1}, {"ecdh", DEC_ECDH}};
    struct profile_dec dec = {.byte = 0};
    struct profile *row = &p->store->row;
    int scheme;
    row->n_decs = p->own_decs ? row->n_decs : 0;
    row->decs = p->store->decs;
    p->own_decs = true;
    if (row->n_decs == DEC_COUNT || !CHOOSE(take_word(&value), schemes, &scheme)) {
        return false;
    }
    dec.alg = (enum dec_alg)scheme;
    if (dec.alg == DEC_OAEP_SHA1 &&
        alg_dec_from_names(span_str("RSA-OAEP"), take_word(&value), &dec.alg) != ERR_OK) {
        return false;
    }
    if ((dec.alg != DEC_ECDH && !hex_byte(take_word(&value), &dec.byte)) || trim(value).len > 0) {
        return false;
    }
    p->store->decs[row->n_decs++] = dec;
    return true;
}

/* place path: "path 4336" */
static bool add_ca(struct parsing *p, struct span value)
{
    struct profile_ca ca = {.is_directory = false};
    struct profile *row = &p->store->row;
    int place;
    row->n_cas = p->own_cas ? row->n_cas : 0;
    row->cas = p->store->cas;
    p->own_cas = true;
    if (row->n_cas == LIMIT_CARD_CAS || !CHOOSE(take_word(&value), places, &place) ||
        !hex_bytes(take_word(&value), ca.path, NULL, PROFILE_PATH, &ca.path_len) ||
        trim(value).len > 0) {
        return false;
    }
    ca.place = (enum profile_place)place;
    p->store->cas[row->n_cas++] = ca;
    return true;
}

static bool take_line(struct parsing *p, struct span line)
{
    static const struct {
        const char *word;
        bool (*take)(struct parsing *p, struct span value);
    } keys[] = {
        {"name", set_name},
        {"like", set_like},
        {"historical", set_historical},
        {"ambiguous", set_ambiguous},
        {"application", set_application},
        {"folder", set_folder},
        {"digest", set_digest},
        {"verify", set_verify},
        {"unlock", set_unlock},
        {"activation", set_activation},
        {"pin", add_pin},
        {"key", add_key},
        {"alg", add_alg},
        {"crl", add_kin},
        {"decipher", add_dec},
        {"ca", add_ca},
    };
    struct span rest = line;
    struct span key = trim(take_until(&rest, '='));
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if (span_is(key, keys[i].word)) {
            return keys[i].take(p, trim(rest));
        }
    }
    return false;
}

enum err profile_file_parse(struct span text, struct profile_store *ret, unsigned *ret_line)
{
    struct parsing p = {.store = ret};
    unsigned number = 0;
    ret->row = (struct profile){.name = NULL};
    while (text.len > 0) {
        struct span line = take_until(&text, '\n');
        line = trim(take_until(&line, '#'));
        number++;
        if (line.len > 0 && !take_line(&p, line)) {
            *ret_line = number;
            return ERR_ARGUMENT;
        }
    }
    *ret_line = 0;
    if (p.own_pins && !p.own_keys && ret->row.n_keys > 0) {
        return ERR_ARGUMENT; /* the keys of `like` name its PINs by their place */
    }
    return ret->row.name != NULL && profile_is_sound(&ret->row) ? ERR_OK : ERR_ARGUMENT;
}
