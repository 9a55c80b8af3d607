/* The program that is started is this one: with an argument it plays a child. */
#include "base/limits.h"
#include "os/clock.h"
#include "os/spawn.h"
#include "unit/os/scratch.h"
#include "unit/test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define SELF "test_spawn"

/* ---- children ---- */

static int play_echo(void)
{
    char c;
    while (read(0, &c, 1) == 1) {
        if (write(1, &c, 1) != 1) {
            return 1;
        }
    }
    return 7;
}

static int play_environment(void)
{
    for (char **at = environ; *at != NULL; at++) {
        dprintf(1, "%s\n", *at);
    }
    return 0;
}

static int play_descriptors(void)
{
    DIR *d = opendir("/proc/self/fd");
    struct dirent *one;
    while ((one = readdir(d)) != NULL) {
        if (one->d_name[0] != '.' && atoi(one->d_name) != dirfd(d)) {
            dprintf(1, "%s ", one->d_name);
        }
    }
    closedir(d);
    return 0;
}

static int play_stubborn(void)
{
    signal(SIGTERM, SIG_IGN);
    dprintf(1, "x");
    pause();
    return 0;
}

/* A parent that is killed: its child's end of the pipe shows whether the child died too. */
static int play_parent(void)
{
    struct child c;
    static const char *const args[] = {"stubborn_once", NULL};
    char ready;
    if (spawn_sibling(SELF, args, &c) != ERR_OK || read(c.fd, &ready, 1) != 1) {
        return 1;
    }
    dprintf(1, "%d\n", c.pid);
    pause();
    return 0;
}

static int play_waiting(void)
{
    dprintf(1, "x");
    pause();
    return 0;
}

static int play_ready(void)
{
    dprintf(2, "a line for the log\n");
    return write(3, "r", 1) == 1 && getsid(0) == getpid() ? 0 : 1;
}

static int play_busy(void)
{
    return SPAWN_STATUS_BUSY;
}

static int play_broken_pipe(void)
{
    char c;
    while (read(0, &c, 1) == 1) {
    }
    return write(1, "x", 1) < 0 && errno == EPIPE ? 8 : 9;
}

static const struct {
    const char *name;
    int (*run)(void);
} plays[] = {
    {"echo", play_echo},
    {"environment", play_environment},
    {"stubborn", play_stubborn},
    {"descriptors", play_descriptors},
    {"parent", play_parent},
    {"stubborn_once", play_waiting},
    {"ready", play_ready},
    {"busy", play_busy},
    {"broken_pipe", play_broken_pipe},
};

/* ---- tests ---- */

static struct child started(const char *play)
{
    const char *args[] = {play, NULL};
    struct child c = {0, -1};
    assert_int_equal(spawn_sibling(SELF, args, &c), ERR_OK);
    assert_true(c.pid > 0 && c.fd > 2);
    return c;
}

/* Everything up to the end of the stream. */
static void read_all(int fd, char *to, size_t cap)
{
    size_t len = 0;
    ssize_t n;
    while ((n = read(fd, to + len, cap - 1 - len)) > 0) {
        len += (size_t)n;
    }
    to[len] = '\0';
}

static void a_child_talks_through_its_pair(void **state)
{
    struct child c = started("echo");
    char back[4] = "";
    (void)state;
    assert_int_equal(write(c.fd, "abc", 3), 3);
    assert_int_equal(recv(c.fd, back, 3, MSG_WAITALL), 3);
    assert_string_equal(back, "abc");
    spawn_hang_up(&c);
    assert_int_equal(c.fd, -1);
    assert_int_equal(spawn_wait_status(&c), 7);
    assert_int_equal(c.pid, 0);
}

static void only_listed_variables_are_passed_on(void **state)
{
    char got[8192];
    (void)state;
    setenv("LD_PRELOAD_TEST", "1", 1);
    setenv("GTK_MODULES", "evil", 1);
    setenv("LC_TEST", "yes", 1);
    setenv("DISPLAYED", "no", 1);
    setenv("DISPLAY", ":7", 1);
    struct child c = started("environment");
    read_all(c.fd, got, sizeof got);
    spawn_end(&c);
    assert_non_null(strstr(got, "LC_TEST=yes\n"));
    assert_non_null(strstr(got, "DISPLAY=:7\n"));
    assert_null(strstr(got, "GTK_MODULES"));
    assert_null(strstr(got, "LD_PRELOAD_TEST"));
    assert_null(strstr(got, "DISPLAYED"));
}

static void no_descriptor_is_passed_on_but_three(void **state)
{
    char got[256];
    (void)state;
    int leaky = open("/dev/null", O_RDONLY); /* without close-on-exec, as a library might */
    struct child c = started("descriptors");
    read_all(c.fd, got, sizeof got);
    spawn_end(&c);
    close(leaky);
    assert_string_equal(got, "0 1 2 ");
}

static void a_program_that_is_not_there_is_reported(void **state)
{
    static const char *const none[] = {NULL};
    struct child c = {-5, -5};
    (void)state;
    assert_int_equal(spawn_sibling("no-such-program", none, &c), ERR_AGENT_DOWN);
    assert_int_equal(c.pid, -5);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
}

static void a_child_that_ignores_the_request_is_killed(void **state)
{
    struct child c = started("stubborn");
    char ready;
    (void)state;
    assert_int_equal(read(c.fd, &ready, 1), 1);
    uint64_t before = clock_monotonic_ms();
    spawn_end(&c);
    assert_in_range(clock_monotonic_ms() - before, 190, 5000);
    assert_int_equal(c.pid, 0);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    spawn_end(&c);
}

