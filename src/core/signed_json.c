#include "core/signed_json.h"

#include "base/utf8.h"
#include "core/cert_lines.h"
#include "wire/json_write.h"

#include <stdio.h>

/* A row: two certificates in base64, and texts. */
#define MAX_ROW (4 * LIMIT_CERT)

static const char *verdict_word(enum signed_verdict verdict)
{
    static const char *const rows[] = {
        [VERDICT_HOLDS] = "holds",         [VERDICT_UNREADABLE] = "unreadable",
        [VERDICT_CHANGED] = "changed",     [VERDICT_UNTRUSTED] = "untrusted",
        [VERDICT_ADDED] = "added-to-file",
    };
    return rows[verdict];
}

static const char *state_word(enum signed_state state)
{
    static const char *const rows[] = {
        [SIGNED_HOLDS] = "holds",
        [SIGNED_CHANGED] = "changed",
        [SIGNED_UNREADABLE] = "unreadable",
    };
    return rows[state];
}

static const char *trust_word(enum signed_trust trust)
{
    static const char *const rows[] = {
        [TRUST_FULL] = "trusted",        [TRUST_EXPIRED] = "expired", [TRUST_NOT_YET] = "not-yet",
        [TRUST_UNCHECKED] = "unchecked", [TRUST_USAGE] = "usage",     [TRUST_NO_PATH] = "no-path",
        [TRUST_REVOKED] = "revoked",
    };
    return rows[trust];
}

const char *signed_json_format(const struct signed_row *row)
{
    if (!row->by.is_cades) {
        return "CMS";
    }
    return span_is(row->sub_filter, "ETSI.CAdES.detached") ? "PAdES" : "CAdES";
}

static void put_time(struct json_writer *w, const char *name, int64_t at)
{
    char text[CERT_LINES_TIME];
    cert_lines_time(at, true, text);
    json_put_text(w, name, text);
}

/* An absent text is an absent member. */
static void put_some(struct json_writer *w, const char *name, const char *text)
{
    if (text[0] != '\0') {
        json_put_text(w, name, text);
    }
}

static void put_signer(struct json_writer *w, const struct signed_by *by)
{
    json_begin_object(w, "signer");
    put_some(w, "name", by->info.holder);
    put_some(w, "serialNumber", by->info.person_id);
    put_some(w, "employer", by->info.employer);
    put_some(w, "issuer", by->info.issuer);
    put_some(w, "root", by->root);
    put_time(w, "notBefore", by->info.not_before);
    put_time(w, "notAfter", by->info.not_after);
    json_put_base64(w, "certificate", buf_span(&by->cert));
    json_end_object(w);
}

static void put_row(struct json_writer *w, const struct signed_row *row)
{
    const struct signed_by *by = &row->by;
    json_begin_object(w, NULL);
    json_put_text(w, "state", state_word(by->state));
    if (by->state != SIGNED_UNREADABLE) {
        json_put_text(w, "trust", trust_word(by->trust));
        json_put_text(w, "format", signed_json_format(row));
        json_begin_object(w, "signatureAlgorithm");
        json_put_text(w, "cryptoAlgorithm", alg_crypto_name(by->alg.scheme));
        json_put_text(w, "hashFunction", alg_hash_name(by->alg.hash));
        json_put_text(w, "paddingScheme", alg_padding_name(by->alg.scheme));
        json_end_object(w);
        if (row->said_at != 0) {
            put_time(w, "signingTime", row->said_at);
        }
        json_put_integer(w, "covers", (int64_t)row->covers);
        json_put_integer(w, "addedAfter", (int64_t)row->added);
        put_signer(w, by);
    }
    json_end_object(w);
}

bool signed_json_print(const char *name, const struct signed_file *f)
{
    struct json_writer w;
    struct buf out;
    size_t max = 8192 + f->n * MAX_ROW;
    buf_init(&out, max);
    json_write_open(&w, &out, max);
    json_begin_object(&w, NULL);
    if (utf8_valid(span_str(name))) {
        json_put_text(&w, "file", name);
    }
    json_put_text(&w, "type", f->is_pdf ? "PDF" : "CMS");
    json_put_text(&w, "result", verdict_word(signed_file_verdict(f)));
    json_begin_array(&w, "signatures");
    for (size_t i = 0; i < f->n; i++) {
        put_row(&w, &f->rows[i]);
    }
    json_end_array(&w);
    json_end_object(&w);
    bool ok =
        json_write_close(&w) == ERR_OK && printf("%.*s\n", (int)out.len, (const char *)out.at) >= 0;
    buf_clear(&out);
    return ok;
}
