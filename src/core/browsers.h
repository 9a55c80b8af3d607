/* The browsers that Korttisilta knows, and where each keeps the certificates that it trusts. */
#ifndef CORE_BROWSERS_H
#define CORE_BROWSERS_H

#include <stdbool.h>
#include <stddef.h>

#define BROWSERS     6u
#define BROWSERS_CAP 512u /* bytes of a path */

struct browser {
    const char *name;
    const char *programs[2];
    const char *system_folder; /* of native messaging hosts */
    const char *home_folder;   /* the same, below the home folder */
    bool shares_store;         /* ~/.pki/nssdb */
};

extern const struct browser browsers[BROWSERS];

bool browsers_is_installed(const struct browser *b);

/* A database of NSS with certificates that a browser trusts. */
struct browsers_store {
    const char *name; /* of the browser */
    char profile[64]; /* its name, where there are several; "" else */
    char folder[BROWSERS_CAP];
};

/* Every one of this user that is there; with `make` the one that Chromium and its kin share is
 * given also when it is not there yet, if one of them is installed. */
void browsers_each_store(bool make, void (*found)(void *user, const struct browsers_store *store),
                         void *user);

#endif
