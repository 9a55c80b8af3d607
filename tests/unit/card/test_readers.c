#include "unit/card/winscard_abi.h"
#include "unit/test.h"

#include "card/readers.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>

/* How long a test waits for something that must come: only a failure takes that long. */
#define SOON_MS 20000

/* A PC/SC service with readers that come and go while a thread waits in it. */
static struct {
    pthread_mutex_t lock;
    pthread_cond_t moved;
    bool up;
    bool storm;       /* every wait ends at once, as if something had changed */
    bool late_reader; /* a reader is plugged in between the list and the wait, and no event tells */
    unsigned generation; /* every restart makes older contexts invalid */
    size_t n;
    char names[4][32];
    unsigned long events[4];
    unsigned contexts;
    unsigned waits;   /* SCardGetStatusChange calls that could wait */
    bool is_waiting;  /* a thread is in an endless wait */
    bool is_canceled; /* heard by the wait that is on, lost when none is */
} world;

static long is_lost(long context)
{
    return !world.up || (unsigned)context != world.generation ? ABI_NO_SERVICE : ABI_OK;
}

long SCardEstablishContext(unsigned long scope, const void *a, const void *b, long *context)
{
    (void)scope, (void)a, (void)b;
    pthread_mutex_lock(&world.lock);
    long rv = world.up ? ABI_OK : ABI_NO_SERVICE;
    *context = (long)world.generation;
    world.contexts += rv == ABI_OK ? 1 : 0;
    pthread_mutex_unlock(&world.lock);
    return rv;
}

long SCardReleaseContext(long context)
{
    (void)context;
    pthread_mutex_lock(&world.lock);
    world.contexts--;
    pthread_mutex_unlock(&world.lock);
    return ABI_OK;
}

long SCardListReaders(long context, const char *groups, char *names, unsigned long *len)
{
    (void)groups;
    pthread_mutex_lock(&world.lock);
    long rv = is_lost(context);
    char *at = names;
    for (size_t i = 0; rv == ABI_OK && i < world.n; i++) {
        at += snprintf(at, 32, "%s", world.names[i]) + 1;
    }
    *at++ = '\0';
    if (rv == ABI_OK && world.n == 0) {
        rv = ABI_NO_READERS;
    } else {
        *len = (unsigned long)(at - names);
    }
    pthread_mutex_unlock(&world.lock);
    return rv;
}

static size_t index_of(const char *name)
{
    size_t i = 0;
    while (i < world.n && strcmp(world.names[i], name) != 0) {
        i++;
    }
    return i;
}

/* Like pcsc-lite: the number of readers is compared with the one at the start of the call. */
static bool look_around(struct abi_reader_state *states, unsigned long n, size_t readers_before,
                        long *rv)
{
    bool changed = false;
    for (unsigned long i = 0; i < n; i++) {
        size_t at = index_of(states[i].name);
        if (strcmp(states[i].name, "\\\\?PnP?\\Notification") == 0) {
            changed = changed || world.n != readers_before;
            continue;
        }
        if (at == world.n) {
            *rv = ABI_UNKNOWN_READER;
            return true;
        }
        states[i].event = world.events[at];
        states[i].atr_len = (world.events[at] & ABI_STATE_PRESENT) != 0 ? 2 : 0;
        memcpy(states[i].atr, "\x3B\x00", 2);
        changed = changed || states[i].current != world.events[at];
    }
    return changed;
}

static void plug(const char *name, unsigned long event)
{
    snprintf(world.names[world.n], sizeof world.names[0], "%s", name);
    world.events[world.n++] = event;
}

long SCardGetStatusChange(long context, unsigned long timeout, struct abi_reader_state *states,
                          unsigned long n)
{
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += (time_t)(timeout / 1000);
    pthread_mutex_lock(&world.lock);
    if (timeout > 0 && world.late_reader) {
        world.late_reader = false;
        plug("Late", ABI_STATE_EMPTY);
    }
    size_t before = world.n;
    long rv = is_lost(context);
    world.waits += timeout > 0 ? 1 : 0;
    world.is_canceled = false;
    world.is_waiting = timeout == ABI_INFINITE;
    pthread_cond_broadcast(&world.moved);
    while (rv == ABI_OK && !look_around(states, n, before, &rv) && timeout > 0 && !world.storm) {
        int waited = timeout == ABI_INFINITE
                         ? pthread_cond_wait(&world.moved, &world.lock)
                         : pthread_cond_timedwait(&world.moved, &world.lock, &until);
        rv = waited != 0 ? ABI_TIMEOUT : is_lost(context);
        rv = world.is_canceled ? ABI_CANCELLED : rv;
    }
    world.is_waiting = false;
    pthread_mutex_unlock(&world.lock);
    return rv;
}

/* A cancel without a wait is lost, as in pcsc-lite. */
long SCardCancel(long context)
{
    (void)context;
    pthread_mutex_lock(&world.lock);
    world.is_canceled = true;
    pthread_cond_broadcast(&world.moved);
    pthread_mutex_unlock(&world.lock);
    return ABI_OK;
}

