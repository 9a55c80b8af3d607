/* STAND-IN. What the Swedish SITHS card holds is not published. This is an IDPrime-940-style card
 * with a minidriver layout, the nearest family that is known; layout, references, padding, key
 * sizes and tries are inferred or chosen. Nothing that works with it is proved to work with a SITHS
 * card. */
#include "commands.h"
#include "oid.h"
#include "profile.h"

/* Published for a temporary card of Region Stockholm; T=0 only. */
static const uint8_t atr[] = {0x3B, 0x7F, 0x96, 0x00, 0x00, 0x80, 0x31, 0x80, 0x65, 0xB0,
                              0x85, 0x04, 0x00, 0x11, 0x12, 0x02, 0xF0, 0x82, 0x90, 0x00};
static const uint8_t aid[] = {0xA0, 0x00, 0x00, 0x00, 0x18, 0x80, 0x00, 0x00, 0x00, 0x06, 0x62};

static const struct profile_app apps[] = {{OID_SPAN(aid), NULL, FID_MF, true}};

static const struct profile_file files[] = {
    {FID_MF, 0x0005, SCOPE_APP, CONTENT_MD_KEY_MAP},
    {FID_MF, 0x0101, SCOPE_APP, CONTENT_MD_INDEX},
    {FID_MF, 0x0201, SCOPE_APP, CONTENT_MD_CARD_ID},
    {FID_MF, 0x0204, SCOPE_APP, CONTENT_MD_CONTAINERS},
    {FID_MF, 0x0301, SCOPE_APP, CONTENT_KEY_CERT},
    {FID_MF, 0x0302, SCOPE_APP, CONTENT_KEY_CERT},
    {FID_MF, 0x0303, SCOPE_APP, CONTENT_KEY_CERT},
    {FID_MF, 0x0304, SCOPE_APP, CONTENT_KEY_CERT},
    {FID_MF, 0x0305, SCOPE_APP, CONTENT_KEY_CERT},
};

static const struct profile_pin pins[] = {
    {"Legitimering", "123456", 0x11, 1, 6, 12, 16, 0x00, 3, false, false, {0x02, 0x0C}, 0},
    {"Underskrift", "654321", 0x83, 2, 6, 12, 16, 0x00, 3, false, true, {0x02, 0x4C}, 0},
    {"PUK", "12345678", 0x12, 3, 8, 12, 16, 0x00, 3, true, false, {0x01, 0x0E}, 0},
};

#define POLICY                                                                                     \
    "1.2.752.74.8.999.3" /* below the arc of SITHS, with a number that stands for "test" */

/* Two pairs; `--certs 2` leaves the first one, as on a reserve card. The e-legitimation is a
 * secondary identity, of another issuer. */
static const struct profile_key keys[] = {
    {"HSA-id legitimering", 0x31, 0x01, 0x11, SHAPE_RSA2048, false, FID_MF, 0x0301, HOLDER_HSA_ID,
     POLICY},
    {"HSA-id underskrift", 0x32, 0x02, 0x83, SHAPE_RSA2048, true, FID_MF, 0x0302, HOLDER_HSA_ID,
     POLICY},
    {"Person-id legitimering", 0x33, 0x03, 0x11, SHAPE_RSA2048, false, FID_MF, 0x0303,
     HOLDER_PERSON_ID, POLICY},
    {"Person-id underskrift", 0x34, 0x04, 0x83, SHAPE_RSA2048, true, FID_MF, 0x0304,
     HOLDER_PERSON_ID, POLICY},
    {"E-legitimation", 0x35, 0x05, 0x11, SHAPE_RSA2048, false, FID_MF, 0x0305,
     HOLDER_E_LEGITIMATION, POLICY},
};
#define SITHS_KEYS 4u /* without the e-legitimation */

#define ROW(NAME, N_KEYS)                                                                          \
    {                                                                                              \
        .name = (NAME), .token_label = "SITHS stand-in", .manufacturer = "Korttisilta TEST",       \
        .atr = OID_SPAN(atr), .dialect = &dialect_minidriver, .ca = CA_SITHS_HSA,                  \
        .sw_overlong_read = 0x6C00, .apps = apps, .n_apps = PROFILE_COUNT(apps), .files = files,   \
        .n_files = PROFILE_COUNT(files), .pins = pins, .n_pins = PROFILE_COUNT(pins),              \
        .keys = keys, .n_keys = (N_KEYS)                                                           \
    }

const struct profile profile_siths[] = {ROW("siths-standin", SITHS_KEYS),
                                        ROW("siths-e-legitimation", PROFILE_COUNT(keys))};
const size_t profile_siths_count = PROFILE_COUNT(profile_siths);
