/* Input: a certificate in DER. */
#include "crypto/cert.h"

#include "base/utf8.h"
#include "fuzz.h"

static void check_text(const char *text)
{
    size_t len = strnlen(text, LIMIT_CERT_TEXT);
    REQUIRE(len < LIMIT_CERT_TEXT);
    REQUIRE(utf8_valid(span_of(text, len)));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cert_info info;
    if (cert_parse(span_of(data, size), &info) != ERR_OK) {
        return 0;
    }
    check_text(info.holder);
    check_text(info.person_id);
    check_text(info.issuer);
    REQUIRE(info.key.kind == KEY_RSA || info.key.kind == KEY_EC);
    REQUIRE(alg_signature_len(info.key) > 0);
    REQUIRE(!(cert_is_auth(&info) && cert_is_sign(&info)));
    return 0;
}