static struct readers *watcher;
static struct reader_state seen[LIMIT_READERS];
static size_t n_seen;

static int start(void **state)
{
    (void)state;
    memset(&world, 0, sizeof world);
    pthread_mutex_init(&world.lock, NULL);
    pthread_cond_init(&world.moved, NULL);
    world.up = true;
    world.generation = 1;
    return 0;
}

static int stop(void **state)
{
    (void)state;
    readers_close(&watcher);
    return world.contexts != 0;
}

static void change_begin(void)
{
    pthread_mutex_lock(&world.lock);
}

static void change_end(void)
{
    pthread_cond_broadcast(&world.moved);
    pthread_mutex_unlock(&world.lock);
}

static bool is_readable(int timeout_ms)
{
    struct pollfd p = {.fd = readers_fd(watcher), .events = POLLIN};
    return poll(&p, 1, timeout_ms) == 1;
}

static enum err take(void)
{
    return readers_take(watcher, seen, LIMIT_READERS, &n_seen);
}

/* Takes news until the state is the wanted one. */
static void await_state(enum err wanted, size_t n)
{
    enum err e = take();
    while (e != wanted || n_seen != n) {
        assert_true(is_readable(SOON_MS));
        e = take();
    }
}

static void await_endless_wait(void)
{
    pthread_mutex_lock(&world.lock);
    while (!world.is_waiting) {
        pthread_cond_wait(&world.moved, &world.lock);
    }
    pthread_mutex_unlock(&world.lock);
}

static void open_watcher(void)
{
    assert_int_equal(readers_open(&watcher), ERR_OK);
}

static void the_state_is_known_from_the_start(void **state)
{
    (void)state;
    plug("Reader 0", ABI_STATE_PRESENT | ABI_STATE_INUSE | 5ul << 16);
    plug("Reader 1", ABI_STATE_EMPTY | 8ul << 16);
    plug("Reader 2", ABI_STATE_PRESENT | ABI_STATE_MUTE);
    plug("Reader 3", ABI_STATE_PRESENT | ABI_STATE_EXCLUSIVE);
    open_watcher();
    assert_int_equal(take(), ERR_OK);
    assert_int_equal(n_seen, 4);
    assert_string_equal(seen[0].name, "Reader 0");
    assert_true(seen[0].has_card);
    assert_int_equal(seen[0].insertion_count, 5);
    assert_int_equal(seen[0].atr_len, 2);
    assert_false(seen[1].has_card);
    assert_int_equal(seen[1].atr_len, 0);
    assert_true(seen[2].mute);
    assert_true(seen[3].exclusive);
    assert_int_not_equal(readers_epoch(watcher), 0);
}

static void only_as_many_as_asked_for_are_given(void **state)
{
    (void)state;
    plug("Reader 0", ABI_STATE_EMPTY);
    plug("Reader 1", ABI_STATE_EMPTY);
    open_watcher();
    assert_int_equal(readers_take(watcher, seen, 1, &n_seen), ERR_OK);
    assert_int_equal(n_seen, 1);
}

static void no_reader_and_no_service_are_states(void **state)
{
    (void)state;
    open_watcher();
    assert_int_equal(take(), ERR_NO_READER);
    readers_close(&watcher);
    world.up = false;
    open_watcher();
    assert_int_equal(take(), ERR_PCSC_DOWN);
    assert_int_equal(readers_epoch(watcher), 0);
}

static void a_card_is_told_and_the_epoch_stays(void **state)
{
    (void)state;
    plug("Reader 0", ABI_STATE_EMPTY);
    open_watcher();
    await_state(ERR_OK, 1);
    uint64_t epoch = readers_epoch(watcher);
    for (unsigned long count = 1; count < 6; count++) {
        change_begin();
        world.events[0] = (count % 2 == 1 ? ABI_STATE_PRESENT : ABI_STATE_EMPTY) | count << 16;
        change_end();
        while (seen[0].insertion_count != count) {
            assert_true(is_readable(SOON_MS));
            assert_int_equal(take(), ERR_OK);
        }
        assert_int_equal(seen[0].has_card, count % 2 == 1);
    }
    assert_int_equal(readers_epoch(watcher), epoch);
}

static void readers_that_come_and_go_are_told(void **state)
{
    (void)state;
    open_watcher();
    await_state(ERR_NO_READER, 0);
    change_begin();
    plug("Reader 0", ABI_STATE_EMPTY);
    change_end();
    await_state(ERR_OK, 1);
    change_begin();
    plug("Reader 1", ABI_STATE_EMPTY);
    change_end();
    await_state(ERR_OK, 2);
    change_begin();
    world.n = 0;
    change_end();
    await_state(ERR_NO_READER, 0);
}

static void a_reader_that_comes_between_list_and_wait_is_found(void **state)
{
    (void)state;
    world.late_reader = true;
    open_watcher();
    await_state(ERR_OK, 1);
    assert_string_equal(seen[0].name, "Late");
}

