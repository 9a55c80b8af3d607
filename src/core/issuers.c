#include "core/issuers.h"

#include "base/log.h"
#include "crypto/chain.h"
#include "os/admin_files.h"

static bool add_file(void *user, const char *name, struct span content)
{
    if (chain_pool_add(user, content) == 0) {
        log_line(LOG_WARN, "%s: there is no certificate of a CA in it", name);
    }
    return true;
}

bool issuers_are_wanted(const struct request *r)
{
    bool is_document = r->method == METHOD_SIGN || r->method == METHOD_GET_SIGNING_CERTIFICATE;
    return r->door == DOOR_SCS || (is_document && r->door != DOOR_WEBEID);
}

void issuers_read_cards(struct choices *c, uint64_t epoch)
{
    for (size_t i = 0; i < c->n_slots; i++) {
        if (c->slots[i].card != NULL) {
            card_read_cas(c->slots[i].card, epoch);
        }
    }
}

void issuers_read_folder(const char *folder, struct chain_pool *pool)
{
    static const char *const suffixes[] = {".pem", ".crt", ".cer", ".der"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        (void)admin_files_each(folder, suffixes[i], add_file, pool);
    }
}

void issuers_add_chain(const char *folder, const struct card *card, struct response *resp)
{
    struct chain_pool *pool = NULL;
    if (chain_pool_open(&pool) != ERR_OK) {
        return;
    }
    issuers_read_folder(folder, pool);
    for (size_t i = 0; i < card->n_cas; i++) {
        (void)chain_pool_add(pool, buf_span(&card->cas[i]));
    }
    resp->n_chain = chain_build(pool, buf_span(&resp->certificate), resp->chain);
    chain_pool_free(&pool);
}
