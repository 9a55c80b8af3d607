#include "session.h"

#include "commands.h"

enum err session_open(struct session *s, const char *folder, FILE *take_log)
{
    memset(s, 0, sizeof *s);
    s->log = take_log;
    s->inserted = true;
    return engine_open(&s->engine, folder);
}

void session_close(struct session *s)
{
    engine_close(&s->engine);
    pad_clear(&s->pad);
    if (s->log != NULL) {
        fclose(s->log);
        s->log = NULL;
    }
}

enum err session_reload(struct session *s)
{
    char path[FOLDER_PATH];
    bool persistent = s->engine.pin2_persistent;
    bool t1 = s->engine.t1;
    memcpy(path, s->engine.folder.path, sizeof path);
    engine_close(&s->engine);
    enum err e = engine_open(&s->engine, path);
    s->engine.pin2_persistent = persistent;
    s->engine.t1 = t1;
    return e;
}

enum err session_plan(struct session *s, enum fault_kind kind, unsigned long at, unsigned arg)
{
    if (at == 0) {
        return ERR_ARGUMENT;
    }
    if (s->n_faults == SESSION_FAULTS) {
        return ERR_TOO_LARGE;
    }
    s->faults[s->n_faults++] = (struct fault){kind, s->exchanges + at, arg};
    return ERR_OK;
}

/* Takes what is planned for this exchange out of the list; true when there is one. */
static bool take_fault(struct session *s, enum fault_kind kind, unsigned *ret_arg)
{
    for (size_t i = 0; i < s->n_faults; i++) {
        if (s->faults[i].at == s->exchanges && s->faults[i].kind == kind) {
            *ret_arg = s->faults[i].arg;
            s->faults[i] = s->faults[--s->n_faults];
            return true;
        }
    }
    return false;
}

/* Header and lengths only: the data of a command may hold a PIN. */
static void write_log(const struct session *s, struct span command, struct span answer)
{
    if (s->log == NULL) {
        return;
    }
    fprintf(s->log, "%lu %zu %zu", s->exchanges, command.len, answer.len);
    for (size_t i = 0; i < 4; i++) {
        if (i < command.len) {
            fprintf(s->log, " %02X", command.at[i]);
        } else {
            fputs(" --", s->log);
        }
    }
    if (answer.len < 2) {
        fputs(" ----", s->log);
    } else {
        fprintf(s->log, " %02X%02X", answer.at[answer.len - 2], answer.at[answer.len - 1]);
    }
    fputs(s->from_pad ? " pad\n" : "\n", s->log);
    fflush(s->log);
}

static enum err answer_with(struct session *s, struct span command, struct buf *answer)
{
    static const uint8_t garbage[] = {0xDE, 0xAD, 0x00, 0xFF, 0x61, 0x6C, 0x13, 0x37};
    unsigned sw;
    enum err e = ERR_OK;
    if (take_fault(s, FAULT_SW, &sw)) {
        return buf_append_u16be(answer, (uint16_t)sw);
    }
    e = engine_exchange(&s->engine, command, answer);
    if (e == ERR_OK && take_fault(s, FAULT_GARBAGE, &sw)) {
        buf_truncate(answer, 0);
        e = buf_append(answer, span_of(garbage, sizeof garbage));
    }
    if (e == ERR_OK && take_fault(s, FAULT_SHORT, &sw)) {
        buf_truncate(answer, 1); /* one byte: not even a status word */
    }
    return e;
}

enum session_result session_exchange(struct session *s, struct span command, struct buf *answer,
                                     unsigned *ret_delay)
{
    unsigned arg = 0;
    enum session_result result = SESSION_ANSWER;
    unsigned delay = s->delay;
    s->exchanges++;
    buf_truncate(answer, 0);
    if (take_fault(s, FAULT_DELAY, &arg)) {
        delay = arg;
    }
    if (take_fault(s, FAULT_REMOVE, &arg)) {
        result = SESSION_REMOVED;
    } else if (take_fault(s, FAULT_NO_READER, &arg)) {
        result = SESSION_NO_READER;
    } else if (take_fault(s, FAULT_MUTE, &arg) || answer_with(s, command, answer) != ERR_OK) {
        result = SESSION_MUTE;
    }
    if (result == SESSION_REMOVED || result == SESSION_NO_READER) {
        s->inserted = false;
        engine_reset(&s->engine);
    }
    write_log(s, command, buf_span(answer));
    stats_note(&s->stats, command, answer->len);
    s->stats.from_pad += s->from_pad ? 1 : 0;
    s->from_pad = false;
    *ret_delay = delay;
    return result;
}
