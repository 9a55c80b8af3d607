#include "card/pkcs15_card.h"

#include "card/apdu.h"
#include "card/file.h"
#include "card/pkcs15.h"

/* Applications, and directory files of one, that are looked at. */
#define APPS_MAX  4
#define FILES_MAX 8

static const uint8_t dir_id[] = {0x2F, 0x00};
static const struct pkcs15_path odf_path = {.at = {0x50, 0x31}, .len = 2};
static const struct pkcs15_path info_path = {.at = {0x50, 0x32}, .len = 2};
static const uint8_t registered_aid[] = {0xA0, 0x00, 0x00, 0x00, 0x63, 0x50,
                                         0x4B, 0x43, 0x53, 0x2D, 0x31, 0x35};

struct reading {
    struct card_io *io;
    const struct pkcs15_app *app;
    bool in_folder; /* the application's folder is the current one */
};

static enum err select_app(struct reading *r)
{
    struct apdu a;
    struct apdu_answer answer;
    apdu_select_aid(&a, r->app->aid);
    enum err e = apdu_exchange(r->io, &a, APDU_REPEAT, &answer);
    e = e == ERR_OK ? apdu_status(answer.sw) : e;
    r->in_folder = e == ERR_OK;
    return e;
}

static enum err read_file(struct reading *r, struct pkcs15_path path, struct buf *out)
{
    bool relative = !path.is_absolute && path.len == 2;
    enum err e = relative ? ERR_OK : pkcs15_resolve(r->app, &path);
    if (e == ERR_OK && relative && !r->in_folder) {
        e = select_app(r);
    }
    if (e == ERR_OK) {
        r->in_folder = relative;
        e = file_select(r->io, relative ? FILE_FROM_FOLDER : FILE_FROM_MF,
                        span_of(path.at, path.len));
    }
    return e == ERR_OK ? file_read_whole(r->io, out, pkcs15_is_whole) : e;
}

static enum err read_files(struct reading *r, struct span odf, struct buf *kinds,
                           struct pkcs15_contents *c)
{
    struct pkcs15_file file;
    enum err e = ERR_OK;
    for (int i = 0; e == ERR_OK && i < FILES_MAX && pkcs15_next_file(&odf, &file); i++) {
        struct buf content;
        if (file.kind == PKCS15_CA) {
            if (c->n_ca_files < LIMIT_CARD_CAS) {
                c->ca_files[c->n_ca_files++] = file.path;
            }
            continue;
        }
        buf_init(&content, LIMIT_CARD_FILE);
        e = read_file(r, file.path, &content);
        if (e == ERR_OK) {
            e = buf_append(&kinds[file.kind], buf_span(&content));
        } else if (e == ERR_CERT_NOT_FOUND) {
            e = ERR_OK; /* named, but not there: another one may be */
        }
        buf_clear(&content);
    }
    return e;
}

static enum err read_app(struct card_io *io, const struct pkcs15_app *app,
                         struct profile_store *ret)
{
    struct reading r = {.io = io, .app = app};
    struct pkcs15_contents c = {.app = *app};
    struct buf odf, info, kinds[PKCS15_KINDS];
    buf_init(&odf, LIMIT_CARD_FILE);
    buf_init(&info, LIMIT_CARD_FILE);
    for (size_t i = 0; i < PKCS15_KINDS; i++) {
        buf_init(&kinds[i], LIMIT_CARD_FILE);
    }
    enum err e = select_app(&r);
    if (e == ERR_OK) {
        e = read_file(&r, odf_path, &odf);
    }
    if (e == ERR_OK) {
        e = read_file(&r, info_path, &info);
    }
    if (e == ERR_OK) {
        e = read_files(&r, buf_span(&odf), kinds, &c);
    }
    if (e == ERR_OK) {
        c.info = buf_span(&info);
        for (size_t i = 0; i < PKCS15_KINDS; i++) {
            c.kinds[i] = buf_span(&kinds[i]);
        }
        e = pkcs15_build(&c, ret);
    }
    buf_clear(&odf);
    buf_clear(&info);
    for (size_t i = 0; i < PKCS15_KINDS; i++) {
        buf_clear(&kinds[i]);
    }
    return e;
}

/* This application, or the whole card, is not one that can be used; no fault of the connection. */
static bool is_other(enum err e)
{
    return e == ERR_CARD_UNKNOWN || e == ERR_CARD_STATUS || e == ERR_CERT_NOT_FOUND ||
           e == ERR_TOO_LARGE || e == ERR_PIN_WRONG || e == ERR_PIN_BLOCKED ||
           e == ERR_PIN_NOT_ACTIVATED;
}

enum err pkcs15_card_read(struct card_io *io, struct profile_store *ret)
{
    const struct pkcs15_app registered = {.aid = span_of(registered_aid, sizeof registered_aid)};
    struct pkcs15_app app;
    struct buf dir;
    buf_init(&dir, LIMIT_CARD_FILE);
    enum err e = file_select(io, FILE_FROM_MF, span_of(dir_id, sizeof dir_id));
    if (e == ERR_OK) {
        e = file_read_whole(io, &dir, pkcs15_is_whole);
    }
    struct span rest = buf_span(&dir);
    bool found = false;
    for (int i = 0;
         !found && (e == ERR_OK || is_other(e)) && i < APPS_MAX && pkcs15_next_app(&rest, &app);
         i++) {
        e = read_app(io, &app, ret);
        found = e == ERR_OK;
    }
    if (!found && (e == ERR_OK || is_other(e))) {
        e = dir.len == 0 ? read_app(io, &registered, ret) : ERR_CARD_UNKNOWN;
    }
    buf_clear(&dir);
    return is_other(e) ? ERR_CARD_UNKNOWN : e;
}
