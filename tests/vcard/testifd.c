/* libkstestifd.so: a reader driver for pcscd whose "reader" is a unix socket where a vcard listens.
 * It is loaded into Debian's pcscd, which has no sanitizer: it is built without, and on its own.
 * DEVICENAME is unix:PATH (pcscd takes only names that exist or hold a colon). */
#include <ifdhandler.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define READERS           16u /* as many as pcscd takes */
#define PATH_LEN          (sizeof((struct sockaddr_un *)NULL)->sun_path)
#define HEADER            2u
#define FRAME_MAX         65535u
#define ANSWER_TIMEOUT_MS 10000 /* KS_TESTIFD_TIMEOUT_MS: how long a silent card is waited for */
#define CODE_POWER_OFF    0u
#define CODE_POWER_ON     1u
#define CODE_RESET        2u
#define CODE_ATR          4u

struct reader {
    pthread_mutex_t lock;
    bool used;
    DWORD lun;
    char path[PATH_LEN];
    int fd;    /* to the card; -1: none */
    bool gone; /* a card has left and pcscd has not been told yet */
    int wake;  /* eventfd: ends the wait for an event */
    int watch; /* inotify on the folder of the socket */
    uint8_t atr[MAX_ATR_SIZE];
    DWORD atr_len;
};

static struct reader readers[READERS];
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;

static struct reader *find(DWORD lun)
{
    struct reader *found = NULL;
    pthread_mutex_lock(&table_lock);
    for (size_t i = 0; i < READERS; i++) {
        if (readers[i].used && readers[i].lun == lun) {
            found = &readers[i];
        }
    }
    pthread_mutex_unlock(&table_lock);
    return found;
}

/* ---- the socket; the caller holds r->lock ---- */

static void hang_up(struct reader *r)
{
    if (r->fd >= 0) {
        shutdown(r->fd, SHUT_RDWR); /* the waiting thread may hold a copy of the descriptor */
        close(r->fd);
    }
    r->fd = -1;
    r->atr_len = 0;
}

static void card_left(struct reader *r)
{
    hang_up(r);
    r->gone = true;
}

static long timeout_ms(void)
{
    const char *text = getenv("KS_TESTIFD_TIMEOUT_MS");
    long ms = text != NULL ? strtol(text, NULL, 10) : 0;
    return ms > 0 ? ms : ANSWER_TIMEOUT_MS;
}

