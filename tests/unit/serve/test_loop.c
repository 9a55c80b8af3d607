#include "serve/loop.h"
#include "unit/test.h"

#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

static struct loop *loop;
static struct watch *watch;
static struct timer *timer;
static int ours, theirs;
static char log_text[64];

static int open_loop(void **state)
{
    int pair[2];
    (void)state;
    log_text[0] = '\0';
    watch = NULL;
    timer = NULL;
    if (loop_open(&loop) != ERR_OK || socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0) {
        return 1;
    }
    ours = pair[0];
    theirs = pair[1];
    return 0;
}

static int close_loop(void **state)
{
    (void)state;
    watch_close(&watch);
    timer_close(&timer);
    loop_close(&loop);
    assert_null(loop);
    close(ours);
    return 0;
}

static void on_readable(void *user)
{
    char text[16] = "";
    ssize_t n = read(theirs, text, sizeof text - 1);
    (void)user;
    strcat(log_text, n > 0 ? text : "end");
    if (n <= 0) {
        watch_close(&watch);
        loop_stop(loop);
    } else if (text[0] == 'w') {
        watch_want_write(watch);
    } else {
        close(ours);
        ours = -1;
    }
}

static void on_writable(void *user)
{
    (void)user;
    strcat(log_text, " writable ");
    close(ours);
    ours = -1;
}

static const struct watch_calls calls = {on_readable, on_writable};

static void a_descriptor_is_watched_until_it_ends(void **state)
{
    (void)state;
    assert_int_equal(loop_watch(loop, theirs, &calls, NULL, &watch), ERR_OK);
    assert_int_equal(write(ours, "hello ", 6), 6);
    loop_run(loop);
    assert_string_equal(log_text, "hello end");
    assert_null(watch);
}

static void writing_is_told_once_when_asked_for(void **state)
{
    (void)state;
    assert_int_equal(loop_watch(loop, theirs, &calls, NULL, &watch), ERR_OK);
    assert_int_equal(write(ours, "w", 1), 1);
    loop_run(loop);
    assert_string_equal(log_text, "w writable end");
}

static void what_came_before_the_end_is_still_read(void **state)
{
    (void)state;
    assert_int_equal(loop_watch(loop, theirs, &calls, NULL, &watch), ERR_OK);
    assert_int_equal(write(ours, "last ", 5), 5);
    close(ours);
    ours = dup(0);
    loop_run(loop);
    assert_string_equal(log_text, "last end");
}

static size_t sent;

static void on_room(void *user)
{
    static const char many[65536];
    ssize_t n;
    (void)user;
    while ((n = write(theirs, many, sizeof many)) > 0) {
        sent += (size_t)n;
    }
    if (sent < 10 * sizeof many) {
        watch_want_write(watch);
    } else {
        loop_stop(loop);
    }
}

static void on_drain(void *user)
{
    char some[65536];
    (void)user;
    while (read(ours, some, sizeof some) > 0) {
    }
}

static void much_is_written_in_many_pieces(void **state)
{
    static const struct watch_calls writer = {on_readable, on_room}, reader = {on_drain, NULL};
    struct watch *other;
    (void)state;
    sent = 0;
    assert_int_equal(loop_watch(loop, theirs, &writer, NULL, &watch), ERR_OK);
    assert_int_equal(loop_watch(loop, dup(ours), &reader, NULL, &other), ERR_OK);
    watch_want_write(watch);
    loop_run(loop);
    assert_true(sent > 0);
    watch_close(&other);
}

static void on_stop(void *user)
{
    strcat(log_text, user);
    loop_stop(loop);
}

static void nothing_is_called_after_a_watch_was_closed(void **state)
{
    (void)state;
    assert_int_equal(loop_watch(loop, theirs, &calls, NULL, &watch), ERR_OK);
    assert_int_equal(loop_timer(loop, on_stop, "stop", &timer), ERR_OK);
    assert_int_equal(write(ours, "x", 1), 1);
    watch_close(&watch);
    watch_close(&watch);
    timer_set(timer, 50);
    loop_run(loop);
    assert_string_equal(log_text, "stop");
    char c;
    assert_int_equal(read(ours, &c, 1), -1); /* reset: closed with a byte unread */
}

static void a_timer_that_is_set_again_or_stopped_forgets(void **state)
{
    struct timer *other = NULL;
    (void)state;
    assert_int_equal(loop_timer(loop, on_stop, "never", &other), ERR_OK);
    assert_int_equal(loop_timer(loop, on_stop, "once", &timer), ERR_OK);
    timer_set(timer, 100000);
    timer_set(timer, 20);
    timer_set(other, 1);
    timer_stop(other);
    loop_run(loop);
    assert_string_equal(log_text, "once");
    timer_close(&other);
    assert_null(other);
    close(theirs);
}

static void closing_the_loop_calls_nothing_back(void **state)
{
    struct watch *left;
    (void)state;
    assert_int_equal(loop_watch(loop, theirs, &calls, NULL, &left), ERR_OK);
    assert_int_equal(write(ours, "x", 1), 1);
    loop_close(&loop);
    assert_string_equal(log_text, "");
    watch_close(&left);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_loop, close_loop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_descriptor_is_watched_until_it_ends),
        TEST(writing_is_told_once_when_asked_for),
        TEST(much_is_written_in_many_pieces),
        TEST(what_came_before_the_end_is_still_read),
        TEST(nothing_is_called_after_a_watch_was_closed),
        TEST(a_timer_that_is_set_again_or_stopped_forgets),
        TEST(closing_the_loop_calls_nothing_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