static void what_other_programs_do_does_not_wake_us(void **state)
{
    (void)state;
    plug("Reader 0", ABI_STATE_PRESENT);
    open_watcher();
    await_state(ERR_OK, 1);
    await_endless_wait();
    (void)take();
    unsigned waits = world.waits;
    change_begin();
    world.events[0] |= ABI_STATE_INUSE;
    change_end();
    change_begin();
    while (world.waits == waits) { /* the thread has looked and waits again */
        pthread_cond_wait(&world.moved, &world.lock);
    }
    change_end();
    await_endless_wait();
    assert_false(is_readable(0));
}

/* Idle is one call of PC/SC without an end. */
static void an_idle_watcher_is_in_an_endless_wait(void **state)
{
    (void)state;
    plug("Reader 0", ABI_STATE_EMPTY);
    open_watcher();
    await_endless_wait();
    assert_int_equal(world.waits, 2); /* the first was short, to find late readers */
}

static void a_service_that_goes_and_comes_back_has_another_epoch(void **state)
{
    uint64_t epochs[3];
    (void)state;
    plug("Reader 0", ABI_STATE_PRESENT | 5ul << 16);
    open_watcher();
    for (size_t i = 0; i < 3; i++) {
        await_state(ERR_OK, 1);
        epochs[i] = readers_epoch(watcher);
        assert_int_not_equal(epochs[i], 0);
        for (size_t k = 0; k < i; k++) {
            assert_int_not_equal(epochs[i], epochs[k]);
        }
        change_begin();
        world.up = false;
        world.generation++;
        change_end();
        await_state(ERR_PCSC_DOWN, 0);
        assert_int_equal(readers_epoch(watcher), 0);
        change_begin();
        world.up = true;
        change_end();
    }
}

/* A restart so quick that the service is never seen away. */
static void a_quick_restart_is_noticed_too(void **state)
{
    (void)state;
    plug("Reader 0", ABI_STATE_PRESENT | 5ul << 16);
    open_watcher();
    await_state(ERR_OK, 1);
    uint64_t epoch = readers_epoch(watcher);
    await_endless_wait();
    change_begin();
    world.generation++;
    change_end();
    await_state(ERR_PCSC_DOWN, 0);
    await_state(ERR_OK, 1);
    assert_int_not_equal(readers_epoch(watcher), epoch);
}

static void a_service_that_reports_without_end_does_not_keep_us_busy(void **state)
{
    (void)state;
    plug("Reader 0", ABI_STATE_PRESENT);
    world.storm = true;
    open_watcher();
    (void)take();
    assert_false(is_readable(300));
    change_begin();
    assert_true(world.waits < 40);
    world.storm = false;
    world.n = 0;
    change_end();
    await_state(ERR_NO_READER, 0);
}

static void closing_ends_every_kind_of_wait(void **state)
{
    (void)state;
    plug("Reader 0", ABI_STATE_EMPTY);
    open_watcher();
    await_endless_wait();
    readers_close(&watcher);
    assert_null(watcher);
    assert_int_equal(world.contexts, 0);
    world.up = false;
    open_watcher(); /* waits for the service */
    readers_close(&watcher);
    readers_close(&watcher);
}

/* A cancel can come just before the wait that it should end. */
static void closing_right_after_opening_never_hangs(void **state)
{
    (void)state;
    plug("Reader 0", ABI_STATE_EMPTY);
    for (int i = 0; i < 500; i++) {
        open_watcher();
        readers_close(&watcher);
        assert_int_equal(world.contexts, 0);
    }
}

static void one_look_without_a_watcher(void **state)
{
    (void)state;
    assert_int_equal(readers_list(seen, LIMIT_READERS, &n_seen), ERR_NO_READER);
    assert_int_equal(n_seen, 0);
    plug("Reader 0", ABI_STATE_PRESENT | 5ul << 16);
    assert_int_equal(readers_list(seen, LIMIT_READERS, &n_seen), ERR_OK);
    assert_int_equal(n_seen, 1);
    assert_string_equal(seen[0].name, "Reader 0");
    world.up = false;
    assert_int_equal(readers_list(seen, LIMIT_READERS, &n_seen), ERR_PCSC_DOWN);
    assert_int_equal(n_seen, 0);
    assert_int_equal(world.contexts, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_state_is_known_from_the_start),
        TEST(only_as_many_as_asked_for_are_given),
        TEST(no_reader_and_no_service_are_states),
        TEST(a_card_is_told_and_the_epoch_stays),
        TEST(readers_that_come_and_go_are_told),
        TEST(a_reader_that_comes_between_list_and_wait_is_found),
        TEST(what_other_programs_do_does_not_wake_us),
        TEST(an_idle_watcher_is_in_an_endless_wait),
        TEST(a_service_that_goes_and_comes_back_has_another_epoch),
        TEST(a_quick_restart_is_noticed_too),
        TEST(a_service_that_reports_without_end_does_not_keep_us_busy),
        TEST(closing_ends_every_kind_of_wait),
        TEST(closing_right_after_opening_never_hangs),
        TEST(one_look_without_a_watcher),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
