#include "crypto/fetch.h"

#include <openssl/err.h>
#include <openssl/http.h>

/* OpenSSL's buffer for header lines. */
#define LINE_SIZE 4096

static enum err read_all(BIO *from, struct buf *ret)
{
    char chunk[16384];
    size_t len = 0;
    enum err e = ERR_OK;
    while (e == ERR_OK && BIO_read_ex(from, chunk, sizeof chunk, &len) == 1) {
        e = buf_append(ret, span_of(chunk, len));
    }
    return e == ERR_TOO_LARGE || (e == ERR_OK && ret->len == 0) ? ERR_CERT_UNCHECKED : e;
}

enum err fetch(const char *url, const char *type, struct span body, const char *answer_type,
               int seconds, struct buf *ret)
{
    char *host = NULL, *port = NULL, *path = NULL;
    int use_ssl = 0;
    BIO *out = NULL, *in = NULL;
    enum err e = ERR_CERT_UNCHECKED;
    if (body.len > 0) {
        out = BIO_new_mem_buf(body.at, (int)body.len);
    }
    if (OSSL_HTTP_parse_url(url, &use_ssl, NULL, &host, &port, NULL, &path, NULL, NULL) == 1 &&
        use_ssl == 0 && (body.len == 0 || out != NULL)) {
        in = OSSL_HTTP_transfer(NULL, host, port, path, 0, NULL, NULL, NULL, NULL, NULL, NULL,
                                LINE_SIZE, NULL, type, out, answer_type, 1, ret->max, seconds, 0);
    }
    if (in != NULL) {
        e = read_all(in, ret);
    }
    BIO_free(in);
    BIO_free(out);
    OPENSSL_free(host);
    OPENSSL_free(port);
    OPENSSL_free(path);
    ERR_clear_error();
    return e;
}
