#include "ui/dialog_gtk.h"

#include "ui/dialog.h"
#include "ui/texts.h"

#include <glib-unix.h>
#include <stdlib.h>

#define MARGIN 16
/* Room for a title bar and a panel. */
#define OUTSIDE  96
#define TEXT_MIN 120

struct window {
    struct link *link;
    GtkWidget *top;
    GtkWidget *scroll; /* who asks for what; the part that may be longer than the screen */
    GtkWidget *docs;   /* NULL when nothing is signed */
    GtkWidget *acting; /* what the person acts with: never scrolled out of sight */
    GtkWidget *pages;  /* "message" or "choose" */
    GtkWidget *message, *advice;
    GtkWidget *banner;
    GtkWidget *progress;
    GtkWidget *report, *cancel, *confirm;
    struct cert_list certs;
    struct pin_field pin;
    guint arm_timer, pulse_timer, end_timer; /* source ids, 0: none */
    bool armed;    /* LIMIT_ARM_MS have passed without a key since the last thing to decide on */
    bool answered; /* this READY state has its answer */
    int status;
};

/* ---- answers ---- */

static void leave(struct window *w)
{
    pin_field_clear(&w->pin);
    gtk_main_quit();
}

static void answer(struct window *w, struct ask_answer a)
{
    bool final = a.verb != ASK_CONFIRM;
    if (link_answer(w->link, a) != ERR_OK || final) {
        leave(w);
    }
}

static bool wants_pin(const struct window *w)
{
    return w->link->state.needs_pin;
}

static bool wants_cert(const struct window *w)
{
    return w->link->question.method != METHOD_SUBSCRIBE;
}

static bool can_confirm(const struct window *w)
{
    const struct ask_state *s = &w->link->state;
    return w->armed && !w->answered && w->link->has_state && s->phase == ASK_READY &&
           (!wants_cert(w) || cert_list_chosen(&w->certs, s) < s->n_certs) &&
           (!wants_pin(w) || pin_field_is_complete(&w->pin)) &&
           (w->docs == NULL || docs_all_shown(w->docs));
}

static void refresh(struct window *w)
{
    const struct ask_state *s = &w->link->state;
    bool may_type = w->armed && !w->answered && w->link->has_state && s->phase == ASK_READY &&
                    cert_list_chosen(&w->certs, s) < s->n_certs;
    bool had_focus = gtk_widget_get_sensitive(w->pin.entry);
    pin_field_set_active(&w->pin, may_type);
    gtk_widget_set_sensitive(w->confirm, can_confirm(w));
    if (may_type && !had_focus && wants_pin(w)) {
        gtk_widget_grab_focus(w->pin.entry);
    }
}

static void on_change(struct window *w)
{
    gtk_widget_set_sensitive(w->confirm, can_confirm(w));
}

static void show_progress(struct window *w);

static void on_confirm(struct window *w)
{
    const struct ask_state *s = &w->link->state;
    if (!can_confirm(w)) {
        return;
    }
    struct ask_answer a = {.verb = ASK_CONFIRM};
    a.cert = wants_cert(w) ? cert_list_chosen(&w->certs, s) : 0;
    if (wants_pin(w)) {
        a.pin = pin_field_secret(&w->pin);
        a.last_try_agreed = pin_field_last_agreed(&w->pin);
    }
    w->answered = true;
    answer(w, a);
    pin_field_clear(&w->pin);
    show_progress(w);
    refresh(w);
}

static void on_cancel(struct window *w)
{
    bool ended = w->link->has_state && w->link->state.phase == ASK_ENDED;
    answer(w, (struct ask_answer){.verb = ended ? ASK_CLOSE : ASK_CANCEL});
}

static void on_report(struct window *w)
{
    answer(w, (struct ask_answer){.verb = ASK_REPORT});
}

static gboolean on_close(struct window *w)
{
    on_cancel(w);
    return TRUE;
}

/* ---- arming: nothing that was meant for another window decides here ---- */

static gboolean arm(gpointer user)
{
    struct window *w = user;
    w->arm_timer = 0;
    w->armed = true;
    refresh(w);
    return G_SOURCE_REMOVE;
}

static void disarm(struct window *w)
{
    if (w->arm_timer != 0) {
        g_source_remove(w->arm_timer);
        w->arm_timer = 0;
    }
    w->armed = false;
    if (gtk_widget_get_mapped(w->top)) {
        w->arm_timer = g_timeout_add(LIMIT_ARM_MS, arm, w);
    }
    refresh(w);
}

/* A key before arming starts the time again: the rest of a word or a PIN that somebody is typing
 * elsewhere must not come in half. */
