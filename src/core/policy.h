/* What this computer lets an origin do. */
#ifndef CORE_POLICY_H
#define CORE_POLICY_H

#include "wire/msg.h"

/* `origin` has passed origin_check. ERR_OK or ERR_ORIGIN_DENIED. */
enum err policy_decide(struct span origin, enum door door, enum method method) MUST_CHECK;

#endif
