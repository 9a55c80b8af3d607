/* Settings that the administrator of the computer lays down in files: only what belongs to root, in
 * a folder that belongs to root, and that nobody else may write to, is read. */
#ifndef OS_ADMIN_FILES_H
#define OS_ADMIN_FILES_H

#include "base/span.h"

#include <stdbool.h>

/* `name` and `content` are borrowed. False ends the walk. */
typedef bool (*admin_file_use)(void *user, const char *name, struct span content);

/* Every file of `folder` whose name ends with `suffix`, in the order of their names; at most
 * LIMIT_ADMIN_FILES of LIMIT_ADMIN_FILE bytes. Others are skipped with a line in the log. A folder
 * that is not there is empty. False when something was skipped. */
bool admin_files_each(const char *folder, const char *suffix, admin_file_use use, void *user);

#endif
