#include "os/signals.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

enum err signals_open(int *ret_fd)
{
    static const int wanted[] = {SIGTERM, SIGINT, SIGHUP, SIGCHLD};
    sigset_t set;
    sigemptyset(&set);
    for (unsigned i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        sigaddset(&set, wanted[i]);
    }
    (void)signal(SIGPIPE, SIG_IGN);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) {
        return ERR_INTERNAL;
    }
    int fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0) {
        return ERR_INTERNAL;
    }
    *ret_fd = fd;
    return ERR_OK;
}

void signals_take(int fd, bool *ret_end, bool *ret_child)
{
    struct signalfd_siginfo one;
    *ret_end = *ret_child = false;
    while (read(fd, &one, sizeof one) == (ssize_t)sizeof one) {
        *(one.ssi_signo == SIGCHLD ? ret_child : ret_end) = true;
    }
}
