#include "os/pump.h"
#include "unit/test.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* The pump runs in a child; these are the ends that the test holds. */
struct line {
    int in, out, socket;
    pid_t pid;
};

static size_t pass_all(void *user, struct span bytes, bool *ret_end)
{
    (void)user, (void)ret_end;
    return bytes.len;
}

/* '!' passes and is the last byte that does. */
static size_t pass_to_mark(void *user, struct span bytes, bool *ret_end)
{
    const uint8_t *mark = memchr(bytes.at, '!', bytes.len);
    (void)user;
    *ret_end = mark != NULL;
    return mark == NULL ? bytes.len : (size_t)(mark - bytes.at) + 1;
}

static struct line pump(pump_check inward, pump_check outward)
{
    int in[2], out[2], pair[2];
    struct pump_way ways[] = {{inward, NULL}, {outward, NULL}};
    assert_int_equal(pipe2(in, O_CLOEXEC) + pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    pid_t pid = fork();
    if (pid == 0) {
        signal(SIGPIPE, SIG_IGN);
        close(in[1]);
        close(out[0]);
        close(pair[0]);
        fcntl(pair[1], F_SETFL, O_NONBLOCK);
        pump_run(in[0], out[1], pair[1], &ways[0], &ways[1]);
        _exit(0);
    }
    close(in[0]);
    close(out[1]);
    close(pair[1]);
    return (struct line){in[1], out[0], pair[0], pid};
}

static void expect_end(struct line *l)
{
    int status = -1;
    assert_int_equal(waitpid(l->pid, &status, 0), l->pid);
    assert_int_equal(status, 0);
    close(l->in);
    close(l->out);
    close(l->socket);
}

static void expect_bytes(int fd, const char *text)
{
    char got[64] = "";
    for (size_t len = 0; len < strlen(text);) {
        ssize_t n = read(fd, got + len, strlen(text) - len);
        assert_true(n > 0);
        len += (size_t)n;
    }
    assert_string_equal(got, text);
}

static void put(int fd, const char *text)
{
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void expect_closed(int fd)
{
    char c;
    assert_int_equal(read(fd, &c, 1), 0);
}

static void bytes_pass_both_ways_until_the_input_ends(void **state)
{
    struct line l = pump(pass_all, pass_all);
    (void)state;
    put(l.in, "to the agent");
    expect_bytes(l.socket, "to the agent");
    put(l.socket, "to the browser");
    expect_bytes(l.out, "to the browser");
    close(l.in);
    expect_closed(l.out);
    l.in = dup(l.out);
    expect_end(&l);
}

static void what_the_socket_sent_before_its_end_is_written(void **state)
{
    struct line l = pump(pass_all, pass_all);
    (void)state;
    put(l.socket, "last words");
    close(l.socket);
    expect_bytes(l.out, "last words");
    expect_closed(l.out);
    l.socket = dup(l.out);
    expect_end(&l);
}

static void a_reader_that_goes_away_ends_it(void **state)
{
    struct line l = pump(pass_all, pass_all);
    (void)state;
    close(l.out);
    expect_closed(l.socket);
    l.out = dup(l.in);
    expect_end(&l);
}

static void an_inward_end_still_lets_the_answer_out(void **state)
{
    struct line l = pump(pass_to_mark, pass_all);
    (void)state;
    put(l.in, "ab!cd");
    expect_bytes(l.socket, "ab!");
    put(l.socket, "why");
    expect_bytes(l.out, "why");
    struct pollfd p = {l.socket, POLLIN, 0};
    assert_int_equal(poll(&p, 1, 50), 0); /* nothing after the mark */
    close(l.socket);
    expect_closed(l.out);
    l.socket = dup(l.out);
    expect_end(&l);
}

static void an_outward_end_ends_everything(void **state)
{
    struct line l = pump(pass_all, pass_to_mark);
    (void)state;
    put(l.socket, "ab!cd");
    expect_bytes(l.out, "ab!");
    expect_closed(l.out);
    expect_end(&l);
}

static void input_ends_it_even_when_the_socket_does_not_read(void **state)
{
    struct line l = pump(pass_all, pass_all);
    static char many[65536];
    (void)state;
    fcntl(l.in, F_SETFL, O_NONBLOCK);
    struct pollfd p = {l.in, POLLOUT, 0};
    while (poll(&p, 1, 100) == 1) {
        assert_true(write(l.in, many, sizeof many) > 0);
    }
    close(l.in);
    expect_closed(l.out);
    l.in = dup(l.out);
    expect_end(&l);
}

static void much_passes_in_order(void **state)
{
    struct line l = pump(pass_all, pass_all);
    uint32_t got = 0;
    (void)state;
    pid_t writer = fork();
    if (writer == 0) {
        for (uint32_t i = 0; i < 300000; i++) {
            if (write(l.socket, &i, sizeof i) != (ssize_t)sizeof i) {
                _exit(1);
            }
        }
        _exit(0);
    }
    for (uint32_t i = 0; i < 300000; i++) {
        size_t len = 0;
        while (len < sizeof got) {
            ssize_t n = read(l.out, (char *)&got + len, sizeof got - len);
            assert_true(n > 0);
            len += (size_t)n;
        }
        assert_int_equal(got, i);
    }
    assert_int_equal(waitpid(writer, NULL, 0), writer);
    close(l.in);
    expect_closed(l.out);
    l.in = dup(l.out);
    expect_end(&l);
}

static void waiting_ends_with_the_first_that_has_news(void **state)
{
    int ready[2], input[2];
    (void)state;
    assert_int_equal(pipe(ready) + pipe(input), 0);
    put(input[1], "data is no end");
    put(ready[1], "r");
    assert_int_equal(pump_wait(ready[0], input[0]), ERR_OK);
    close(input[1]);
    assert_int_equal(pump_wait(ready[0], input[0]), ERR_CLOSED);
    close(ready[0]);
    close(ready[1]);
    close(input[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_pass_both_ways_until_the_input_ends),
        cmocka_unit_test(what_the_socket_sent_before_its_end_is_written),
        cmocka_unit_test(a_reader_that_goes_away_ends_it),
        cmocka_unit_test(an_inward_end_still_lets_the_answer_out),
        cmocka_unit_test(an_outward_end_ends_everything),
        cmocka_unit_test(input_ends_it_even_when_the_socket_does_not_read),
        cmocka_unit_test(much_passes_in_order),
        cmocka_unit_test(waiting_ends_with_the_first_that_has_news),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
