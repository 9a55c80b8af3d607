/* The dialects: which instructions a family knows, and the rules that are its own. */
#include "commands.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define GET_RESPONSE                                                                               \
    {                                                                                              \
        INS_GET_RESPONSE, FLOW_OUT, false, false, false, engine_get_response                       \
    }

static const struct command citizen_commands[] = {
    {0x20, FLOW_IN, false, false, false, pins_verify},
    {0x22, FLOW_IN, false, false, false, signing_set_env},
    {0x24, FLOW_IN, false, false, false, pins_change},
    {0x2A, FLOW_OUT, true, false, false, signing_operate},
    {0x2C, FLOW_IN, false, false, false, pins_unblock},
    {0xA4, FLOW_BOTH, false, false, false, files_select},
    {0xB0, FLOW_OUT, false, false, false, files_read_binary},
    GET_RESPONSE,
    {0xCB, FLOW_BOTH, false, true, false, pins_get_data},
};

/* No source shows GET DATA about a PIN on these cards: there is none here. */
static const struct command org_commands[] = {
    {0x20, FLOW_IN, false, false, false, pins_verify},
    {0x22, FLOW_IN, false, false, false, signing_set_env},
    {0x24, FLOW_IN, false, false, false, pins_change},
    {0x2A, FLOW_OUT, true, false, true, signing_operate},
    {0x2C, FLOW_IN, false, false, false, pins_unblock_verified},
    {0xA4, FLOW_BOTH, false, false, true, files_select},
    {0xB0, FLOW_OUT, false, false, false, files_read_binary},
    GET_RESPONSE,
};

static const struct command minidriver_commands[] = {
    {0x20, FLOW_IN, false, false, false, pins_verify},
    {0x22, FLOW_IN, false, false, false, signing_set_env},
    {0x24, FLOW_IN, false, false, false, pins_change},
    {0x2A, FLOW_OUT, true, false, false, signing_operate},
    {0x2C, FLOW_IN, false, false, false, pins_unblock},
    {0x84, FLOW_OUT, false, false, false, minidriver_challenge},
    {0xA4, FLOW_BOTH, false, false, false, files_select},
    {0xB0, FLOW_OUT, false, false, false, files_read_binary},
    GET_RESPONSE,
    {0xCA, FLOW_OUT, false, false, false, minidriver_get_data},
};

static const struct command pkcs15_commands[] = {
    {0x20, FLOW_IN, false, false, false, pins_verify},
    {0x22, FLOW_IN, false, false, false, signing_set_env},
    {0x24, FLOW_IN, false, false, false, pins_change},
    {0x2A, FLOW_OUT, true, false, true, signing_operate},
    {0x2C, FLOW_IN, false, false, false, pins_unblock},
    {0xA4, FLOW_BOTH, false, false, false, files_select},
    {0xB0, FLOW_OUT, false, false, false, files_read_binary},
    GET_RESPONSE,
};

/* High half of the byte is the hash, low half the scheme. */
static const struct alg_row dvv_algs[] = {
    {0x40, SCHEME_RAW, 0, NULL},        {0x12, SCHEME_PKCS1, 20, "SHA1"},
    {0x32, SCHEME_PKCS1, 28, "SHA224"}, {0x42, SCHEME_PKCS1, 32, "SHA256"},
    {0x52, SCHEME_PKCS1, 48, "SHA384"}, {0x62, SCHEME_PKCS1, 64, "SHA512"},
    {0x34, SCHEME_ECDSA, 28, NULL},     {0x44, SCHEME_ECDSA, 32, NULL},
    {0x54, SCHEME_ECDSA, 48, NULL},     {0x64, SCHEME_ECDSA, 64, NULL},
    {0x35, SCHEME_PSS, 28, "SHA224"},   {0x45, SCHEME_PSS, 32, "SHA256"},
    {0x55, SCHEME_PSS, 48, "SHA384"},   {0x65, SCHEME_PSS, 64, "SHA512"},
};
static const struct alg_row minidriver_algs[] = {
    {0x02, SCHEME_RAW, 0, NULL},        {0x42, SCHEME_PKCS1, 32, "SHA256"},
    {0x52, SCHEME_PKCS1, 48, "SHA384"}, {0x62, SCHEME_PKCS1, 64, "SHA512"},
    {0x45, SCHEME_PSS, 32, "SHA256"},   {0x55, SCHEME_PSS, 48, "SHA384"},
    {0x65, SCHEME_PSS, 64, "SHA512"},   {0x44, SCHEME_ECDSA, 32, NULL},
    {0x54, SCHEME_ECDSA, 48, NULL},     {0x64, SCHEME_ECDSA, 64, NULL},
};
/* The numbers that the card's own TokenInfo gives. */
static const struct alg_row pkcs15_a_algs[] = {{0x21, SCHEME_ECDSA, 32, NULL}};
static const struct alg_row pkcs15_b_algs[] = {
    {0x02, SCHEME_INFO, 0, NULL},       {0x13, SCHEME_PKCS1, 32, "SHA256"},
    {0x17, SCHEME_PKCS1, 64, "SHA512"}, {0x33, SCHEME_PSS, 32, "SHA256"},
    {0x35, SCHEME_PSS, 48, "SHA384"},   {0x37, SCHEME_PSS, 64, "SHA512"},
};

/* Low half A: PKCS #1 v1.5, D: OAEP with the hash of the high half. */
static const struct dec_row decs[] = {
    {0x1A, NULL},     {0x1D, "SHA1"},   {0x3D, "SHA224"},
    {0x4D, "SHA256"}, {0x5D, "SHA384"}, {0x6D, "SHA512"},
};
/* The numbers that the card's own TokenInfo gives. */
static const struct dec_row pkcs15_b_decs[] = {{0x05, NULL}, {0x45, "SHA256"}};

const struct dialect dialect_citizen = {
    .commands = citizen_commands,
    .n_commands = COUNT(citizen_commands),
    .algs = dvv_algs,
    .n_algs = COUNT(dvv_algs),
    .decs = decs,
    .n_decs = COUNT(decs),
    .agrees = true,
    .digest_loaded = true,
};
const struct dialect dialect_org = {
    .commands = org_commands,
    .n_commands = COUNT(org_commands),
    .algs = dvv_algs,
    .n_algs = COUNT(dvv_algs),
    .digest_inline = true,
    .verified_survives = true,
    .absent_selects = true,
};
const struct dialect dialect_minidriver = {
    .commands = minidriver_commands,
    .n_commands = COUNT(minidriver_commands),
    .algs = minidriver_algs,
    .n_algs = COUNT(minidriver_algs),
    .decs = decs,
    .n_decs = COUNT(decs),
    .digest_loaded = true,
    .hash_returns = true,
};
const struct dialect dialect_pkcs15_a = {
    .commands = pkcs15_commands,
    .n_commands = COUNT(pkcs15_commands),
    .algs = pkcs15_a_algs,
    .n_algs = COUNT(pkcs15_a_algs),
    .agrees = true,
    .digest_inline = true,
    .digest_loaded = true,
};
const struct dialect dialect_pkcs15_b = {
    .commands = pkcs15_commands,
    .n_commands = COUNT(pkcs15_commands),
    .algs = pkcs15_b_algs,
    .n_algs = COUNT(pkcs15_b_algs),
    .decs = pkcs15_b_decs,
    .n_decs = COUNT(pkcs15_b_decs),
    .digest_inline = true,
    .digest_loaded = true,
};
