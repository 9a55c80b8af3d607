/* The terminal that this process was started from, for questions whose answer is a PIN: no echo, no
 * line editing by the kernel, and its ways given back whatever ends the process. One at a time. */
#ifndef OS_TTY_H
#define OS_TTY_H

#include "os/secret.h"

#include <stdbool.h>

struct tty;

/* ERR_CLOSED: there is no controlling terminal, or this process is a job in its background.
 * ERR_NOMEM.
 */
enum err tty_open(struct tty **ret) MUST_CHECK;
/* Gives the echo back; clears the pointer; NULL is fine. */
void tty_close(struct tty **t);
/* Readable when something was typed. */
int tty_fd(const struct tty *t);
void tty_say(const struct tty *t, const char *text);
/* The same and a new line. */
void tty_say_line(const struct tty *t, const char *text);

enum tty_key { TTY_CHAR, TTY_ENTER, TTY_ERASE, TTY_CANCEL };
/* False: what was typed behind this key is thrown away. `c` counts with TTY_CHAR only. */
typedef bool (*tty_take)(void *user, enum tty_key key, uint8_t c);

/* Reads what was typed, once, and hands it on key by key; without `take` it is thrown away. An
 * arrow or function key, an escape with more behind it, is nothing at all. Keeps no copy.
 * ERR_CLOSED: the terminal is gone. */
enum err tty_read(struct tty *t, tty_take take, void *user) MUST_CHECK;
/* One key in a line that holds a PIN: a digit is added while there are fewer than `max` and shown
 * as a star, the last one is taken back; everything else does nothing. */
void tty_edit_secret(const struct tty *t, struct secret *s, size_t max, enum tty_key key,
                     uint8_t c);

#endif