static int call(const char *path)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    long ms = timeout_ms();
    struct timeval limit = {ms / 1000, (ms % 1000) * 1000};
    memcpy(at.sun_path, path, strlen(path) + 1);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
    if (connect(fd, (struct sockaddr *)&at, sizeof at) != 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Whoever finds the card first: the waiting thread must watch this connection from now on, or it
 * would never hear that the card has left. */
static void reach(struct reader *r)
{
    static const uint64_t one = 1;
    r->fd = call(r->path);
    if (r->fd >= 0 && write(r->wake, &one, sizeof one) != sizeof one) {
        hang_up(r);
    }
}

static bool put(struct reader *r, const uint8_t *body, size_t len)
{
    uint8_t frame[HEADER + MAX_BUFFER_SIZE_EXTENDED];
    if (len == 0 || len > FRAME_MAX || HEADER + len > sizeof frame) {
        return false;
    }
    frame[0] = (uint8_t)(len >> 8);
    frame[1] = (uint8_t)len;
    memcpy(frame + HEADER, body, len);
    ssize_t n = send(r->fd, frame, HEADER + len, MSG_NOSIGNAL);
    return n == (ssize_t)(HEADER + len);
}

static ssize_t get_exactly(struct reader *r, uint8_t *at, size_t len)
{
    return recv(r->fd, at, len, MSG_WAITALL);
}

/* Reads one frame of at most `cap` bytes. Which of the two errors it was decides what pcscd hears.
 */
static RESPONSECODE get(struct reader *r, uint8_t *at, size_t cap, size_t *ret_len)
{
    uint8_t header[HEADER];
    errno = 0;
    if (get_exactly(r, header, HEADER) != HEADER) {
        return errno == EAGAIN ? IFD_RESPONSE_TIMEOUT : IFD_COMMUNICATION_ERROR;
    }
    size_t len = (size_t)(header[0] << 8 | header[1]);
    if (len > cap || get_exactly(r, at, len) != (ssize_t)len) {
        return IFD_COMMUNICATION_ERROR;
    }
    *ret_len = len;
    return IFD_SUCCESS;
}

static bool fetch_atr(struct reader *r)
{
    static const uint8_t ask = CODE_ATR;
    size_t len = 0;
    if (!put(r, &ask, 1) || get(r, r->atr, sizeof r->atr, &len) != IFD_SUCCESS) {
        hang_up(r);
        return false;
    }
    r->atr_len = (DWORD)len;
    return true;
}

static bool ended(int fd)
{
    struct pollfd p = {fd, POLLRDHUP, 0};
    return poll(&p, 1, 0) > 0;
}

/* A card that left is reported as absent once before its successor is looked for: pcscd must see
 * every change, however fast. */
static bool present(struct reader *r)
{
    if (r->fd >= 0 && ended(r->fd)) {
        card_left(r);
    }
    if (r->gone) {
        r->gone = false;
        return false;
    }
    if (r->fd < 0) {
        reach(r);
    }
    return r->fd >= 0;
}

/* ---- events: pcscd calls this in a thread of its own instead of sleeping between two looks ----
 */

static void drain(int fd)
{
    char bytes[4096];
    ssize_t n = read(fd, bytes, sizeof bytes);
    (void)n; /* only that it was readable counts */
}

static RESPONSECODE wait_event(DWORD lun, int timeout)
{
    struct reader *r = find(lun);
    if (r == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    pthread_mutex_lock(&r->lock);
    int copy = r->fd >= 0 ? dup(r->fd) : -1;
    bool now = r->gone;
    pthread_mutex_unlock(&r->lock);
    struct pollfd polls[] = {
        {r->wake, POLLIN, 0}, {copy < 0 ? r->watch : -1, POLLIN, 0}, {copy, POLLRDHUP, 0}};
    if (!now) {
        poll(polls, 3, timeout);
    }
    if (copy >= 0) {
        close(copy);
    }
    /* pcscd wakes the thread whenever a client lets go of the card, not only at the end. */
    if (polls[0].revents != 0) {
        drain(r->wake);
    }
    if (polls[1].revents != 0) {
        drain(r->watch);
    }
    return IFD_SUCCESS;
}

static RESPONSECODE stop_waiting(DWORD lun)
{
    static const uint64_t one = 1;
    struct reader *r = find(lun);
    if (r == NULL || write(r->wake, &one, sizeof one) != sizeof one) {
        return IFD_COMMUNICATION_ERROR;
    }
    return IFD_SUCCESS;
}

/* ---- the interface of ifdhandler.h ---- */

static bool set_path(struct reader *r, const char *name)
{
    char folder[PATH_LEN];
    if (strncmp(name, "unix:", 5) != 0 || strlen(name + 5) >= PATH_LEN) {
        return false;
    }
    memcpy(r->path, name + 5, strlen(name + 5) + 1);
    memcpy(folder, r->path, sizeof folder);
    char *slash = strrchr(folder, '/');
    if (slash == NULL) {
        return false;
    }
    *slash = '\0';
    r->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    r->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    return r->wake >= 0 && r->watch >= 0 &&
           inotify_add_watch(r->watch, folder, IN_CREATE | IN_MOVED_TO) >= 0;
}

RESPONSECODE IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName)
{
    RESPONSECODE rc = IFD_COMMUNICATION_ERROR;
    pthread_mutex_lock(&table_lock);
    for (size_t i = 0; i < READERS; i++) {
        struct reader *r = &readers[i];
        if (r->used) {
            continue;
        }
        *r = (struct reader){.lun = Lun, .fd = -1};
        if (set_path(r, DeviceName)) {
            pthread_mutex_init(&r->lock, NULL);
            r->used = true;
            rc = IFD_SUCCESS;
        }
        break;
    }
    pthread_mutex_unlock(&table_lock);
    return rc;
}

RESPONSECODE IFDHCreateChannel(DWORD Lun, DWORD Channel)
{
    (void)Lun;
    (void)Channel;
    return IFD_NOT_SUPPORTED; /* a number names no socket */
}

RESPONSECODE IFDHCloseChannel(DWORD Lun)
{
    struct reader *r = find(Lun);
    if (r == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    pthread_mutex_lock(&r->lock);
    hang_up(r);
    close(r->wake);
    close(r->watch);
    pthread_mutex_unlock(&r->lock);
    pthread_mutex_lock(&table_lock);
    r->used = false;
    pthread_mutex_unlock(&table_lock);
    return IFD_SUCCESS;
}

static RESPONSECODE give(PDWORD length, PUCHAR value, const void *bytes, size_t len)
{
    if (*length < len) {
        return IFD_ERROR_INSUFFICIENT_BUFFER;
    }
    memcpy(value, bytes, len);
    *length = (DWORD)len;
    return IFD_SUCCESS;
}

static RESPONSECODE give_atr(DWORD lun, PDWORD length, PUCHAR value)
{
    struct reader *r = find(lun);
    if (r == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    pthread_mutex_lock(&r->lock);
    RESPONSECODE rc = give(length, value, r->atr, r->atr_len);
    pthread_mutex_unlock(&r->lock);
    return rc;
}

RESPONSECODE IFDHGetCapabilities(DWORD Lun, DWORD Tag, PDWORD Length, PUCHAR Value)
{
    static const UCHAR yes = 1;
    static const UCHAR many = READERS;
    RESPONSECODE (*const wait)(DWORD, int) = wait_event;
    RESPONSECODE (*const stop)(DWORD) = stop_waiting;
    switch (Tag) {
    case TAG_IFD_ATR:
        return give_atr(Lun, Length, Value);
    case TAG_IFD_SLOTS_NUMBER:
    case TAG_IFD_THREAD_SAFE:
    case TAG_IFD_SLOT_THREAD_SAFE:
        return give(Length, Value, &yes, 1);
    case TAG_IFD_SIMULTANEOUS_ACCESS:
        return give(Length, Value, &many, 1);
    case TAG_IFD_POLLING_THREAD_WITH_TIMEOUT:
        return give(Length, Value, &wait, sizeof wait);
    case TAG_IFD_STOP_POLLING_THREAD:
        return give(Length, Value, &stop, sizeof stop);
    default:
        return IFD_ERROR_TAG;
    }
}

RESPONSECODE IFDHSetCapabilities(DWORD Lun, DWORD Tag, DWORD Length, PUCHAR Value)
{
    (void)Lun;
    (void)Tag;
    (void)Length;
    (void)Value;
    return IFD_ERROR_VALUE_READ_ONLY;
}

RESPONSECODE IFDHSetProtocolParameters(DWORD Lun, DWORD Protocol, UCHAR Flags, UCHAR PTS1,
                                       UCHAR PTS2, UCHAR PTS3)
{
    (void)Flags;
    (void)PTS1;
    (void)PTS2;
    (void)PTS3;
    if (find(Lun) == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    return Protocol == SCARD_PROTOCOL_T0 ? IFD_SUCCESS : IFD_PROTOCOL_NOT_SUPPORTED;
}

static RESPONSECODE power(struct reader *r, uint8_t code)
{
    if (code == CODE_POWER_OFF) {
        if (r->fd >= 0 && !put(r, &code, 1)) {
            hang_up(r);
        }
        r->atr_len = 0;
        return IFD_SUCCESS;
    }
    if (r->fd < 0 && !r->gone) {
        reach(r);
    }
    if (r->fd < 0 || !put(r, &code, 1) || !fetch_atr(r)) {
        hang_up(r);
        return IFD_ERROR_POWER_ACTION;
    }
    return IFD_SUCCESS;
}

RESPONSECODE IFDHPowerICC(DWORD Lun, DWORD Action, PUCHAR Atr, PDWORD AtrLength)
{
    static const struct {
        DWORD action;
        uint8_t code;
    } actions[] = {
        {IFD_POWER_UP, CODE_POWER_ON}, {IFD_POWER_DOWN, CODE_POWER_OFF}, {IFD_RESET, CODE_RESET}};
    struct reader *r = find(Lun);
    RESPONSECODE rc = IFD_NOT_SUPPORTED;
    if (r == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    pthread_mutex_lock(&r->lock);
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (actions[i].action == Action) {
            rc = power(r, actions[i].code);
        }
    }
    *AtrLength = rc == IFD_SUCCESS ? r->atr_len : 0;
    memcpy(Atr, r->atr, *AtrLength);
    pthread_mutex_unlock(&r->lock);
    return rc;
}

/* After a command without an answer. The card may have left; one that is only silent is taken up
 * anew, so that what it says later is not taken for the answer to the next command. */
static void give_up(struct reader *r)
{
    if (r->fd >= 0 && ended(r->fd)) {
        card_left(r);
    } else if (r->fd >= 0) {
        hang_up(r);
        reach(r);
        r->gone = r->fd < 0;
    }
}

RESPONSECODE IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer, DWORD TxLength,
                               PUCHAR RxBuffer, PDWORD RxLength, PSCARD_IO_HEADER RecvPci)
{
    struct reader *r = find(Lun);
    RESPONSECODE rc = IFD_COMMUNICATION_ERROR;
    size_t got = 0;
    (void)RecvPci;
    if (r == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    if (SendPci.Protocol != 0) {
        return IFD_PROTOCOL_NOT_SUPPORTED; /* 0 is T=0 */
    }
    pthread_mutex_lock(&r->lock);
    if (r->fd >= 0 && put(r, TxBuffer, TxLength)) {
        rc = get(r, RxBuffer, *RxLength, &got);
    }
    if (rc != IFD_SUCCESS) {
        give_up(r);
    }
    *RxLength = (DWORD)got;
    pthread_mutex_unlock(&r->lock);
    return rc;
}

/* Place for the features of PIN-pad readers (PC/SC part 10): the table of features would be
 * answered here to CM_IOCTL_GET_FEATURE_REQUEST, and each feature's own control code handled below
 * it. */
RESPONSECODE IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength,
                         PUCHAR RxBuffer, DWORD RxLength, LPDWORD pdwBytesReturned)
{
    (void)dwControlCode;
    (void)TxBuffer;
    (void)TxLength;
    (void)RxBuffer;
    (void)RxLength;
    *pdwBytesReturned = 0;
    return find(Lun) == NULL ? IFD_NO_SUCH_DEVICE : IFD_ERROR_NOT_SUPPORTED;
}

RESPONSECODE IFDHICCPresence(DWORD Lun)
{
    struct reader *r = find(Lun);
    if (r == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    /* While a command is under way the card is there; the lock would make the poll wait for it. */
    if (pthread_mutex_trylock(&r->lock) != 0) {
        return IFD_ICC_PRESENT;
    }
    bool in = present(r);
    pthread_mutex_unlock(&r->lock);
    return in ? IFD_ICC_PRESENT : IFD_ICC_NOT_PRESENT;
}
