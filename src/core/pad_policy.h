/* What the administrator's policy says about PIN pads, for the programs of the holder. */
#ifndef CORE_PAD_POLICY_H
#define CORE_PAD_POLICY_H

#include <stdbool.h>

/* Asks the agent's program, which reads JSON. True also when it can't be asked: a PIN that stays on
 * the reader is never the worse one. Starts a process: once for each run. */
bool pad_policy_uses_pads(void);

#endif
