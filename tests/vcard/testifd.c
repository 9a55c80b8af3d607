/* libkstestifd.so: a reader driver for pcscd whose "reader" is a unix socket where a vcard listens.
 * It is loaded into Debian's pcscd, which has no sanitizer: it is built without, and on its own.
 * DEVICENAME is unix:PATH, or unix:PATH:OPTION:OPTION (pcscd takes only names that exist or hold a
 * colon, and few other signs); options are pad, pad-start, verify-pad, false-pad, broken-pad, t0.
 */
#include "testifd.h"

#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#define READERS 16u /* as many as pcscd takes */

static struct testifd_reader readers[READERS];
static pthread_mutex_t table_lock = PTHREAD_MUTEX_INITIALIZER;

static struct testifd_reader *find(DWORD lun)
{
    struct testifd_reader *found = NULL;
    pthread_mutex_lock(&table_lock);
    for (size_t i = 0; i < READERS; i++) {
        if (readers[i].used && readers[i].lun == lun) {
            found = &readers[i];
        }
    }
    pthread_mutex_unlock(&table_lock);
    return found;
}

/* The reader of a function that needs it to be there; NULL: it is gone. */
static struct testifd_reader *find_there(DWORD lun)
{
    struct testifd_reader *r = find(lun);
    return r != NULL && !r->lost ? r : NULL;
}

static bool fetch_atr(struct testifd_reader *r)
{
    static const uint8_t ask = CODE_ATR;
    size_t len = 0;
    if (!testifd_put(r, &ask, 1) || testifd_get(r, r->atr, sizeof r->atr, &len) != IFD_SUCCESS) {
        testifd_hang_up(r);
        return false;
    }
    r->atr_len = (DWORD)len;
    return true;
}

/* A card that left is reported as absent once before its successor is looked for: pcscd must see
 * every change, however fast. */
