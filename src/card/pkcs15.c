#include "card/pkcs15.h"

#include "card/pkcs15_info.h"
#include "card/tlv.h"

#define TAG_BOOLEAN  0x01u
#define TAG_INTEGER  0x02u
#define TAG_BITS     0x03u
#define TAG_OCTETS   0x04u
#define TAG_ENUM     0x0Au
#define TAG_SEQUENCE 0x30u
#define TAG_0        0xA0u
#define TAG_1        0xA1u
#define TAG_APP      0x61u
#define TAG_AID      0x4Fu
#define TAG_BASE     0x51u
#define TAG_PIN_REF  0x80u

/* PasswordFlags */
#define FLAG_PADDED   5u
#define FLAG_UNBLOCKS 6u
#define FLAG_SO       7u
/* PasswordType: digits as ASCII; in UTF-8 they are the same. */
#define TYPE_ASCII 1u
#define TYPE_UTF8  2u
/* KeyUsageFlags */
#define USAGE_DECRYPT         1u
#define USAGE_SIGN            2u
#define USAGE_UNWRAP          5u /* keyDecipher */
#define USAGE_DERIVE          8u
#define USAGE_NON_REPUDIATION 9u

#define AID_LEAST 5u

/* ---- paths and lists ---- */

enum err pkcs15_path_of(struct span octets, struct pkcs15_path *ret)
{
    static const uint8_t mf[] = {0x3F, 0x00};
    struct pkcs15_path path = {.is_absolute = span_eq(span_sub(octets, 0, 2), span_of(mf, 2))};
    if (path.is_absolute) {
        octets = span_sub(octets, 2, octets.len);
    }
    if (octets.len % 2 != 0 || octets.len > sizeof path.at) {
        return ERR_CARD_UNKNOWN;
    }
    for (size_t i = 0; i < octets.len; i++) {
        path.at[i] = octets.at[i];
    }
    path.len = octets.len;
    *ret = path;
    return ERR_OK;
}

enum err pkcs15_resolve(const struct pkcs15_app *app, struct pkcs15_path *path)
{
    struct pkcs15_path whole = app->base;
    if (path->is_absolute || !app->has_base) {
        return path->is_absolute ? ERR_OK : ERR_CARD_UNKNOWN;
    }
    if (path->len > sizeof whole.at - whole.len) {
        return ERR_CARD_UNKNOWN;
    }
    memcpy(whole.at + whole.len, path->at, path->len);
    whole.len += path->len;
    *path = whole;
    return ERR_OK;
}

bool pkcs15_place(const struct pkcs15_app *app, struct pkcs15_path *path, enum profile_place *ret)
{
    bool whole = path->is_absolute || path->len > 2;
    *ret = whole ? PLACE_PATH : PLACE_FOLDER;
    return !whole || pkcs15_resolve(app, path) == ERR_OK;
}

bool pkcs15_next_app(struct span *rest, struct pkcs15_app *ret)
{
    struct tlv t;
    while (tlv_next(rest, &t) == ERR_OK) {
        struct pkcs15_app app = {.has_base = false};
        struct pkcs15_path path;
        struct span base;
        if (t.tag != TAG_APP || tlv_find(t.value, TAG_AID, &app.aid) != ERR_OK ||
            app.aid.len < AID_LEAST || app.aid.len > PROFILE_AID) {
            continue;
        }
        if (tlv_find(t.value, TAG_BASE, &base) == ERR_OK && pkcs15_path_of(base, &path) == ERR_OK &&
            path.is_absolute) {
            app.base = path;
            app.has_base = true;
        }
        *ret = app;
        return true;
    }
    return false;
}

/* Path ::= SEQUENCE { OCTET STRING, index, [0] length }: one that points into a file is not
 * followed. */
static bool take_path(struct span *rest, struct pkcs15_path *ret)
{
    struct tlv t, octets;
    struct span index;
    if (tlv_next(rest, &t) != ERR_OK || t.tag != TAG_SEQUENCE) {
        return false;
    }
    if (tlv_find(t.value, TAG_INTEGER, &index) == ERR_OK && (index.len != 1 || index.at[0] != 0)) {
        return false;
    }
    return tlv_next(&t.value, &octets) == ERR_OK && octets.tag == TAG_OCTETS &&
           octets.value.len > 0 && pkcs15_path_of(octets.value, ret) == ERR_OK && ret->len > 0;
}

