#include "ui/manager_gtk.h"

#define SHOWN 200u /* entries; the tool has all of them */

struct use {
    char *title;
    char *details;
    bool is_wrong;
};

struct manager_history {
    GQueue uses; /* struct use, oldest first; the last SHOWN */
    char *verdict;
    bool is_wrong;
};

static void use_free(gpointer at)
{
    struct use *u = at;
    g_free(u->title);
    g_free(u->details);
    g_free(u);
}

static void history_free(struct manager_history *h)
{
    g_queue_clear_full(&h->uses, use_free);
    g_free(h->verdict);
    g_free(h);
}

void manager_history_add(struct manager_history *h, const char *title, const char *details,
                         bool is_wrong)
{
    struct use *u = g_new0(struct use, 1);
    *u = (struct use){g_strdup(title), g_strdup(details), is_wrong};
    g_queue_push_tail(&h->uses, u);
    if (g_queue_get_length(&h->uses) > SHOWN) {
        use_free(g_queue_pop_head(&h->uses));
    }
}

void manager_history_judge(struct manager_history *h, const char *verdict, bool is_wrong)
{
    g_free(h->verdict);
    h->verdict = g_strdup(verdict);
    h->is_wrong = is_wrong;
}

/* The newest comes first. */
static void add_use(gpointer at, gpointer user)
{
    const struct use *u = at;
    GtkWidget *row = part_column(0);
    widget_add_class(row, u->is_wrong ? "wrong" : "fine");
    part_add(row, label_new(u->title, "strong"));
    part_add(row, label_new(u->details, "small"));
    if (u->is_wrong) {
        part_add(row, label_new(_("This entry does not follow the one before: something was "
                                  "changed, put in or left out."),
                                "strong"));
    }
    part_add(user, row);
}

static void show(struct journal_page *p, struct manager_history *h)
{
    part_empty(p->rows);
    g_queue_reverse(&h->uses);
    g_queue_foreach(&h->uses, add_use, p->rows);
    label_set(p->verdict, h->verdict != NULL ? h->verdict : "");
    widget_announce(p->verdict, gtk_label_get_text(GTK_LABEL(p->verdict)));
    gtk_widget_show_all(p->rows);
}

void journal_page_init(struct journal_page *p)
{
    *p = (struct journal_page){.box = part_column(12), .rows = part_column(6)};
    p->verdict = part_said();
    part_add(p->box, label_new(_("What your cards were used for on this computer, the last first. "
                                 "Only you can read it."),
                               NULL));
    part_add(p->box, p->verdict);
    part_add(p->box, p->rows);
}

struct recall {
    struct journal_page *page;
    const struct manager_back *back;
    void *user;
    struct manager_history *history;
};

static void run(void *job)
{
    struct recall *r = job;
    r->back->recall(r->user, r->history);
}

static void done(void *job)
{
    struct recall *r = job;
    show(r->page, r->history);
    history_free(r->history);
    g_free(r);
}

void journal_page_run(struct journal_page *p, struct work *w, const struct manager_back *back,
                      void *user)
{
    struct recall *r = g_new0(struct recall, 1);
    *r = (struct recall){p, back, user, g_new0(struct manager_history, 1)};
    g_queue_init(&r->history->uses);
    work_add(w, run, done, r);
}
