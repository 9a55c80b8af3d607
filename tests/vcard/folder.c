#include "folder.h"

#include "base/log.h"
#include "base/wipe.h"

#include <openssl/pem.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_MAX_HERE (FOLDER_PATH + 64u)
#define TRIES_MAX     15u /* what 63Cx can tell */

void folder_file_name(const struct profile_file *f, char *ret_name, size_t cap)
{
    if (f->df == FID_MF) {
        snprintf(ret_name, cap, "files/%04X", f->fid);
    } else {
        snprintf(ret_name, cap, "files/%04X/%04X", f->df, f->fid);
    }
}

void folder_key_name(const struct profile_key *k, char *ret_name, size_t cap)
{
    snprintf(ret_name, cap, "key-%02X.pem", k->ref);
}

static enum err make_folder(const char *path)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        log_line(LOG_ERROR, "%s: %s", path, strerror(errno));
        return ERR_NO_CARD;
    }
    return ERR_OK;
}

enum err folder_create(const char *path, const struct profile *p)
{
    char full[PATH_MAX_HERE];
    snprintf(full, sizeof full, "%s/files", path);
    enum err e = make_folder(path);
    if (e == ERR_OK) {
        e = make_folder(full);
    }
    for (size_t i = 0; i < p->n_files && e == ERR_OK; i++) {
        if (p->files[i].df != FID_MF) {
            snprintf(full, sizeof full, "%s/files/%04X", path, p->files[i].df);
            e = make_folder(full);
        }
    }
    return e;
}

bool folder_has_file(const struct profile *p, const struct profile_file *f, size_t n_keys)
{
    return f->content != CONTENT_KEY_CERT || (size_t)(profile_key_of_file(p, f) - p->keys) < n_keys;
}

static enum err read_all(FILE *in, struct buf *out)
{
    uint8_t block[1024];
    size_t got;
    enum err e = ERR_OK;
    while (e == ERR_OK && (got = fread(block, 1, sizeof block, in)) > 0) {
        e = buf_append(out, span_of(block, got));
    }
    wipe(block, sizeof block);
    return e;
}

enum err folder_read(const char *folder, const char *name, struct buf *out)
{
    char full[PATH_MAX_HERE];
    snprintf(full, sizeof full, "%s/%s", folder, name);
    FILE *in = fopen(full, "rb");
    if (in == NULL) {
        log_line(LOG_ERROR, "%s: %s", full, strerror(errno));
        return ERR_NO_CARD;
    }
    enum err e = read_all(in, out);
    fclose(in);
    return e;
}

enum err folder_write(const char *folder, const char *name, struct span bytes)
{
    char full[PATH_MAX_HERE];
    char fresh[PATH_MAX_HERE + 8];
    snprintf(full, sizeof full, "%s/%s", folder, name);
    snprintf(fresh, sizeof fresh, "%s.new", full);
    FILE *out = fopen(fresh, "wb");
    if (out == NULL) {
        log_line(LOG_ERROR, "%s: %s", fresh, strerror(errno));
        return ERR_NO_CARD;
    }
    bool whole = fwrite(bytes.at, 1, bytes.len, out) == bytes.len;
    whole = fclose(out) == 0 && whole;
    if (!whole || rename(fresh, full) != 0) {
        log_line(LOG_ERROR, "%s: not written", full);
        return ERR_NO_CARD;
    }
    return ERR_OK;
}

struct folder_pin *folder_pin_find(struct folder *f, uint8_t ref)
{
    for (size_t i = 0; i < f->profile->n_pins; i++) {
        if (f->pins[i].row->ref == ref) {
            return &f->pins[i];
        }
    }
    return NULL;
}

enum err folder_pin_set(struct folder_pin *pin, const char *digits)
{
    size_t len = strlen(digits);
    if (len < pin->row->min || len > pin->row->max || strspn(digits, "0123456789") != len) {
        return ERR_PIN_FORMAT;
    }
    memset(pin->value, 0, sizeof pin->value);
    memcpy(pin->value, digits, len);
    return ERR_OK;
}

enum err folder_save_pins(const struct folder *f)
{
    char text[FOLDER_PINS * 48];
    size_t len = 0;
    for (size_t i = 0; i < f->profile->n_pins; i++) {
        const struct folder_pin *pin = &f->pins[i];
        int n = snprintf(text + len, sizeof text - len, "%02X %.12s %u %s %u\n", pin->row->ref,
                         (const char *)pin->value, pin->tries, pin->invalid ? "invalid" : "live",
                         pin->changed ? 1u : 0u);
        len += (size_t)n;
    }
    enum err e = folder_write(f->path, "pins", span_of(text, len));
    wipe(text, sizeof text);
    return e;
}

/* Takes the next word of the line as a number; more than `max` when it is none. */
static unsigned long take_number(char **state, int base, unsigned long max)
{
    char *end = NULL;
    const char *word = strtok_r(NULL, " ", state);
    unsigned long value = word != NULL ? strtoul(word, &end, base) : 0;
    return word != NULL && end != word && *end == '\0' && value <= max ? value : max + 1;
}

