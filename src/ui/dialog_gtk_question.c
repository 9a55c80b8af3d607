#include "ui/dialog_gtk.h"
#include "ui/origin_text.h"
#include "ui/texts.h"

/* Per cent of a line that the longest name of a field takes. */
#define NAME_SHARE 30

static GtkWidget *column(int spacing)
{
    return gtk_box_new(GTK_ORIENTATION_VERTICAL, spacing);
}

static void add(GtkWidget *box, GtkWidget *child)
{
    gtk_container_add(GTK_CONTAINER(box), child);
}

static GtkWidget *who_new(const struct ask_question *q)
{
    struct origin_text origin;
    GtkWidget *box = column(2);
    origin_text_make(q->origin, &origin);
    widget_add_class(box, "who");
    add(box, label_new(_("The request comes from"), "small"));
    add(box, label_new_unbroken(origin.host, "host"));
    add(box, label_new_take(texts_safe(q->origin), NULL));
    if (origin.decoded != NULL) {
        add(box,
            label_new_take(g_strdup_printf(_("In its own letters: %s"), origin.decoded), "strong"));
    }
    if (origin.note != ORIGIN_PLAIN) {
        add(box, label_new(texts_origin_note(origin.note), "warning"));
    }
    if (origin.is_local) {
        add(box, label_new(_("The page comes from this computer."), NULL));
    }
    origin_text_clear(&origin);
    return box;
}

/* A row of its own for each pair, and not a grid: a screen reader goes through a grid backwards. */
static void add_words(GtkWidget *box, GtkSizeGroup *names, const char *name, struct span words)
{
    if (words.len == 0) {
        return;
    }
    GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
    GtkWidget *label = gtk_label_new(name);
    GtkWidget *text = label_new_take(texts_safe(words), NULL);
    gtk_label_set_xalign(GTK_LABEL(label), 0);
    gtk_widget_set_valign(label, GTK_ALIGN_START);
    gtk_widget_set_hexpand(text, TRUE);
    label_set_share(text, 100 - NAME_SHARE);
    gtk_size_group_add_widget(names, label);
    add(row, label);
    add(row, text);
    add(box, row);
}

/* NULL when the site said nothing. */
static GtkWidget *words_new(const struct ask_question *q)
{
    if (q->purpose.len + q->behalf_name.len + q->behalf_id.len + q->behalf_mandate.len == 0) {
        return NULL;
    }
    GtkWidget *box = column(6);
    GtkWidget *rows = column(0);
    GtkSizeGroup *names = gtk_size_group_new(GTK_SIZE_GROUP_HORIZONTAL);
    widget_add_class(box, "words");
    add(box, label_new(_("The service's own words – Korttisilta has not checked them"), "section"));
    add_words(rows, names, _("Purpose:"), q->purpose);
    add_words(rows, names, _("On behalf of:"), q->behalf_name);
    add_words(rows, names, _("Business ID:"), q->behalf_id);
    add_words(rows, names, _("Mandate:"), q->behalf_mandate);
    g_object_unref(names);
    add(box, rows);
    return box;
}

GtkWidget *question_new(const struct ask_question *q)
{
    GtkWidget *box = column(12);
    GtkWidget *words = words_new(q);
    add(box, label_new_take(texts_task(q->method, q->n_docs), "task"));
    add(box, who_new(q));
    add(box, label_new(texts_meaning(q->method), NULL));
    if (words != NULL) {
        add(box, words);
    }
    return box;
}