static gboolean on_key(GtkWidget *top, GdkEventKey *event, struct window *w)
{
    (void)top;
    if (!w->armed) {
        disarm(w);
        return TRUE;
    }
    if (event->keyval == GDK_KEY_Escape) {
        on_cancel(w);
        return TRUE;
    }
    return pin_field_take_key(&w->pin, event);
}

static gboolean on_map(GtkWidget *top, GdkEvent *event, struct window *w)
{
    (void)event;
    /* Without a window manager nobody else gives the focus. */
    gdk_window_focus(gtk_widget_get_window(top), GDK_CURRENT_TIME);
    disarm(w);
    return FALSE;
}

static gboolean on_focus(GtkWidget *top, GdkEvent *event, struct window *w)
{
    (void)top;
    (void)event;
    disarm(w);
    return FALSE;
}

/* ---- phases ---- */

static gboolean pulse(gpointer user)
{
    struct window *w = user;
    gtk_progress_bar_pulse(GTK_PROGRESS_BAR(w->progress));
    return G_SOURCE_CONTINUE;
}

static void show_progress(struct window *w)
{
    const struct ask_state *s = &w->link->state;
    GtkProgressBar *bar = GTK_PROGRESS_BAR(w->progress);
    bool working = s->phase == ASK_WORKING || w->answered;
    bool counted = s->phase == ASK_WORKING && s->total > 1;
    bool moving = !w->link->has_state || s->phase == ASK_READING || (working && !counted);
    char *text = counted ? texts_progress(s->done, s->total) : NULL;
    const char *said = working ? texts_phase(ASK_WORKING) : NULL;
    gtk_progress_bar_set_show_text(bar, said != NULL);
    gtk_progress_bar_set_text(bar, text != NULL ? text : said);
    if (counted) {
        gtk_progress_bar_set_fraction(bar, (double)s->done / s->total);
    }
    gtk_widget_set_visible(w->progress, working || moving);
    if (moving && w->pulse_timer == 0) {
        w->pulse_timer = g_timeout_add(100, pulse, w);
    } else if (!moving && w->pulse_timer != 0) {
        g_source_remove(w->pulse_timer);
        w->pulse_timer = 0;
    }
    g_free(text);
}

static uint8_t pin_index(const struct window *w)
{
    const struct ask_state *s = &w->link->state;
    if (s->n_certs > 0) {
        return s->certs[s->selected].pin_index;
    }
    return w->link->question.method == METHOD_SIGN ? 2 : 1;
}

static void show_banner(struct window *w)
{
    const struct ask_state *s = &w->link->state;
    char *text = s->phase == ASK_ENDED ? NULL : texts_phase_error(s->phase, s->error, pin_index(w));
    gtk_widget_set_visible(w->banner, text != NULL);
    label_set(w->banner, text != NULL ? text : "");
    widget_announce(w->banner, text != NULL ? text : "");
    g_free(text);
}

static void show_message(struct window *w)
{
    const struct ask_state *s = &w->link->state;
    char *why = s->phase == ASK_ENDED ? texts_error(s->error, pin_index(w)) : NULL;
    label_set(w->message, why != NULL ? why : texts_phase(s->phase));
    label_set(w->advice, why != NULL ? texts_next(s->error) : texts_advice(s->phase));
    widget_announce(w->message, gtk_label_get_text(GTK_LABEL(w->message)));
    widget_announce(w->advice, gtk_label_get_text(GTK_LABEL(w->advice)));
    g_free(why);
}

static void show_buttons(struct window *w)
{
    const struct ask_state *s = &w->link->state;
    const char *report = texts_report(s->phase);
    bool ended = s->phase == ASK_ENDED;
    gtk_button_set_label(GTK_BUTTON(w->cancel), ended ? _("_Close") : _("_Cancel"));
    gtk_widget_set_visible(w->confirm, !ended);
    gtk_widget_set_visible(w->report, report != NULL);
    if (report != NULL) {
        gtk_button_set_label(GTK_BUTTON(w->report), report);
    }
}

static void show_chosen(struct window *w)
{
    const struct ask_state *s = &w->link->state;
    size_t chosen = cert_list_chosen(&w->certs, s);
    bool ask = wants_pin(w) && chosen < s->n_certs;
    gtk_widget_set_visible(w->pin.box, wants_pin(w));
    if (ask) {
        pin_field_show(&w->pin, &s->certs[chosen]);
    }
}

static void on_select(struct window *w)
{
    pin_field_clear(&w->pin);
    show_chosen(w);
    refresh(w);
}

static gboolean end_of_time(gpointer user)
{
    struct window *w = user;
    w->end_timer = 0;
    on_cancel(w);
    return G_SOURCE_REMOVE;
}

