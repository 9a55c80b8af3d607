/* "korttisilta pin …": the PIN tasks in a terminal. */
#ifndef CORE_PIN_COMMAND_H
#define CORE_PIN_COMMAND_H

/* argv holds the words behind "pin", argc of them. A PIN is asked on the controlling terminal only:
 * never taken from an argument, a variable or standard input. Returns the exit status: 0 done, 1
 * not done, 2 words that make no command (said on standard error). */
int pin_command_run(int argc, char **argv);

#endif
