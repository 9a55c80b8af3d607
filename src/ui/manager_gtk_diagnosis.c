#include "ui/manager_gtk.h"

struct row {
    enum manager_mark mark;
    char *text;
    char *advice; /* NULL: none */
};

struct manager_report {
    GArray *rows; /* struct row */
};

static void row_clear(gpointer at)
{
    struct row *r = at;
    g_free(r->text);
    g_free(r->advice);
}

static struct manager_report *report_new(void)
{
    struct manager_report *r = g_new0(struct manager_report, 1);
    r->rows = g_array_new(FALSE, FALSE, sizeof(struct row));
    g_array_set_clear_func(r->rows, row_clear);
    return r;
}

static void report_free(struct manager_report *r)
{
    if (r != NULL) {
        g_array_free(r->rows, TRUE);
        g_free(r);
    }
}

void manager_report_add(struct manager_report *r, enum manager_mark mark, const char *text,
                        const char *advice)
{
    struct row row = {mark, g_strdup(text), g_strdup(advice)};
    g_array_append_val(r->rows, row);
}

/* What a row begins with: not its colour alone tells how it is meant. */
static const char *mark_word(enum manager_mark mark)
{
    static const char *const words[] = {
        [MANAGER_FINE] = "✓",
        [MANAGER_NOTE] = N_("Note:"),
        [MANAGER_WRONG] = N_("To be put right:"),
    };
    return mark == MANAGER_FINE ? words[mark] : _(words[mark]);
}

static void add_row(GtkWidget *box, const struct row *r)
{
    static const char *const classes[] = {"fine", "note", "wrong"};
    GtkWidget *row = part_column(0);
    char *line = g_strdup_printf("%s %s", mark_word(r->mark), r->text);
    widget_add_class(row, classes[r->mark]);
    part_add(row, label_new_take(line, r->mark == MANAGER_WRONG ? "strong" : NULL));
    if (r->advice != NULL) {
        part_add(row, label_new_unbroken(r->advice, "small"));
    }
    part_add(box, row);
}

static void copy(struct diagnosis_page *p)
{
    static const char *const marks[] = {"[ok]", "[--]", "[!!]"};
    GString *text = g_string_new(NULL);
    for (guint i = 0; p->report != NULL && i < p->report->rows->len; i++) {
        const struct row *r = &g_array_index(p->report->rows, struct row, i);
        g_string_append_printf(text, "%s %s\n", marks[r->mark], r->text);
        if (r->advice != NULL) {
            g_string_append_printf(text, "     %s\n", r->advice);
        }
    }
    part_copy(text->str);
    label_set(p->said, _("Copied. There is no personal data in it."));
    widget_announce(p->said, gtk_label_get_text(GTK_LABEL(p->said)));
    g_string_free(text, TRUE);
}

void diagnosis_page_init(struct diagnosis_page *p, GCallback on_again, void *user)
{
    GtkWidget *buttons = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
    *p = (struct diagnosis_page){.box = part_column(12), .rows = part_column(6)};
    p->copy = part_button(_("Copy the report"), G_CALLBACK(copy), p);
    p->again = part_button(_("Check again"), on_again, user);
    p->said = part_said();
    part_add(buttons, p->again);
    part_add(buttons, p->copy);
    part_add(p->box, p->rows);
    part_add(p->box, buttons);
    part_add(p->box, p->said);
}

static void wait_for(struct diagnosis_page *p)
{
    part_empty(p->rows);
    part_add(p->rows, label_new(_("Checking…"), "message"));
    gtk_widget_show_all(p->rows);
    gtk_widget_set_sensitive(p->copy, FALSE);
    gtk_widget_set_sensitive(p->again, FALSE);
    label_set(p->said, "");
}

static void show(struct diagnosis_page *p, struct manager_report *take_report)
{
    unsigned n_wrong = 0;
    report_free(p->report);
    p->report = take_report;
    part_empty(p->rows);
    for (guint i = 0; i < p->report->rows->len; i++) {
        const struct row *r = &g_array_index(p->report->rows, struct row, i);
        n_wrong += r->mark == MANAGER_WRONG;
        add_row(p->rows, r);
    }
    label_set(p->said, n_wrong == 0 ? _("Nothing stands in the way.")
                                    : _("Something must be put right before cards can be used."));
    gtk_widget_show_all(p->rows);
    gtk_widget_set_sensitive(p->copy, TRUE);
    gtk_widget_set_sensitive(p->again, TRUE);
}

struct diagnosis {
    struct diagnosis_page *page;
    const struct manager_back *back;
    void *user;
    struct manager_report *report;
};

static void run(void *job)
{
    struct diagnosis *d = job;
    d->back->diagnose(d->user, d->report);
}

static void done(void *job)
{
    struct diagnosis *d = job;
    show(d->page, d->report);
    g_free(d);
}

void diagnosis_page_run(struct diagnosis_page *p, struct work *w, const struct manager_back *back,
                        void *user)
{
    struct diagnosis *d = g_new0(struct diagnosis, 1);
    *d = (struct diagnosis){p, back, user, report_new()};
    wait_for(p);
    work_add(w, run, done, d);
}

void diagnosis_page_clear(struct diagnosis_page *p)
{
    report_free(p->report);
    p->report = NULL;
}
