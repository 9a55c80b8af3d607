/* The parts of the window. Only widgets that GTK 4 has too; each part knows how to show what it is
 * given and nothing of phases or answers, which are dialog_gtk.c's. */
#ifndef UI_DIALOG_GTK_H
#define UI_DIALOG_GTK_H

#include "wire/ask.h"

#include <gtk/gtk.h>

/* ---- dialog_gtk_label.c: labels and what is common to the parts ---- */

/* Wrapped plain text that starts at the left, as wide as a line; css_class may be NULL. Never
 * markup. */
GtkWidget *label_new(const char *text, const char *css_class);
/* The same for texts that may have no blanks, such as names of hosts and files: broken anywhere,
 * and without a hyphen that is not in the name. */
GtkWidget *label_new_unbroken(const char *text, const char *css_class);
/* For a label that has only this share of the line. */
void label_set_share(GtkWidget *label, int percent);
void label_set(GtkWidget *label, const char *text);
/* Takes `take_text` (g_free). */
GtkWidget *label_new_take(char *take_text, const char *css_class);
void widget_add_class(GtkWidget *w, const char *css_class);
/* What a screen reader calls it. */
void widget_name(GtkWidget *w, const char *name, const char *description);
/* Lets a screen reader say the text now, where the ATK of this computer can. */
void widget_announce(GtkWidget *w, const char *text);
/* What is free of panels on the screen of `window`, or on the first one while that is NULL. */
void screen_area(GdkWindow *window, GdkRectangle *ret);
/* Pixels of a line of text that is easy to read and fits the screen. */
int line_width(void);
/* The style of the whole program. */
void style_load(GdkScreen *screen);

/* ---- dialog_gtk_question.c: who asks for what, in whose words ---- */

GtkWidget *question_new(const struct ask_question *q);

/* ---- dialog_gtk_docs.c: the frozen list of documents ---- */

/* A long list is filled bit by bit so that the window comes up at once; docs_all_shown tells when
 * all of it is there. `on_complete` is called then, unless it is at once. `q` must outlive the
 * widget. */
GtkWidget *docs_new(const struct ask_question *q);
void docs_on_complete(GtkWidget *docs, void (*on_complete)(void *user), void *user);
bool docs_all_shown(GtkWidget *docs);
/* The field that searches the list, a GtkSearchEntry; NULL when the list is short. It hides what
 * does not fit and says so; what is signed does not change. */
GtkWidget *docs_search(GtkWidget *docs);
/* Marks the first `done` documents as signed. */
void docs_show_signed(GtkWidget *docs, size_t done);

/* ---- dialog_gtk_certs.c: certificates to choose from ---- */

struct cert_list {
    GtkWidget *box;
    GtkWidget *heading;
    GtkWidget *list;
};

/* A longer list than max_height scrolls. l->list emits "row-selected". */
void cert_list_init(struct cert_list *l, int max_height);
void cert_list_show(struct cert_list *l, const struct ask_state *s);
/* Index of the chosen one; n_certs when none is. */
size_t cert_list_chosen(const struct cert_list *l, const struct ask_state *s);

/* ---- dialog_gtk_pin.c: the field for the PIN ---- */

struct pin_field {
    GtkWidget *box;
    GtkWidget *label;
    GtkWidget *entry;
    GtkWidget *hint;
    GtkWidget *last_try;
    uint8_t min;
    bool is_last;
    bool on_reader; /* nothing is typed here */
};

/* ERR_NOMEM. */
enum err pin_field_init(struct pin_field *f) MUST_CHECK;
/* With `user` as the first argument: `on_change` when the content or the last-try box changed,
 * `on_enter` on Enter in the field. */
void pin_field_connect(struct pin_field *f, GCallback on_change, GCallback on_enter, void *user);
struct pin_look {
    bool on_reader; /* no entry: it is typed there */
    const char *name;
    const char *hint;     /* "": none */
    const char *last_try; /* what the person agrees to first; NULL: it is not the last try */
    uint8_t min;
    uint8_t max;
};
void pin_field_set(struct pin_field *f, const struct pin_look *look);
/* For this certificate: name, tries, lengths. */
void pin_field_show(struct pin_field *f, const struct ask_cert *c);
/* An inactive field takes nothing and shows so. */
void pin_field_set_active(struct pin_field *f, bool active);
bool pin_field_is_active(const struct pin_field *f);
/* Where a person goes on: the entry; with the PIN on the reader the last try's box, else `beside`.
 */
void pin_field_focus(struct pin_field *f, GtkWidget *beside);
void pin_field_clear(struct pin_field *f);
/* Long enough, and the last try agreed to when it is the last. */
bool pin_field_is_complete(const struct pin_field *f);
bool pin_field_last_agreed(const struct pin_field *f);
/* Borrowed; changes with the field. */
struct secret *pin_field_secret(const struct pin_field *f);
/* Takes a digit key before any input method sees it; true when it was one. */
bool pin_field_take_key(struct pin_field *f, GdkEventKey *event);

/* ---- dialog_gtk_layout.c: where the parts stand ---- */

struct layout {
    GtkWidget *top;
    GtkWidget *scroll; /* who asks for what; the part that may be longer than the screen */
    GtkWidget *docs;   /* NULL when nothing is signed */
    GtkWidget *acting; /* what the person acts with: never scrolled out of sight */
    GtkWidget *pages;  /* "message" or "choose" */
    GtkWidget *message, *advice;
    GtkWidget *banner;
    GtkWidget *working, *progress;
    GtkWidget *check, *report, *manage, *cancel, *confirm;
    struct cert_list certs;
    struct cert_list unusable; /* below the message, when the card has nothing that fits */
    struct pin_field pin;
};

/* All widgets but the window itself are shown. `q` must outlive them. ERR_NOMEM. */
enum err layout_build(struct layout *u, const struct ask_question *q) MUST_CHECK;
/* What the phase means and what happened before it, in words that are announced too. */
void layout_say(struct layout *u, const struct ask_state *s, enum method m);

#endif
