/* Folders of this user. Every function makes the folder with mode 0700 when it is not there and
 * refuses one that belongs to another user or that others may write to. */
#ifndef OS_PATHS_H
#define OS_PATHS_H

#include "base/err.h"

#include <stddef.h>

/* $XDG_RUNTIME_DIR/korttisilta, or /run/user/UID/korttisilta, or ~/.cache/korttisilta/run. Text
 * with NUL; ERR_TOO_LARGE when cap does not hold it, ERR_AGENT_DOWN when the folder can't be used.
 */
enum err paths_runtime(char *ret, size_t cap) MUST_CHECK;
/* $XDG_STATE_HOME/korttisilta, or ~/.local/state/korttisilta: outlives the session. The same
 * errors.
 */
enum err paths_state(char *ret, size_t cap) MUST_CHECK;
/* A folder below the home folder; each of the parts, which begin with "/" and end with NULL, is
 * made when it is not there. The same errors. */
enum err paths_in_home(const char *const parts[], char *ret, size_t cap) MUST_CHECK;
/* Full name of a program of ours beside the running one. */
enum err paths_sibling(const char *program, char *ret, size_t cap) MUST_CHECK;
/* Folder of the running program's translations: ../share/locale from the program, or
 * ../../share/locale where that is not there (programs in libexec/korttisilta). */
enum err paths_locale(char *ret, size_t cap) MUST_CHECK;

#endif
