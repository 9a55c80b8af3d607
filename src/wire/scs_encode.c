#include "wire/json_write.h"
#include "wire/scs.h"

#include <stdio.h>

/* Without the protected transaction of 1.3 the program is one of 1.2. */
#define VERSION "1.2"

static enum err end_message(struct json_writer *w)
{
    json_end_object(w);
    return json_write_close(w);
}

static void begin_message(struct json_writer *w, struct buf *out)
{
    json_write_open(w, out, LIMIT_REPLY);
    json_begin_object(w, NULL);
    json_put_text(w, "version", VERSION);
}

static const char *prefix_of(int reason)
{
    static const struct {
        int reason;
        const char *text;
    } rows[] = {
        {400, "Bad request"}, {401, "Unauthorized"}, {403, "Forbidden"}, {501, "Not implemented"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].reason == reason) {
            return rows[i].text;
        }
    }
    return "Internal error";
}

static void put_status(struct json_writer *w, enum err e, enum scs_codes codes)
{
    char text[256];
    int reason = err_scs(e);
    json_put_text(w, "status", e == ERR_OK ? "ok" : "failed");
    if (codes == SCS_CODES_STRING) {
        snprintf(text, sizeof text, "%d", reason);
        json_put_text(w, "reasonCode", text);
    } else {
        json_put_integer(w, "reasonCode", reason);
    }
    snprintf(text, sizeof text, "%s: %s", prefix_of(reason), err_text(e));
    json_put_text(w, "reasonText", e == ERR_OK ? "Signature generated" : text);
}

/* "SHA256withRSA", as Java names them. */
static void put_algorithm(struct json_writer *w, struct sig_alg alg)
{
    char text[32];
    const char *hash = alg_hash_name(alg.hash);
    size_t len = strcspn(hash, "-");
    snprintf(text, sizeof text, "%.*s%swith%s", (int)len, hash, hash + len + 1,
             alg.scheme == SIG_ECDSA ? "ECDSA" : "RSA");
    json_put_text(w, "signatureAlgorithm", text);
}

static const char *type_name(enum sign_format format)
{
    static const char *const names[FORMAT_COUNT] = {[FORMAT_RAW] = "signature",
                                                    [FORMAT_CMS] = "cms",
                                                    [FORMAT_CADES] = "cms",
                                                    [FORMAT_PADES_CMS] = "cms-pades"};
    return names[format];
}

static void put_chain(struct json_writer *w, const struct response *resp)
{
    json_begin_array(w, "chain");
    json_put_base64(w, NULL, buf_span(&resp->certificate));
    for (size_t i = 0; i < resp->n_chain; i++) {
        json_put_base64(w, NULL, buf_span(&resp->chain[i]));
    }
    json_end_array(w);
}

enum err scs_encode_response(const struct request *r, const struct response *resp,
                             enum scs_codes codes, struct buf *out)
{
    struct json_writer w;
    if (resp->err != ERR_OK) {
        return scs_encode_error(resp->err, codes, out);
    }
    if (resp->method != r->method || resp->n_sigs != 1 || resp->stopped) {
        return ERR_INTERNAL;
    }
    const struct signature *sig = &resp->sigs[0];
    struct span value = sig->signed_data.len > 0 ? sig->signed_data : span_of(sig->value, sig->len);
    begin_message(&w, out);
    put_status(&w, ERR_OK, codes);
    json_put_base64(&w, "signature", value);
    json_put_text(&w, "signatureType", type_name(r->format));
    put_algorithm(&w, sig->alg);
    put_chain(&w, resp);
    return end_message(&w);
}

enum err scs_encode_error(enum err why, enum scs_codes codes, struct buf *out)
{
    struct json_writer w;
    begin_message(&w, out);
    put_status(&w, why, codes);
    return end_message(&w);
}

enum err scs_encode_version(bool has_card, struct buf *out)
{
    struct json_writer w;
    begin_message(&w, out);
    json_put_text(&w, "httpMethods", "GET, POST");
    json_put_text(&w, "contentTypes", "data, digest");
    json_put_text(&w, "signatureTypes", "signature, cms, cms-pades");
    json_put_bool(&w, "selectorAvailable", true);
    json_put_text(&w, "hashAlgorithms", has_card ? "SHA224, SHA256, SHA384, SHA512" : "");
    json_put_text(&w, "signatureAlgorithms", has_card ? "RSA, ECDSA" : "");
    return end_message(&w);
}
