/* Algorithms as TokenInfo names them: object identifiers and numbers of PKCS #11. */
#ifndef VCARD_OID_H
#define VCARD_OID_H

#include "base/span.h"

#define MECH_RSA_PKCS 0x01u
#define MECH_OAEP     0x09u
#define MECH_PSS      0x0Du
#define MECH_ECDSA    0x1041u

/* An entry for a struct span that is initialised with const bytes. */
#define OID_SPAN(o)                                                                                \
    {                                                                                              \
        (o), sizeof(o)                                                                             \
    }

static const uint8_t oid_sha256[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
static const uint8_t oid_sha384[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x02};
static const uint8_t oid_sha512[] = {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x03};
static const uint8_t oid_pss[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x0A};

#endif
