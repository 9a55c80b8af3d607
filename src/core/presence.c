#include "core/presence.h"

#include "card/readers.h"

#include <stdlib.h>
#include <string.h>

struct presence {
    struct readers *readers; /* NULL: not watching */
    bool known;              /* there was a first look */
    struct reader_state last[LIMIT_READERS];
    size_t n_last;
};

enum err presence_open(struct presence **ret)
{
    struct presence *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return ERR_NOMEM;
    }
    *ret = p;
    return ERR_OK;
}

void presence_close(struct presence **p)
{
    if (*p == NULL) {
        return;
    }
    if ((*p)->readers != NULL) {
        readers_close(&(*p)->readers);
    }
    free(*p);
    *p = NULL;
}

enum err presence_start(struct presence *p)
{
    return p->readers == NULL ? readers_open(&p->readers) : ERR_OK;
}

int presence_fd(const struct presence *p)
{
    return p->readers == NULL ? -1 : readers_fd(p->readers);
}

uint64_t presence_epoch(struct presence *p)
{
    return p->readers == NULL ? 0 : readers_epoch(p->readers);
}

bool presence_has_card(const struct presence *p)
{
    for (size_t i = 0; i < p->n_last; i++) {
        if (p->last[i].has_card) {
            return true;
        }
    }
    return false;
}

static bool holds_same_card(const struct reader_state *in, const struct reader_state *all, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(in->name, all[i].name) == 0) {
            return all[i].has_card && all[i].insertion_count == in->insertion_count;
        }
    }
    return false;
}

void presence_compare(const struct reader_state *before, size_t n_before,
                      const struct reader_state *now, size_t n_now, presence_event event,
                      void *user)
{
    for (size_t i = 0; i < n_before; i++) {
        if (before[i].has_card && !holds_same_card(&before[i], now, n_now)) {
            event(user, false);
        }
    }
    for (size_t i = 0; i < n_now; i++) {
        if (now[i].has_card && !holds_same_card(&now[i], before, n_before)) {
            event(user, true);
        }
    }
}

void presence_take(struct presence *p, presence_event event, void *user)
{
    struct reader_state now[LIMIT_READERS];
    size_t n = 0;
    if (p->readers == NULL) {
        return;
    }
    if (readers_take(p->readers, now, LIMIT_READERS, &n) != ERR_OK) {
        n = 0; /* no service or no reader: no card is present */
    }
    if (p->known) {
        presence_compare(p->last, p->n_last, now, n, event, user);
    }
    memcpy(p->last, now, n * sizeof now[0]);
    p->n_last = n;
    p->known = true;
}
