/* Stands in for korttisilta-prompt where the window itself is not what is tested: hands its end of
 * the signer's pipe to the test, which listens at XDG_RUNTIME_DIR/person, and lives as long as a
 * window would: until either end closes. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

#define SIGNER_FD 0

static int call_person(void)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    const char *folder = getenv("XDG_RUNTIME_DIR");
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int len = snprintf(at.sun_path, sizeof at.sun_path, "%s/person", folder != NULL ? folder : "");
    if (fd < 0 || len < 0 || (size_t)len >= sizeof at.sun_path ||
        connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
        return -1;
    }
    return fd;
}

static int hand_over(int person)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.room = {0}};
    char byte = 'w';
    struct iovec data = {&byte, 1};
    struct msghdr message = {.msg_iov = &data,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};
    const int fd = SIGNER_FD;
    control.head = (struct cmsghdr){
        .cmsg_len = CMSG_LEN(sizeof fd), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
    memcpy(CMSG_DATA(&control.head), &fd, sizeof fd);
    return sendmsg(person, &message, 0) == 1 ? 0 : -1;
}

int main(void)
{
    int person = call_person();
    if (person < 0 || hand_over(person) != 0) {
        perror("soft-prompt");
        return 1;
    }
    struct pollfd ends[] = {{SIGNER_FD, POLLRDHUP, 0}, {person, POLLRDHUP, 0}};
    return poll(ends, 2, -1) > 0 ? 0 : 1;
}
