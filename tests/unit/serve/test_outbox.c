#include "os/ipc.h"
#include "serve/outbox.h"
#include "unit/test.h"
#include "wire/frame.h"

#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#define MAX (1024u * 1024)

static struct outbox box;
static int fds[2];

static int open_box(void **state)
{
    (void)state;
    outbox_init(&box, MAX);
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds);
}

static int close_box(void **state)
{
    (void)state;
    outbox_clear(&box);
    close(fds[0]);
    close(fds[1]);
    return 0;
}

static void frames_are_written_whole_when_there_is_room(void **state)
{
    uint8_t got[32];
    bool more = true;
    (void)state;
    assert_int_equal(outbox_add(&box, span_str("one")), ERR_OK);
    assert_int_equal(outbox_add(&box, span_str("two!")), ERR_OK);
    assert_int_equal(outbox_flush(&box, fds[0], &more), ERR_OK);
    assert_false(more);
    assert_int_equal(read(fds[1], got, sizeof got), 15);
    assert_int_equal(frame_length(got), 3);
    assert_memory_equal(got + 4, "one", 3);
    assert_int_equal(frame_length(got + 7), 4);
    assert_null(box.bytes.at);
}

static void the_rest_waits_and_keeps_its_order(void **state)
{
    static uint8_t body[300000], got[700000];
    size_t len = 0;
    bool more = false;
    (void)state;
    memset(body, 'a', sizeof body);
    assert_int_equal(outbox_add(&box, span_of(body, sizeof body)), ERR_OK);
    assert_int_equal(outbox_flush(&box, fds[0], &more), ERR_OK);
    assert_true(more);
    memset(body, 'b', sizeof body);
    assert_int_equal(outbox_add(&box, span_of(body, sizeof body)), ERR_OK);
    while (len < 2 * (sizeof body + FRAME_HEADER)) {
        ssize_t n = read(fds[1], got + len, sizeof got - len);
        assert_true(n > 0);
        len += (size_t)n;
        assert_int_equal(outbox_flush(&box, fds[0], &more), ERR_OK);
    }
    assert_false(more);
    for (size_t i = 0; i < sizeof body; i++) {
        assert_int_equal(got[FRAME_HEADER + i], 'a');
        assert_int_equal(got[2 * FRAME_HEADER + sizeof body + i], 'b');
    }
}

static void more_than_the_maximum_is_refused(void **state)
{
    static uint8_t body[MAX];
    (void)state;
    assert_int_equal(outbox_add(&box, span_of(body, sizeof body)), ERR_TOO_LARGE);
    assert_int_equal(outbox_add(&box, span_of(body, sizeof body - FRAME_HEADER)), ERR_OK);
    assert_int_equal(outbox_add(&box, span_str("x")), ERR_TOO_LARGE);
}

static void a_reader_that_is_gone_is_told(void **state)
{
    bool more;
    (void)state;
    close(fds[1]);
    fds[1] = dup(fds[0]);
    assert_int_equal(outbox_add(&box, span_str("x")), ERR_OK);
    assert_int_equal(outbox_flush(&box, fds[0], &more), ERR_CLOSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_box, close_box)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(frames_are_written_whole_when_there_is_room),
        TEST(the_rest_waits_and_keeps_its_order),
        TEST(more_than_the_maximum_is_refused),
        TEST(a_reader_that_is_gone_is_told),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