/* The window is never taller than the screen: what is left beside the acting part scrolls. */
static void fit(struct window *w)
{
    GdkRectangle area;
    GdkDisplay *display = gtk_widget_get_display(w->top);
    GdkMonitor *monitor = gdk_display_get_monitor(display, 0);
    int low, natural;
    if (gtk_widget_get_window(w->top) != NULL) {
        monitor = gdk_display_get_monitor_at_window(display, gtk_widget_get_window(w->top));
    }
    if (monitor == NULL) {
        return;
    }
    gdk_monitor_get_workarea(monitor, &area);
    gtk_widget_get_preferred_height(w->acting, &low, &natural);
    int room = area.height - OUTSIDE - 3 * MARGIN - natural;
    gtk_scrolled_window_set_max_content_height(GTK_SCROLLED_WINDOW(w->scroll), MAX(room, TEXT_MIN));
}

static void show_ready(struct window *w)
{
    cert_list_show(&w->certs, &w->link->state);
    gtk_widget_set_visible(w->certs.box, wants_cert(w));
    show_chosen(w);
    if (!wants_pin(w)) {
        gtk_widget_grab_focus(w->cancel);
    }
}

static void show_state(struct window *w)
{
    const struct ask_state *s = &w->link->state;
    bool choose = s->phase == ASK_READY || s->phase == ASK_WORKING;
    if (s->phase != ASK_WORKING) {
        w->answered = false;
        pin_field_clear(&w->pin);
    }
    if (s->phase == ASK_READY) {
        show_ready(w);
    }
    show_message(w);
    show_banner(w);
    show_progress(w);
    show_buttons(w);
    gtk_stack_set_visible_child_name(GTK_STACK(w->pages), choose ? "choose" : "message");
    if (s->phase == ASK_READY) {
        disarm(w);
    }
    if (s->phase == ASK_ENDED && w->end_timer == 0) {
        w->end_timer = g_timeout_add(LIMIT_LINGER_MS, end_of_time, w);
        gtk_widget_grab_focus(w->cancel);
    }
    refresh(w);
    fit(w);
}

/* False: the conversation has ended. */
static bool take(struct window *w, enum err (*how)(struct link *, bool *))
{
    bool is_new = false;
    enum err e = how(w->link, &is_new);
    if (e != ERR_OK) {
        w->status = e == ERR_CLOSED ? EXIT_SUCCESS : EXIT_FAILURE;
        return false;
    }
    if (is_new) {
        show_state(w);
    }
    return true;
}

static gboolean on_input(gint fd, GIOCondition condition, gpointer user)
{
    struct window *w = user;
    (void)fd;
    (void)condition;
    if (!take(w, link_read)) {
        leave(w);
        return G_SOURCE_REMOVE;
    }
    return G_SOURCE_CONTINUE;
}

/* ---- building ---- */

static GtkWidget *column(int spacing)
{
    return gtk_box_new(GTK_ORIENTATION_VERTICAL, spacing);
}

static void add(GtkWidget *box, GtkWidget *child)
{
    gtk_container_add(GTK_CONTAINER(box), child);
}

static GtkWidget *button_new(const char *label, GCallback on_click, struct window *w)
{
    GtkWidget *b = gtk_button_new_with_mnemonic(label);
    g_signal_connect_swapped(b, "clicked", on_click, w);
    return b;
}

static GtkWidget *buttons_new(struct window *w)
{
    GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
    GtkWidget *column_of_rows = column(8);
    w->report = button_new("", G_CALLBACK(on_report), w);
    gtk_button_set_use_underline(GTK_BUTTON(w->report), TRUE);
    w->cancel = button_new(_("_Cancel"), G_CALLBACK(on_cancel), w);
    w->confirm = button_new(texts_confirm(w->link->question.method), G_CALLBACK(on_confirm), w);
    gtk_box_set_homogeneous(GTK_BOX(row), TRUE);
    gtk_widget_set_halign(row, GTK_ALIGN_END);
    gtk_widget_set_halign(w->report, GTK_ALIGN_START);
    widget_add_class(w->confirm, "suggested-action");
    add(row, w->cancel);
    add(row, w->confirm);
    add(column_of_rows, w->report);
    add(column_of_rows, row);
    return column_of_rows;
}

static GtkWidget *message_page_new(struct window *w)
{
    GtkWidget *page = column(6);
    w->message = label_new(texts_phase(ASK_READING), "message");
    w->advice = label_new("", NULL);
    add(page, w->message);
    add(page, w->advice);
    return page;
}

static GtkWidget *choose_page_new(struct window *w)
{
    GtkWidget *page = column(8);
    add(page, w->certs.box);
    add(page, w->pin.box);
    return page;
}

