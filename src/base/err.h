/* The errors of the whole program, made from the rows of err.def. Every function that can fail
 * returns enum err; ERR_OK is 0. Detail (status word, tries left) never travels in the code. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

enum err {
    ERR_OK = 0,
#define ERR_ROW(name, code, scs, retry, text) ERR_##name,
#include "base/err.def"
#undef ERR_ROW
    ERR_COUNT
};

#if defined(__GNUC__)
#define MUST_CHECK __attribute__((warn_unused_result))
#else
#define MUST_CHECK
#endif

/* "OK" or the wire name, such as "PIN_BLOCKED". Static storage; never NULL. */
const char *err_name(enum err e);
/* JSON-RPC 2.0 error code; 0 for ERR_OK. */
int err_code(enum err e);
/* Reason code of the SCS interface; 200 for ERR_OK. */
int err_scs(enum err e);
/* English sentence for developers. Static storage; never NULL. */
const char *err_text(enum err e);
bool err_may_retry(enum err e);

#endif
