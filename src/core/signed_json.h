/* What "korttisilta verify" finds, for programs. */
#ifndef CORE_SIGNED_JSON_H
#define CORE_SIGNED_JSON_H

#include "core/signed_file.h"

/* One JSON text and a line's end to stdout (docs/man/korttisilta.1). `name`: of the file, left out
 * when it is not UTF-8. False when there is no memory for it. */
bool signed_json_print(const char *name, const struct signed_file *f);
/* "PAdES", "CAdES" or "CMS", by what is under the signature. */
const char *signed_json_format(const struct signed_row *row);

#endif
