#include "core/journal.h"

#include "base/enc.h"
#include "base/log.h"
#include "base/utf8.h"
#include "crypto/cert.h"
#include "crypto/digest.h"
#include "os/clock.h"
#include "os/ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HEX_SHA256 64u
#define ESCAPE     '\\' /* and two hexadecimal digits: a control character, or itself */
#define NONE       "-"

static const struct ledger ledger = {
    .name = "journal.tsv", .max_line = LIMIT_JOURNAL_LINE, .max_file = LIMIT_JOURNAL_FILE};

/* ---- a line is made ---- */

/* Fields with tabs between them; like the JSON writer, the first error stays. */
struct line_writer {
    struct buf *out;
    bool more;
    enum err err;
};

static void put_text(struct line_writer *w, struct span text)
{
    if (w->err == ERR_OK && w->more) {
        w->err = buf_append_u8(w->out, '\t');
    }
    w->more = true;
    for (size_t i = 0; w->err == ERR_OK && i < text.len; i++) {
        uint8_t c = text.at[i];
        if (c < ' ' || c == 0x7F || c == ESCAPE) {
            w->err = buf_append_u8(w->out, ESCAPE);
            w->err = w->err == ERR_OK ? enc_hex_encode(span_of(&c, 1), w->out) : w->err;
        } else {
            w->err = buf_append_u8(w->out, c);
        }
    }
}

static void put_word(struct line_writer *w, const char *word)
{
    put_text(w, span_str(word));
}

static void put_hex(struct line_writer *w, struct span bytes)
{
    put_text(w, span_of(NULL, 0));
    w->err = w->err == ERR_OK ? enc_hex_encode(bytes, w->out) : w->err;
}

static void put_hash(struct line_writer *w, struct span bytes)
{
    uint8_t digest[LIMIT_DIGEST];
    w->err = w->err == ERR_OK ? digest_of(HASH_SHA256, &bytes, 1, digest) : w->err;
    if (w->err == ERR_OK) {
        put_hex(w, span_of(digest, alg_hash_len(HASH_SHA256)));
    }
}

static void put_time(struct line_writer *w)
{
    char text[32] = NONE;
    time_t now = (time_t)clock_calendar_s();
    struct tm utc;
    if (gmtime_r(&now, &utc) != NULL) {
        (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    }
    put_word(w, text);
}

static void put_certificate(struct line_writer *w, struct span der)
{
    struct cert_info info;
    bool known = cert_parse(der, &info) == ERR_OK;
    put_word(w, known ? info.holder : "");
    put_word(w, known ? info.issuer : "");
    put_hash(w, der);
}

/* The digest that was signed; of what was not signed, the one that the page gave. */
static void put_document(struct line_writer *w, const struct request *r, size_t i,
                         const struct response *resp)
{
    const struct document *doc = &r->docs[i];
    const struct signature *sig = i < resp->n_sigs ? &resp->sigs[i] : NULL;
    put_text(w, doc->name);
    if (sig != NULL) {
        put_word(w, alg_hash_name(sig->alg.hash));
        put_hex(w, span_of(sig->digest, alg_hash_len(sig->alg.hash)));
    } else if (!doc->has_content && r->has_hash) {
        put_word(w, alg_hash_name(r->hash));
        put_hex(w, doc->digest);
    } else {
        put_word(w, NONE);
        put_word(w, NONE);
    }
}

struct note {
    const struct request *r;
    const struct response *resp;
    enum err result;
};

static enum err make_line(void *user, struct span last, struct buf *out)
{
    const struct note *n = user;
    const struct request *r = n->r;
    struct line_writer w = {.out = out};
    char made[16];
    if (last.len > 0) {
        put_hash(&w, last);
    } else {
        put_word(&w, NONE);
    }
    put_time(&w);
    put_word(&w, msg_method_name(r->method));
    put_text(&w, r->origin);
    put_word(&w, err_name(n->result));
    snprintf(made, sizeof made, "%zu", n->result == ERR_OK ? n->resp->n_sigs : 0);
    put_word(&w, made);
    put_certificate(&w, buf_span(&n->resp->certificate));
    put_word(&w, r->method == METHOD_SIGN ? msg_format_name(r->format) : NONE);
    for (size_t i = 0; r->method == METHOD_SIGN && i < r->n_docs; i++) {
        put_document(&w, r, i, n->resp);
    }
    return w.err;
}

void journal_note(const struct request *r, const struct response *resp, enum err result)
{
    struct note n = {r, resp, result};
    if (!msg_needs_pin(r->method) || resp->certificate.len == 0) {
        return;
    }
    enum err e = ledger_append(&ledger, make_line, &n);
    if (e != ERR_OK) {
        log_line(LOG_WARN, "the journal was not written: %s", err_name(e));
    }
}

/* ---- lines are read ---- */

struct reading {
    journal_each each;
    void *user;
    struct journal_totals *totals;
    struct journal_entry entry;
    struct buf raw;  /* of one field */
    struct buf safe; /* what the entry's spans point into */
    enum err err;
};

static bool unescape(struct span field, struct buf *out)
{
    bool ok = true;
    for (size_t i = 0; ok && i < field.len; i++) {
        bool escaped = field.at[i] == ESCAPE;
        ok = (escaped ? enc_hex_decode(span_sub(field, i + 1, 2), out)
                      : buf_append_u8(out, field.at[i])) == ERR_OK;
        i += escaped ? 2 : 0;
    }
    return ok;
}

/* The next field, safe to show. False: there is none, or it is no text of at most `max` bytes. */
static bool take_text(struct reading *r, struct span *rest, size_t max, struct span *ret)
{
    size_t start = r->safe.len;
    if (rest->at == NULL) {
        return false;
    }
    const uint8_t *tab = rest->len > 0 ? memchr(rest->at, '\t', rest->len) : NULL;
    size_t len = tab != NULL ? (size_t)(tab - rest->at) : rest->len;
    struct span field = span_sub(*rest, 0, len);
    *rest = tab != NULL ? span_of(tab + 1, rest->len - len - 1) : span_of(NULL, 0);
    buf_truncate(&r->raw, 0);
    if (!unescape(field, &r->raw) || r->raw.len > max ||
        utf8_append_safe(&r->safe, buf_span(&r->raw)) != ERR_OK) {
        return false;
    }
    *ret = span_sub(buf_span(&r->safe), start, r->safe.len);
    return true;
}

static bool take_number(struct reading *r, struct span *rest, size_t max, size_t *ret)
{
    struct span text;
    size_t value = 0;
    if (!take_text(r, rest, 4, &text) || text.len == 0) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9') {
            return false;
        }
        value = value * 10 + (size_t)(text.at[i] - '0');
    }
    *ret = value;
    return value <= max;
}

