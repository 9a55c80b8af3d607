#include "ui/dialog_gtk.h"
#include "ui/texts.h"

/* More than a screen holds; the others follow while the window is already up. */
#define FIRST_ROWS 12u
#define MORE_ROWS  20u
#define KEY        "korttisilta-docs"

struct row {
    GtkWidget *box;
    GtkWidget *what; /* kind and size, and later that it is signed */
};

struct docs {
    const struct ask_question *question;
    GtkWidget *list;
    GtkWidget *search; /* NULL: the list is short */
    GtkWidget *found;
    struct row rows[LIMIT_DOCS];
    size_t shown;       /* rows that are made */
    size_t signed_docs; /* rows that say they are signed */
    guint more;         /* source id, 0: none */
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
    char *size = texts_document_size(d);
    char *text = g_strdup_printf("%s · %s", type, size);
    g_free(type);
    g_free(size);
    return text;
}

static struct row document_new(const struct ask_document *d, size_t number, bool numbered)
{
    GtkWidget *what = label_new_take(kind_and_size(d), "small");
    GtkWidget *box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
    char *name = texts_document_name(d);
    char *title = numbered ? g_strdup_printf("%zu. %s", number, name) : g_strdup(name);
    g_free(name);
    widget_add_class(box, "doc");
    gtk_container_add(GTK_CONTAINER(box), label_new_take(title, "strong"));
    gtk_container_add(GTK_CONTAINER(box), what);
    if (!d->has_content) {
        const char *text = _("This program has not seen the content, only its checksum.");
        gtk_container_add(GTK_CONTAINER(box), label_new(text, "warning"));
    }
    gtk_container_add(GTK_CONTAINER(box), digest_new(d));
    return (struct row){box, what};
}

/* ---- search ---- */

static const char *wanted(const struct docs *docs)
{
    return docs->search != NULL ? gtk_entry_get_text(GTK_ENTRY(docs->search)) : "";
}

static bool fits(const struct docs *docs, size_t i)
{
    return *wanted(docs) == '\0' || texts_name_has(docs->question->docs[i].name, wanted(docs));
}

static size_t count_fitting(const struct docs *docs)
{
    size_t n = 0;
    for (size_t i = 0; i < docs->question->n_docs; i++) {
        n += fits(docs, i);
    }
    return n;
}

/* The window must not shrink and move under a hand on its way to a button: the list keeps as much
 * room as was in sight of it. */
static void keep_room(struct docs *docs)
{
    int in_sight = gtk_widget_get_allocated_height(
        gtk_widget_get_ancestor(docs->list, GTK_TYPE_SCROLLED_WINDOW));
    int height = gtk_widget_get_allocated_height(docs->list);
    gtk_widget_set_size_request(docs->list, -1, MIN(height, in_sight));
}

static void on_search(struct docs *docs)
{
    bool is_searched = *wanted(docs) != '\0';
    char *text =
        is_searched ? texts_found(count_fitting(docs), docs->question->n_docs) : g_strdup("");
    if (is_searched) {
        keep_room(docs);
    }
    for (size_t i = 0; i < docs->shown; i++) {
        gtk_widget_set_visible(docs->rows[i].box, fits(docs, i));
    }
    label_set(docs->found, text);
    gtk_widget_set_visible(docs->found, is_searched);
    widget_name(docs->search, NULL, text);
    widget_announce(docs->found, text);
    g_free(text);
}

static void add_search(struct docs *docs, GtkWidget *box)
{
    const char *name = _("Search documents by name (Ctrl+F)");
    docs->search = gtk_search_entry_new();
    docs->found = label_new("", "strong");
    gtk_entry_set_placeholder_text(GTK_ENTRY(docs->search), name);
    widget_name(docs->search, name, NULL);
    gtk_widget_set_no_show_all(docs->found, TRUE);
    gtk_container_add(GTK_CONTAINER(box), docs->search);
    gtk_container_add(GTK_CONTAINER(box), docs->found);
    g_signal_connect_swapped(docs->search, "search-changed", G_CALLBACK(on_search), docs);
}

/* ---- the list ---- */

static void mark_signed(struct docs *docs, size_t i)
{
    const struct ask_document *d = &docs->question->docs[i];
    char *before = kind_and_size(d);
    /* Translators: a document of which the signature is made; behind its kind and size. */
    char *text = g_strdup_printf("%s · %s ✓", before, _("signed"));
    label_set(docs->rows[i].what, text);
    g_free(text);
    g_free(before);
}

static void append(struct docs *docs, size_t n)
{
    const struct ask_question *q = docs->question;
    for (; n > 0 && docs->shown < q->n_docs; n--, docs->shown++) {
        struct row row = document_new(&q->docs[docs->shown], docs->shown + 1, q->n_docs > 1);
        docs->rows[docs->shown] = row;
        gtk_container_add(GTK_CONTAINER(docs->list), row.box);
        gtk_widget_show_all(row.box);
        gtk_widget_set_visible(row.box, fits(docs, docs->shown));
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
    docs->question = q;
    docs->list = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
    widget_name(docs->list, heading, NULL);
    gtk_container_add(GTK_CONTAINER(box), label_new_take(heading, "section"));
    if (q->n_docs > LIMIT_DOCS_PLAIN) {
        add_search(docs, box);
    }
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

GtkWidget *docs_search(GtkWidget *widget)
{
    const struct docs *docs = g_object_get_data(G_OBJECT(widget), KEY);
    return docs->search;
}

void docs_show_signed(GtkWidget *widget, size_t done)
{
    struct docs *docs = g_object_get_data(G_OBJECT(widget), KEY);
    for (; docs->signed_docs < MIN(done, docs->shown); docs->signed_docs++) {
        mark_signed(docs, docs->signed_docs);
    }
}
