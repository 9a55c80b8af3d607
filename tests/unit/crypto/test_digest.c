#include "crypto/digest.h"

#include "base/enc.h"
#include "unit/test.h"

/* FIPS 180-4 example values of "abc". */
static void gives_the_published_values_however_the_text_is_cut(void **state)
{
    static const struct {
        enum hash_alg hash;
        const char *hex;
    } rows[] = {
        {HASH_SHA224, "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7"},
        {HASH_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {HASH_SHA384, "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded163"
                      "1a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"},
        {HASH_SHA512, "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
                      "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t cut = 0; cut <= 3; cut++) {
            uint8_t value[LIMIT_DIGEST];
            struct buf hex;
            const struct span parts[] = {span_of("abc", cut), span_of(&"abc"[cut], 3 - cut)};
            assert_int_equal(digest_of(rows[i].hash, parts, 2, value), ERR_OK);
            buf_init(&hex, 2 * LIMIT_DIGEST);
            assert_int_equal(enc_hex_encode(span_of(value, alg_hash_len(rows[i].hash)), &hex),
                             ERR_OK);
            assert_true(span_is(buf_span(&hex), rows[i].hex));
            buf_clear(&hex);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_published_values_however_the_text_is_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
