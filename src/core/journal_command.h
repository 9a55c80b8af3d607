/* korttisilta journal. */
#ifndef CORE_JOURNAL_COMMAND_H
#define CORE_JOURNAL_COMMAND_H

/* The words behind "journal". Returns the exit status: 0; 1 when the journal can't be read or has
 * been changed; 2 for words that it does not know. */
int journal_command_run(int argc, char **argv);

#endif
