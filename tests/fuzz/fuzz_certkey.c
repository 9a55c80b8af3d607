/* Input: what a card gives as a certificate. */
#include "card/certkey.h"

#include "base/limits.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const files[] = {"dvvshsp3rc.crl", "kstp1c.crl", "crl/kstp1c.crl"};
    struct span der = span_of(data, size);
    struct key_type key = {KEY_RSA, 0};
    uint32_t day = 0;
    bool has[3];
    enum err e = certkey_type(der, &key);
    REQUIRE(e == ERR_OK || e == ERR_ALG_UNSUPPORTED);
    REQUIRE(e != ERR_OK || (key.bits > 0 && alg_signature_len(key) <= LIMIT_SIGNATURE));
    e = certkey_not_before(der, &day);
    REQUIRE(e == ERR_OK || (e == ERR_CERT_INVALID && day == 0));
    for (size_t i = 0; i < 3; i++) {
        has[i] = certkey_has_crl(der, files[i]);
    }
    REQUIRE(has[1] || !has[2]); /* the last two parts are there only with the last one */
    return 0;
}
