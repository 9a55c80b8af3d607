#include "ui/manager_gtk.h"
#include "ui/texts.h"

#define MARGIN    16
#define NAV_SHARE 28 /* percent of a line */
#define LINES     34 /* of text that the window is high, where the screen has room */

const char *manager_page_word(enum manager_page p)
{
    static const char *const words[] = {"card", "pins", "activate", "journal", "diagnosis"};
    return words[p];
}

static const char *page_title(enum manager_page p)
{
    static const char *const titles[] = {
        [MANAGER_CARD] = N_("My card"),        [MANAGER_PINS] = N_("PIN codes"),
        [MANAGER_ACTIVATE] = N_("Activation"), [MANAGER_JOURNAL] = N_("Journal"),
        [MANAGER_DIAGNOSIS] = N_("Diagnosis"),
    };
    return _(titles[p]);
}

/* ---- navigation ---- */

static void add_row(GtkWidget *list, const char *text, int share)
{
    GtkWidget *row = gtk_list_box_row_new();
    /* Broken between words only: a column of single letters would make the window too high. */
    GtkWidget *label = label_new(text, NULL);
    label_set_share(label, share);
    part_add(row, label);
    widget_name(row, text, NULL);
    part_add(list, row);
}

static GtkListBoxRow *selected(GtkWidget *list)
{
    return gtk_list_box_get_selected_row(GTK_LIST_BOX(list));
}

static void select_row(GtkWidget *list, int at)
{
    GtkListBox *box = GTK_LIST_BOX(list);
    gtk_list_box_select_row(box, gtk_list_box_get_row_at_index(box, at));
}

static void focus_selected(GtkWidget *list)
{
    if (selected(list) != NULL) {
        gtk_widget_grab_focus(GTK_WIDGET(selected(list)));
    }
}

/* Tab goes past the other rows and comes back to the selected one; the arrows go through them. */
static gboolean on_list_focus(GtkWidget *list, GtkDirectionType direction)
{
    if (direction != GTK_DIR_TAB_FORWARD && direction != GTK_DIR_TAB_BACKWARD) {
        return FALSE;
    }
    g_signal_stop_emission_by_name(list, "focus");
    if (gtk_container_get_focus_child(GTK_CONTAINER(list)) != NULL ||
        !gtk_widget_get_visible(list)) {
        return FALSE;
    }
    focus_selected(list);
    return TRUE;
}

static GtkWidget *list_new(const char *name)
{
    GtkWidget *list = gtk_list_box_new();
    widget_add_class(list, "choice");
    widget_name(list, name, NULL);
    gtk_list_box_set_selection_mode(GTK_LIST_BOX(list), GTK_SELECTION_BROWSE);
    gtk_widget_set_valign(list, GTK_ALIGN_START);
    g_signal_connect(list, "focus", G_CALLBACK(on_list_focus), NULL);
    return list;
}

static void nav_init(struct frame *f)
{
    f->nav = list_new(_("Pages"));
    for (unsigned p = 0; p < MANAGER_PAGES; p++) {
        add_row(f->nav, page_title((enum manager_page)p), NAV_SHARE);
    }
}

enum manager_page frame_page(const struct frame *f)
{
    GtkListBoxRow *row = selected(f->nav);
    return row != NULL ? (enum manager_page)gtk_list_box_row_get_index(row) : MANAGER_CARD;
}

static void on_row(struct frame *f)
{
    gtk_stack_set_visible_child_name(GTK_STACK(f->stack), manager_page_word(frame_page(f)));
}

void frame_go(struct frame *f, enum manager_page page)
{
    select_row(f->nav, (int)page);
    frame_focus(f);
}

void frame_focus(struct frame *f)
{
    focus_selected(f->nav);
}

/* ---- what is said ---- */

void frame_say(struct frame *f, const char *text, bool good)
{
    GtkStyleContext *style = gtk_widget_get_style_context(f->banner);
    gtk_style_context_remove_class(style, good ? "banner" : "done");
    gtk_style_context_add_class(style, good ? "done" : "banner");
    label_set(f->banner, text);
    gtk_widget_set_visible(f->banner, *text != '\0');
    widget_announce(f->banner, text);
}

void frame_say_tries(struct frame *f, const char *text)
{
    label_set(f->tries, text);
    gtk_widget_set_visible(f->tries, *text != '\0');
}

/* ---- one of several cards ---- */