bool pkcs15_next_file(struct span *rest, struct pkcs15_file *ret)
{
    static const struct {
        uint32_t tag;
        enum pkcs15_kind kind;
    } kinds[] = {{0xA0, PKCS15_PRKDF},
                 {0xA4, PKCS15_CDF},
                 {0xA5, PKCS15_CA},
                 {0xA6, PKCS15_CA},
                 {0xA8, PKCS15_AODF}};
    struct tlv t;
    while (tlv_next(rest, &t) == ERR_OK) {
        for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
            struct pkcs15_file file = {.kind = kinds[i].kind};
            if (t.tag == kinds[i].tag && take_path(&t.value, &file.path)) {
                *ret = file;
                return true;
            }
        }
    }
    return false;
}

bool pkcs15_is_whole(struct span content)
{
    struct tlv t;
    bool any = false;
    while (content.len > 0 && content.at[0] != 0x00 && content.at[0] != 0xFF) {
        if (tlv_next(&content, &t) != ERR_OK) {
            return false;
        }
        any = true;
    }
    return any;
}

/* ---- one object: common attributes, class attributes, [0] subclass, [1] type attributes ---- */

struct object {
    struct span common;
    struct span class;
    struct span type;
};

static bool split(struct span value, struct object *ret)
{
    struct tlv common, class;
    struct span type, rest = value;
    if (tlv_next(&rest, &common) != ERR_OK || common.tag != TAG_SEQUENCE ||
        tlv_next(&rest, &class) != ERR_OK || class.tag != TAG_SEQUENCE ||
        tlv_find(rest, TAG_1, &type) != ERR_OK || tlv_find(type, TAG_SEQUENCE, &type) != ERR_OK) {
        return false;
    }
    *ret = (struct object){common.value, class.value, type};
    return true;
}

/* Bits are counted from the highest of the first byte behind the count of unused ones. */
static bool has_bit(struct span bits, unsigned n)
{
    size_t at = 1 + n / 8;
    return at < bits.len && (bits.at[at] & 0x80u >> n % 8) != 0;
}

/* A number of one byte, whether or not it was written with a sign. */
static bool small_number(struct span value, uint8_t *ret)
{
    if (value.len == 2 && value.at[0] == 0) {
        value = span_sub(value, 1, 1);
    }
    if (value.len != 1) {
        return false;
    }
    *ret = value.at[0];
    return true;
}

static bool find_small(struct span in, uint32_t tag, uint8_t *ret)
{
    struct span value;
    return tlv_find(in, tag, &value) == ERR_OK && small_number(value, ret);
}

struct pin {
    struct span id;
    bool unblocks;
    struct profile_pin row;
};

/* Lengths as the card counts them, cut to what the program can type and send. */
static bool pin_lengths(struct span type, bool padded, struct profile_pin *row)
{
    uint8_t stored;
    struct tlv t;
    bool has_max;
    if (!find_small(type, TAG_INTEGER, &row->min)) {
        return false;
    }
    while (tlv_next(&type, &t) == ERR_OK && t.tag != TAG_INTEGER) {
    }
    if (!find_small(type, TAG_INTEGER, &stored)) {
        return false;
    }
    while (tlv_next(&type, &t) == ERR_OK && t.tag != TAG_INTEGER) {
    }
    has_max = find_small(type, TAG_INTEGER, &row->max);
    row->max = has_max && (row->max < stored || !padded) ? row->max : stored;
    row->max = row->max < LIMIT_PIN_MAX ? row->max : LIMIT_PIN_MAX;
    row->min = row->min > LIMIT_PIN_MIN ? row->min : LIMIT_PIN_MIN;
    row->stored = padded ? stored : 0;
    row->choose_min = row->min;
    row->choose_max = row->max;
    return row->min <= row->max && row->stored <= SECRET_CAP;
}

/* authId; pwdFlags, pwdType, minLength, storedLength, maxLength, [0] pwdReference, padChar. */
static bool parse_pin(struct span value, struct pin *ret)
{
    struct object o;
    struct span flags, pad;
    uint8_t type;
    struct pin pin = {.unblocks = false};
    if (!split(value, &o) || tlv_find(o.class, TAG_OCTETS, &pin.id) != ERR_OK ||
        tlv_find(o.type, TAG_BITS, &flags) != ERR_OK || !find_small(o.type, TAG_ENUM, &type) ||
        (type != TYPE_ASCII && type != TYPE_UTF8) || has_bit(flags, FLAG_SO)) {
        return false;
    }
    pin.unblocks = has_bit(flags, FLAG_UNBLOCKS);
    (void)find_small(o.type, TAG_PIN_REF, &pin.row.ref); /* the default is 0 */
    if (tlv_find(o.type, TAG_OCTETS, &pad) == ERR_OK && pad.len == 1) {
        pin.row.pad = pad.at[0];
    }
    if (!pin_lengths(o.type, has_bit(flags, FLAG_PADDED), &pin.row)) {
        return false;
    }
    *ret = pin;
    return true;
}

