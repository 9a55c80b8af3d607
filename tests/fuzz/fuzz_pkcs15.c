/* Input: EF.DIR, EF.ODF, TokenInfo, PrKDF, CDF, each after its length (2 bytes), then AODF; the
 * same parts as the three files of a minidriver layout. What a card says about itself never makes a
 * profile that the rest of the program can't rely on. */
#include "card/minidriver.h"
#include "card/pkcs15.h"

#include "fuzz.h"

static struct span take_part(struct span *rest)
{
    size_t len = rest->len >= 2 ? (size_t)(rest->at[0] << 8 | rest->at[1]) : 0;
    struct span part = span_sub(*rest, 2, len);
    *rest = span_sub(*rest, 2 + len, rest->len);
    return part;
}

static void require_keys(const struct profile_key *keys, size_t n, size_t n_pins)
{
    REQUIRE(n <= LIMIT_CERTS);
    for (size_t i = 0; i < n; i++) {
        REQUIRE(keys[i].pin < n_pins);
        REQUIRE(keys[i].path_len >= 2 && keys[i].path_len <= PROFILE_PATH);
        REQUIRE(keys[i].path_len % 2 == 0);
        REQUIRE(keys[i].place == PLACE_PATH || keys[i].path_len == 2);
    }
}

static void require_profile(const struct profile *p)
{
    require_keys(p->keys, p->n_keys, p->n_pins);
    REQUIRE(p->n_keys > 0 && p->n_algs > 0 && p->n_algs <= PROFILE_ALGS);
    REQUIRE(p->n_pins > 0 && p->n_pins <= PROFILE_PINS);
    for (size_t i = 0; i < p->n_pins; i++) {
        const struct profile_pin *pin = &p->pins[i];
        REQUIRE(profile_pin_by_index(p, pin->index) == pin);
        REQUIRE(pin->index >= 1 && pin->index < CARD_PINS);
        REQUIRE(pin->min >= LIMIT_PIN_MIN && pin->min <= pin->max && pin->max <= LIMIT_PIN_MAX);
        REQUIRE(pin->stored == 0 || (pin->max <= pin->stored && pin->stored <= SECRET_CAP));
    }
    for (size_t i = 0; i < p->n_keys; i++) {
        REQUIRE(p->pins[p->keys[i].pin].index != PROFILE_PUK);
    }
    REQUIRE(p->n_cas <= LIMIT_CARD_CAS);
    for (size_t i = 0; i < p->n_cas; i++) {
        REQUIRE(p->cas[i].path_len >= 2 && p->cas[i].path_len <= PROFILE_PATH);
        REQUIRE(p->cas[i].place == PLACE_PATH || p->cas[i].path_len == 2);
    }
    REQUIRE(p->unlock == UNLOCK_NONE || profile_pin_by_index(p, PROFILE_PUK) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct profile_store store;
    struct profile_key keys[LIMIT_CERTS];
    struct span rest = span_of(data, size);
    struct span dir = take_part(&rest), odf = take_part(&rest);
    static const uint8_t aid[] = {0xF0, 0x00, 0x00, 0x00, 0x01};
    struct pkcs15_contents c = {.app.aid = span_of(aid, sizeof aid), .info = take_part(&rest)};
    struct pkcs15_app app;
    struct pkcs15_file file;
    c.kinds[PKCS15_PRKDF] = take_part(&rest);
    c.kinds[PKCS15_CDF] = take_part(&rest);
    c.kinds[PKCS15_AODF] = rest;
    struct span left = dir;
    while (pkcs15_next_app(&left, &app)) {
        REQUIRE(fuzz_inside(app.aid, dir) && app.aid.len <= PROFILE_AID);
        REQUIRE(app.base.len <= PROFILE_PATH && app.base.len % 2 == 0);
        c.app = app;
    }
    left = odf;
    while (pkcs15_next_file(&left, &file)) {
        REQUIRE(file.kind <= PKCS15_CA);
        REQUIRE(file.path.len >= 2 && file.path.len <= PROFILE_PATH);
        if (file.kind == PKCS15_CA && c.n_ca_files < LIMIT_CARD_CAS) {
            c.ca_files[c.n_ca_files++] = file.path;
        }
    }
    left = c.kinds[PKCS15_CDF];
    while (pkcs15_next_certificate(&left, false, &file.path)) {
        REQUIRE(file.path.len >= 2 && file.path.len <= PROFILE_PATH);
    }
    (void)pkcs15_is_whole(odf);
    memset(&store, 0, sizeof store);
    if (pkcs15_build(&c, &store) == ERR_OK) {
        require_profile(&store.row);
    }
    size_t n = minidriver_keys(dir, c.kinds[PKCS15_PRKDF], c.kinds[PKCS15_AODF], keys);
    require_keys(keys, n, 2);
    return 0;
}
