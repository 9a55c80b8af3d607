#include "card/recognise.h"

#include "base/log.h"
#include "card/apdu.h"
#include "card/pin.h"
#include "card/pkcs15_card.h"
#include "card/profile_file.h"
#include "os/admin_files.h"

#include <stdlib.h>

struct looking {
    struct card_io *io;
    struct span hist;
    enum err result; /* of the rows in files */
    struct profile_store *own;
    const struct profile *found;
    bool begun;
};

static enum err begin_once(struct looking *l)
{
    bool reset;
    enum err e = l->begun ? ERR_OK : l->io->begin(l->io, &reset);
    l->begun = l->begun || e == ERR_OK;
    return e;
}

/* Does the application know the first PIN? The empty VERIFY counts nothing. */
static enum err confirm(struct card_io *io, const struct profile *row)
{
    struct apdu a;
    struct apdu_answer r;
    apdu_select_aid(&a, span_of(row->aid, row->aid_len));
    enum err e = apdu_exchange(io, &a, APDU_REPEAT, &r);
    if (e == ERR_OK && r.sw == SW_OK) {
        apdu_verify_probe(&a, row->pins[0].ref);
        e = apdu_exchange(io, &a, APDU_ONCE, &r);
    }
    if (e != ERR_OK) {
        return e;
    }
    enum err meaning = apdu_status(r.sw);
    bool knows = meaning == ERR_OK || meaning == ERR_PIN_WRONG || meaning == ERR_PIN_BLOCKED ||
                 meaning == ERR_PIN_NOT_ACTIVATED;
    return knows ? ERR_OK : ERR_CARD_UNKNOWN;
}

/* The row fits by ATR. ERR_CARD_UNKNOWN: it is another kind all the same. */
static enum err try_row(struct looking *l, const struct profile *row)
{
    enum err e = ERR_OK;
    if (row->is_ambiguous || row->read_layout != NULL) {
        e = begin_once(l);
    }
    if (e == ERR_OK && row->is_ambiguous) {
        e = confirm(l->io, row);
    }
    if (e == ERR_OK && row->read_layout != NULL) {
        e = row->read_layout(l->io, row, l->own);
    }
    if (e == ERR_OK) {
        l->found = row->read_layout != NULL ? &l->own->row : row;
    }
    return e;
}

/* A row in a file is tried before the built-in ones, which it may replace. */
static bool try_file(void *user, const char *name, struct span text)
{
    struct looking *l = user;
    unsigned line = 0;
    enum err e = profile_file_parse(text, l->own, &line);
    if (e != ERR_OK) {
        log_line(LOG_WARN, "%s/%s: line %u is not understood", PROFILE_FILE_FOLDER, name, line);
        return true;
    }
    if (profile_fits(&l->own->row, l->hist)) {
        l->result = try_row(l, &l->own->row);
        l->found = l->result == ERR_OK ? &l->own->row : NULL;
    }
    return l->result == ERR_CARD_UNKNOWN;
}

static enum err try_rows(struct looking *l)
{
    enum err e = ERR_CARD_UNKNOWN;
    const struct profile *row = NULL;
    l->result = ERR_CARD_UNKNOWN;
    (void)admin_files_each(PROFILE_FILE_FOLDER, PROFILE_FILE_SUFFIX, try_file, l);
    e = l->result;
    for (size_t i = 0; e == ERR_CARD_UNKNOWN && (row = profile_at(i)) != NULL; i++) {
        if (profile_fits(row, l->hist)) {
            e = try_row(l, row);
        }
    }
    return e;
}

/* A card of no row may still say all about itself. */
static enum err try_directories(struct looking *l)
{
    enum err e = begin_once(l);
    if (e == ERR_OK) {
        e = pkcs15_card_read(l->io, l->own);
    }
    if (e == ERR_OK) {
        l->found = &l->own->row;
    }
    return e;
}

enum err recognise_card(struct card_io *io, const struct profile **ret,
                        struct profile_store **ret_own)
{
    struct looking l = {.io = io, .own = calloc(1, sizeof *l.own)};
    if (l.own == NULL) {
        return ERR_NOMEM;
    }
    enum err e = profile_historical(span_of(io->atr, io->atr_len), &l.hist);
    if (e == ERR_OK) {
        e = try_rows(&l);
    }
    if (e == ERR_CARD_UNKNOWN) {
        e = try_directories(&l);
    }
    if (l.begun) {
        io->end(io, false);
    }
    if (e == ERR_OK && l.found == &l.own->row) {
        *ret_own = l.own;
    } else {
        free(l.own);
    }
    if (e == ERR_OK) {
        *ret = l.found;
        log_line(LOG_INFO, "card: %s", l.found->name);
    }
    return e;
}
