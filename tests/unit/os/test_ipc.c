#include "os/ipc.h"
#include "os/spawn.h"
#include "unit/os/scratch.h"
#include "unit/test.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>

static int fresh(void **state)
{
    int failed = scratch_make(state);
    setenv("XDG_RUNTIME_DIR", scratch, 1);
    return failed;
}

static void in_runtime(char ret[108], const char *name)
{
    snprintf(ret, 108, "%s/korttisilta/%s", scratch, name);
}

static bool exists(const char *name)
{
    char path[108];
    in_runtime(path, name);
    return access(path, F_OK) == 0;
}

static void await(int fd)
{
    struct pollfd p = {fd, POLLIN, 0};
    assert_int_equal(poll(&p, 1, 5000), 1);
}

/* In a process of its own, since a lock belongs to one. */
static int in_child(int (*play)(void))
{
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        _exit(play());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int play_listen(void)
{
    int fd;
    return (int)ipc_listen(&fd);
}

static void one_agent_listens_and_hosts_connect(void **state)
{
    int listener, host, accepted;
    char path[108], text[4] = "";
    struct stat st;
    size_t len = 0;
    (void)state;
    assert_int_equal(ipc_connect(&host), ERR_AGENT_DOWN);
    assert_int_equal(ipc_listen(&listener), ERR_OK);
    in_runtime(path, "agent.sock");
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(ipc_accept(listener, &accepted), ERR_CLOSED);
    assert_int_equal(ipc_connect(&host), ERR_OK);
    assert_int_equal(ipc_accept(listener, &accepted), ERR_OK);
    assert_int_equal(ipc_check_peer(accepted), ERR_OK);
    assert_int_equal(ipc_read(accepted, (uint8_t *)text, sizeof text, &len), ERR_OK);
    assert_int_equal(len, 0);
    assert_int_equal(ipc_write(host, span_str("abc"), &len), ERR_OK);
    assert_int_equal(len, 3);
    assert_int_equal(ipc_read(accepted, (uint8_t *)text, sizeof text, &len), ERR_OK);
    assert_string_equal(text, "abc");
    ipc_close(host);
    assert_int_equal(ipc_read(accepted, (uint8_t *)text, sizeof text, &len), ERR_CLOSED);
    ipc_close(accepted);
    ipc_close(listener);
    ipc_unlisten();
    assert_false(exists("agent.sock"));
    ipc_close(-1);
}

static void a_second_agent_gives_way(void **state)
{
    int listener, host;
    (void)state;
    assert_int_equal(ipc_listen(&listener), ERR_OK);
    assert_int_equal(in_child(play_listen), ERR_BUSY);
    assert_int_equal(ipc_connect(&host), ERR_OK); /* the first one's socket is still there */
    ipc_close(host);
    ipc_close(listener);
    ipc_unlisten();
    assert_int_equal(in_child(play_listen), ERR_OK);
}

static void what_a_dead_agent_left_behind_is_replaced(void **state)
{
    int listener, host;
    (void)state;
    assert_int_equal(in_child(play_listen), ERR_OK); /* ends without ipc_unlisten */
    assert_true(exists("agent.sock"));
    assert_int_equal(ipc_connect(&host), ERR_AGENT_DOWN);
    assert_int_equal(ipc_listen(&listener), ERR_OK);
    assert_int_equal(ipc_connect(&host), ERR_OK);
    ipc_close(host);
    ipc_close(listener);
    ipc_unlisten();
}

/* systemd listens, and no agent runs yet: a lock alone would not show it. */
static void a_socket_that_somebody_else_listens_on_is_left_alone(void **state)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    int other = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), listener, host;
    (void)state;
    assert_int_equal(ipc_connect(&host), ERR_AGENT_DOWN); /* makes the folder */
    in_runtime(at.sun_path, "agent.sock");
    assert_int_equal(bind(other, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(other, 4), 0);
    assert_int_equal(ipc_listen(&listener), ERR_BUSY);
    assert_int_equal(ipc_lock(), ERR_OK); /* the agent that systemd starts */
    assert_int_equal(ipc_kind_of(other, NULL), IPC_LOCAL);
    ipc_unlisten();
    assert_true(exists("agent.sock"));
    close(other);
}

static void an_agent_that_somebody_is_connecting_to_stays(void **state)
{
    int listener, host, accepted;
    (void)state;
    assert_int_equal(ipc_listen(&listener), ERR_OK);
    assert_int_equal(ipc_connect(&host), ERR_OK);
    assert_int_equal(ipc_retire(listener, true), ERR_BUSY);
    assert_true(exists("agent.sock"));
    assert_int_equal(ipc_accept(listener, &accepted), ERR_OK);
    assert_int_equal(ipc_retire(listener, true), ERR_OK);
    assert_false(exists("agent.sock"));
    assert_false(exists("agent.sock.ending"));
    ipc_close(host);
    ipc_close(accepted);
    ipc_close(listener);
    ipc_unlisten();
    assert_int_equal(in_child(play_listen), ERR_OK);
}

