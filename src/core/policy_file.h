/* The administrator's files of the policy: docs/policy.md describes them. For the agent, which is
 * the process that reads JSON. */
#ifndef CORE_POLICY_FILE_H
#define CORE_POLICY_FILE_H

#include "core/policy.h"

#define POLICY_FOLDER "/etc/korttisilta/policy.d"

/* Lays one file over *p: what the file says counts, the rest stays. NULL; else why the file is not
 * used, a sentence for the log without content of the file, and *p is as it was. */
const char *policy_file_parse(struct span text, struct policy *p);

/* Lays every *.json of `folder` over *p in the order of their names (os/admin_files.h). A file that
 * has a flaw is left out as a whole, with a line in the log. False when one was. */
bool policy_load(const char *folder, struct policy *p);

#endif
