/* FINEID citizen cards (police identity card, DVV): Gemalto and Thales MultiApp, FINEID S4-1. */
#include "card/profile.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

enum { PIN1, PIN2, PUK };

/* S4-1 §4: ASCII digits, padded with 00 to 12. PIN2 and PUK are local to the application. */
static const struct profile_pin pins[] = {
    [PIN1] = {1, 0x11, 4, 12, 12, 0x00},
    [PIN2] = {2, 0x82, 6, 12, 12, 0x00},
    [PUK] = {3, 0x83, 8, 12, 12, 0x00},
};

#define RSA_3072                                                                                   \
    {                                                                                              \
        KEY_RSA, 3072                                                                              \
    }
#define P_256                                                                                      \
    {                                                                                              \
        KEY_EC, 256                                                                                \
    }
#define P_384                                                                                      \
    {                                                                                              \
        KEY_EC, 384                                                                                \
    }

/* S4-1 v3: two RSA keys and one on P-256. The elliptic one comes first: its certificate is the one
 * that today's services ask for, and its signature is the shorter exchange. */
static const struct profile_key keys_v3[] = {
    {CERT_AUTH, 0x01, PIN1, {0x43, 0x31}, 2, RSA_3072},
    {CERT_SIGN, 0x03, PIN2, {0x50, 0x16, 0x43, 0x35}, 4, P_256},
    {CERT_SIGN, 0x02, PIN2, {0x50, 0x16, 0x43, 0x32}, 4, RSA_3072},
};

static const struct profile_key keys_v4[] = {
    {CERT_AUTH, 0x01, PIN1, {0x43, 0x31}, 2, P_384},
    {CERT_SIGN, 0x02, PIN2, {0x50, 0x16, 0x43, 0x32}, 4, P_384},
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

#define PKCS15_AID   {0xA0, 0x00, 0x00, 0x00, 0x63, 0x50, 0x4B, 0x43, 0x53, 0x2D, 0x31, 0x35}, 12
#define FINEID(keys) PKCS15_AID, pins, COUNT(pins), keys, COUNT(keys), algs, COUNT(algs)
#define EXACT                                                                                      \
    {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, 15
/* Bytes 8 and 9 are program version and chip, which vary within v4. */
#define ANY_CHIP                                                                                   \
    {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}, 15

/* clang-format off */
const struct profile profile_fineid[] = {
    {"FINEID citizen v3.0",
     {0x80, 0x31, 0xB8, 0x65, 0xB0, 0x85, 0x03, 0x00, 0xEF, 0x12, 0x00, 0xF6, 0x82, 0x90, 0x00},
     EXACT, FINEID(keys_v3)},
    {"FINEID citizen v3.1",
     {0x80, 0x31, 0xB8, 0x65, 0xB0, 0x85, 0x04, 0x02, 0x1B, 0x12, 0x00, 0xF6, 0x82, 0x90, 0x00},
     EXACT, FINEID(keys_v3)},
    {"FINEID citizen v4.1",
     {0x80, 0x31, 0xB8, 0x65, 0xB0, 0x85, 0x05, 0x10, 0x24, 0x12, 0x24, 0x60, 0x82, 0x90, 0x00},
     EXACT, FINEID(keys_v4)},
    {"FINEID citizen v4",
     {0x80, 0x31, 0xB8, 0x65, 0xB0, 0x85, 0x05, 0x00, 0x11, 0x12, 0x24, 0x60, 0x82, 0x90, 0x00},
     ANY_CHIP, FINEID(keys_v4)},
};
/* clang-format on */
const size_t profile_fineid_count = COUNT(profile_fineid);
