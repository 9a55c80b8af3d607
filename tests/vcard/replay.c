#include "replay.h"

#include <stdlib.h>
#include <string.h>

#define INS_GET_RESPONSE 0xC0u
#define ANY_BYTE         0x100u

struct pattern {
    uint16_t at[REPLAY_ANSWER]; /* a byte, or ANY_BYTE */
    size_t len;
    bool none;  /* no answer is expected */
    bool empty; /* an answer without a byte is */
};

struct play {
    const struct replay_card *card;
    const char *path;
    unsigned line;
    unsigned steps;
    struct buf answer;
    struct buf data;  /* of the last command and its GET RESPONSEs */
    struct buf reply; /* of the last control command */
    struct pattern expected;
    bool answered; /* an answer waits to be compared */
    enum err result;
};

static bool complain(const struct play *p, const char *what, const char *detail)
{
    fprintf(stderr, "%s:%u: %s%s%s\n", p->path, p->line, what, detail[0] != '\0' ? ": " : "",
            detail);
    return false;
}

static bool add(struct pattern *to, unsigned value)
{
    if (to->len == REPLAY_ANSWER) {
        return false;
    }
    to->at[to->len++] = (uint16_t)value;
    return true;
}

/* @FILE, @FILE-1024, @FILE-1024:1 — size of a file of the card, two bytes or one. */
static bool add_size(const struct play *p, struct pattern *to, char *word)
{
    long value;
    char *colon = strchr(word, ':');
    char *sign = strpbrk(word, "+-");
    long offset = sign != NULL ? strtol(sign, NULL, 10) : 0;
    if (sign != NULL) {
        *sign = '\0';
    } else if (colon != NULL) {
        *colon = '\0';
    }
    size_t size = replay_file_size(p->card, word);
    value = (long)size + offset;
    if (size == 0 || value < 0 || value > 0xFFFF) {
        return false;
    }
    return (colon != NULL || add(to, (unsigned)value >> 8)) && add(to, (unsigned)value & 0xFF);
}

static bool add_bytes(struct pattern *to, const char *word)
{
    size_t len = strlen(word);
    for (size_t i = 0; i < len; i += 2) {
        char pair[3] = {word[i], word[i + 1], '\0'};
        bool any = strcmp(pair, "..") == 0;
        if (!any && strspn(pair, "0123456789ABCDEFabcdef") != 2) {
            return false;
        }
        if (!add(to, any ? ANY_BYTE : (unsigned)strtoul(pair, NULL, 16))) {
            return false;
        }
    }
    return true;
}

/* Hex and ".." of any length, either repeated by "*8"; or "@4331". */
static bool add_word(const struct play *p, struct pattern *to, char *word)
{
    char *star = strchr(word, '*');
    unsigned long times = star != NULL ? strtoul(star + 1, NULL, 10) : 1;
    bool ok = times > 0;
    if (word[0] == '@') {
        return add_size(p, to, word + 1);
    }
    if (star != NULL) {
        *star = '\0';
    }
    for (unsigned long i = 0; ok && i < times; i++) {
        ok = add_bytes(to, word);
    }
    return ok;
}

static bool parse(const struct play *p, char *text, struct pattern *to)
{
    char *state = NULL;
    for (char *word = strtok_r(text, " \t", &state); word != NULL && word[0] != '#';
         word = strtok_r(NULL, " \t", &state)) {
        if (strcmp(word, "none") == 0) {
            to->none = true;
        } else if (strcmp(word, "empty") == 0) {
            to->empty = true;
        } else if (!add_word(p, to, word)) {
            return complain(p, "not understood", word);
        }
    }
    return true;
}

static void print_answer(const struct play *p)
{
    fputs("  got ", stderr);
    if (p->result != ERR_OK) {
        fputs("no answer", stderr);
    }
    for (size_t i = 0; i < p->answer.len; i++) {
        fprintf(stderr, "%02X", p->answer.at[i]);
    }
    fputc('\n', stderr);
}

static bool matches(const struct play *p)
{
    const struct pattern *want = &p->expected;
    if (want->none || p->result != ERR_OK) {
        return want->none && p->result != ERR_OK;
    }
    if (want->len != p->answer.len) {
        return false;
    }
    for (size_t i = 0; i < want->len; i++) {
        if (want->at[i] != ANY_BYTE && want->at[i] != p->answer.at[i]) {
            return false;
        }
    }
    return true;
}

/* An expected answer may take several lines: it is compared when something else follows. */
static bool settle(struct play *p)
{
    if (!p->answered) {
        return true;
    }
    p->answered = false;
    if (p->expected.len == 0 && !p->expected.none && !p->expected.empty) {
        return complain(p, "the command before has no expected answer", "");
    }
    if (!matches(p)) {
        complain(p, "the answer before this line differs", "");
        print_answer(p);
        return false;
    }
    return true;
}

