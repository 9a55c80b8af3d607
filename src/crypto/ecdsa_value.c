#include "crypto/ecdsa_value.h"

#include <openssl/ecdsa.h>

enum err ecdsa_value_der(struct span value, unsigned char **ret_der, size_t *ret_len)
{
    size_t half = value.len / 2;
    ECDSA_SIG *sig = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(value.at, (int)half, NULL);
    BIGNUM *s = BN_bin2bn(value.at + half, (int)half, NULL);
    if (sig == NULL || r == NULL || s == NULL || ECDSA_SIG_set0(sig, r, s) != 1) {
        BN_free(r);
        BN_free(s);
        ECDSA_SIG_free(sig);
        return ERR_NOMEM;
    }
    int len = i2d_ECDSA_SIG(sig, ret_der);
    ECDSA_SIG_free(sig);
    if (len <= 0) {
        return ERR_INTERNAL;
    }
    *ret_len = (size_t)len;
    return ERR_OK;
}
