#include "ui/dialog_gtk.h"
#include "ui/texts.h"

#define MARGIN 16

static GtkWidget *column(int spacing)
{
    return gtk_box_new(GTK_ORIENTATION_VERTICAL, spacing);
}

static void add(GtkWidget *box, GtkWidget *child)
{
    gtk_container_add(GTK_CONTAINER(box), child);
}

static GtkWidget *buttons_new(struct layout *u, enum method m)
{
    GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
    GtkWidget *column_of_rows = column(8);
    u->report = gtk_button_new_with_mnemonic("");
    gtk_button_set_use_underline(GTK_BUTTON(u->report), TRUE);
    u->check = gtk_button_new_with_mnemonic(_("Ask the issuer if it has been _revoked"));
    gtk_widget_set_halign(u->check, GTK_ALIGN_START);
    u->manage = gtk_button_new_with_mnemonic("");
    gtk_button_set_use_underline(GTK_BUTTON(u->manage), TRUE);
    gtk_widget_set_halign(u->manage, GTK_ALIGN_START);
    u->cancel = gtk_button_new_with_mnemonic(_("_Cancel"));
    u->confirm = gtk_button_new_with_mnemonic(texts_confirm(m));
    gtk_box_set_homogeneous(GTK_BOX(row), TRUE);
    gtk_widget_set_halign(row, GTK_ALIGN_END);
    gtk_widget_set_halign(u->report, GTK_ALIGN_START);
    widget_add_class(u->confirm, "suggested-action");
    add(row, u->cancel);
    add(row, u->confirm);
    add(column_of_rows, u->check);
    add(column_of_rows, u->manage);
    add(column_of_rows, u->report);
    add(column_of_rows, row);
    return column_of_rows;
}

static GtkWidget *message_page_new(struct layout *u)
{
    GtkWidget *page = column(6);
    u->message = label_new(texts_phase(ASK_READING), "message");
    u->advice = label_new("", NULL);
    add(page, u->message);
    add(page, u->advice);
    add(page, u->unusable.box);
    return page;
}

static GtkWidget *choose_page_new(struct layout *u)
{
    GtkWidget *page = column(8);
    add(page, u->certs.box);
    add(page, u->pin.box);
    return page;
}

static GtkWidget *acting_new(struct layout *u, enum method m)
{
    GtkWidget *box = column(10);
    u->pages = gtk_stack_new();
    u->banner = label_new("", "banner");
    u->working = label_new("", "strong");
    u->progress = gtk_progress_bar_new();
    atk_object_set_role(gtk_widget_get_accessible(u->banner), ATK_ROLE_ALERT);
    gtk_stack_add_named(GTK_STACK(u->pages), message_page_new(u), "message");
    gtk_stack_add_named(GTK_STACK(u->pages), choose_page_new(u), "choose");
    add(box, u->banner);
    add(box, u->pages);
    add(box, u->working);
    add(box, u->progress);
    add(box, buttons_new(u, m));
    return box;
}

static GtkWidget *scroll_new(struct layout *u, const struct ask_question *q)
{
    GtkWidget *text = column(12);
    GtkScrolledWindow *scroll;
    add(text, question_new(q));
    if (q->n_docs > 0) {
        u->docs = docs_new(q);
        add(text, u->docs);
    }
    u->scroll = gtk_scrolled_window_new(NULL, NULL);
    scroll = GTK_SCROLLED_WINDOW(u->scroll);
    widget_add_class(u->scroll, "question");
    widget_name(u->scroll, _("The request"), NULL);
    gtk_scrolled_window_set_policy(scroll, GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_propagate_natural_height(scroll, TRUE);
    gtk_scrolled_window_set_propagate_natural_width(scroll, TRUE);
    gtk_scrolled_window_set_overlay_scrolling(scroll, FALSE);
    add(u->scroll, text);
    return u->scroll;
}

static void top_new(struct layout *u, enum method m)
{
    GtkWindow *top;
    u->top = gtk_window_new(GTK_WINDOW_TOPLEVEL);
    top = GTK_WINDOW(u->top);
    gtk_window_set_title(top, texts_title(m));
    gtk_window_set_position(top, GTK_WIN_POS_CENTER_ALWAYS);
    gtk_window_set_type_hint(top, GDK_WINDOW_TYPE_HINT_DIALOG);
    gtk_window_set_resizable(top, FALSE);
    gtk_window_set_keep_above(top, TRUE);
    gtk_window_set_urgency_hint(top, TRUE);
    gtk_window_stick(top);
    atk_object_set_role(gtk_widget_get_accessible(u->top), ATK_ROLE_DIALOG);
}

/* Hidden until a state wants them; the room for certificate and PIN is kept from the start. */
static void hide_for_now(struct layout *u, enum method m)
{
    gtk_widget_hide(u->banner);
    gtk_widget_hide(u->check);
    gtk_widget_hide(u->manage);
    gtk_widget_hide(u->report);
    gtk_widget_hide(u->unusable.box);
    gtk_widget_hide(u->pin.last_try);
    gtk_widget_set_visible(u->pin.box, msg_needs_pin(m));
    gtk_widget_set_visible(u->certs.box, m != METHOD_SUBSCRIBE);
    gtk_stack_set_visible_child_name(GTK_STACK(u->pages), "message");
}

enum err layout_build(struct layout *u, const struct ask_question *q)
{
    GdkRectangle area;
    GtkWidget *all = column(MARGIN);
    enum err e = pin_field_init(&u->pin);
    if (e != ERR_OK) {
        return e;
    }
    top_new(u, q->method);
    screen_area(NULL, &area);
    cert_list_init(&u->certs, area.height * 3 / 10);
    cert_list_init(&u->unusable, area.height * 3 / 10);
    g_object_set(all, "margin", MARGIN, NULL);
    gtk_widget_set_size_request(all, line_width(), -1);
    add(all, scroll_new(u, q));
    u->acting = acting_new(u, q->method);
    add(all, u->acting);
    add(u->top, all);
    gtk_widget_show_all(all);
    hide_for_now(u, q->method);
    return ERR_OK;
}

static void say_before(struct layout *u, const struct ask_state *s, enum method m)
{
    bool ended = s->phase == ASK_ENDED;
    char *text = ended ? NULL : texts_phase_error(s->phase, s->error, texts_pin_index(s, m));
    gtk_widget_set_visible(u->banner, text != NULL);
    label_set(u->banner, text != NULL ? text : "");
    widget_announce(u->banner, text != NULL ? text : "");
    g_free(text);
}

void layout_say(struct layout *u, const struct ask_state *s, enum method m)
{
    char *why = s->phase == ASK_ENDED ? texts_error(s->error, texts_pin_index(s, m)) : NULL;
    label_set(u->message, why != NULL ? why : texts_phase(s->phase));
    label_set(u->advice, why != NULL ? texts_next(s->error) : texts_advice(s->phase));
    widget_announce(u->message, gtk_label_get_text(GTK_LABEL(u->message)));
    widget_announce(u->advice, gtk_label_get_text(GTK_LABEL(u->advice)));
    g_free(why);
    say_before(u, s, m);
}
