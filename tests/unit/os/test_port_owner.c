#include "os/port_owner.h"

#include "os/ipc.h"
#include "unit/test.h"

#include <unistd.h>

/* The kernel chooses a free port: 0 is bound to one of its own. */
static uint16_t listen_somewhere(bool v6, int *ret_fd)
{
    uint16_t port = 0;
    assert_int_equal(ipc_listen_loopback(0, v6, ret_fd), ERR_OK);
    assert_int_equal(ipc_kind_of(*ret_fd, &port), IPC_LOOPBACK);
    return port;
}

static void who_listens_is_found_on_both_loopback_addresses(void **state)
{
    (void)state;
    for (int v6 = 0; v6 < 2; v6++) {
        struct port_owner owner;
        int fd;
        uint16_t port = listen_somewhere(v6 != 0, &fd);
        assert_true(port_owner_find(port, &owner));
        assert_int_equal(owner.pid, getpid());
        assert_int_equal(owner.uid, getuid());
        assert_string_equal(owner.program, "test_port_owner");
        ipc_close(fd);
        assert_false(port_owner_find(port, &owner));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_listens_is_found_on_both_loopback_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
