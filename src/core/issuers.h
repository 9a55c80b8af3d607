/* The CAs that the administrator of the computer has laid down, so that answers carry the chain. */
#ifndef CORE_ISSUERS_H
#define CORE_ISSUERS_H

#include "wire/msg.h"

#define ISSUERS_FOLDER "/etc/korttisilta/ca.d"

/* Fills the chain of a response whose certificate is set, from the files of `folder` (.pem, .crt,
 * .cer, .der). A chain is never needed: without an issuer it stays empty. */
void issuers_add_chain(const char *folder, struct response *resp);

#endif