static enum err load_pin_line(struct folder *f, char *line)
{
    char *state = NULL;
    const char *word = strtok_r(line, " ", &state);
    unsigned long ref = word != NULL ? strtoul(word, NULL, 16) : 0;
    const char *digits = strtok_r(NULL, " ", &state);
    unsigned long tries = take_number(&state, 10, TRIES_MAX);
    const char *life = strtok_r(NULL, " ", &state);
    unsigned long changed = take_number(&state, 10, 1);
    struct folder_pin *pin = folder_pin_find(f, (uint8_t)ref);
    if (pin == NULL || digits == NULL || tries > TRIES_MAX || life == NULL || changed > 1) {
        return ERR_NO_CARD;
    }
    pin->tries = (uint8_t)tries;
    pin->invalid = strcmp(life, "invalid") == 0;
    pin->changed = changed == 1;
    return folder_pin_set(pin, digits);
}

static enum err load_pins(struct folder *f)
{
    char *state = NULL;
    size_t lines = 0;
    struct buf text;
    buf_init(&text, 1024);
    enum err e = folder_read(f->path, "pins", &text);
    if (e == ERR_OK) {
        e = buf_append_u8(&text, 0);
    }
    if (e != ERR_OK) {
        goto out;
    }
    for (char *line = strtok_r((char *)text.at, "\n", &state); line != NULL && e == ERR_OK;
         line = strtok_r(NULL, "\n", &state)) {
        e = load_pin_line(f, line);
        lines++;
    }
    if (e == ERR_OK && lines != f->profile->n_pins) {
        e = ERR_NO_CARD;
    }
out:
    if (e != ERR_OK) {
        log_line(LOG_ERROR, "%s/pins: not the PINs of this card", f->path);
    }
    buf_clear(&text);
    return e;
}

static enum err load_profile(struct folder *f)
{
    char line[48];
    char name[32];
    struct buf text;
    buf_init(&text, sizeof line - 1);
    enum err e = folder_read(f->path, "profile", &text);
    if (e == ERR_OK) {
        snprintf(line, sizeof line, "%.*s", (int)text.len, (const char *)text.at);
        int words = sscanf(line, "%31s %zu", name, &f->n_keys);
        f->profile = words >= 1 ? profile_find(name) : NULL;
        if (words == 1 && f->profile != NULL) {
            f->n_keys = f->profile->n_keys;
        }
        if (f->profile == NULL || f->n_keys > f->profile->n_keys) {
            log_line(LOG_ERROR, "%s: no profile '%s'", f->path, line);
            e = ERR_CARD_UNKNOWN;
        }
    }
    buf_clear(&text);
    return e;
}

static enum err load_files(struct folder *f)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < f->profile->n_files && e == ERR_OK; i++) {
        char name[32];
        if (!folder_has_file(f->profile, &f->profile->files[i], f->n_keys)) {
            continue;
        }
        folder_file_name(&f->profile->files[i], name, sizeof name);
        e = folder_read(f->path, name, &f->files[i]);
    }
    return e;
}

static enum err load_key(struct folder *f, size_t i)
{
    char name[32];
    struct buf pem;
    BIO *bio = NULL;
    buf_init(&pem, FOLDER_FILE_MAX);
    folder_key_name(&f->profile->keys[i], name, sizeof name);
    enum err e = folder_read(f->path, name, &pem);
    if (e == ERR_OK) {
        bio = BIO_new_mem_buf(pem.at, (int)pem.len);
        f->keys[i] = PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL);
        e = f->keys[i] != NULL ? ERR_OK : ERR_NO_CARD;
    }
    BIO_free(bio);
    buf_clear(&pem);
    return e;
}

enum err folder_open(struct folder *f, const char *path)
{
    memset(f, 0, sizeof *f);
    if (strlen(path) >= sizeof f->path) {
        return ERR_TOO_LARGE;
    }
    snprintf(f->path, sizeof f->path, "%s", path);
    for (size_t i = 0; i < FOLDER_FILES; i++) {
        buf_init(&f->files[i], FOLDER_FILE_MAX);
    }
    enum err e = load_profile(f);
    for (size_t i = 0; e == ERR_OK && i < f->profile->n_pins; i++) {
        f->pins[i].row = &f->profile->pins[i];
    }
    if (e == ERR_OK) {
        e = load_pins(f);
    }
    if (e == ERR_OK) {
        e = load_files(f);
    }
    for (size_t i = 0; e == ERR_OK && i < f->n_keys; i++) {
        e = load_key(f, i);
    }
    if (e != ERR_OK) {
        folder_close(f);
    }
    return e;
}

void folder_close(struct folder *f)
{
    for (size_t i = 0; i < FOLDER_FILES; i++) {
        buf_clear(&f->files[i]);
    }
    for (size_t i = 0; i < FOLDER_KEYS; i++) {
        EVP_PKEY_free(f->keys[i]);
        f->keys[i] = NULL;
    }
    wipe(f->pins, sizeof f->pins);
}
