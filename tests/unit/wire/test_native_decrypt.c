#include "unit/wire/native_rows.h"

#include <stdio.h>

#define DECRYPT(params)                                                                            \
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"decrypt\",\"params\":{" params "}}"

/* Base64 of n bytes: 0x04, then zeros. */
static const char *bytes(size_t n)
{
    static char text[2][1024];
    static size_t next;
    char *at = text[next++ % 2];
    size_t chars = (n + 2) / 3 * 4;
    assert_true(chars < sizeof text[0]);
    memset(at, 'A', chars);
    at[0] = 'B';
    memset(at + chars - (3 - n % 3) % 3, '=', (3 - n % 3) % 3);
    at[chars] = '\0';
    return at;
}

static void expect(const char *names, const char *member, size_t n, enum err want, enum dec_alg alg)
{
    char json[4096];
    struct request r;
    snprintf(json, sizeof json, DECRYPT("%s,\"%s\":\"%s\""), names, member, bytes(n));
    enum err e = decode(json, DOOR_WEBSOCKET, &r);
    if (e != want) {
        fail_msg("%s with %s of %zu: got %s, want %s", names, member, n, err_name(e),
                 err_name(want));
    }
    if (e == ERR_OK) {
        assert_int_equal(r.method, METHOD_DECRYPT);
        assert_int_equal(r.dec_alg, alg);
        assert_int_equal(r.cryptogram.len, n);
        assert_int_equal(r.cryptogram.at[0], 0x04);
    }
    request_clear(&r);
}

#define PKCS1 "\"algorithm\":\"RSAES-PKCS1-v1_5\""
#define OAEP  "\"algorithm\":\"RSA-OAEP\""
#define ECDH  "\"algorithm\":\"ECDH\""

static void each_algorithm_has_its_member_and_sizes(void **state)
{
    (void)state;
    expect(PKCS1, "ciphertext", 384, ERR_OK, DEC_RSA_PKCS1);
    expect(OAEP, "ciphertext", 256, ERR_OK, DEC_OAEP_SHA1);
    expect(OAEP ",\"hashAlgorithm\":\"SHA-512\"", "ciphertext", 512, ERR_OK, DEC_OAEP_SHA512);
    expect(ECDH, "publicKey", 65, ERR_OK, DEC_ECDH);
    expect(ECDH, "publicKey", 97, ERR_OK, DEC_ECDH);
    expect(ECDH, "publicKey", 133, ERR_OK, DEC_ECDH);
    expect(ECDH ",\"certificate\":\"AAAA\",\"purpose\":\"x\"", "publicKey", 97, ERR_OK, DEC_ECDH);
    expect(PKCS1, "publicKey", 384, ERR_ARGUMENT, DEC_COUNT);
    expect(ECDH, "ciphertext", 97, ERR_ARGUMENT, DEC_COUNT);
    expect(PKCS1 ",\"publicKey\":\"BAAA\"", "ciphertext", 384, ERR_ARGUMENT, DEC_COUNT);
    expect(PKCS1, "ciphertext", 383, ERR_ARGUMENT, DEC_COUNT);
    expect(PKCS1, "ciphertext", 513, ERR_ARGUMENT, DEC_COUNT);
    expect(PKCS1, "ciphertext", 97, ERR_ARGUMENT, DEC_COUNT);
    expect(ECDH, "publicKey", 96, ERR_ARGUMENT, DEC_COUNT);
    expect(ECDH, "publicKey", 256, ERR_ARGUMENT, DEC_COUNT);
}

static void what_names_no_algorithm_is_refused(void **state)
{
    (void)state;
    expect("\"algorithm\":\"RSA\"", "ciphertext", 384, ERR_UNSUPPORTED, DEC_COUNT);
    expect("\"algorithm\":\"\"", "ciphertext", 384, ERR_ARGUMENT, DEC_COUNT);
    expect("\"algorithm\":1", "ciphertext", 384, ERR_ARGUMENT, DEC_COUNT);
    expect("\"lang\":\"fi\"", "ciphertext", 384, ERR_ARGUMENT, DEC_COUNT);
    expect(OAEP ",\"hashAlgorithm\":\"MD5\"", "ciphertext", 384, ERR_UNSUPPORTED, DEC_COUNT);
    expect(OAEP ",\"hashAlgorithm\":null", "ciphertext", 384, ERR_ARGUMENT, DEC_COUNT);
    expect(PKCS1 ",\"hashAlgorithm\":\"SHA-256\"", "ciphertext", 384, ERR_ARGUMENT, DEC_COUNT);
    expect(ECDH ",\"hashAlgorithm\":\"SHA-256\"", "publicKey", 97, ERR_ARGUMENT, DEC_COUNT);
    expect(PKCS1 ",\"documents\":[]", "ciphertext", 384, ERR_ARGUMENT, DEC_COUNT);
    expect(PKCS1 ",\"certificate\":\"\"", "ciphertext", 384, ERR_ARGUMENT, DEC_COUNT);
}

static void what_is_not_there_is_missed(void **state)
{
    (void)state;
    EXPECT(DECRYPT("@"), {PKCS1, ERR_ARGUMENT}, {ECDH, ERR_ARGUMENT},
           {PKCS1 ",\"ciphertext\":\"\"", ERR_ARGUMENT}, {PKCS1 ",\"ciphertext\":7", ERR_ARGUMENT},
           {PKCS1 ",\"ciphertext\":[\"AAAA\"]", ERR_ARGUMENT});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_algorithm_has_its_member_and_sizes),
        cmocka_unit_test(what_names_no_algorithm_is_refused),
        cmocka_unit_test(what_is_not_there_is_missed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