static GtkWidget *acting_new(struct window *w)
{
    GtkWidget *box = column(10);
    w->pages = gtk_stack_new();
    w->banner = label_new("", "banner");
    w->progress = gtk_progress_bar_new();
    atk_object_set_role(gtk_widget_get_accessible(w->banner), ATK_ROLE_ALERT);
    gtk_stack_add_named(GTK_STACK(w->pages), message_page_new(w), "message");
    gtk_stack_add_named(GTK_STACK(w->pages), choose_page_new(w), "choose");
    add(box, w->banner);
    add(box, w->pages);
    add(box, w->progress);
    add(box, buttons_new(w));
    return box;
}

static GtkWidget *scroll_new(struct window *w)
{
    GtkWidget *text = column(12);
    GtkScrolledWindow *scroll;
    gtk_widget_set_margin_end(text, MARGIN / 2);
    add(text, question_new(&w->link->question));
    if (w->link->question.n_docs > 0) {
        w->docs = docs_new(&w->link->question, G_CALLBACK(on_change), w);
        add(text, w->docs);
    }
    w->scroll = gtk_scrolled_window_new(NULL, NULL);
    scroll = GTK_SCROLLED_WINDOW(w->scroll);
    gtk_scrolled_window_set_policy(scroll, GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
    gtk_scrolled_window_set_propagate_natural_height(scroll, TRUE);
    gtk_scrolled_window_set_propagate_natural_width(scroll, TRUE);
    gtk_scrolled_window_set_overlay_scrolling(scroll, FALSE);
    add(w->scroll, text);
    return w->scroll;
}

static void top_new(struct window *w)
{
    GtkWindow *top;
    w->top = gtk_window_new(GTK_WINDOW_TOPLEVEL);
    top = GTK_WINDOW(w->top);
    gtk_window_set_title(top, texts_title(w->link->question.method));
    gtk_window_set_position(top, GTK_WIN_POS_CENTER_ALWAYS);
    gtk_window_set_type_hint(top, GDK_WINDOW_TYPE_HINT_DIALOG);
    gtk_window_set_resizable(top, FALSE);
    gtk_window_set_keep_above(top, TRUE);
    gtk_window_set_urgency_hint(top, TRUE);
    gtk_window_stick(top);
    atk_object_set_role(gtk_widget_get_accessible(w->top), ATK_ROLE_DIALOG);
    g_signal_connect_swapped(top, "delete-event", G_CALLBACK(on_close), w);
    g_signal_connect(top, "key-press-event", G_CALLBACK(on_key), w);
    g_signal_connect(top, "map-event", G_CALLBACK(on_map), w);
    g_signal_connect(top, "focus-in-event", G_CALLBACK(on_focus), w);
}

/* Hidden until a state wants them; the room for certificate and PIN is kept from the start. */
static void hide_for_now(struct window *w)
{
    bool pin =
        w->link->question.method == METHOD_AUTHENTICATE || w->link->question.method == METHOD_SIGN;
    gtk_widget_hide(w->banner);
    gtk_widget_hide(w->report);
    gtk_widget_hide(w->pin.last_try);
    gtk_widget_set_visible(w->pin.box, pin);
    gtk_widget_set_visible(w->certs.box, wants_cert(w));
    gtk_stack_set_visible_child_name(GTK_STACK(w->pages), "message");
}

static enum err build(struct window *w)
{
    GtkWidget *all = column(MARGIN);
    enum err e = pin_field_init(&w->pin, G_CALLBACK(on_change), G_CALLBACK(on_confirm), w);
    if (e != ERR_OK) {
        return e;
    }
    top_new(w);
    cert_list_init(&w->certs, G_CALLBACK(on_select), w);
    g_object_set(all, "margin", MARGIN, NULL);
    gtk_widget_set_size_request(all, line_width(all), -1);
    add(all, scroll_new(w));
    w->acting = acting_new(w);
    add(all, w->acting);
    add(w->top, all);
    gtk_widget_show_all(all);
    hide_for_now(w);
    return ERR_OK;
}

static void start(struct window *w)
{
    cert_list_show(&w->certs, &w->link->state);
    show_progress(w);
    refresh(w);
    fit(w);
    gtk_widget_grab_focus(w->cancel);
}

int dialog_gtk_run(struct link *l)
{
    struct window w = {.link = l, .status = EXIT_SUCCESS};
    gtk_disable_setlocale();
    if (!gtk_init_check(NULL, NULL)) {
        return PROMPT_NO_DISPLAY;
    }
    style_load(gdk_screen_get_default());
    if (build(&w) != ERR_OK) {
        return EXIT_FAILURE;
    }
    start(&w);
    if (take(&w, link_take)) {
        g_unix_fd_add(LINK_IN, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, &w);
        gtk_window_present(GTK_WINDOW(w.top));
        gtk_main();
    }
    g_signal_handlers_disconnect_by_data(w.certs.list, &w);
    gtk_widget_destroy(w.top);
    return w.status;
}
