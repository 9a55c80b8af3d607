/* What stands behind the manager's window: the cards that are in, kept open as long as they are,
 * and what is done at them. Everything but desk_open and desk_close is called on one thread, which
 * may be another one. */
#ifndef CORE_DESK_H
#define CORE_DESK_H

#include "ui/manager.h"

struct desk;

/* ERR_NOMEM, ERR_INTERNAL. */
enum err desk_open(struct desk **ret) MUST_CHECK;
void desk_close(struct desk **d);
/* The calls for the window; `user` is the desk. */
struct manager_back desk_back(struct desk *d);

#endif
