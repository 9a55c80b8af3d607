#include "base/wipe.h"
#include "os/stream.h"
#include "os/tty.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#define KEYS      64u /* taken at a time */
#define CTRL_C    0x03
#define CTRL_D    0x04
#define BACKSPACE 0x08
#define ESCAPE    0x1B
#define DELETE    0x7F

struct tty {
    int fd;
};

/* For the signal handler: whatever ends us, the terminal gets its echo back. */
static struct {
    int fd;
    struct termios before;
} restore = {.fd = -1};

static void restore_echo(void)
{
    if (restore.fd >= 0) {
        (void)tcsetattr(restore.fd, TCSAFLUSH, &restore.before);
    }
}

static void on_signal(int signal_number)
{
    restore_echo();
    _exit(128 + signal_number);
}

static void catch_signals(void)
{
    static const int ending[] = {SIGTERM, SIGHUP, SIGINT, SIGQUIT};
    struct sigaction action = {.sa_handler = on_signal};
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < sizeof ending / sizeof ending[0]; i++) {
        (void)sigaction(ending[i], &action, NULL);
    }
}

/* A job in the background would be stopped by its first read. */
static enum err take_over(int fd)
{
    struct termios quiet;
    if (tcgetpgrp(fd) != getpgrp() || tcgetattr(fd, &restore.before) != 0) {
        return ERR_CLOSED;
    }
    restore.fd = fd;
    catch_signals();
    quiet = restore.before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO | ECHONL | ICANON | ISIG | IEXTEN);
    quiet.c_cc[VMIN] = 1;
    quiet.c_cc[VTIME] = 0;
    return tcsetattr(fd, TCSAFLUSH, &quiet) == 0 ? ERR_OK : ERR_CLOSED;
}

enum err tty_open(struct tty **ret)
{
    struct tty *t = calloc(1, sizeof *t);
    if (t == NULL) {
        return ERR_NOMEM;
    }
    t->fd = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    enum err e = t->fd >= 0 ? take_over(t->fd) : ERR_CLOSED;
    if (e != ERR_OK) {
        tty_close(&t);
        return e;
    }
    *ret = t;
    return ERR_OK;
}

void tty_close(struct tty **t)
{
    if (*t == NULL) {
        return;
    }
    restore_echo();
    restore.fd = -1;
    stream_close((*t)->fd);
    free(*t);
    *t = NULL;
}

int tty_fd(const struct tty *t)
{
    return t->fd;
}

void tty_say(const struct tty *t, const char *text)
{
    (void)!stream_write(t->fd, span_str(text));
}

void tty_say_line(const struct tty *t, const char *text)
{
    tty_say(t, text);
    tty_say(t, "\r\n");
}

static enum tty_key kind_of(uint8_t key)
{
    static const enum tty_key kinds[UINT8_MAX + 1] = {
        ['\r'] = TTY_ENTER,    ['\n'] = TTY_ENTER,    [BACKSPACE] = TTY_ERASE, [DELETE] = TTY_ERASE,
        [ESCAPE] = TTY_CANCEL, [CTRL_C] = TTY_CANCEL, [CTRL_D] = TTY_CANCEL,
    };
    return kinds[key];
}

enum err tty_read(struct tty *t, tty_take take, void *user)
{
    uint8_t keys[KEYS];
    ssize_t n = read(t->fd, keys, sizeof keys);
    bool sequence = n > 1 && keys[0] == ESCAPE;
    bool go_on = take != NULL && !sequence;
    for (ssize_t i = 0; i < n && go_on; i++) {
        go_on = take(user, kind_of(keys[i]), keys[i]);
    }
    wipe(keys, sizeof keys);
    return n > 0 ? ERR_OK : ERR_CLOSED;
}

void tty_edit_secret(const struct tty *t, struct secret *s, size_t max, enum tty_key key, uint8_t c)
{
    size_t len = secret_len(s);
    if (key == TTY_ERASE && len > 0) {
        secret_remove(s, len - 1, 1);
        tty_say(t, "\b \b");
    } else if (key == TTY_CHAR && c >= '0' && c <= '9' && len < max &&
               secret_push(s, c) == ERR_OK) {
        tty_say(t, "*");
    }
}
