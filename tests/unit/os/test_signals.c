#include "os/signals.h"
#include "unit/test.h"

#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void signals_become_events(void **state)
{
    static const struct {
        int signal;
        bool end, child;
    } rows[] = {{SIGTERM, true, false}, {SIGINT, true, false}, {SIGHUP, true, false}};
    int fd;
    bool end, child;
    (void)state;
    assert_int_equal(signals_open(&fd), ERR_OK);
    signals_take(fd, &end, &child);
    assert_false(end || child);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(raise(rows[i].signal), 0);
        signals_take(fd, &end, &child);
        assert_int_equal(end, rows[i].end);
        assert_int_equal(child, rows[i].child);
    }
    pid_t pid = fork();
    if (pid == 0) {
        _exit(0);
    }
    struct pollfd p = {fd, POLLIN, 0};
    assert_int_equal(poll(&p, 1, 5000), 1);
    signals_take(fd, &end, &child);
    assert_true(child && !end);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    assert_int_equal(raise(SIGPIPE), 0); /* and we are still here */
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(signals_become_events)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
