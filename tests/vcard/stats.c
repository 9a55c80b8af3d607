#include "stats.h"

#include <stdarg.h>
#include <stdio.h>

#define INS_VERIFY 0x20u
#define ANY        (-1)

static const struct {
    const char *name;
    int ins;
    int p1;
} kinds[] = {
    {"select", 0xA4, ANY},   {"read", 0xB0, ANY},         {"get_response", 0xC0, ANY},
    {"get_data", 0xCB, ANY}, {"verify_probe", 0x20, ANY}, {"mse", 0x22, ANY},
    {"hash", 0x2A, 0x90},    {"cds", 0x2A, 0x9E},         {"change", 0x24, ANY},
    {"unblock", 0x2C, ANY},  {"decipher", 0x2A, 0x80},
};
_Static_assert(sizeof kinds / sizeof kinds[0] <= STATS_KINDS, "room for every kind");

static void note_verify(struct stats *s, uint8_t ref)
{
    size_t i = 0;
    while (i + 1 < STATS_REFS && s->sent[i] > 0 && s->refs[i] != ref) {
        i++;
    }
    s->refs[i] = ref;
    s->sent[i]++;
}

void stats_note(struct stats *s, struct span command, size_t answer_len)
{
    s->exchanges++;
    s->command_bytes += command.len;
    s->answer_bytes += answer_len;
    if (command.len > 5 && command.at[1] == INS_VERIFY) {
        note_verify(s, command.at[3]);
        return;
    }
    for (size_t i = 0; command.len >= 4 && i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].ins == command.at[1] && (kinds[i].p1 == ANY || kinds[i].p1 == command.at[2])) {
            s->kinds[i]++;
            return;
        }
    }
    s->other++;
}

__attribute__((format(printf, 2, 3))) static enum err append(struct buf *out, const char *format,
                                                             ...)
{
    char text[64];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return buf_append_str(out, text);
}

enum err stats_print(const struct stats *s, struct buf *out)
{
    enum err e =
        append(out, "{\"exchanges\":%lu,\"command_bytes\":%lu", s->exchanges, s->command_bytes);
    if (e == ERR_OK) {
        e = append(out, ",\"answer_bytes\":%lu,\"verify_sent\":{", s->answer_bytes);
    }
    for (size_t i = 0; e == ERR_OK && i < STATS_REFS && s->sent[i] > 0; i++) {
        e = append(out, "%s\"%02X\":%lu", i > 0 ? "," : "", s->refs[i], s->sent[i]);
    }
    if (e == ERR_OK) {
        e = buf_append_str(out, "}");
    }
    for (size_t i = 0; e == ERR_OK && i < sizeof kinds / sizeof kinds[0]; i++) {
        e = append(out, ",\"%s\":%lu", kinds[i].name, s->kinds[i]);
    }
    return e == ERR_OK ? append(out, ",\"other\":%lu,\"from_pad\":%lu}", s->other, s->from_pad) : e;
}
