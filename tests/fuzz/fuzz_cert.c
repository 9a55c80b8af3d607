/* Input: a certificate in DER; the same bytes are taken for an OCSP answer and a revocation list
 * too, and prove nothing. */
#include "crypto/cert.h"
#include "crypto/status.h"

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
    struct status_places places;
    struct span all = span_of(data, size);
    int64_t at;
    if (status_find_places(all, &places) == ERR_OK) {
        REQUIRE(places.ocsp[0] == '\0' || strncmp(places.ocsp, "http://", 7) == 0);
        REQUIRE(places.crl[0] == '\0' || strncmp(places.crl, "http://", 7) == 0);
    }
    REQUIRE(status_judge_ocsp(all, all, span_of(NULL, 0), all, &at) == ERR_CERT_UNCHECKED);
    REQUIRE(status_judge_crl(all, all, all, &at) == ERR_CERT_UNCHECKED);
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
