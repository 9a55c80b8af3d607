/* Input: a row of the administrator. What is accepted keeps what every row keeps, and points into
 * its own store or at built-in rows; read twice it says the same. */
#include "card/profile_file.h"

#include "fuzz.h"

static bool is_text(const char *s, size_t cap)
{
    size_t len = strnlen(s, cap);
    for (size_t i = 0; i < len; i++) {
        if (s[i] < ' ' || s[i] > '~') {
            return false;
        }
    }
    return len > 0 && len < cap;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct profile_store store, again;
    unsigned line = 0, line_again = 0;
    struct span text = span_of(data, size);
    enum err e = profile_file_parse(text, &store, &line);
    REQUIRE(e == ERR_OK || e == ERR_ARGUMENT);
    REQUIRE(profile_file_parse(text, &again, &line_again) == e && line == line_again);
    REQUIRE(line <= size + 1);
    if (e != ERR_OK) {
        return 0;
    }
    const struct profile *row = &store.row;
    REQUIRE(line == 0 && profile_is_sound(row));
    REQUIRE(row->name == store.name && is_text(row->name, PROFILE_NAME));
    REQUIRE(row->pins != store.pins || row->n_pins <= PROFILE_PINS);
    REQUIRE(row->algs != store.algs || row->n_algs <= PROFILE_ALGS);
    REQUIRE(row->n_keys <= LIMIT_CERTS && row->n_kins <= PROFILE_KINS);
    for (size_t i = 0; i < row->n_kins; i++) {
        REQUIRE(is_text(row->kins[i].crl, PROFILE_CRL));
        REQUIRE(row->kins != store.kins || row->kins[i].crl == store.crls[i]);
        REQUIRE(profile_pin_by_index(row, row->kins[i].index) != NULL);
    }
    for (size_t i = 0; i < row->n_keys; i++) {
        REQUIRE(row->keys[i].pin < row->n_pins);
    }
    REQUIRE(row->n_pins == again.row.n_pins && row->n_keys == again.row.n_keys);
    return 0;
}