static bool take_documents(struct reading *r, struct span *rest)
{
    struct journal_entry *entry = &r->entry;
    struct span hash, digest;
    while (rest->at != NULL) {
        if (entry->n_documents == LIMIT_DOCS ||
            !take_text(r, rest, LIMIT_DOC_NAME, &entry->documents[entry->n_documents]) ||
            !take_text(r, rest, LIMIT_JOURNAL_WORD, &hash) ||
            !take_text(r, rest, 2 * LIMIT_DIGEST, &digest)) {
            return false;
        }
        entry->n_documents++;
    }
    return true;
}

static bool take_entry(struct reading *r, struct span rest, struct span *ret_previous)
{
    struct journal_entry *entry = &r->entry;
    struct span certificate, format;
    return take_text(r, &rest, HEX_SHA256, ret_previous) &&
           take_text(r, &rest, LIMIT_JOURNAL_WORD, &entry->time) &&
           take_text(r, &rest, LIMIT_JOURNAL_WORD, &entry->operation) &&
           take_text(r, &rest, LIMIT_ORIGIN, &entry->origin) &&
           take_text(r, &rest, LIMIT_JOURNAL_WORD, &entry->result) &&
           take_number(r, &rest, LIMIT_DOCS, &entry->n_made) &&
           take_text(r, &rest, LIMIT_CERT_TEXT, &entry->holder) &&
           take_text(r, &rest, LIMIT_CERT_TEXT, &entry->issuer) &&
           take_text(r, &rest, HEX_SHA256, &certificate) &&
           take_text(r, &rest, LIMIT_JOURNAL_WORD, &format) && take_documents(r, &rest);
}

static void judge(struct reading *r, struct span line)
{
    struct journal_totals *t = r->totals;
    struct span previous = span_of(NULL, 0);
    r->entry = (struct journal_entry){.line = line};
    buf_truncate(&r->safe, 0);
    r->entry.is_entry = take_entry(r, line, &previous);
    r->entry.follows = t->lines == 0 || span_is(previous, t->last);
    t->begins_late = t->begins_late || (t->lines == 0 && !span_is(previous, NONE));
    t->breaks += r->entry.is_entry && r->entry.follows ? 0 : 1;
}

static enum err hex_of(struct span bytes, struct buf *out)
{
    struct line_writer w = {.out = out};
    put_hash(&w, bytes);
    return w.err;
}

static bool read_line(void *user, struct span line)
{
    struct reading *r = user;
    struct buf hex;
    judge(r, line);
    if (r->each != NULL) {
        r->each(r->user, &r->entry);
    }
    buf_init(&hex, HEX_SHA256);
    r->err = hex_of(line, &hex);
    if (r->err == ERR_OK) {
        memcpy(r->totals->last, hex.at, HEX_SHA256);
        r->totals->last[HEX_SHA256] = '\0';
        r->totals->lines++;
    }
    buf_clear(&hex);
    return r->err == ERR_OK;
}

enum err journal_read(journal_each each, void *user, struct journal_totals *ret)
{
    struct journal_totals totals = {0};
    struct reading *r = calloc(1, sizeof *r);
    uint8_t *at;
    if (r == NULL) {
        return ERR_NOMEM;
    }
    *r = (struct reading){.each = each, .user = user, .totals = &totals};
    buf_init(&r->raw, LIMIT_JOURNAL_LINE);
    buf_init(&r->safe, LIMIT_JOURNAL_LINE);
    /* Reserved at once: spans into it must not move. */
    enum err e = buf_extend(&r->raw, LIMIT_JOURNAL_LINE, &at);
    if (e == ERR_OK) {
        e = buf_extend(&r->safe, LIMIT_JOURNAL_LINE, &at);
    }
    if (e == ERR_OK) {
        e = ledger_read(&ledger, read_line, r);
        e = e == ERR_CLOSED && totals.lines == 0 ? ERR_OK : e;
        e = e == ERR_OK ? r->err : e;
    }
    buf_clear(&r->raw);
    buf_clear(&r->safe);
    free(r);
    if (e == ERR_OK) {
        *ret = totals;
    }
    return e;
}

void journal_erase(void)
{
    ledger_remove(&ledger);
}
