/* The parts of the manager's window. Each shows what it is given and tells by its callbacks what
 * the person wants; manager_gtk.c holds them together. Only widgets that GTK 4 has too. */
#ifndef UI_MANAGER_GTK_H
#define UI_MANAGER_GTK_H

#include "ui/dialog_gtk.h"
#include "ui/manager.h"

/* ---- manager_gtk_work.c: the thread that owns the cards ---- */

struct work;
typedef void (*work_step)(void *job);

struct work *work_start(void);
/* `run` on the thread, in the order of the calls; then `done` in the main loop. */
void work_add(struct work *w, work_step run, work_step done, void *job);
/* Waits for what is running; what has not begun is dropped. */
void work_stop(struct work *w);

/* ---- manager_gtk_pad.c: between the window and a card whose reader waits for the PIN ---- */

struct pad_talk {
    struct pin_person person; /* for the thread that owns the cards */
    void (*on_begin)(void *user, enum pin_entry entry, bool can_stop);
    void *user;
    GMutex lock;
    GCond stopped;
    bool stop, can_stop;
};

/* `on_begin` in the main loop, each time that the reader begins to wait. *t must not move. */
void pad_talk_init(struct pad_talk *t, void (*on_begin)(void *, enum pin_entry, bool), void *user);
void pad_talk_clear(struct pad_talk *t);
/* The entry is given up, where the reader can be told so. */
void pad_talk_stop(struct pad_talk *t);

/* ---- manager_gtk_part.c: what the pages are made of ---- */

GtkWidget *part_column(int spacing);
void part_add(GtkWidget *box, GtkWidget *child);
void part_empty(GtkWidget *box);
GtkWidget *part_frame(void);
GtkWidget *part_heading(const char *text);
/* A name before its value, read as one. */
GtkWidget *part_fact(const char *name, const char *value);
GtkWidget *part_button(const char *label, GCallback on_click, void *user);

/* Copies the text, for other programs and for longer than this window lives. */
void part_copy(const char *text);
/* An empty line that a screen reader reads when it changes. */
GtkWidget *part_said(void);

/* ---- manager_gtk_absence.c: no card that can be worked with ---- */

/* `c` is the card that is chosen, if any. */
void absence_show(GtkWidget *box, const struct manager_sight *s, const struct manager_card *c);

/* ---- manager_gtk_frame.c: what stands around the pages ---- */

struct frame {
    GtkWidget *top;
    GtkWidget *nav;
    GtkWidget *stack;
    GtkWidget *chooser; /* of one of several cards */
    GtkWidget *banner;  /* how the last task ended */
    GtkWidget *tries;   /* always in view */
};

/* `on_page` when another page is shown, `on_card` when another card is chosen; both with `user` as
 * the first argument. */
void frame_init(struct frame *f, GtkWidget *const pages[MANAGER_PAGES], GCallback on_page,
                GCallback on_card, void *user);
void frame_go(struct frame *f, enum manager_page page);
enum manager_page frame_page(const struct frame *f);
/* "": nothing is said any more. */
void frame_say(struct frame *f, const char *text, bool good);
/* "": there is no card. */
void frame_say_tries(struct frame *f, const char *text);
void frame_show_cards(struct frame *f, const struct manager_sight *s, size_t chosen);
size_t frame_chosen(const struct frame *f);
/* Where a person is after a form has closed. */
void frame_focus(struct frame *f);

/* ---- manager_gtk_card.c: what is on the card ---- */

bool card_is_same(const struct manager_card *a, const struct manager_card *b);
/* Index of the card that the person was looking at; else of one that has just come and waits for
 * its activation; else of the first. */
size_t card_choose(const struct manager_card *before, const struct manager_sight *now);

/* What the person wants from a page. */
struct wishes {
    void (*go)(void *user, enum manager_page page);
    void (*task)(void *user, enum pin_task task, uint8_t index);
    void *user;
};

/* Each of the pages is built anew in the empty `box`. */
void card_page_show(GtkWidget *box, const struct manager_card *c, int64_t now,
                    const struct wishes *wishes);
/* The line that is always in view. g_free. */
char *card_tries_text(const struct manager_card *c);

/* ---- manager_gtk_form.c: one PIN task ---- */

struct form {
    GtkWidget *box;
    GtkWidget *title, *intro, *flaw, *working;
    GtkWidget *submit, *cancel;
    struct pin_field fields[PIN_PARTS];
    struct pin_form what;
    size_t n_finished; /* parts that the person has left */
    bool busy;
    guint idle; /* source id, 0: nothing is typed */
    void (*on_idle)(void *user);
    void *user;
};

/* ERR_NOMEM. */
enum err form_init(struct form *f) MUST_CHECK;
/* `on_submit` when the form has no flaw. Both with `user` as the first argument. */
void form_connect(struct form *f, GCallback on_submit, GCallback on_cancel, void *user);
/* `on_idle` when something is typed and nobody has gone on typing for LIMIT_FORM_MS. */
void form_watch(struct form *f, void (*on_idle)(void *user), void *user);
/* Empty, but for the code when keep_code. */
void form_show(struct form *f, const struct pin_form *what, const char *title, bool keep_code);
void form_clear(struct form *f);
/* Nothing can be typed while the card works. */
void form_set_busy(struct form *f, bool busy);
/* The reader waits for this now. */
void form_show_entry(struct form *f, enum pin_entry entry, bool can_stop);
/* Borrowed: the fields' own secrets, none of which counts with PIN_ON_READER. */
struct pin_answer form_answer(const struct form *f);
void form_focus(struct form *f);
/* A key that the fields take before any input method sees it. */
bool form_take_key(struct form *f, GdkEventKey *event);

/* ---- manager_gtk_pins.c, manager_gtk_activate.c: the pages around a form ---- */

/* A stack of a page that explains ("list") and a form ("form"). */
struct task_page {
    GtkWidget *stack;
    GtkWidget *list;
    struct form form;
};

enum err task_page_init(struct task_page *p) MUST_CHECK;
void task_page_open(struct task_page *p, const struct pin_form *what, const char *title,
                    bool keep_code);
void task_page_close(struct task_page *p);
bool task_page_is_open(const struct task_page *p);

void pins_page_show(GtkWidget *box, const struct manager_card *c, const struct wishes *wishes);
void activate_page_show(GtkWidget *box, const struct manager_card *c, const struct wishes *wishes);
/* "Step 1 of 2: Choose PIN1 (basic PIN)". g_free. */
char *activate_step_title(const struct pin_set *pins, uint8_t index);

/* ---- manager_gtk_journal.c ---- */

struct journal_page {
    GtkWidget *box;
    GtkWidget *verdict, *rows;
};

void journal_page_init(struct journal_page *p);
/* Lets back->recall run on the thread, and shows what it finds. */
void journal_page_run(struct journal_page *p, struct work *w, const struct manager_back *back,
                      void *user);

/* ---- manager_gtk_diagnosis.c ---- */

struct diagnosis_page {
    GtkWidget *box;
    GtkWidget *rows, *copy, *again, *said;
    struct manager_report *report;
};

void diagnosis_page_init(struct diagnosis_page *p, GCallback on_again, void *user);
/* Lets back->diagnose run on the thread, and shows what it finds. */
void diagnosis_page_run(struct diagnosis_page *p, struct work *w, const struct manager_back *back,
                        void *user);
void diagnosis_page_clear(struct diagnosis_page *p);

#endif