static bool collect(struct play *p, bool continues)
{
    if (!continues) {
        buf_truncate(&p->data, 0);
    }
    size_t len = p->answer.len >= 2 ? p->answer.len - 2 : 0;
    return buf_append(&p->data, span_sub(buf_span(&p->answer), 0, len)) == ERR_OK;
}

static void await(struct play *p, enum err result)
{
    p->result = result;
    if (result != ERR_OK) {
        buf_truncate(&p->answer, 0);
    }
    p->expected.len = 0;
    p->expected.none = false;
    p->expected.empty = false;
    p->answered = true;
    p->steps++;
}

/* First byte: the feature; then the structure that it takes. */
static bool use_feature(struct play *p, char *text)
{
    uint8_t bytes[REPLAY_ANSWER];
    struct pattern request = {.len = 0};
    if (p->card->feature == NULL || !parse(p, text, &request) || request.len == 0) {
        return complain(p, "no reader, or no feature named", "");
    }
    for (size_t i = 0; i < request.len; i++) {
        bytes[i] = (uint8_t)request.at[i];
    }
    struct span rest = span_sub(span_of(bytes, request.len), 1, request.len);
    await(p, p->card->feature(p->card->user, bytes[0], rest, &p->answer));
    return true;
}

/* `text` begins with "+" when the data belongs to that of the command before. */
static bool send_command(struct play *p, char *text)
{
    uint8_t bytes[REPLAY_LINE];
    struct pattern command = {.len = 0};
    bool joined = text[0] == '+';
    if (!parse(p, joined ? text + 1 : text, &command)) {
        return false;
    }
    for (size_t i = 0; i < command.len && i < sizeof bytes; i++) {
        bytes[i] = (uint8_t)command.at[i];
    }
    await(p, p->card->exchange(p->card->user, span_of(bytes, command.len), &p->answer));
    return collect(p, joined || (command.len > 1 && bytes[1] == INS_GET_RESPONSE));
}

static bool run_control(struct play *p, const char *text)
{
    p->steps++;
    if (strcmp(text, "reset") == 0) {
        return p->card->reset(p->card->user) || complain(p, "no reset", "");
    }
    buf_truncate(&p->reply, 0);
    if (!p->card->control(p->card->user, text, &p->reply) ||
        buf_append_u8(&p->reply, 0) != ERR_OK) {
        return complain(p, "the control command was not answered", text);
    }
    if (p->reply.len < 3 || memcmp(p->reply.at, "ok", 2) != 0) {
        return complain(p, "refused", (const char *)p->reply.at);
    }
    return true;
}

static bool find_in_reply(struct play *p, const char *text)
{
    bool found = p->reply.len > 0 && strstr((const char *)p->reply.at, text) != NULL;
    return found || complain(p, "the reply of the control command lacks this", text);
}

static bool run_check(struct play *p, const char *text)
{
    const char *wrong = replay_check(p->card, text, buf_span(&p->data));
    p->steps++;
    return wrong == NULL || complain(p, text, wrong);
}

static bool run_line(struct play *p, char *line)
{
    char kind = line[0];
    char *text = line + 1 + strspn(line + 1, " \t");
    if (kind == '<') {
        return p->answered ? parse(p, text, &p->expected) : complain(p, "an answer to nothing", "");
    }
    if (kind == '\0' || kind == '#') {
        return true;
    }
    if (!settle(p)) {
        return false;
    }
    switch (kind) {
    case '>':
        return send_command(p, text);
    case '^':
        return use_feature(p, text);
    case '!':
        return run_control(p, text);
    case '?':
        return find_in_reply(p, text);
    case '=':
        return run_check(p, text);
    default:
        return complain(p, "not understood", line);
    }
}

static bool run_file(struct play *p, FILE *in)
{
    char line[REPLAY_LINE];
    while (fgets(line, sizeof line, in) != NULL) {
        p->line++;
        line[strcspn(line, "\r\n")] = '\0';
        if (!run_line(p, line)) {
            return false;
        }
    }
    p->line++;
    if (p->steps == 0) {
        return complain(p, "nothing to play", "");
    }
    return settle(p);
}

bool replay_run(const char *path, const struct replay_card *card)
{
    struct play *p = calloc(1, sizeof *p);
    FILE *in = fopen(path, "r");
    bool ok = false;
    if (p != NULL && in != NULL) {
        p->card = card;
        p->path = path;
        buf_init(&p->answer, REPLAY_ANSWER);
        buf_init(&p->data, REPLAY_ANSWER);
        buf_init(&p->reply, REPLAY_ANSWER);
        ok = run_file(p, in);
        printf("%s: %u steps %s\n", path, p->steps, ok ? "passed" : "and then FAILED");
        buf_clear(&p->answer);
        buf_clear(&p->data);
        buf_clear(&p->reply);
    } else {
        fprintf(stderr, "%s: can't be read\n", path);
    }
    if (in != NULL) {
        fclose(in);
    }
    free(p);
    return ok;
}
