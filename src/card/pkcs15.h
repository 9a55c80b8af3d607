/* What a card says about itself in the directory files of ISO 7816-15 (PKCS #15): PINs, private
 * keys, certificates, algorithms. Parsing only; card/pkcs15_card.c reads the files. All input is
 * hostile: what is malformed or of a kind that the program can't use is left out. */
#ifndef CARD_PKCS15_H
#define CARD_PKCS15_H

#include "card/profile.h"

/* A path in the card's file tree. */
struct pkcs15_path {
    uint8_t at[PROFILE_PATH];
    size_t len;
    bool is_absolute; /* from the MF; 3F00 itself is left out */
};

/* One application of EF.DIR (ISO 7816-4 §8.2.1.1). */
struct pkcs15_app {
    struct span aid; /* borrowed */
    struct pkcs15_path base;
    bool has_base;
};

/* One reference of EF.ODF. */
enum pkcs15_kind {
    PKCS15_PRKDF,
    PKCS15_CDF,
    PKCS15_AODF,
    PKCS15_KINDS,            /* those are read; */
    PKCS15_CA = PKCS15_KINDS /* and this, trusted and useful certificates, when a CA is wanted */
};
struct pkcs15_file {
    enum pkcs15_kind kind;
    struct pkcs15_path path;
};

/* Contents of the files, one behind the other where there are several of a kind. */
struct pkcs15_contents {
    struct pkcs15_app app;
    struct span info; /* EF.TokenInfo (CIAInfo) */
    struct span kinds[PKCS15_KINDS];
    struct pkcs15_path ca_files[LIMIT_CARD_CAS];
    size_t n_ca_files;
};

/* Each takes one object off *rest; false at the end. */
bool pkcs15_next_app(struct span *rest, struct pkcs15_app *ret);
bool pkcs15_next_file(struct span *rest, struct pkcs15_file *ret);

/* The same for where the next certificate of a directory is. only_cas: entries that do not say
 * "authority" are passed over. */
bool pkcs15_next_certificate(struct span *rest, bool only_cas, struct pkcs15_path *ret);

/* ERR_CARD_UNKNOWN when the octets are no path that fits. */
enum err pkcs15_path_of(struct span octets, struct pkcs15_path *ret) MUST_CHECK;
/* `path` below the application's folder, when it is relative and that is known. */
enum err pkcs15_resolve(const struct pkcs15_app *app, struct pkcs15_path *path) MUST_CHECK;

/* As SELECT wants it, made whole where it must be; false when that can't be told. */
bool pkcs15_place(const struct pkcs15_app *app, struct pkcs15_path *path, enum profile_place *ret);

/* True when the file's content ends with a whole object, or with padding behind one. */
bool pkcs15_is_whole(struct span content);

/* Makes a profile of it. ERR_CARD_UNKNOWN when that is not enough to sign with: at least one key
 * with its certificate, its PIN, and an algorithm. */
enum err pkcs15_build(const struct pkcs15_contents *c, struct profile_store *ret) MUST_CHECK;

#endif
