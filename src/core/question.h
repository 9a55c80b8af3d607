/* What the person is asked, made from a request: the frozen list with its digests, and the site's
 * words cleaned for the eye. */
#ifndef CORE_QUESTION_H
#define CORE_QUESTION_H

#include "wire/ask.h"

/* *ret owns copies of the texts; content bytes are not copied. ERR_NOMEM, ERR_INTERNAL. */
enum err question_make(const struct request *r, struct ask_question *ret) MUST_CHECK;

#endif
