/* The window of korttisilta-manager, and what it wants from behind it. The window shows and asks;
 * it knows no card. What is behind works at the cards, on one thread of its own. */
#ifndef UI_MANAGER_H
#define UI_MANAGER_H

#include "base/limits.h"
#include "ui/pin_form.h"

/* Exit status: there is no display. */
#define MANAGER_NO_DISPLAY 3

enum manager_page {
    MANAGER_CARD,
    MANAGER_PINS,
    MANAGER_ACTIVATE,
    MANAGER_JOURNAL,
    MANAGER_DIAGNOSIS,
    MANAGER_PAGES
};

/* The word of each page on the command line. */
const char *manager_page_word(enum manager_page p);

struct manager_cert {
    bool for_signatures;
    bool readable; /* false: the rest is empty */
    uint8_t pin_index;
    char holder[LIMIT_CERT_TEXT];
    char person_id[LIMIT_CERT_TEXT];
    char issuer[LIMIT_CERT_TEXT];
    int64_t not_before; /* seconds since 1970, UTC */
    int64_t not_after;
};

struct manager_card {
    char reader[LIMIT_READER_NAME];
    uint32_t insertion_count;
    char atr[2 * LIMIT_ATR + 1]; /* hex; with ERR_CARD_UNKNOWN */
    enum err error;              /* anything but ERR_OK: what follows is empty */
    char kind[LIMIT_CERT_TEXT];  /* in the person's language */
    struct manager_cert certs[LIMIT_CERTS];
    size_t n_certs;
    struct pin_set pins;
};

/* What is in the readers. */
struct manager_sight {
    enum err error; /* ERR_OK, ERR_PCSC_DOWN, ERR_NO_READER */
    struct manager_card cards[LIMIT_READERS];
    size_t n_cards;
    int64_t now; /* when it was looked at: calendar, as not_after */
};

/* What the person wants done at one card. The secrets stay the window's and don't change meanwhile.
 */
struct manager_order {
    char reader[LIMIT_READER_NAME];
    uint32_t insertion_count;
    enum pin_activation activation;
    struct pin_form form;
    struct pin_answer answer;
};

enum manager_mark { MANAGER_FINE, MANAGER_NOTE, MANAGER_WRONG };
/* Rows of the diagnosis; grows. */
struct manager_report;
/* Both texts are copied; advice may be NULL. */
void manager_report_add(struct manager_report *r, enum manager_mark mark, const char *text,
                        const char *advice);

/* What the cards were used for, oldest first; grows. */
struct manager_history;
/* Both texts are copied; details may have several lines. */
void manager_history_add(struct manager_history *h, const char *title, const char *details,
                         bool is_wrong);
/* What is to be said of all of it. Copied. */
void manager_history_judge(struct manager_history *h, const char *verdict, bool is_wrong);

/* Called on the thread that owns the cards, one call at a time. They may take as long as a card
 * does. */
struct manager_back {
    /* Takes what has changed, so that `fd` is no longer readable. */
    void (*look)(void *user, struct manager_sight *ret);
    enum err (*run)(void *user, const struct manager_order *order, int8_t *ret_tries);
    void (*diagnose)(void *user, struct manager_report *to);
    void (*recall)(void *user, struct manager_history *to);
    int fd; /* readable: there is something new to look at */
};

/* The language is set (translate_open). Returns the exit status of the program when the person has
 * closed the window: never in the middle of a task. */
int manager_gtk_run(const struct manager_back *back, void *user, enum manager_page first);

#endif
