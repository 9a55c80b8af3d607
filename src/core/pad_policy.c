#include "core/pad_policy.h"

#include "os/spawn.h"

#include <stddef.h>

bool pad_policy_uses_pads(void)
{
    static const char *const arguments[] = {"--uses-pin-pads", NULL};
    struct child child;
    return spawn_sibling("korttisilta-agent", arguments, &child) != ERR_OK ||
           spawn_wait_status(&child) != 1;
}
