#include "wire/result_json.h"
#include "wire/webeid.h"

#include <stdio.h>

/* The version of Web eID's program whose behaviour this is. Its library and extension want the same
 * major version or a later one. */
#define VERSION "2.9.0+korttisilta"

static void begin_message(struct json_writer *w, struct buf *out)
{
    json_write_open(w, out, LIMIT_REPLY);
    json_begin_object(w, NULL);
}

static enum err end_message(struct json_writer *w)
{
    json_end_object(w);
    return json_write_close(w);
}

enum err webeid_encode_greeting(struct buf *out)
{
    struct json_writer w;
    begin_message(&w, out);
    json_put_text(&w, "version", VERSION);
    return end_message(&w);
}

enum err webeid_encode_quit(struct buf *out)
{
    struct json_writer w;
    begin_message(&w, out);
    return end_message(&w);
}

/* Web eID has these names for what went wrong. Everything that is not here is one that the page
 * can't mend. */
static const char *code_of(enum err e)
{
    static const struct {
        enum err err;
        const char *code;
    } rows[] = {
        {ERR_CANCELLED, "ERR_WEBEID_USER_CANCELLED"},
        {ERR_PIN_LAST_TRY, "ERR_WEBEID_USER_CANCELLED"},
        {ERR_TIMED_OUT, "ERR_WEBEID_USER_TIMEOUT"},
        {ERR_PAD_TIMED_OUT, "ERR_WEBEID_USER_TIMEOUT"},
        {ERR_MALFORMED, "ERR_WEBEID_NATIVE_INVALID_ARGUMENT"},
        {ERR_REQUEST_INVALID, "ERR_WEBEID_NATIVE_INVALID_ARGUMENT"},
        {ERR_METHOD_UNKNOWN, "ERR_WEBEID_NATIVE_INVALID_ARGUMENT"},
        {ERR_ARGUMENT, "ERR_WEBEID_NATIVE_INVALID_ARGUMENT"},
        {ERR_TOO_LARGE, "ERR_WEBEID_NATIVE_INVALID_ARGUMENT"},
        {ERR_UNSUPPORTED, "ERR_WEBEID_NATIVE_INVALID_ARGUMENT"},
        {ERR_ALG_UNSUPPORTED, "ERR_WEBEID_NATIVE_INVALID_ARGUMENT"},
        {ERR_ORIGIN_INVALID, "ERR_WEBEID_NATIVE_INVALID_ARGUMENT"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].err == e) {
            return rows[i].code;
        }
    }
    return "ERR_WEBEID_NATIVE_FATAL";
}

/* Web eID's code, and in the message our own: it says what to do. */
enum err webeid_encode_error(enum err why, struct buf *out)
{
    struct json_writer w;
    char message[256];
    snprintf(message, sizeof message, "%s: %s", err_name(why), err_text(why));
    begin_message(&w, out);
    json_begin_object(&w, "error");
    json_put_text(&w, "code", code_of(why));
    json_put_text(&w, "message", message);
    json_end_object(&w);
    return end_message(&w);
}

enum err webeid_encode_response(const struct request *r, const struct response *resp,
                                struct buf *out)
{
    struct json_writer w;
    size_t n_sigs = r->method == METHOD_GET_SIGNING_CERTIFICATE ? 0 : 1;
    if (resp->err != ERR_OK) {
        return webeid_encode_error(resp->err, out);
    }
    if (resp->method != r->method || resp->n_sigs != n_sigs || resp->stopped) {
        return ERR_INTERNAL;
    }
    begin_message(&w, out);
    if (r->method == METHOD_AUTHENTICATE) {
        result_put_token(&w, resp);
    } else if (r->method == METHOD_GET_SIGNING_CERTIFICATE) {
        json_put_base64(&w, "certificate", buf_span(&resp->certificate));
        result_put_algorithms(&w, resp);
    } else {
        json_put_base64(&w, "signature", span_of(resp->sigs[0].value, resp->sigs[0].len));
        result_put_algorithm(&w, "signatureAlgorithm", resp->sigs[0].alg);
    }
    return end_message(&w);
}
