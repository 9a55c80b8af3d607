/* FINEID: citizen cards (police identity card, DVV; Gemalto and Thales MultiApp, S4-1), and DVV's
 * organisation cards and cards of social and health care (Idemia, S4-2). The second dialect is
 * known from one published implementation and not proved on hardware. */
#include "card/profile.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum { PIN1, PIN2, PUK };

/* S4-1 §4: ASCII digits, padded with 00 to 12. PIN2 and PUK are local to the application. DVV's own
 * program lets people choose 4 to 8 and 6 to 8. */
static const struct profile_pin pins[] = {
    [PIN1] = {1, 0x11, 4, 12, 4, 8, 12, 0x00},
    [PIN2] = {2, 0x82, 6, 12, 6, 8, 12, 0x00},
    [PUK] = {3, 0x83, 8, 12, 8, 12, 12, 0x00},
};

/* S4-1 v3: two RSA keys and one on P-256. The elliptic one comes first: its certificate is the one
 * that today's services ask for, and its signature is the shorter exchange. */
static const struct profile_key keys_v3[] = {
    {CERT_AUTH, 0x01, PIN1, PLACE_PATH, {0x43, 0x31}, 2, {KEY_RSA, 3072}, true},
    {CERT_SIGN, 0x03, PIN2, PLACE_PATH, {0x50, 0x16, 0x43, 0x35}, 4, {KEY_EC, 256}, false},
    {CERT_SIGN, 0x02, PIN2, PLACE_PATH, {0x50, 0x16, 0x43, 0x32}, 4, {KEY_RSA, 3072}, false},
};

static const struct profile_key keys_v4[] = {
    {CERT_AUTH, 0x01, PIN1, PLACE_PATH, {0x43, 0x31}, 2, {KEY_EC, 384}, true},
    {CERT_SIGN, 0x02, PIN2, PLACE_PATH, {0x50, 0x16, 0x43, 0x32}, 4, {KEY_EC, 384}, false},
};

/* S4-2 v4.0 §4.2, §4.3: digits as typed; another length counts as a wrong PIN. All are global. PIN2
 * has 6 to 8 digits on organisation cards and 4 to 8 on cards of health care, which no ATR tells
 * apart: both are accepted, and a new one has 6 to 8 unless the certificate is one of health care.
 */
static const struct profile_pin pins_org[] = {
    [PIN1] = {1, 0x03, 4, 8, 4, 8, 0, 0x00},
    [PIN2] = {2, 0x04, 4, 8, 6, 8, 0, 0x00},
    [PUK] = {3, 0x12, 8, 8, 8, 8, 0, 0x00},
};

/* DVV's service for certificates of social and health care. Its older lists, and those of test
 * cards, are not known: a row in a file can name them. */
static const struct profile_kin kins_org[] = {{"dvvshsp3rc.crl", 2, 4, 8}};

/* The issuing CA, then the root, both below the MF. What 4333 of a citizen card holds differs. */
static const struct profile_ca cas_citizen[] = {
    {PLACE_PATH, {0x43, 0x36}, 2, false},
    {PLACE_PATH, {0x43, 0x34}, 2, false},
};

static const struct profile_ca cas_org[] = {
    {PLACE_PATH, {0x43, 0x33}, 2, false},
    {PLACE_PATH, {0x43, 0x34}, 2, false},
};

/* The key for signatures is local to the folder of its certificate. */
static const struct profile_key keys_org[] = {
    {CERT_AUTH, 0x01, PIN1, PLACE_PATH, {0x43, 0x31}, 2, {KEY_RSA, 3072}, false},
    {CERT_SIGN, 0x82, PIN2, PLACE_FOLDER, {0x43, 0x32}, 2, {KEY_RSA, 3072}, false},
};

/* S1, MSE SET: high half the hash (3 SHA-224, 4 SHA-256, 5 SHA-384, 6 SHA-512), low half the scheme
 * (2 PKCS#1 v1.5, 4 ECDSA, 5 PSS with a salt as long as the hash). */
static const struct profile_alg algs[] = {
    {{SIG_ECDSA, HASH_SHA384}, 0x54},     {{SIG_ECDSA, HASH_SHA512}, 0x64},
    {{SIG_ECDSA, HASH_SHA256}, 0x44},     {{SIG_ECDSA, HASH_SHA224}, 0x34},
    {{SIG_RSA_PSS, HASH_SHA256}, 0x45},   {{SIG_RSA_PSS, HASH_SHA384}, 0x55},
    {{SIG_RSA_PSS, HASH_SHA512}, 0x65},   {{SIG_RSA_PKCS1, HASH_SHA256}, 0x42},
    {{SIG_RSA_PKCS1, HASH_SHA384}, 0x52}, {{SIG_RSA_PKCS1, HASH_SHA512}, 0x62},
};

/* S1, MSE SET of the confidentiality template: low half A PKCS#1 v1.5, D OAEP with the hash of the
 * high half (1 SHA-1). RSA is known to work; the key agreement has not been seen on a card. */
