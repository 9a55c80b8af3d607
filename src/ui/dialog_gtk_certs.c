#include "ui/dialog_gtk.h"
#include "ui/texts.h"

#define INDEX_KEY "korttisilta-index"

static void add(GtkWidget *box, GtkWidget *child)
{
    gtk_container_add(GTK_CONTAINER(box), child);
}

void cert_list_init(struct cert_list *l, int max_height)
{
    GtkWidget *scroll;
    l->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
    l->heading = label_new("", "section");
    l->list = gtk_list_box_new();
    widget_add_class(l->list, "choice");
    scroll = gtk_scrolled_window_new(NULL, NULL);
    gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scroll), GTK_POLICY_NEVER,
                                   GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_propagate_natural_height(GTK_SCROLLED_WINDOW(scroll), TRUE);
    gtk_scrolled_window_set_max_content_height(GTK_SCROLLED_WINDOW(scroll), max_height);
    gtk_scrolled_window_set_overlay_scrolling(GTK_SCROLLED_WINDOW(scroll), FALSE);
    add(scroll, l->list);
    add(l->box, l->heading);
    add(l->box, scroll);
}

/* Two people may have cards in two readers: then the reader tells them apart. */
static bool readers_differ(const struct ask_state *s)
{
    for (size_t i = 1; i < s->n_certs; i++) {
        if (!span_eq(s->certs[i].reader, s->certs[0].reader)) {
            return true;
        }
    }
    return false;
}

static char *issuer_text(const struct ask_cert *c)
{
    char *issuer = texts_safe(c->issuer);
    char *validity = texts_validity(c);
    char *text = g_strdup_printf(_("Issued by %s, %s"), issuer, validity);
    g_free(issuer);
    g_free(validity);
    return text;
}

/* A part of the row, and of the one sentence that a screen reader says. NULL: there is none. */
static void add_part(GtkWidget *box, GString *sentence, char *take_text, const char *css_class)
{
    if (take_text != NULL && *take_text != '\0') {
        g_string_append_printf(sentence, "%s%s", sentence->len > 0 ? ". " : "", take_text);
        add(box, label_new_unbroken(take_text, css_class));
    }
    g_free(take_text);
}

static GtkWidget *row_new(const struct ask_cert *c, bool with_reader)
{
    GtkWidget *row = gtk_list_box_row_new();
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    GString *sentence = g_string_new(NULL);
    add_part(box, sentence, texts_holder(c), "strong");
    add_part(box, sentence, texts_identifier(c), NULL);
    add_part(box, sentence, texts_employer(c), NULL);
    add_part(box, sentence, issuer_text(c), "small");
    if (with_reader) {
        char *reader = texts_safe(c->reader);
        add_part(box, sentence, g_strdup_printf(_("Reader: %s"), reader), "small");
        g_free(reader);
    }
    add_part(box, sentence, g_strdup(texts_unusable(c->usable)), NULL);
    add_part(box, sentence, g_strdup(texts_status(c->status)), "small");
    add(row, box);
    widget_name(row, sentence->str, NULL);
    gtk_widget_set_sensitive(row, c->usable == ASK_USABLE);
    g_string_free(sentence, TRUE);
    return row;
}

/* Keeps the height of one certificate free while the card is being read. */
static GtkWidget *room_new(void)
{
    GtkWidget *row = gtk_list_box_row_new();
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    add(box, label_new(" ", "strong"));
    add(box, label_new(" ", "small"));
    add(row, box);
    gtk_widget_set_sensitive(row, FALSE);
    return row;
}

static void empty(GtkWidget *list)
{
    GtkListBoxRow *row;
    while ((row = gtk_list_box_get_row_at_index(GTK_LIST_BOX(list), 0)) != NULL) {
        gtk_container_remove(GTK_CONTAINER(list), GTK_WIDGET(row));
    }
}

/* The one that the signer proposes, else the first that can be used. */
static size_t first_choice(const struct ask_state *s)
{
    size_t i = 0;
    if (s->n_certs > 0 && s->certs[s->selected].usable == ASK_USABLE) {
        return s->selected;
    }
    while (i < s->n_certs && s->certs[i].usable != ASK_USABLE) {
        i++;
    }
    return i;
}

/* What can be chosen stands first, the proposal before all; the rest is for information. */
static void add_rows(struct cert_list *l, const struct ask_state *s, size_t chosen)
{
    enum { PROPOSED, USABLE, NOT_USABLE, RANKS };
    bool with_reader = readers_differ(s);
    for (int rank = PROPOSED; rank < RANKS; rank++) {
        for (size_t i = 0; i < s->n_certs; i++) {
            int own = s->certs[i].usable == ASK_USABLE ? USABLE : NOT_USABLE;
            if ((i == chosen ? PROPOSED : own) == rank) {
                GtkWidget *row = row_new(&s->certs[i], with_reader);
                g_object_set_data(G_OBJECT(row), INDEX_KEY, GSIZE_TO_POINTER(i));
                add(l->list, row);
            }
        }
    }
}

void cert_list_show(struct cert_list *l, const struct ask_state *s)
{
    GtkListBox *list = GTK_LIST_BOX(l->list);
    size_t chosen = first_choice(s);
    bool several = s->n_certs > 1;
    const char *heading = texts_certs(s);
    label_set(l->heading, heading);
    widget_name(l->list, heading, NULL);
    empty(l->list);
    add_rows(l, s, chosen);
    if (s->n_certs == 0) {
        add(l->list, room_new());
    }
    bool choose = several && chosen < s->n_certs;
    gtk_list_box_set_selection_mode(list, choose ? GTK_SELECTION_BROWSE : GTK_SELECTION_NONE);
    gtk_widget_show_all(l->list);
    if (choose) {
        gtk_list_box_select_row(list, gtk_list_box_get_row_at_index(list, 0));
    }
}

size_t cert_list_chosen(const struct cert_list *l, const struct ask_state *s)
{
    GtkListBoxRow *row = gtk_list_box_get_selected_row(GTK_LIST_BOX(l->list));
    if (s->n_certs <= 1 || row == NULL) {
        return first_choice(s);
    }
    return GPOINTER_TO_SIZE(g_object_get_data(G_OBJECT(row), INDEX_KEY));
}