static bool next_pin(struct span *rest, struct pin *ret)
{
    struct tlv t;
    while (tlv_next(rest, &t) == ERR_OK) {
        if (t.tag == TAG_SEQUENCE && parse_pin(t.value, ret)) {
            return true;
        }
    }
    return false;
}

struct key {
    struct span id;
    struct span auth_id;
    enum cert_use use;
    uint8_t ref;
    struct key_type type;
    bool decrypts;
};

/* iD, usage, native, accessFlags, keyReference; then path and, for RSA, modulusLength. */
static bool parse_key(const struct tlv *t, struct key *ret)
{
    struct object o;
    struct span usage, bits;
    struct key key = {.type = {t->tag == TAG_0 ? KEY_EC : KEY_RSA, t->tag == TAG_0 ? 256 : 2048}};
    if (!split(t->value, &o) || tlv_find(o.common, TAG_OCTETS, &key.auth_id) != ERR_OK ||
        tlv_find(o.class, TAG_OCTETS, &key.id) != ERR_OK || key.id.len == 0 ||
        tlv_find(o.class, TAG_BITS, &usage) != ERR_OK ||
        !find_small(o.class, TAG_INTEGER, &key.ref)) {
        return false;
    }
    if (!has_bit(usage, USAGE_SIGN) && !has_bit(usage, USAGE_NON_REPUDIATION)) {
        return false;
    }
    key.decrypts = key.type.kind == KEY_EC
                       ? has_bit(usage, USAGE_DERIVE)
                       : has_bit(usage, USAGE_DECRYPT) || has_bit(usage, USAGE_UNWRAP);
    key.use = has_bit(usage, USAGE_NON_REPUDIATION) ? CERT_SIGN : CERT_AUTH;
    if (key.type.kind == KEY_RSA && tlv_find(o.type, TAG_INTEGER, &bits) == ERR_OK &&
        bits.len == 2) {
        key.type.bits = (unsigned)(bits.at[0] << 8 | bits.at[1]);
    }
    *ret = key;
    return true;
}

static bool next_key(struct span *rest, struct key *ret)
{
    struct tlv t;
    while (tlv_next(rest, &t) == ERR_OK) {
        if ((t.tag == TAG_SEQUENCE || t.tag == TAG_0) && parse_key(&t, ret)) {
            return true;
        }
    }
    return false;
}

/* ---- objects to rows ---- */

static bool find_certificate(struct span cdf, struct span id, struct pkcs15_path *ret)
{
    struct tlv t;
    struct object o;
    struct span cert_id;
    while (tlv_next(&cdf, &t) == ERR_OK) {
        if (t.tag == TAG_SEQUENCE && split(t.value, &o) &&
            tlv_find(o.class, TAG_OCTETS, &cert_id) == ERR_OK && span_eq(cert_id, id) &&
            take_path(&o.type, ret)) {
            return true;
        }
    }
    return false;
}

/* iD, authority */
bool pkcs15_next_certificate(struct span *rest, bool only_cas, struct pkcs15_path *ret)
{
    struct tlv t;
    struct object o;
    while (tlv_next(rest, &t) == ERR_OK) {
        uint8_t authority = 0;
        if (t.tag != TAG_SEQUENCE || !split(t.value, &o)) {
            continue;
        }
        (void)find_small(o.class, TAG_BOOLEAN, &authority); /* the default is false */
        if ((authority != 0 || !only_cas) && take_path(&o.type, ret)) {
            return true;
        }
    }
    return false;
}

static bool find_pin(struct span aodf, struct span id, struct profile_pin *ret)
{
    struct pin pin;
    while (next_pin(&aodf, &pin)) {
        if (!pin.unblocks && span_eq(pin.id, id)) {
            *ret = pin.row;
            return true;
        }
    }
    return false;
}