static void add_card(GtkWidget *list, const struct manager_card *c)
{
    char *name = texts_safe(span_str(c->n_certs > 0 ? c->certs[0].holder : ""));
    char *reader = texts_safe(span_str(c->reader));
    char *text = *name != '\0' ? g_strdup_printf("%s – %s", name, reader) : g_strdup(reader);
    add_row(list, text, 100);
    g_free(text);
    g_free(reader);
    g_free(name);
}

void frame_show_cards(struct frame *f, const struct manager_sight *s, size_t chosen)
{
    size_t n = s != NULL ? s->n_cards : 0;
    bool had_focus = gtk_container_get_focus_child(GTK_CONTAINER(f->chooser)) != NULL;
    part_empty(f->chooser);
    for (size_t i = 0; i < n; i++) {
        add_card(f->chooser, &s->cards[i]);
    }
    gtk_widget_show_all(f->chooser);
    gtk_widget_set_visible(f->chooser, n > 1);
    select_row(f->chooser, (int)chosen);
    if (had_focus) {
        focus_selected(n > 1 ? f->chooser : f->nav);
    }
}

size_t frame_chosen(const struct frame *f)
{
    GtkListBoxRow *row = selected(f->chooser);
    return row != NULL ? (size_t)gtk_list_box_row_get_index(row) : SIZE_MAX;
}

/* ---- how it stands together ---- */

static GtkWidget *scroll_new(GtkWidget *child)
{
    GtkWidget *w = gtk_scrolled_window_new(NULL, NULL);
    GtkScrolledWindow *scroll = GTK_SCROLLED_WINDOW(w);
    gtk_scrolled_window_set_policy(scroll, GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_overlay_scrolling(scroll, FALSE);
    gtk_widget_set_vexpand(w, TRUE);
    widget_add_class(w, "question");
    part_add(w, child);
    return w;
}

static GtkWidget *page_new(enum manager_page p, GtkWidget *content)
{
    GtkWidget *box = part_column(12);
    GtkWidget *title = label_new(page_title(p), "task");
    atk_object_set_role(gtk_widget_get_accessible(title), ATK_ROLE_HEADING);
    part_add(box, title);
    part_add(box, content);
    g_object_set(box, "margin-end", MARGIN, NULL);
    return scroll_new(box);
}

static GtkWidget *right_side(struct frame *f, GtkWidget *const pages[MANAGER_PAGES])
{
    GtkWidget *box = part_column(12);
    f->stack = gtk_stack_new();
    for (unsigned p = 0; p < MANAGER_PAGES; p++) {
        enum manager_page page = (enum manager_page)p;
        gtk_stack_add_named(GTK_STACK(f->stack), page_new(page, pages[p]), manager_page_word(page));
    }
    f->banner = label_new("", "done");
    f->tries = label_new("", "tries");
    atk_object_set_role(gtk_widget_get_accessible(f->banner), ATK_ROLE_ALERT);
    part_add(box, f->chooser);
    part_add(box, f->banner);
    part_add(box, f->stack);
    part_add(box, f->tries);
    gtk_widget_set_hexpand(box, TRUE);
    return box;
}

/* As wide as a line and the pages beside it, as high as a page of text, and never more than the
 * screen has. */
static void size_top(struct frame *f)
{
    GdkRectangle area;
    int low, height;
    int width = line_width() * (100 + NAV_SHARE) / 100 + 4 * MARGIN;
    gtk_widget_get_preferred_height(f->tries, &low, &height);
    screen_area(NULL, &area);
    gtk_window_set_default_size(GTK_WINDOW(f->top), MIN(width, area.width * 19 / 20),
                                MIN(height * LINES, area.height * 9 / 10));
}

void frame_init(struct frame *f, GtkWidget *const pages[MANAGER_PAGES], GCallback on_page,
                GCallback on_card, void *user)
{
    GtkWidget *all = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, MARGIN);
    f->top = gtk_window_new(GTK_WINDOW_TOPLEVEL);
    gtk_window_set_title(GTK_WINDOW(f->top), _("Korttisilta – card management"));
    gtk_window_set_icon_name(GTK_WINDOW(f->top), "korttisilta");
    nav_init(f);
    f->chooser = list_new(_("Card"));
    g_object_set(all, "margin", MARGIN, NULL);
    part_add(all, f->nav);
    part_add(all, right_side(f, pages));
    part_add(f->top, all);
    gtk_widget_show_all(all);
    gtk_widget_hide(f->banner);
    gtk_widget_hide(f->chooser);
    size_top(f);
    g_signal_connect_swapped(f->nav, "row-selected", G_CALLBACK(on_row), f);
    g_signal_connect_swapped(f->nav, "row-selected", on_page, user);
    g_signal_connect_swapped(f->chooser, "row-selected", on_card, user);
}
