#include "crypto/x509_read.h"

#include "base/utf8.h"

/* Copies at most LIMIT_CERT_TEXT - 1 bytes, never half a code point. */
static void copy_text(char ret[LIMIT_CERT_TEXT], struct span text)
{
    size_t len = 0;
    struct span rest = text;
    while (rest.len > 0) {
        utf8_next(&rest);
        if (text.len - rest.len >= LIMIT_CERT_TEXT) {
            break;
        }
        len = text.len - rest.len;
    }
    if (len > 0) {
        memcpy(ret, text.at, len);
    }
    ret[len] = '\0';
}

void x509_read_text(X509_NAME *name, int nid, char ret[LIMIT_CERT_TEXT])
{
    unsigned char *utf8 = NULL;
    int at = X509_NAME_get_index_by_NID(name, nid, -1);
    ret[0] = '\0';
    if (at < 0) {
        return;
    }
    int len = ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at)));
    struct span text = span_of(utf8, len > 0 ? (size_t)len : 0);
    struct buf safe;
    buf_init(&safe, LIMIT_CERT);
    if (utf8_valid(text) && utf8_append_safe(&safe, text) == ERR_OK) {
        copy_text(ret, buf_span(&safe));
    }
    buf_clear(&safe);
    OPENSSL_free(utf8);
}

enum err x509_read_time(const ASN1_TIME *t, int64_t *ret)
{
    int days;
    int seconds;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    enum err e = ERR_CERT_INVALID;
    if (epoch != NULL && ASN1_TIME_diff(&days, &seconds, epoch, t) == 1) {
        *ret = (int64_t)days * 86400 + seconds;
        e = ERR_OK;
    }
    ASN1_TIME_free(epoch);
    return e;
}

enum err x509_append_der(X509 *x, struct buf *out)
{
    unsigned char *der = NULL;
    int len = i2d_X509(x, &der);
    enum err e = len > 0 ? buf_append(out, span_of(der, (size_t)len)) : ERR_NOMEM;
    OPENSSL_free(der);
    return e;
}