/* The row of this PIN, made when it is not there yet: PIN1 guards the first authentication key,
 * PIN2 the first one for signatures unless that is the same. A third PIN has no place in a prompt.
 */
static bool place_pin(struct profile_store *s, struct profile_pin pin, enum cert_use use,
                      size_t *ret_row)
{
    pin.index = use == CERT_AUTH ? 1 : 2;
    for (size_t i = 0; i < s->row.n_pins; i++) {
        if (s->pins[i].ref == pin.ref) {
            *ret_row = i;
            return true;
        }
        if (s->pins[i].index == pin.index) {
            return false;
        }
    }
    s->pins[s->row.n_pins] = pin;
    *ret_row = s->row.n_pins++;
    return true;
}

static void add_key(const struct pkcs15_contents *c, const struct key *key, struct profile_store *s)
{
    struct profile_pin pin;
    struct pkcs15_path path;
    struct profile_key row = {
        .use = key->use, .ref = key->ref, .type = key->type, .decrypts = key->decrypts};
    if (!find_certificate(c->kinds[PKCS15_CDF], key->id, &path) ||
        !find_pin(c->kinds[PKCS15_AODF], key->auth_id, &pin)) {
        return;
    }
    if (pkcs15_place(&c->app, &path, &row.place) && place_pin(s, pin, key->use, &row.pin)) {
        memcpy(row.path, path.at, path.len);
        row.path_len = path.len;
        s->keys[s->row.n_keys++] = row;
    }
}

static void add_ca(const struct pkcs15_app *app, struct pkcs15_path path, bool is_directory,
                   struct profile_store *s)
{
    struct profile_ca row = {.path_len = 0, .is_directory = is_directory};
    if (s->row.n_cas == LIMIT_CARD_CAS || !pkcs15_place(app, &path, &row.place)) {
        return;
    }
    memcpy(row.path, path.at, path.len);
    row.path_len = path.len;
    s->cas[s->row.n_cas++] = row;
}

static void add_cas(const struct pkcs15_contents *c, struct profile_store *s)
{
    struct span cdf = c->kinds[PKCS15_CDF];
    struct pkcs15_path path;
    while (pkcs15_next_certificate(&cdf, true, &path)) {
        add_ca(&c->app, path, false, s);
    }
    for (size_t i = 0; i < c->n_ca_files; i++) {
        add_ca(&c->app, c->ca_files[i], true, s);
    }
}

/* The one code that unblocks; with several it would be a guess which one. */
static void add_puk(struct span aodf, struct profile_store *s)
{
    struct pin pin, puk = {.unblocks = false};
    size_t n = 0;
    while (next_pin(&aodf, &pin)) {
        if (pin.unblocks) {
            puk = pin;
            n++;
        }
    }
    if (n == 1) {
        puk.row.index = PROFILE_PUK;
        s->pins[s->row.n_pins++] = puk.row;
        s->row.unlock = UNLOCK_TOGETHER;
    }
}

enum err pkcs15_build(const struct pkcs15_contents *c, struct profile_store *ret)
{
    struct span keys = c->kinds[PKCS15_PRKDF];
    struct key key;
    ret->row = (struct profile){.name = "PKCS#15 card",
                                .aid_len = c->app.aid.len,
                                .folder_len = c->app.aid.len,
                                .digest = DIGEST_INLINE,
                                .verify = VERIFY_LASTING,
                                .unlock = UNLOCK_NONE,
                                .activation = FRESH_NEVER,
                                .pins = ret->pins,
                                .keys = ret->keys,
                                .algs = ret->algs,
                                .decs = ret->decs,
                                .cas = ret->cas};
    if (c->app.aid.len == 0 || c->app.aid.len > PROFILE_AID) {
        return ERR_CARD_UNKNOWN;
    }
    memcpy(ret->row.aid, c->app.aid.at, c->app.aid.len);
    memcpy(ret->row.folder, c->app.aid.at, c->app.aid.len);
    while (ret->row.n_keys < LIMIT_CERTS && next_key(&keys, &key)) {
        add_key(c, &key, ret);
    }
    add_puk(c->kinds[PKCS15_AODF], ret);
    add_cas(c, ret);
    ret->row.n_algs = pkcs15_info_algs(c->info, ret->algs, PROFILE_ALGS);
    ret->row.n_decs = pkcs15_info_decs(c->info, ret->decs);
    return ret->row.n_keys > 0 && ret->row.n_algs > 0 ? ERR_OK : ERR_CARD_UNKNOWN;
}
