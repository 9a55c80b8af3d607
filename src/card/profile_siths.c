/* STAND-IN for Swedish SITHS cards. What they hold is not published; their ATRs and clients point
 * to the IDPrime family, so this is the layout of an IDPrime 940. Layout, references, padding and
 * lengths are inferred; nothing here was tried on a SITHS card (docs/hardware.md). */
#include "card/minidriver.h"
#include "card/profile.h"

#define COUNT(a) (sizeof(a) / sizeof(a)[0])

/* People get six digits. No PUK: nobody tells its reference, and trying would use it up. The issuer
 * has a letter with the PUK for its own program, and an administrator who unlocks remotely. */
static const struct profile_pin pins[] = {
    {1, 0x11, 6, 12, 6, 12, 16, 0x00},
    {2, 0x83, 6, 12, 6, 12, 16, 0x00},
};

static const struct profile_alg algs[] = {
    {{SIG_RSA_PSS, HASH_SHA256}, 0x45},   {{SIG_RSA_PSS, HASH_SHA384}, 0x55},
    {{SIG_RSA_PSS, HASH_SHA512}, 0x65},   {{SIG_RSA_PKCS1, HASH_SHA256}, 0x42},
    {{SIG_RSA_PKCS1, HASH_SHA384}, 0x52}, {{SIG_RSA_PKCS1, HASH_SHA512}, 0x62},
    {{SIG_ECDSA, HASH_SHA256}, 0x44},     {{SIG_ECDSA, HASH_SHA384}, 0x54},
    {{SIG_ECDSA, HASH_SHA512}, 0x64},
};

static const struct profile_dec decs[] = {
    {DEC_RSA_PKCS1, 0x1A},   {DEC_OAEP_SHA1, 0x1D},   {DEC_OAEP_SHA256, 0x4D},
    {DEC_OAEP_SHA384, 0x5D}, {DEC_OAEP_SHA512, 0x6D},
};

/* clang-format off */
const struct profile profile_siths[] = {
    /* Cards of Swedish public employers end with 12 02 F0; the generation and chip vary. */
    {.name = "SITHS (stand-in, layout inferred)",
     .hist = {0x80, 0x31, 0x80, 0x65, 0xB0, 0x85, 0x00, 0x00, 0x00, 0x12, 0x02, 0xF0, 0x82, 0x90, 0x00},
     .mask = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF},
     .hist_len = 15, .read_layout = minidriver_read_layout,
     .aid = {0xA0, 0x00, 0x00, 0x00, 0x18, 0x80, 0x00, 0x00, 0x00, 0x06, 0x62}, .aid_len = 11,
     .digest = DIGEST_LOADED, .verify = VERIFY_LASTING, .unlock = UNLOCK_ISSUER, .activation = FRESH_NEVER,
     .pins = pins, .n_pins = COUNT(pins), .algs = algs, .n_algs = COUNT(algs),
     .decs = decs, .n_decs = COUNT(decs)},
};
/* clang-format on */
const size_t profile_siths_count = COUNT(profile_siths);
