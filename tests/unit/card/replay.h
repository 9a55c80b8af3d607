/* A card_io that plays a text of exchanges: "> command", "< answer", both in hex and continued on
 * lines that begin with a blank, "#" comments. What is sent must be what the text says. */
#ifndef UNIT_CARD_REPLAY_H
#define UNIT_CARD_REPLAY_H

#include "unit/test.h"

#include "base/buf.h"
#include "base/enc.h"
#include "base/limits.h"
#include "card/card_io.h"
#include "card/file.h"

#include <stdio.h>

#define REPLAY_STEPS 64
#define REPLAY_TEXT  (64u * 1024)

struct replay_step {
    struct buf command;
    struct buf answer;
};

/* What goes wrong at one exchange. */
enum replay_fault {
    FAULT_NONE,
    FAULT_REMOVED,   /* transmit says so */
    FAULT_IO,        /* transmit says so */
    FAULT_EMPTY,     /* an answer of no bytes */
    FAULT_ONE_BYTE,  /* half a status word */
    FAULT_NO_STATUS, /* two bytes that are no status word */
    FAULT_TOO_LONG,  /* more than the capacity */
    FAULT_REFUSED,   /* 6F00 */
    FAULT_GARBAGE,   /* 256 bytes of FF and 9000 */
    FAULT_ENDLESS,   /* from here on 6101 with one byte each */
    FAULT_COUNT
};

struct replay {
    struct card_io io;
    struct replay_step steps[REPLAY_STEPS];
    size_t n;
    size_t at;       /* exchanges done */
    size_t verifies; /* VERIFY commands with data */
    size_t values;   /* commands that carry a PIN or PUK */
    unsigned brackets, ends, resets;
    bool is_open;       /* between begin and end */
    unsigned reset_at;  /* this bracket (1, 2, ...) begins with a reset */
    enum err begin_err; /* of every bracket from now on */
    enum replay_fault fault;
    size_t fault_at;
    unsigned frees;
};

static const uint8_t replay_atr_v4[] = {0x3B, 0x7F, 0x96, 0x00, 0x00, 0x80, 0x31, 0xB8, 0x65, 0xB0,
                                        0x85, 0x05, 0x00, 0x11, 0x12, 0x24, 0x60, 0x82, 0x90, 0x00};
static const uint8_t replay_atr_v31[] = {0x3B, 0x7F, 0x96, 0x00, 0x00, 0x80, 0x31,
                                         0xB8, 0x65, 0xB0, 0x85, 0x04, 0x02, 0x1B,
                                         0x12, 0x00, 0xF6, 0x82, 0x90, 0x00};

static inline enum err replay_begin(struct card_io *io, bool *ret_reset)
{
    struct replay *r = (struct replay *)io;
    if (r->begin_err != ERR_OK) {
        return r->begin_err;
    }
    assert_false(r->is_open);
    r->is_open = true;
    r->brackets++;
    *ret_reset = r->brackets == r->reset_at;
    return ERR_OK;
}

static inline void replay_end(struct card_io *io, bool reset)
{
    struct replay *r = (struct replay *)io;
    assert_true(r->is_open);
    r->is_open = false;
    r->ends++;
    r->resets += reset ? 1 : 0;
}

static inline void replay_free(struct card_io *io)
{
    ((struct replay *)io)->frees++;
}

static inline enum err replay_give(struct span bytes, uint8_t *answer, size_t *len)
{
    assert_true(bytes.len <= *len);
    if (bytes.len > 0) {
        memcpy(answer, bytes.at, bytes.len);
    }
    *len = bytes.len;
    return ERR_OK;
}

static inline enum err replay_break(const struct replay *r, uint8_t *answer, size_t *len)
{
    static const uint8_t bytes[] = {0x12, 0x34, 0x6F, 0x00, 0x77, 0x61, 0x01};
    uint8_t garbage[258];
    switch (r->fault) {
    case FAULT_REMOVED:
        return ERR_CARD_REMOVED;
    case FAULT_EMPTY:
        return replay_give(span_of(NULL, 0), answer, len);
    case FAULT_ONE_BYTE:
        return replay_give(span_of(bytes, 1), answer, len);
    case FAULT_NO_STATUS:
        return replay_give(span_of(bytes, 2), answer, len);
    case FAULT_TOO_LONG:
        *len += 1;
        return ERR_OK;
    case FAULT_REFUSED:
        return replay_give(span_of(bytes + 2, 2), answer, len);
    case FAULT_GARBAGE:
        memset(garbage, 0xFF, sizeof garbage);
        garbage[256] = 0x90;
        garbage[257] = 0x00;
        return replay_give(span_of(garbage, sizeof garbage), answer, len);
    case FAULT_ENDLESS:
        return replay_give(span_of(bytes + 4, 3), answer, len);
    case FAULT_NONE:
    case FAULT_IO:
    case FAULT_COUNT:
        break;
    }
    return ERR_CARD_IO;
}

