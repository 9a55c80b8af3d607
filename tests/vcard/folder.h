/* A personalised card on disk:
 *   profile              name of the profile row, and how many of its keys the card has (no
 *                        number: all)
 *   pins                 one line per PIN: reference (hex), value, tries left, live|invalid, 0|1
 *                        (changed)
 *   key-<ref>.pem        private keys
 *   files/<fid>          content of the files under the MF and the application
 *   files/<df>/<fid>     content of the files of a folder
 * `pins` is rewritten at once whenever a counter, a value or a state changes, so that it survives
 * reset and the end of the process. The values are those of test cards. */
#ifndef VCARD_FOLDER_H
#define VCARD_FOLDER_H

#include "base/buf.h"
#include "profile.h"

#include <openssl/evp.h>

#define FOLDER_FILES    20u
#define FOLDER_PINS     4u
#define FOLDER_KEYS     5u
#define FOLDER_PATH     256u
#define FOLDER_FILE_MAX 8192u /* content of one file on the card */

struct folder_pin {
    const struct profile_pin *row;
    uint8_t value[PROFILE_PIN_MAX]; /* digits, then 00 */
    uint8_t tries;
    bool invalid; /* answers 6984 */
    bool changed; /* DF2F */
};

struct folder {
    char path[FOLDER_PATH];
    const struct profile *profile;
    size_t n_keys;                  /* the first so many of profile->keys */
    struct buf files[FOLDER_FILES]; /* parallel to profile->files; empty: not on this card */
    struct folder_pin pins[FOLDER_PINS];
    EVP_PKEY *keys[FOLDER_KEYS]; /* parallel to profile->keys */
};

/* ERR_NO_CARD when the folder is not a complete card; a line of log says what is missing. */
enum err folder_open(struct folder *f, const char *path) MUST_CHECK;
void folder_close(struct folder *f);
enum err folder_save_pins(const struct folder *f) MUST_CHECK;
/* NULL when the card has no such PIN. */
struct folder_pin *folder_pin_find(struct folder *f, uint8_t ref);

/* Makes the empty folders; used by the issuer. Existing ones are fine. */
enum err folder_create(const char *path, const struct profile *p) MUST_CHECK;
/* Is this file on a card with so many keys? Only certificates can be missing. */
bool folder_has_file(const struct profile *p, const struct profile_file *f, size_t n_keys);
/* Sets a PIN from `digits`; ERR_PIN_FORMAT when it does not fit its row. */
enum err folder_pin_set(struct folder_pin *pin, const char *digits) MUST_CHECK;
/* Name of a file of the card inside the folder, such as "files/5016/4332". */
void folder_file_name(const struct profile_file *f, char *ret_name, size_t cap);
void folder_key_name(const struct profile_key *k, char *ret_name, size_t cap);
/* Whole small files. ERR_TOO_LARGE, ERR_NO_CARD (can't be opened). */
enum err folder_read(const char *folder, const char *name, struct buf *out) MUST_CHECK;
/* Written beside and renamed, so that no reader sees half of it. */
enum err folder_write(const char *folder, const char *name, struct span bytes) MUST_CHECK;

#endif