/* The session has ended, and its runtime folder with it; the agent was started outside of it. */
static void an_agent_whose_folder_is_gone_ends_all_the_same(void **state)
{
    char runtime[128], away[sizeof runtime + 8];
    int listener, host;
    (void)state;
    assert_int_equal(ipc_listen(&listener), ERR_OK);
    snprintf(runtime, sizeof runtime, "%s", getenv("XDG_RUNTIME_DIR"));
    snprintf(away, sizeof away, "%s.gone", runtime);
    assert_int_equal(rename(runtime, away), 0);
    assert_int_equal(unsetenv("XDG_RUNTIME_DIR"), 0);
    char home[128] = "";
    snprintf(home, sizeof home, "%s", getenv("HOME") != NULL ? getenv("HOME") : "/");
    assert_int_equal(setenv("HOME", "/nowhere", 1), 0);
    assert_int_equal(ipc_retire(listener, true), ERR_OK);
    ipc_close(listener);
    ipc_unlisten();
    assert_int_equal(setenv("HOME", home, 1), 0);
    assert_int_equal(setenv("XDG_RUNTIME_DIR", runtime, 1), 0);
    assert_int_equal(rename(away, runtime), 0);
    assert_int_equal(ipc_listen(&listener), ERR_OK);
    assert_int_equal(ipc_connect(&host), ERR_OK);
    ipc_close(host);
    ipc_close(listener);
    ipc_unlisten();
}

/* It could find the ports taken otherwise. */
static void a_new_agent_waits_until_the_old_one_has_closed_everything(void **state)
{
    int listener, pipe_of_child[2], status = -1;
    char c;
    (void)state;
    assert_int_equal(ipc_listen(&listener), ERR_OK);
    assert_int_equal(ipc_retire(listener, false), ERR_OK);
    assert_int_equal(pipe(pipe_of_child), 0);
    char path[108];
    in_runtime(path, "agent.lock");
    pid_t pid = fork();
    if (pid == 0) {
        /* The lock belongs to the open file that this child shares: it drops its share first. */
        for (int fd = 3; fd < 64; fd++) {
            if (fd != pipe_of_child[1]) {
                close(fd);
            }
        }
        int lock = open(path, O_RDWR);
        struct flock start = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 1, .l_len = 1};
        int taken = fcntl(lock, F_OFD_SETLK, &start);
        _exit(write(pipe_of_child[1], taken == 0 ? "1" : "0", 1) == 1 &&
                      fcntl(lock, F_OFD_SETLKW, &start) == 0
                  ? 0
                  : 1);
    }
    assert_int_equal(read(pipe_of_child[0], &c, 1), 1);
    assert_int_equal(c, '0');
    ipc_close(listener);
    ipc_unlisten();
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(pipe_of_child[0]);
    close(pipe_of_child[1]);
}

/* ---- loopback ---- */

static uint16_t port_of(int fd)
{
    uint16_t port = 0;
    assert_int_equal(ipc_kind_of(fd, &port), IPC_LOOPBACK);
    return port;
}

static int knock(uint16_t port, const struct in6_addr *v6)
{
    struct sockaddr_in a4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct sockaddr_in6 a6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    int fd = socket(v6 != NULL ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    a4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (v6 != NULL) {
        a6.sin6_addr = *v6;
    }
    int n = v6 != NULL ? connect(fd, (struct sockaddr *)&a6, sizeof a6)
                       : connect(fd, (struct sockaddr *)&a4, sizeof a4);
    assert_int_equal(n, 0);
    return fd;
}

static void a_port_is_taken_once(void **state)
{
    int first, second;
    (void)state;
    assert_int_equal(ipc_listen_loopback(0, false, &first), ERR_OK);
    assert_int_equal(ipc_listen_loopback(port_of(first), false, &second), ERR_BUSY);
    close(first);
}

static void connections_of_this_user_are_recognised(void **state)
{
    static const struct in6_addr mapped = {
        {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127, 0, 0, 1}}};
    struct {
        bool v6;
        const struct in6_addr *to;
    } rows[] = {{false, NULL}, {true, &in6addr_loopback}, {false, &mapped}};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int listener, accepted, on = 0;
        socklen_t size = sizeof on;
        assert_int_equal(ipc_listen_loopback(0, rows[i].v6, &listener), ERR_OK);
        int client = knock(port_of(listener), rows[i].to);
        await(listener);
        assert_int_equal(ipc_accept(listener, &accepted), ERR_OK);
        assert_int_equal(ipc_check_tcp_peer(accepted), ERR_OK);
        assert_int_equal(getsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, &size), 0);
        assert_int_equal(on, 1);
        close(client);
        close(accepted);
        close(listener);
    }
}

/* The socket keeps the uid that made it. Without the right to become someone else the same look-up
 * is asked about a connection whose other end is gone. */
