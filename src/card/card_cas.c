/* card_read_cas of card.h. */
#include "base/log.h"
#include "card/bracket.h"
#include "card/cache.h"
#include "card/file.h"
#include "card/pkcs15.h"

struct reading {
    struct card *c;
    struct cache *cache;
    uint64_t epoch;
    size_t number; /* of the next CA: where it stands in the cache */
    bool begun;
    enum profile_place place; /* selected last */
};

/* Another bracket before a PIN goes out must prove what may now be another card. */
static enum err begin(struct reading *r)
{
    bool reset = false;
    enum err e = bracket_begin(r->c, &reset);
    r->begun = e == ERR_OK;
    r->c->is_unproven = reset;
    return reset ? ERR_CARD_CHANGED : e;
}

/* The application is selected first: a folder's files are found from there, and the others on every
 * card that was seen. */
static enum err select_file(struct reading *r, const struct profile_ca *ca)
{
    bool was_begun = r->begun;
    enum err e = was_begun ? ERR_OK : begin(r);
    if (e == ERR_OK && (!was_begun || (ca->place == PLACE_FOLDER && r->place != PLACE_FOLDER))) {
        e = bracket_select(r->c, ca->place);
    }
    r->place = ca->place;
    return e == ERR_OK
               ? file_select(r->c->io, ca->place == PLACE_FOLDER ? FILE_FROM_FOLDER : FILE_FROM_MF,
                             span_of(ca->path, ca->path_len))
               : e;
}

static enum err read_certificate(struct reading *r, const struct cache_key *key,
                                 const struct profile_ca *ca, struct buf *out)
{
    struct span der;
    size_t len = 0;
    if (cache_find_inserted(r->cache, key, &der)) {
        return buf_append(out, der);
    }
    enum err e = select_file(r, ca);
    if (e == ERR_OK) {
        e = file_read_head(r->c->io, out, &len);
    }
    if (e == ERR_OK && cache_find_head(r->cache, key, buf_span(out), len, &der)) {
        buf_truncate(out, 0);
        e = buf_append(out, der);
    } else if (e == ERR_OK) {
        e = file_read_rest(r->c->io, out, len);
    }
    if (e == ERR_OK) {
        cache_put(r->cache, key, buf_span(out));
    }
    return e;
}

static enum err read_ca(struct reading *r, const struct profile_ca *ca)
{
    struct card *c = r->c;
    const struct cache_key key = {c->reader, span_of(c->atr, c->atr_len), LIMIT_CERTS + r->number,
                                  c->io->insertion_count, r->epoch};
    struct buf der;
    if (r->number == LIMIT_CARD_CAS) {
        return ERR_OK;
    }
    r->number++;
    buf_init(&der, LIMIT_CERT + FILE_HEAD);
    enum err e = read_certificate(r, &key, ca, &der);
    if (e == ERR_OK) {
        buf_init(&c->cas[c->n_cas], LIMIT_CERT + FILE_HEAD);
        buf_move(&c->cas[c->n_cas++], &der);
    }
    buf_clear(&der);
    return e;
}

/* The card is still there and has answered: what it says of one file is no word on the next. */
static bool may_go_on(enum err e)
{
    return e == ERR_OK || e == ERR_CERT_NOT_FOUND || e == ERR_CARD_STATUS || e == ERR_TOO_LARGE;
}

static enum err read_directory(struct reading *r, const struct profile_ca *directory)
{
    static const struct pkcs15_app unknown = {.has_base = false};
    struct pkcs15_path path;
    struct buf content;
    buf_init(&content, LIMIT_CARD_FILE);
    enum err e = select_file(r, directory);
    if (e == ERR_OK) {
        e = file_read_whole(r->c->io, &content, pkcs15_is_whole);
    }
    struct span rest = buf_span(&content);
    while (may_go_on(e) && pkcs15_next_certificate(&rest, false, &path)) {
        struct profile_ca ca = {.path_len = path.len};
        memcpy(ca.path, path.at, path.len);
        if (pkcs15_place(&unknown, &path, &ca.place)) {
            e = read_ca(r, &ca);
        }
    }
    buf_clear(&content);
    return e;
}

void card_read_cas(struct card *c, uint64_t epoch)
{
    struct reading r = {.c = c, .epoch = epoch};
    enum err e = ERR_OK;
    if (c->has_read_cas || c->profile->n_cas == 0) {
        return;
    }
    c->has_read_cas = true;
    r.cache = cache_load();
    for (size_t i = 0; may_go_on(e) && i < c->profile->n_cas; i++) {
        const struct profile_ca *ca = &c->profile->cas[i];
        e = ca->is_directory ? read_directory(&r, ca) : read_ca(&r, ca);
    }
    if (r.begun) {
        c->io->end(c->io, false);
    }
    if (!may_go_on(e)) {
        log_line(LOG_INFO, "card: its CAs could not be read, %s", err_name(e));
    }
    cache_save(r.cache);
    cache_free(&r.cache);
}
