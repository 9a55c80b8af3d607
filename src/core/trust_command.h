/* korttisilta trust: the words of the command line. */
#ifndef CORE_TRUST_COMMAND_H
#define CORE_TRUST_COMMAND_H

/* install, remove, status; renew, which the agent asks for. Exit status: 0 when all is as was
 * asked, 1 when something is not, 2 for words that mean nothing. */
int trust_command_run(int argc, char **argv);

#endif
