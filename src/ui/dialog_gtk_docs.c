#include "ui/dialog_gtk.h"
#include "ui/texts.h"

/* More than a screen holds; the others follow while the window is already up. */
#define FIRST_ROWS 12u
#define MORE_ROWS  20u
#define KEY        "korttisilta-docs"

struct docs {
    const struct ask_question *question;
    GtkWidget *list;
    size_t shown;
    guint more; /* source id, 0: none */
    void (*on_complete)(void *user);
    void *user;
};

static void fill_full(GObject *expander, GParamSpec *pspec, void *user)
{
    const struct ask_document *d = user;
    (void)pspec;
    if (gtk_bin_get_child(GTK_BIN(expander)) == NULL) {
        GtkWidget *full = label_new_take(texts_digest_full(d), "digest");
        gtk_label_set_selectable(GTK_LABEL(full), TRUE);
        gtk_container_add(GTK_CONTAINER(expander), full);
        gtk_widget_show(full);
    }
}

static GtkWidget *digest_new(const struct ask_document *d)
{
    char *text = texts_digest_short(d);
    GtkWidget *w = gtk_expander_new(text);
    g_free(text);
    widget_add_class(w, "small");
    g_signal_connect(w, "notify::expanded", G_CALLBACK(fill_full), (void *)d);
    return w;
}

static char *kind_and_size(const struct ask_document *d)
{
    char *type = texts_safe(d->media_type);
    char *size = texts_size(d->size);
    char *text = g_strdup_printf("%s · %s", type, size);
    g_free(type);
    g_free(size);
    return text;
}

static GtkWidget *document_new(const struct ask_document *d, size_t number, bool numbered)
{
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
    char *name = texts_safe(d->name);
    char *title = numbered ? g_strdup_printf("%zu. %s", number, name) : g_strdup(name);
    g_free(name);
    widget_add_class(box, "doc");
    gtk_container_add(GTK_CONTAINER(box), label_new_take(title, "strong"));
    gtk_container_add(GTK_CONTAINER(box), label_new_take(kind_and_size(d), "small"));
    if (!d->has_content) {
        const char *text = _("This program has not seen the content, only its checksum.");
        gtk_container_add(GTK_CONTAINER(box), label_new(text, "warning"));
    }
    gtk_container_add(GTK_CONTAINER(box), digest_new(d));
    return box;
}

static void append(struct docs *docs, size_t n)
{
    const struct ask_question *q = docs->question;
    for (; n > 0 && docs->shown < q->n_docs; n--, docs->shown++) {
        GtkWidget *row = document_new(&q->docs[docs->shown], docs->shown + 1, q->n_docs > 1);
        gtk_container_add(GTK_CONTAINER(docs->list), row);
        gtk_widget_show_all(row);
    }
}

static gboolean append_more(gpointer user)
{
    struct docs *docs = user;
    append(docs, MORE_ROWS);
    if (docs->shown < docs->question->n_docs) {
        return G_SOURCE_CONTINUE;
    }
    docs->more = 0;
    if (docs->on_complete != NULL) {
        docs->on_complete(docs->user);
    }
    return G_SOURCE_REMOVE;
}

static void docs_free(void *user)
{
    struct docs *docs = user;
    if (docs->more != 0) {
        g_source_remove(docs->more);
    }
    g_free(docs);
}

GtkWidget *docs_new(const struct ask_question *q)
{
    struct docs *docs = g_new0(struct docs, 1);
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
    char *heading = g_strdup_printf(
        ngettext("Document to sign (%zu)", "Documents to sign (%zu)", q->n_docs), q->n_docs);
    *docs = (struct docs){.question = q};
    docs->list = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    widget_name(docs->list, heading, NULL);
    gtk_container_add(GTK_CONTAINER(box), label_new_take(heading, "section"));
    gtk_container_add(GTK_CONTAINER(box), docs->list);
    g_object_set_data_full(G_OBJECT(box), KEY, docs, docs_free);
    append(docs, FIRST_ROWS);
    if (docs->shown < q->n_docs) {
        docs->more = g_idle_add(append_more, docs);
    }
    return box;
}

void docs_on_complete(GtkWidget *widget, void (*on_complete)(void *user), void *user)
{
    struct docs *docs = g_object_get_data(G_OBJECT(widget), KEY);
    docs->on_complete = on_complete;
    docs->user = user;
}

bool docs_all_shown(GtkWidget *widget)
{
    const struct docs *docs = g_object_get_data(G_OBJECT(widget), KEY);
    return docs->shown == docs->question->n_docs;
}
