/* What kind of identifier a certificate's subject serialNumber is, told by its form alone. */
#ifndef BASE_IDENTIFIER_H
#define BASE_IDENTIFIER_H

#include "base/span.h"

enum id_kind {
    ID_OTHER,
    ID_SATU,     /* Finnish electronic client identifier: eight digits and a check character */
    ID_HSA,      /* Swedish health care: "SE", number of an organisation, "-", a local part */
    ID_PERSONAL, /* Swedish personal identity number, twelve digits with the century */
    ID_KINDS
};

enum id_kind identifier_kind(struct span text);

#endif
