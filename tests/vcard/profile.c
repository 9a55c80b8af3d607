#include "profile.h"

#include "commands.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Contact ATRs of the Finnish citizen card: T=0 only (no TD1), so without a check byte. */
static const uint8_t atr_v30[] = {0x3B, 0x7F, 0x96, 0x00, 0x00, 0x80, 0x31, 0xB8, 0x65, 0xB0,
                                  0x85, 0x03, 0x00, 0xEF, 0x12, 0x00, 0xF6, 0x82, 0x90, 0x00};
static const uint8_t atr_v31[] = {0x3B, 0x7F, 0x96, 0x00, 0x00, 0x80, 0x31, 0xB8, 0x65, 0xB0,
                                  0x85, 0x04, 0x02, 0x1B, 0x12, 0x00, 0xF6, 0x82, 0x90, 0x00};
static const uint8_t atr_v4[] = {0x3B, 0x7F, 0x96, 0x00, 0x00, 0x80, 0x31, 0xB8, 0x65, 0xB0,
                                 0x85, 0x05, 0x00, 0x11, 0x12, 0x24, 0x60, 0x82, 0x90, 0x00};
static const uint8_t atr_v41[] = {0x3B, 0x7F, 0x96, 0x00, 0x00, 0x80, 0x31, 0xB8, 0x65, 0xB0,
                                  0x85, 0x05, 0x10, 0x24, 0x12, 0x24, 0x60, 0x82, 0x90, 0x00};

#define CITIZEN_COMMON_FILES                                                                       \
    {FID_MF, 0x2F00, SCOPE_MF, CONTENT_DIR}, {FID_MF, 0x011C, SCOPE_MF, CONTENT_CARD_ACCESS},      \
        {FID_MF, 0x4333, SCOPE_MF, CONTENT_CA_CERT},                                               \
        {FID_MF, 0x4334, SCOPE_MF, CONTENT_ROOT_CERT},                                             \
        {FID_MF, 0x4336, SCOPE_MF, CONTENT_CA_CERT}, {FID_MF, 0x5031, SCOPE_APP, CONTENT_ODF},     \
        {FID_MF, 0x5032, SCOPE_APP, CONTENT_TOKEN_INFO},                                           \
        {FID_MF, 0x4401, SCOPE_APP, CONTENT_AODF}, {FID_MF, 0x4402, SCOPE_APP, CONTENT_PRKDF},     \
        {FID_MF, 0x4403, SCOPE_APP, CONTENT_CDF}, {FID_MF, 0x4331, SCOPE_APP, CONTENT_KEY_CERT},   \
    {                                                                                              \
        FID_SIGN_DF, 0x4332, SCOPE_APP, CONTENT_KEY_CERT                                           \
    }

static const struct profile_file files_two_certs[] = {CITIZEN_COMMON_FILES};
static const struct profile_file files_three_certs[] = {
    CITIZEN_COMMON_FILES,
    {FID_SIGN_DF, 0x4335, SCOPE_APP, CONTENT_KEY_CERT},
};

static const struct profile_pin pins_citizen[] = {
    {"perustunnusluku", 0x11, 1, 4, 12, 5, false, false, {0x02, 0x0C}, FID_MF},
    {"allekirjoitustunnusluku", 0x82, 2, 6, 12, 5, false, true, {0x02, 0x4C}, FID_SIGN_DF},
    {"PUK", 0x83, 3, 8, 12, 5, true, false, {0x01, 0x4E}, FID_MF},
};

#define POLICY_RSA "1.2.246.517.99.10.32.1"
#define POLICY_EC  "1.2.246.517.99.10.352.1"

static const struct profile_key keys_v4[] = {
    {"todentamis- ja salausavain", 0x01, 0x45, 0x11, SHAPE_P384, false, FID_MF, 0x4331, POLICY_EC},
    {"allekirjoitusavain", 0x02, 0x46, 0x82, SHAPE_P384, true, FID_SIGN_DF, 0x4332, POLICY_EC},
};
static const struct profile_key keys_v31[] = {
    {"todentamis- ja salausavain", 0x01, 0x45, 0x11, SHAPE_RSA3072, false, FID_MF, 0x4331,
     POLICY_RSA},
    {"allekirjoitusavain", 0x02, 0x46, 0x82, SHAPE_RSA3072, true, FID_SIGN_DF, 0x4332, POLICY_RSA},
    {"allekirjoitusavain 2", 0x03, 0x47, 0x82, SHAPE_P256, true, FID_SIGN_DF, 0x4335, POLICY_RSA},
};
static const struct profile_key keys_v30[] = {
    {"todentamis- ja salausavain", 0x01, 0x45, 0x11, SHAPE_RSA2048, false, FID_MF, 0x4331,
     POLICY_RSA},
    {"allekirjoitusavain", 0x02, 0x46, 0x82, SHAPE_RSA2048, true, FID_SIGN_DF, 0x4332, POLICY_RSA},
    {"allekirjoitusavain 2", 0x03, 0x47, 0x82, SHAPE_P256, true, FID_SIGN_DF, 0x4335, POLICY_RSA},
};

#define CITIZEN_LABEL "HENKILOKORTTI"

static const struct profile profiles[] = {
    {"fineid-v4", CITIZEN_LABEL, atr_v4, sizeof atr_v4, &dialect_citizen, CA_EC, 0x6C00,
     files_two_certs, COUNT(files_two_certs), pins_citizen, COUNT(pins_citizen), keys_v4,
     COUNT(keys_v4)},
    {"fineid-v4.1", CITIZEN_LABEL, atr_v41, sizeof atr_v41, &dialect_citizen, CA_EC, 0x6C00,
     files_two_certs, COUNT(files_two_certs), pins_citizen, COUNT(pins_citizen), keys_v4,
     COUNT(keys_v4)},
    {"fineid-v3.1", CITIZEN_LABEL, atr_v31, sizeof atr_v31, &dialect_citizen, CA_RSA, 0x6700,
     files_three_certs, COUNT(files_three_certs), pins_citizen, COUNT(pins_citizen), keys_v31,
     COUNT(keys_v31)},
    {"fineid-v3.0", CITIZEN_LABEL, atr_v30, sizeof atr_v30, &dialect_citizen, CA_RSA, 0x6700,
     files_three_certs, COUNT(files_three_certs), pins_citizen, COUNT(pins_citizen), keys_v30,
     COUNT(keys_v30)},
};

const struct profile *profile_at(size_t index)
{
    return index < COUNT(profiles) ? &profiles[index] : NULL;
}

const struct profile *profile_find(const char *name)
{
    for (size_t i = 0; i < COUNT(profiles); i++) {
        if (strcmp(profiles[i].name, name) == 0) {
            return &profiles[i];
        }
    }
    return NULL;
}

const struct profile_pin *profile_pin_find(const struct profile *p, uint8_t ref)
{
    for (size_t i = 0; i < p->n_pins; i++) {
        if (p->pins[i].ref == ref) {
            return &p->pins[i];
        }
    }
    return NULL;
}

const struct profile_key *profile_key_of_file(const struct profile *p, const struct profile_file *f)
{
    for (size_t i = 0; i < p->n_keys; i++) {
        if (p->keys[i].cert_df == f->df && p->keys[i].cert_fid == f->fid) {
            return &p->keys[i];
        }
    }
    return NULL;
}
