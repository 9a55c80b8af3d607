#include "card/bracket.h"

#include "base/log.h"
#include "card/apdu.h"
#include "card/file.h"

enum err bracket_begin(struct card *c, bool *ret_reset)
{
    enum err e = c->io->begin(c->io, ret_reset);
    if (e == ERR_OK) {
        *ret_reset = *ret_reset || c->is_unproven;
        c->is_unproven = false;
    }
    return e;
}

enum err bracket_select(struct card *c, enum profile_place place)
{
    const struct profile *p = c->profile;
    struct span aid =
        place == PLACE_FOLDER ? span_of(p->folder, p->folder_len) : span_of(p->aid, p->aid_len);
    struct apdu a;
    struct apdu_answer r;
    apdu_select_aid(&a, aid);
    enum err e = apdu_exchange(c->io, &a, APDU_REPEAT, &r);
    if (e == ERR_OK && r.sw != SW_OK) {
        log_line(LOG_WARN, "card: %s refuses its application, status %04X", p->name, r.sw);
        e = ERR_CARD_STATUS;
    }
    return e;
}

enum err bracket_select_certificate(struct card *c, const struct profile_key *key)
{
    enum file_from from = key->place == PLACE_FOLDER ? FILE_FROM_FOLDER : FILE_FROM_MF;
    return file_select(c->io, from, span_of(key->path, key->path_len));
}

enum err bracket_compare_certificate(struct card *c, const struct card_key *k)
{
    struct span seen = buf_span(&k->cert);
    struct buf head;
    size_t len = 0;
    buf_init(&head, LIMIT_CERT + FILE_HEAD);
    enum err e = bracket_select_certificate(c, &c->profile->keys[k->row]);
    if (e == ERR_OK) {
        e = file_read_head(c->io, &head, &len);
    }
    if (e == ERR_CARD_STATUS || e == ERR_CERT_NOT_FOUND ||
        (e == ERR_OK && !span_eq(buf_span(&head), span_sub(seen, 0, head.len)))) {
        e = ERR_CARD_CHANGED;
    }
    buf_clear(&head);
    return e;
}

enum err bracket_prove_same_card(struct card *c, const struct card_key *k)
{
    if (k == NULL) {
        return ERR_CARD_CHANGED;
    }
    enum err e = bracket_select(c, c->profile->keys[k->row].place);
    if (e == ERR_CARD_STATUS) {
        return ERR_CARD_CHANGED;
    }
    return e == ERR_OK ? bracket_compare_certificate(c, k) : e;
}

void bracket_note_pin(struct card *c, const struct profile_pin *pin, const struct pin_state *state)
{
    c->pin_tries[pin->index] = state->tries;
    for (size_t i = 0; i < c->n_keys; i++) {
        struct card_key *k = &c->keys[i];
        if (k->pin_index == pin->index) {
            k->tries_left = state->tries;
            k->pin_blocked = state->blocked;
            k->pin_activated = state->activated;
        }
    }
}

bool bracket_was_refused(const struct card *c, const struct profile_pin *pin,
                         const struct secret *value)
{
    const struct secret *refused = c->refused[pin->index];
    return refused != NULL && secret_equal(refused, value);
}

enum err bracket_note_refused(struct card *c, const struct profile_pin *pin,
                              const struct secret *value, enum err e)
{
    if (e != ERR_PIN_WRONG && e != ERR_PIN_BLOCKED) {
        return e;
    }
    struct span digits = secret_span(value);
    bracket_forget_refused(c, pin);
    enum err made = secret_new(&c->refused[pin->index]);
    for (size_t i = 0; made == ERR_OK && i < digits.len; i++) {
        made = secret_push(c->refused[pin->index], digits.at[i]);
    }
    return made == ERR_OK ? e : made;
}

void bracket_forget_refused(struct card *c, const struct profile_pin *pin)
{
    secret_free(&c->refused[pin->index]);
}