static inline void replay_compare(const struct replay_step *step, struct span command, size_t at)
{
    if (!span_eq(buf_span(&step->command), command)) {
        fail_msg("exchange %zu: INS %02X of %zu bytes is not the command of the script", at,
                 command.at[1], command.len);
    }
}

static inline enum err replay_transmit(struct card_io *io, struct span command, uint8_t *answer,
                                       size_t *len)
{
    struct replay *r = (struct replay *)io;
    size_t at = r->at++;
    bool faulty = r->fault != FAULT_NONE && at >= r->fault_at;
    assert_true(r->is_open);
    assert_true(command.len >= 4 && command.len <= LIMIT_APDU_COMMAND);
    uint8_t ins = command.len > 5 ? command.at[1] : 0;
    r->verifies += ins == 0x20 ? 1 : 0;
    r->values += ins == 0x20 || ins == 0x24 || ins == 0x2C ? 1 : 0;
    if (faulty && (at == r->fault_at || r->fault == FAULT_ENDLESS)) {
        return replay_break(r, answer, len);
    }
    if (faulty) { /* the script is left: a card that refuses everything */
        const uint8_t refused[] = {0x6F, 0x00};
        return replay_give(span_of(refused, 2), answer, len);
    }
    if (at >= r->n) {
        fail_msg("exchange %zu: INS %02X after the end of the script", at, command.at[1]);
    }
    replay_compare(&r->steps[at], command, at);
    return replay_give(buf_span(&r->steps[at].answer), answer, len);
}

/* Appends one line's hex; blanks between bytes are allowed. */
static inline void replay_hex(const char *text, size_t len, struct buf *out)
{
    struct buf digits;
    buf_init(&digits, REPLAY_TEXT);
    for (size_t i = 0; i < len; i++) {
        if (text[i] != ' ') {
            assert_int_equal(buf_append_u8(&digits, (uint8_t)text[i]), ERR_OK);
        }
    }
    assert_int_equal(enc_hex_decode(buf_span(&digits), out), ERR_OK);
    buf_clear(&digits);
}

static inline void replay_text(struct replay *r, const char *text)
{
    struct buf *open = NULL;
    while (*text != '\0') {
        size_t len = strcspn(text, "\n");
        if (*text == '>') {
            assert_true(r->n < REPLAY_STEPS);
            open = &r->steps[r->n++].command;
            buf_init(open, LIMIT_APDU_COMMAND);
            buf_init(&r->steps[r->n - 1].answer, LIMIT_APDU_ANSWER);
        } else if (*text == '<') {
            open = &r->steps[r->n - 1].answer;
        } else {
            assert_true(*text == ' ' || *text == '#' || len == 0);
        }
        if (*text != '#' && len > 0) {
            assert_non_null(open);
            replay_hex(text + 1, len - 1, open);
        }
        text += len;
        text += *text == '\n' ? 1 : 0;
    }
}

static inline void replay_init(struct replay *r, struct span atr)
{
    memset(r, 0, sizeof *r);
    r->io = (struct card_io){.begin = replay_begin,
                             .transmit = replay_transmit,
                             .end = replay_end,
                             .free = replay_free,
                             .reader = "Replay Reader 00 00",
                             .atr = atr.at,
                             .atr_len = atr.len,
                             .insertion_count = 7};
}

/* A file of tests/replay. */
static inline void replay_file(struct replay *r, const char *name)
{
    static char text[REPLAY_TEXT];
    char path[512];
    snprintf(path, sizeof path, TEST_SOURCE_DIR "/replay/%s", name);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t len = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    assert_true(len < sizeof text - 1);
    text[len] = '\0';
    replay_text(r, text);
}

/* Another answer to one exchange of the script. */
static inline void replay_patch(struct replay *r, size_t at, const char *answer)
{
    assert_true(at < r->n);
    buf_truncate(&r->steps[at].answer, 0);
    replay_hex(answer, strlen(answer), &r->steps[at].answer);
}

static inline void replay_cut(struct replay *r, size_t n)
{
    while (r->n > n) {
        r->n--;
        buf_clear(&r->steps[r->n].command);
        buf_clear(&r->steps[r->n].answer);
    }
}

static inline void replay_clear(struct replay *r)
{
    replay_cut(r, 0);
}

#endif