static void connections_of_anybody_else_are_refused(void **state)
{
    int listener, accepted;
    (void)state;
    assert_int_equal(ipc_listen_loopback(0, false, &listener), ERR_OK);
    bool other = geteuid() == 0 && seteuid(65534) == 0;
    int client = knock(port_of(listener), NULL);
    assert_int_equal(other ? seteuid(0) : close(client), 0);
    await(listener);
    assert_int_equal(ipc_accept(listener, &accepted), ERR_OK);
    assert_int_equal(ipc_check_tcp_peer(accepted), ERR_PEER_DENIED);
    if (other) {
        close(client);
    }
    close(accepted);
    close(listener);
}

/* Kernels without sock_diag: everything again in a process that gets no netlink socket. */
static int play_without_netlink(void)
{
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[0])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {sizeof rules / sizeof rules[0], rules};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connections_of_this_user_are_recognised),
        cmocka_unit_test(connections_of_anybody_else_are_refused),
    };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 ||
        prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0 ||
        socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG) >= 0) {
        return 99;
    }
    return cmocka_run_group_tests_name("without netlink", tests, NULL, NULL);
}

static void a_kernel_that_can_not_be_asked_has_a_table(void **state)
{
    (void)state;
    assert_int_equal(in_child(play_without_netlink), 0);
}

static void only_loopback_listeners_may_be_inherited(void **state)
{
    struct sockaddr_in any = {.sin_family = AF_INET};
    uint16_t port;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    (void)state;
    assert_int_equal(ipc_kind_of(fd, &port), IPC_OTHER); /* does not listen */
    assert_int_equal(bind(fd, (struct sockaddr *)&any, sizeof any), 0);
    assert_int_equal(listen(fd, 1), 0);
    assert_int_equal(ipc_kind_of(fd, &port), IPC_OTHER); /* open to the network */
    assert_int_equal(ipc_kind_of(0, &port), IPC_OTHER);
    close(fd);
}

static void inherited_sockets_are_for_the_process_that_is_named(void **state)
{
    char pid[16];
    (void)state;
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_PID", "1", 1);
    assert_int_equal(ipc_inherited(), 0);
    snprintf(pid, sizeof pid, "%d", getpid());
    setenv("LISTEN_FDS", "1", 1);
    setenv("LISTEN_PID", pid, 1);
    int three = fcntl(0, F_DUPFD, 3);
    assert_int_equal(ipc_inherited(), 1);
    assert_null(getenv("LISTEN_FDS"));
    assert_int_equal(ipc_inherited(), 0);
    close(three);
}

static void peeking_wakes_only_for_more(void **state)
{
    int listener, accepted;
    uint8_t bytes[8];
    size_t len = 0;
    (void)state;
    assert_int_equal(ipc_listen_loopback(0, false, &listener), ERR_OK);
    int client = knock(port_of(listener), NULL);
    await(listener);
    assert_int_equal(ipc_accept(listener, &accepted), ERR_OK);
    struct pollfd p = {accepted, POLLIN, 0};
    assert_int_equal(write(client, "ab", 2), 2);
    await(accepted);
    assert_int_equal(ipc_peek(accepted, bytes, sizeof bytes, &len), ERR_OK);
    assert_int_equal(len, 2);
    assert_int_equal(poll(&p, 1, 0), 0);
    assert_int_equal(write(client, "c", 1), 1);
    await(accepted);
    assert_int_equal(ipc_peek(accepted, bytes, sizeof bytes, &len), ERR_OK);
    assert_int_equal(len, 3);
    close(client);
    await(accepted);
    assert_int_equal(ipc_peek(accepted, bytes, sizeof bytes, &len), ERR_OK);
    assert_int_equal(len, 3); /* the same as before: nothing more will come */
    ipc_peek_end(accepted);
    assert_int_equal(ipc_read(accepted, bytes, sizeof bytes, &len), ERR_OK);
    assert_int_equal(len, 3);
    assert_int_equal(ipc_peek(accepted, bytes, sizeof bytes, &len), ERR_CLOSED);
    close(accepted);
    close(listener);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, scratch_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_agent_listens_and_hosts_connect),
        TEST(a_second_agent_gives_way),
        TEST(what_a_dead_agent_left_behind_is_replaced),
        TEST(a_socket_that_somebody_else_listens_on_is_left_alone),
        TEST(an_agent_that_somebody_is_connecting_to_stays),
        TEST(an_agent_whose_folder_is_gone_ends_all_the_same),
        TEST(a_new_agent_waits_until_the_old_one_has_closed_everything),
        cmocka_unit_test(a_port_is_taken_once),
        cmocka_unit_test(connections_of_this_user_are_recognised),
        cmocka_unit_test(connections_of_anybody_else_are_refused),
        cmocka_unit_test(a_kernel_that_can_not_be_asked_has_a_table),
        cmocka_unit_test(only_loopback_listeners_may_be_inherited),
        cmocka_unit_test(inherited_sockets_are_for_the_process_that_is_named),
        cmocka_unit_test(peeking_wakes_only_for_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