static const struct profile_dec decs[] = {
    {DEC_RSA_PKCS1, 0x1A},   {DEC_OAEP_SHA1, 0x1D},   {DEC_OAEP_SHA224, 0x3D},
    {DEC_OAEP_SHA256, 0x4D}, {DEC_OAEP_SHA384, 0x5D}, {DEC_OAEP_SHA512, 0x6D},
    {DEC_ECDH, 0x00},
};

/* clang-format off */
#define PKCS15_AID                                                                                 \
    .aid = {0xA0, 0x00, 0x00, 0x00, 0x63, 0x50, 0x4B, 0x43, 0x53, 0x2D, 0x31, 0x35}, .aid_len = 12
#define CITIZEN(rows, how)                                                                              \
    PKCS15_AID, .digest = DIGEST_LOADED, .verify = (how), .unlock = UNLOCK_TOGETHER, .activation = FRESH_DATED,     \
    .pins = pins, .n_pins = COUNT(pins), .keys = (rows), .n_keys = COUNT(rows), .algs = algs,        \
    .n_algs = COUNT(algs), .cas = cas_citizen, .n_cas = COUNT(cas_citizen)
#define DECRYPTS .decs = decs, .n_decs = COUNT(decs)
/* "E.SIGN" */
#define ORGANISATION                                                                               \
    PKCS15_AID, .folder = {0x45, 0x2E, 0x53, 0x49, 0x47, 0x4E}, .folder_len = 6,                   \
    .digest = DIGEST_INLINE, .verify = VERIFY_LASTING, .unlock = UNLOCK_VERIFIED, .activation = FRESH_PUK,                   \
    .pins = pins_org, .n_pins = COUNT(pins_org), .keys = keys_org, .n_keys = COUNT(keys_org),      \
    .algs = algs, .n_algs = COUNT(algs), .kins = kins_org, .n_kins = COUNT(kins_org),            \
    .cas = cas_org, .n_cas = COUNT(cas_org)
#define EXACT                                                                                      \
    .mask = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,   \
             0xFF}, .hist_len = 15
#define EXACT_13                                                                                   \
    .mask = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},        \
    .hist_len = 13
/* Bytes 8 and 9 are program version and chip, which vary within v4. */
#define ANY_CHIP                                                                                   \
    .mask = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,   \
             0xFF}, .hist_len = 15

const struct profile profile_fineid[] = {
    {.name = "FINEID citizen v3.0", EXACT, CITIZEN(keys_v3, VERIFY_LASTING), DECRYPTS,
     .hist = {0x80, 0x31, 0xB8, 0x65, 0xB0, 0x85, 0x03, 0x00, 0xEF, 0x12, 0x00, 0xF6, 0x82, 0x90, 0x00}},
    {.name = "FINEID citizen v3.1", EXACT, CITIZEN(keys_v3, VERIFY_LASTING), DECRYPTS,
     .hist = {0x80, 0x31, 0xB8, 0x65, 0xB0, 0x85, 0x04, 0x02, 0x1B, 0x12, 0x00, 0xF6, 0x82, 0x90, 0x00}},
    {.name = "FINEID citizen v4.1", EXACT, CITIZEN(keys_v4, VERIFY_EACH), DECRYPTS,
     .hist = {0x80, 0x31, 0xB8, 0x65, 0xB0, 0x85, 0x05, 0x10, 0x24, 0x12, 0x24, 0x60, 0x82, 0x90, 0x00}},
    {.name = "FINEID organisation or health care (ID.me)", EXACT_13, ORGANISATION,
     .hist = {0x00, 0x31, 0xB8, 0x64, 0x04, 0x29, 0xEC, 0xC1, 0x73, 0x94, 0x01, 0x80, 0x82}},
    {.name = "FINEID organisation or health care (Cosmo X)", EXACT_13, ORGANISATION,
     .hist = {0x00, 0x31, 0xB8, 0x64, 0x04, 0x29, 0xEC, 0xC1, 0x73, 0x94, 0x01, 0x80, 0x83}},
    /* Its specification is not public; the PINs that it knows tell which dialect it speaks. */
    {.name = "FINEID organisation (Cosmo v7, as citizen)", EXACT, CITIZEN(keys_v3, VERIFY_LASTING), .is_ambiguous = true,
     .hist = {0x00, 0x31, 0xB8, 0x64, 0x04, 0x29, 0xEC, 0xC1, 0x73, 0x94, 0x01, 0x80, 0x82, 0x90, 0x00}},
    {.name = "FINEID organisation (Cosmo v7)", EXACT, ORGANISATION, .is_ambiguous = true,
     .hist = {0x00, 0x31, 0xB8, 0x64, 0x04, 0x29, 0xEC, 0xC1, 0x73, 0x94, 0x01, 0x80, 0x82, 0x90, 0x00}},
    {.name = "FINEID citizen v4", ANY_CHIP, CITIZEN(keys_v4, VERIFY_EACH), DECRYPTS,
     .hist = {0x80, 0x31, 0xB8, 0x65, 0xB0, 0x85, 0x05, 0x00, 0x11, 0x12, 0x24, 0x60, 0x82, 0x90, 0x00}},
};
/* clang-format on */
const size_t profile_fineid_count = COUNT(profile_fineid);
