/* The CAs that the administrator of the computer has laid down and those that the cards hold, so
 * that answers carry the chain. */
#ifndef CORE_ISSUERS_H
#define CORE_ISSUERS_H

#include "core/choices.h"
#include "crypto/chain.h"
#include "wire/msg.h"

#define ISSUERS_FOLDER "/etc/korttisilta/ca.d"

/* Does an answer to this carry the chain? */
bool issuers_are_wanted(const struct request *r);
/* Reads the CAs of the cards that are in, unless they were; for the time while the person looks at
 * the window, before a PIN can be there. */
void issuers_read_cards(struct choices *c, uint64_t epoch);
/* Adds the files of `folder` (.pem, .crt, .cer, .der). */
void issuers_read_folder(const char *folder, struct chain_pool *pool);
/* Fills the chain of a response whose certificate is set, from the files of `folder` and from what
 * was read of `card`. A chain is never needed: without an issuer it stays empty. */
void issuers_add_chain(const char *folder, const struct card *card, struct response *resp);

#endif
