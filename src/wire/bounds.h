/* What makes a request or a response complete and within limits.h, whoever made it: the doors check
 * what they decoded, and both sides of the agent-signer border check what crosses it. */
#ifndef WIRE_BOUNDS_H
#define WIRE_BOUNDS_H

#include "wire/msg.h"

/* ERR_ARGUMENT when a field is out of bounds, missing or not of the request's method. Of the id and
 * the origin only the length is judged, and that they are texts (see core/origin.h). */
enum err bounds_check_request(const struct request *r) MUST_CHECK;
/* ERR_ARGUMENT likewise. */
enum err bounds_check_response(const struct response *r) MUST_CHECK;

#endif