static void a_released_child_is_reaped_later(void **state)
{
    struct child c = started("echo");
    int pid = c.pid;
    siginfo_t ended;
    (void)state;
    spawn_release(&c);
    assert_int_equal(c.pid, 0);
    assert_int_equal(waitid(P_PID, (id_t)pid, &ended, WEXITED | WNOWAIT), 0);
    spawn_reap();
    assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
}

static void a_watched_child_tells_how_it_ended(void **state)
{
    struct child c = started("echo");
    siginfo_t ended;
    int status = -1;
    (void)state;
    assert_false(spawn_has_ended(&c, &status));
    spawn_hang_up(&c);
    assert_int_equal(waitid(P_PID, (id_t)c.pid, &ended, WEXITED | WNOWAIT), 0);
    assert_true(spawn_has_ended(&c, &status));
    assert_int_equal(status, 7);
    assert_int_equal(c.pid, 0);
    c = started("stubborn");
    kill(c.pid, SIGKILL);
    assert_int_equal(spawn_wait_status(&c), SPAWN_STATUS_SIGNAL + SIGKILL);
}

static void a_child_dies_with_its_parent(void **state)
{
    struct child parent = started("parent");
    char line[32] = "";
    (void)state;
    assert_true(read(parent.fd, line, sizeof line - 1) > 0);
    int grandchild = atoi(line);
    assert_true(grandchild > 0 && kill(grandchild, 0) == 0);
    kill(parent.pid, SIGKILL);
    (void)spawn_wait_status(&parent);
    uint64_t until = clock_monotonic_ms() + 5000;
    char path[64], stat[64] = "";
    /* Whoever inherits it may be slow to collect it: a zombie is dead too. */
    do {
        snprintf(path, sizeof path, "/proc/%d/stat", grandchild);
        FILE *f = fopen(path, "r");
        stat[0] = '\0';
        if (f != NULL) {
            assert_true(fscanf(f, "%*d %*s %60s", stat) <= 1);
            fclose(f);
        }
    } while (stat[0] != '\0' && stat[0] != 'Z' && clock_monotonic_ms() < until);
    assert_true(stat[0] == '\0' || stat[0] == 'Z');
}

static void a_write_to_a_closed_pair_does_not_kill_a_child(void **state)
{
    struct child c = started("broken_pipe");
    (void)state;
    assert_int_equal(spawn_wait_status(&c), 8);
}

static void a_detached_program_says_that_it_is_ready(void **state)
{
    static const char *const args[] = {"ready", NULL};
    struct child c;
    char byte = 0, path[128], line[64] = "";
    (void)state;
    setenv("XDG_RUNTIME_DIR", scratch, 1);
    assert_int_equal(spawn_detached(SELF, args, &c), ERR_OK);
    assert_int_equal(read(c.fd, &byte, 1), 1);
    assert_int_equal(byte, 'r');
    assert_int_equal(spawn_wait_status(&c), 0);
    snprintf(path, sizeof path, "%s/korttisilta/" SELF ".log", scratch);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    fclose(f);
    assert_string_equal(line, "a line for the log\n");
}

static void a_log_that_has_grown_begins_again(void **state)
{
    static const char *const args[] = {"ready", NULL};
    struct child c;
    struct stat st;
    char path[128], byte;
    (void)state;
    setenv("XDG_RUNTIME_DIR", scratch, 1);
    snprintf(path, sizeof path, "%s/korttisilta/" SELF ".log", scratch);
    assert_int_equal(truncate(path, LIMIT_LOG + 1), 0);
    assert_int_equal(spawn_detached(SELF, args, &c), ERR_OK);
    assert_int_equal(read(c.fd, &byte, 1), 1);
    assert_int_equal(spawn_wait_status(&c), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_size, strlen("a line for the log\n"));
}

static void a_detached_program_that_gives_way_says_so(void **state)
{
    static const char *const args[] = {"busy", NULL};
    struct child c;
    char byte;
    (void)state;
    setenv("XDG_RUNTIME_DIR", scratch, 1);
    assert_int_equal(spawn_detached(SELF, args, &c), ERR_OK);
    assert_int_equal(read(c.fd, &byte, 1), 0);
    assert_int_equal(spawn_wait_status(&c), SPAWN_STATUS_BUSY);
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof plays / sizeof plays[0]; i++) {
        if (strcmp(argv[1], plays[i].name) == 0) {
            return plays[i].run();
        }
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_child_talks_through_its_pair),
        cmocka_unit_test(only_listed_variables_are_passed_on),
        cmocka_unit_test(no_descriptor_is_passed_on_but_three),
        cmocka_unit_test(a_program_that_is_not_there_is_reported),
        cmocka_unit_test(a_child_that_ignores_the_request_is_killed),
        cmocka_unit_test(a_released_child_is_reaped_later),
        cmocka_unit_test(a_watched_child_tells_how_it_ended),
        cmocka_unit_test(a_child_dies_with_its_parent),
        cmocka_unit_test(a_write_to_a_closed_pair_does_not_kill_a_child),
        cmocka_unit_test(a_detached_program_says_that_it_is_ready),
        cmocka_unit_test(a_log_that_has_grown_begins_again),
        cmocka_unit_test(a_detached_program_that_gives_way_says_so),
    };
    return cmocka_run_group_tests(tests, scratch_make, scratch_drop);
}
