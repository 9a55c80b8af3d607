#include "wire/result_json.h"

/* As the web-eid:1.0 token wants it: who made the token, for logs only. */
#define APP_VERSION "korttisilta/" KORTTISILTA_VERSION

void result_put_algorithm(struct json_writer *w, const char *name, struct sig_alg alg)
{
    json_begin_object(w, name);
    json_put_text(w, "cryptoAlgorithm", alg_crypto_name(alg.scheme));
    json_put_text(w, "hashFunction", alg_hash_name(alg.hash));
    json_put_text(w, "paddingScheme", alg_padding_name(alg.scheme));
    json_end_object(w);
}

void result_put_algorithms(struct json_writer *w, const struct response *resp)
{
    json_begin_array(w, "supportedSignatureAlgorithms");
    for (size_t i = 0; i < resp->n_algs; i++) {
        result_put_algorithm(w, NULL, resp->algs[i]);
    }
    json_end_array(w);
}

void result_put_token(struct json_writer *w, const struct response *resp)
{
    const char *jwa = alg_jwa_name(resp->sigs[0].alg, resp->key);
    if (jwa == NULL) { /* the signer chooses the hash that the token format has a name for */
        w->err = ERR_INTERNAL;
        return;
    }
    json_put_base64(w, "unverifiedCertificate", buf_span(&resp->certificate));
    json_put_text(w, "algorithm", jwa);
    json_put_base64(w, "signature", span_of(resp->sigs[0].value, resp->sigs[0].len));
    json_put_text(w, "format", "web-eid:1.0");
    json_put_text(w, "appVersion", APP_VERSION);
}