static bool present(struct testifd_reader *r)
{
    if (r->fd >= 0 && testifd_ended(r->fd)) {
        testifd_card_left(r);
    }
    if (r->gone) {
        r->gone = false;
        return false;
    }
    if (r->fd < 0) {
        testifd_reach(r);
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
    struct testifd_reader *r = find(lun);
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
    struct testifd_reader *r = find(lun);
    if (r == NULL || write(r->wake, &one, sizeof one) != sizeof one) {
        return IFD_COMMUNICATION_ERROR;
    }
    return IFD_SUCCESS;
}

/* ---- the interface of ifdhandler.h ---- */

static bool take_option(struct testifd_reader *r, const char *word)
{
    static const struct {
        const char *word;
        enum testifd_pad_kind pad;
    } pads[] = {{"pad", TESTIFD_PAD_DIRECT},
                {"pad-start", TESTIFD_PAD_START},
                {"verify-pad", TESTIFD_PAD_VERIFY},
                {"false-pad", TESTIFD_PAD_FALSE},
                {"broken-pad", TESTIFD_PAD_FALSE}};
    if (strcmp(word, "t0") == 0) {
        r->t0_only = true;
        return true;
    }
    for (size_t i = 0; i < sizeof pads / sizeof pads[0]; i++) {
        if (strcmp(word, pads[i].word) == 0) {
            r->pad = pads[i].pad;
            return true;
        }
    }
    return false;
}

static bool take_options(struct testifd_reader *r, char *text)
{
    char *state = NULL;
    bool ok = true;
    for (char *word = strtok_r(text, ":", &state); ok && word != NULL;
         word = strtok_r(NULL, ":", &state)) {
        ok = take_option(r, word);
    }
    return ok;
}

static bool watch_folder(struct testifd_reader *r)
{
    char folder[TESTIFD_PATH];
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

static bool set_name(struct testifd_reader *r, const char *name)
{
    char text[TESTIFD_PATH + 64];
    if (strncmp(name, "unix:", 5) != 0 || strlen(name + 5) >= sizeof text) {
        return false;
    }
    memcpy(text, name + 5, strlen(name + 5) + 1);
    char *mark = strchr(text, ':');
    if (mark != NULL) {
        *mark = '\0';
    }
    if (strlen(text) >= sizeof r->path || (mark != NULL && !take_options(r, mark + 1))) {
        return false;
    }
    memcpy(r->path, text, strlen(text) + 1);
    return watch_folder(r);
}

RESPONSECODE IFDHCreateChannelByName(DWORD Lun, LPSTR DeviceName)
{
    RESPONSECODE rc = IFD_COMMUNICATION_ERROR;
    pthread_mutex_lock(&table_lock);
    for (size_t i = 0; i < READERS; i++) {
        struct testifd_reader *r = &readers[i];
        if (r->used) {
            continue;
        }
        *r = (struct testifd_reader){.lun = Lun, .fd = -1, .protocol = SCARD_PROTOCOL_T0};
        if (set_name(r, DeviceName)) {
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
    struct testifd_reader *r = find(Lun);
    if (r == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    pthread_mutex_lock(&r->lock);
    testifd_hang_up(r);
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
    struct testifd_reader *r = find(lun);
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
    struct testifd_reader *r = find_there(Lun);
    RESPONSECODE rc = IFD_PROTOCOL_NOT_SUPPORTED;
    if (r == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    pthread_mutex_lock(&r->lock);
    if (Protocol == SCARD_PROTOCOL_T0 || (Protocol == SCARD_PROTOCOL_T1 && !r->t0_only)) {
        const uint8_t code = Protocol == SCARD_PROTOCOL_T1 ? CODE_T1 : CODE_T0;
        rc = r->fd >= 0 && testifd_put(r, &code, 1) ? IFD_SUCCESS : IFD_ERROR_PTS_FAILURE;
        r->protocol = Protocol;
    }
    pthread_mutex_unlock(&r->lock);
    return rc;
}

static RESPONSECODE power(struct testifd_reader *r, uint8_t code)
{
    r->protocol = SCARD_PROTOCOL_T0;
    memset(&r->entry, 0, sizeof r->entry);
    if (code == CODE_POWER_OFF) {
        if (r->fd >= 0 && !testifd_put(r, &code, 1)) {
            testifd_hang_up(r);
        }
        r->atr_len = 0;
        return IFD_SUCCESS;
    }
    if (r->fd < 0 && !r->gone) {
        testifd_reach(r);
    }
    if (r->fd < 0 || !testifd_put(r, &code, 1) || !fetch_atr(r)) {
        testifd_hang_up(r);
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
    struct testifd_reader *r = find_there(Lun);
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

RESPONSECODE IFDHTransmitToICC(DWORD Lun, SCARD_IO_HEADER SendPci, PUCHAR TxBuffer, DWORD TxLength,
                               PUCHAR RxBuffer, PDWORD RxLength, PSCARD_IO_HEADER RecvPci)
{
    struct testifd_reader *r = find_there(Lun);
    RESPONSECODE rc = IFD_PROTOCOL_NOT_SUPPORTED;
    size_t got = 0;
    (void)RecvPci;
    if (r == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    pthread_mutex_lock(&r->lock);
    /* 0 is T=0, 1 is T=1. While keys are awaited, the wire is theirs. */
    if (r->entry.busy) {
        rc = IFD_COMMUNICATION_ERROR;
    } else if (SendPci.Protocol == (r->protocol == SCARD_PROTOCOL_T1 ? 1u : 0u)) {
        rc = testifd_exchange(r, TxBuffer, TxLength, RxBuffer, *RxLength, &got);
    }
    *RxLength = (DWORD)got;
    pthread_mutex_unlock(&r->lock);
    return rc;
}

RESPONSECODE IFDHControl(DWORD Lun, DWORD dwControlCode, PUCHAR TxBuffer, DWORD TxLength,
                         PUCHAR RxBuffer, DWORD RxLength, LPDWORD pdwBytesReturned)
{
    struct testifd_reader *r = find_there(Lun);
    size_t got = 0;
    *pdwBytesReturned = 0;
    if (r == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    pthread_mutex_lock(&r->lock);
    RESPONSECODE rc =
        r->pad == TESTIFD_PAD_NONE
            ? IFD_ERROR_NOT_SUPPORTED
            : testifd_control(r, dwControlCode, TxBuffer, TxLength, RxBuffer, RxLength, &got);
    *pdwBytesReturned = (DWORD)got;
    pthread_mutex_unlock(&r->lock);
    return rc;
}

RESPONSECODE IFDHICCPresence(DWORD Lun)
{
    struct testifd_reader *r = find(Lun);
    if (r == NULL) {
        return IFD_NO_SUCH_DEVICE;
    }
    /* While a command is under way the card is there; the lock would make the poll wait for it. */
    if (pthread_mutex_trylock(&r->lock) != 0) {
        return IFD_ICC_PRESENT;
    }
    bool in = present(r);
    r->lost = r->lost && !in;
    bool lost = r->lost;
    pthread_mutex_unlock(&r->lock);
    if (lost) {
        return IFD_NO_SUCH_DEVICE;
    }
    return in ? IFD_ICC_PRESENT : IFD_ICC_NOT_PRESENT;
}
