#include "pcsc_client.h"

#include <reader.h>

#include <stdio.h>
#include <string.h>
#include <time.h>

#define PNP      "\\\\?PnP?\\Notification"
#define ANSWER   4096u
#define LIST_LEN (PCSC_READERS * MAX_READERNAME)

static uint64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

bool pcsc_client_open(struct pcsc_client *c)
{
    memset(c, 0, sizeof *c);
    LONG rv = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &c->context);
    if (rv != SCARD_S_SUCCESS) {
        fprintf(stderr, "SCardEstablishContext: %s\n", pcsc_stringify_error(rv));
    }
    return rv == SCARD_S_SUCCESS;
}

void pcsc_client_disconnect(struct pcsc_client *c)
{
    if (c->connected) {
        SCardDisconnect(c->card, SCARD_LEAVE_CARD);
    }
    c->connected = false;
}

void pcsc_client_close(struct pcsc_client *c)
{
    pcsc_client_disconnect(c);
    SCardReleaseContext(c->context);
}

/* Names into `list` (cut at \0), states with the current event state; returns how many. */
static size_t look(struct pcsc_client *c, char *list, SCARD_READERSTATE *states)
{
    DWORD len = LIST_LEN;
    size_t n = 0;
    if (SCardListReaders(c->context, NULL, list, &len) != SCARD_S_SUCCESS) {
        return 0;
    }
    for (char *name = list; *name != '\0' && n < PCSC_READERS; name += strlen(name) + 1) {
        states[n++] = (SCARD_READERSTATE){.szReader = name, .dwCurrentState = SCARD_STATE_UNAWARE};
    }
    if (SCardGetStatusChange(c->context, 0, states, (DWORD)n) != SCARD_S_SUCCESS) {
        return 0;
    }
    return n;
}

static bool powered(const SCARD_READERSTATE *s)
{
    return (s->dwEventState & SCARD_STATE_PRESENT) && s->cbAtr > 0;
}

bool pcsc_client_wait(struct pcsc_client *c, size_t n_readers, size_t n_cards, unsigned timeout_ms)
{
    char list[LIST_LEN];
    SCARD_READERSTATE states[PCSC_READERS];
    uint64_t end = now_ms() + timeout_ms;
    for (;;) {
        size_t cards = 0;
        size_t n = look(c, list, states);
        for (size_t i = 0; i < n; i++) {
            cards += powered(&states[i]) ? 1 : 0;
        }
        if (n >= n_readers && cards == n_cards) {
            return true;
        }
        uint64_t now = now_ms();
        if (now >= end) {
            fprintf(stderr, "%zu of %zu readers, %zu of %zu cards\n", n, n_readers, cards, n_cards);
            return false;
        }
        for (size_t i = 0; i < n; i++) {
            states[i].dwCurrentState = states[i].dwEventState;
        }
        if (n == 0) {
            states[n++] = (SCARD_READERSTATE){.szReader = PNP};
        }
        SCardGetStatusChange(c->context, (DWORD)(end - now), states, (DWORD)n);
    }
}

bool pcsc_client_wait_card(struct pcsc_client *c, bool in, unsigned timeout_ms)
{
    SCARD_READERSTATE state = {.szReader = c->reader, .dwCurrentState = SCARD_STATE_UNAWARE};
    uint64_t end = now_ms() + timeout_ms;
    for (;;) {
        uint64_t now = now_ms();
        if (now >= end) {
            return false;
        }
        if (SCardGetStatusChange(c->context, (DWORD)(end - now), &state, 1) != SCARD_S_SUCCESS) {
            return false;
        }
        if (in ? powered(&state) : (state.dwEventState & SCARD_STATE_EMPTY) != 0) {
            return true;
        }
        state.dwCurrentState = state.dwEventState;
    }
}

bool pcsc_client_connect(struct pcsc_client *c, const char *reader)
{
    char list[LIST_LEN];
    SCARD_READERSTATE states[PCSC_READERS];
    size_t n = look(c, list, states);
    for (size_t i = 0; i < n; i++) {
        if (strncmp(states[i].szReader, reader, strlen(reader)) != 0 || !powered(&states[i])) {
            continue;
        }
        snprintf(c->reader, sizeof c->reader, "%s", states[i].szReader);
        LONG rv = SCardConnect(c->context, c->reader, SCARD_SHARE_SHARED,
                               SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &c->card, &c->protocol);
        if (rv != SCARD_S_SUCCESS) {
            fprintf(stderr, "SCardConnect: %s\n", pcsc_stringify_error(rv));
        }
        c->connected = rv == SCARD_S_SUCCESS;
        return c->connected;
    }
    fprintf(stderr, "no card in a reader named '%s…'\n", reader);
    return false;
}

bool pcsc_client_reset(struct pcsc_client *c)
{
    LONG rv = SCardReconnect(c->card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1,
                             SCARD_RESET_CARD, &c->protocol);
    if (rv != SCARD_S_SUCCESS) {
        fprintf(stderr, "SCardReconnect: %s\n", pcsc_stringify_error(rv));
    }
    return rv == SCARD_S_SUCCESS;
}

enum err pcsc_client_transmit(struct pcsc_client *c, struct span command, struct buf *answer)
{
    uint8_t bytes[ANSWER];
    DWORD len = sizeof bytes;
    const SCARD_IO_REQUEST *pci = c->protocol == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0;
    LONG rv = SCardTransmit(c->card, pci, command.at, (DWORD)command.len, NULL, bytes, &len);
    buf_truncate(answer, 0);
    /* vpcd tells success and no byte when the card leaves in the middle of a command. */
    return rv == SCARD_S_SUCCESS && len > 0 ? buf_append(answer, span_of(bytes, len)) : ERR_CARD_IO;
}

static bool find_feature(struct pcsc_client *c, uint8_t feature, DWORD *ret_code)
{
    uint8_t table[ANSWER];
    DWORD len = 0;
    if (SCardControl(c->card, CM_IOCTL_GET_FEATURE_REQUEST, NULL, 0, table, sizeof table, &len) !=
        SCARD_S_SUCCESS) {
        return false;
    }
    for (size_t at = 0; at + 6 <= len; at += 6) {
        const uint8_t *v = table + at + 2; /* big-endian behind tag and length 4 */
        if (table[at] == feature) {
            *ret_code = (DWORD)v[0] << 24 | (DWORD)v[1] << 16 | (DWORD)v[2] << 8 | v[3];
            return true;
        }
    }
    return false;
}

enum err pcsc_client_feature(struct pcsc_client *c, uint8_t feature, struct span request,
                             struct buf *answer)
{
    uint8_t bytes[ANSWER];
    DWORD code;
    DWORD len = 0;
    buf_truncate(answer, 0);
    if (!find_feature(c, feature, &code)) {
        return ERR_NO_READER;
    }
    LONG rv =
        SCardControl(c->card, code, request.at, (DWORD)request.len, bytes, sizeof bytes, &len);
    return rv == SCARD_S_SUCCESS ? buf_append(answer, span_of(bytes, len)) : ERR_CARD_IO;
}

bool pcsc_client_list(struct pcsc_client *c)
{
    char list[LIST_LEN];
    SCARD_READERSTATE states[PCSC_READERS];
    size_t n = look(c, list, states);
    for (size_t i = 0; i < n; i++) {
        printf("%s:", states[i].szReader);
        for (size_t j = 0; j < states[i].cbAtr; j++) {
            printf("%s%02X", j == 0 ? " " : "", states[i].rgbAtr[j]);
        }
        puts(powered(&states[i]) ? "" : " empty");
    }
    return n > 0;
}
