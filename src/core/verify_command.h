/* "korttisilta verify …": who signed a file, and does it hold? */
#ifndef CORE_VERIFY_COMMAND_H
#define CORE_VERIFY_COMMAND_H

/* argv holds the words behind "verify", argc of them. Prints to stdout in the person's language, or
 * one JSON text. Returns the exit status: enum signed_verdict (core/signed_file.h), 1 when a file
 * can't be read or the document is missing, 2 when the words make no command. */
int verify_command_run(int argc, char **argv);

#endif
