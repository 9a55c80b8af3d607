#include "ui/dialog_gtk.h"

#include "os/spawn.h"
#include "ui/dialog.h"
#include "ui/texts.h"

#include <glib-unix.h>
#include <stdlib.h>

/* Room for a title bar, a panel and the margins. */
#define OUTSIDE  144
#define TEXT_MIN 120

struct window {
    struct link *link;
    struct layout ui;
    guint arm_timer, pulse_timer, end_timer; /* source ids, 0: none */
    bool armed;    /* LIMIT_ARM_MS have passed without a key since the last thing to decide on */
    bool answered; /* this READY state has its answer */
    int status;
};

/* ---- answers ---- */

static void leave(struct window *w)
{
    pin_field_clear(&w->ui.pin);
    gtk_main_quit();
}

static void answer(struct window *w, struct ask_answer a)
{
    bool final = a.verb != ASK_CONFIRM && a.verb != ASK_CHECK;
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

/* Nobody confirms what is not yet there to be read. */
static bool has_all_docs(const struct window *w)
{
    return w->ui.docs == NULL || docs_all_shown(w->ui.docs);
}

static bool can_confirm(const struct window *w)
{
    const struct ask_state *s = &w->link->state;
    return w->armed && !w->answered && w->link->has_state && s->phase == ASK_READY &&
           (!wants_cert(w) || cert_list_chosen(&w->ui.certs, s) < s->n_certs) &&
           (!wants_pin(w) || pin_field_is_complete(&w->ui.pin)) && has_all_docs(w);
}

static void refresh(struct window *w)
{
    const struct ask_state *s = &w->link->state;
    bool may_type = w->armed && !w->answered && w->link->has_state && s->phase == ASK_READY &&
                    has_all_docs(w) && cert_list_chosen(&w->ui.certs, s) < s->n_certs;
    bool had_focus = pin_field_is_active(&w->ui.pin);
    pin_field_set_active(&w->ui.pin, may_type);
    gtk_widget_set_sensitive(w->ui.confirm, can_confirm(w));
    if (may_type && !had_focus && wants_pin(w)) {
        pin_field_focus(&w->ui.pin, w->ui.cancel);
    }
}

static void on_change(struct window *w)
{
    gtk_widget_set_sensitive(w->ui.confirm, can_confirm(w));
}

static void on_complete(void *user)
{
    refresh(user);
}

static void show_progress(struct window *w);

static void on_confirm(struct window *w)
{
    const struct ask_state *s = &w->link->state;
    if (!can_confirm(w)) {
        return;
    }
    struct ask_answer a = {.verb = ASK_CONFIRM};
    a.cert = wants_cert(w) ? cert_list_chosen(&w->ui.certs, s) : 0;
    if (wants_pin(w)) {
        a.pin = w->ui.pin.on_reader ? NULL : pin_field_secret(&w->ui.pin);
        a.last_try_agreed = pin_field_last_agreed(&w->ui.pin);
    }
    w->answered = true;
    answer(w, a);
    pin_field_clear(&w->ui.pin);
    show_progress(w);
    refresh(w);
}

/* What only the reader's own key can end, the window does not pretend to end. */
static bool only_reader_cancels(const struct window *w)
{
    return w->link->state.phase == ASK_ON_READER && !w->link->state.can_stop;
}

static void on_cancel(struct window *w)
{
    if (only_reader_cancels(w)) {
        return;
    }
    bool ended = w->link->has_state && w->link->state.phase == ASK_ENDED;
    answer(w, (struct ask_answer){.verb = ended ? ASK_CLOSE : ASK_CANCEL});
}

static void on_report(struct window *w)
{
    answer(w, (struct ask_answer){.verb = ASK_REPORT});
}

/* The window goes on; what was typed of a PIN is typed again. */
static void on_check(struct window *w)
{
    const struct ask_state *s = &w->link->state;
    size_t chosen = cert_list_chosen(&w->ui.certs, s);
    if (!w->answered && s->can_check && chosen < s->n_certs) {
        w->answered = true;
        answer(w, (struct ask_answer){.verb = ASK_CHECK, .cert = chosen});
        refresh(w);
    }
}

/* The person's own step, never the page's: nothing of the request goes along. */
static void on_manage(struct window *w)
{
    bool fresh = w->link->state.error == ERR_PIN_NOT_ACTIVATED;
    const char *const argv[] = {"--page", fresh ? "activate" : "pins", NULL};
    struct child manager = {0, -1};
    if (spawn_detached("korttisilta-manager", argv, &manager) != ERR_OK) {
        label_set(w->ui.banner, _("Card management could not be started."));
        gtk_widget_show(w->ui.banner);
        return;
    }
    spawn_release(&manager);
    if (w->link->state.phase == ASK_ENDED) {
        on_cancel(w);
    }
}

static gboolean on_close(struct window *w)
{
    on_cancel(w);
    return TRUE;
}

/* ---- the search in the list ---- */

static GtkWidget *search_of(const struct window *w)
{
    return w->ui.docs != NULL ? docs_search(w->ui.docs) : NULL;
}

static void leave_search(struct window *w)
{
    bool may_type = wants_pin(w) && gtk_widget_get_sensitive(w->ui.pin.entry);
    gtk_widget_grab_focus(may_type ? w->ui.pin.entry : w->ui.cancel);
}

static void on_stop_search(struct window *w)
{
    gtk_entry_set_text(GTK_ENTRY(search_of(w)), "");
    leave_search(w);
}

/* Escape in the field ends the search and nothing else. */
static bool take_search_key(struct window *w, const GdkEventKey *event)
{
    GtkWidget *search = search_of(w);
    const guint modified = event->state & gtk_accelerator_get_default_mod_mask();
    if (search == NULL) {
        return false;
    }
    if (modified == GDK_CONTROL_MASK && gdk_keyval_to_lower(event->keyval) == GDK_KEY_f) {
        gtk_widget_grab_focus(search);
        return true;
    }
    if (event->keyval == GDK_KEY_Escape && gtk_widget_has_focus(search)) {
        on_stop_search(w);
        return true;
    }
    return false;
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
    if (gtk_widget_get_mapped(w->ui.top)) {
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
    if (take_search_key(w, event)) {
        return TRUE;
    }
    if (event->keyval == GDK_KEY_Escape) {
        on_cancel(w);
        return TRUE;
    }
    return pin_field_take_key(&w->ui.pin, event);
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
    gtk_progress_bar_pulse(GTK_PROGRESS_BAR(w->ui.progress));
    return G_SOURCE_CONTINUE;
}

static void show_progress(struct window *w)
{
    const struct ask_state *s = &w->link->state;
    bool on_reader = s->phase == ASK_ON_READER;
    bool working = s->phase == ASK_WORKING || s->phase == ASK_CHECKING || on_reader || w->answered;
    bool counted = (s->phase == ASK_WORKING || on_reader) && s->total > 1;
    bool moving =
        !w->link->has_state || s->phase == ASK_READING || (working && !counted && !on_reader);
    char *text = texts_working(s, texts_pin_index(s, w->link->question.method));
    if (counted) {
        gtk_progress_bar_set_fraction(GTK_PROGRESS_BAR(w->ui.progress), (double)s->done / s->total);
    }
    if (counted && w->ui.docs != NULL) {
        docs_show_signed(w->ui.docs, s->done);
    }
    label_set(w->ui.working, text);
    widget_announce(w->ui.working, on_reader || s->phase == ASK_CHECKING ? text : "");
    gtk_widget_set_visible(w->ui.working, working);
    gtk_widget_set_visible(w->ui.progress, moving || (working && (counted || !on_reader)));
    if (moving && w->pulse_timer == 0) {
        w->pulse_timer = g_timeout_add(100, pulse, w);
    } else if (!moving && w->pulse_timer != 0) {
        g_source_remove(w->pulse_timer);
        w->pulse_timer = 0;
    }
    g_free(text);
}

static void show_buttons(struct window *w)
{
    const struct ask_state *s = &w->link->state;
    const char *report = texts_report(s->phase);
    bool ended = s->phase == ASK_ENDED;
    const char *manage = ended || s->phase == ASK_NO_CERT ? texts_manage(s->error) : NULL;
    gtk_button_set_label(GTK_BUTTON(w->ui.cancel), ended ? _("_Close") : _("_Cancel"));
    gtk_widget_set_visible(w->ui.confirm, !ended);
    gtk_widget_set_sensitive(w->ui.cancel, !only_reader_cancels(w));
    gtk_widget_set_visible(w->ui.check, s->can_check);
    gtk_widget_set_visible(w->ui.report, report != NULL);
    gtk_widget_set_visible(w->ui.manage, manage != NULL);
    if (manage != NULL) {
        gtk_button_set_label(GTK_BUTTON(w->ui.manage), manage);
    }
    if (report != NULL) {
        gtk_button_set_label(GTK_BUTTON(w->ui.report), report);
    }
}

static void show_chosen(struct window *w)
{
    const struct ask_state *s = &w->link->state;
    size_t chosen = cert_list_chosen(&w->ui.certs, s);
    bool ask = wants_pin(w) && chosen < s->n_certs;
    gtk_widget_set_visible(w->ui.pin.box, wants_pin(w));
    if (ask) {
        pin_field_show(&w->ui.pin, &s->certs[chosen]);
        gtk_button_set_label(GTK_BUTTON(w->ui.confirm),
                             texts_confirm_with(w->link->question.method, &s->certs[chosen]));
    }
}

static void on_select(struct window *w)
{
    pin_field_clear(&w->ui.pin);
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
    int low, natural;
    screen_area(gtk_widget_get_window(w->ui.top), &area);
    gtk_widget_get_preferred_height(w->ui.acting, &low, &natural);
    int room = area.height - OUTSIDE - natural;
    gtk_scrolled_window_set_max_content_height(GTK_SCROLLED_WINDOW(w->ui.scroll),
                                               MAX(room, TEXT_MIN));
}

static void show_ready(struct window *w)
{
    cert_list_show(&w->ui.certs, &w->link->state);
    gtk_widget_set_visible(w->ui.certs.box, wants_cert(w));
    show_chosen(w);
    if (!wants_pin(w) || w->ui.pin.on_reader) {
        gtk_widget_grab_focus(w->ui.cancel);
    }
}

/* What is on the card, and why it can't be used. */
static void show_unusable(struct window *w)
{
    const struct ask_state *s = &w->link->state;
    bool any = s->phase == ASK_NO_CERT && s->n_certs > 0;
    if (any) {
        cert_list_show(&w->ui.unusable, s);
    }
    gtk_widget_set_visible(w->ui.unusable.box, any);
}

static void show_state(struct window *w)
{
    const struct ask_state *s = &w->link->state;
    bool working = s->phase == ASK_WORKING || s->phase == ASK_ON_READER || s->phase == ASK_CHECKING;
    bool choose = s->phase == ASK_READY || working;
    if (!working) {
        w->answered = false;
        pin_field_clear(&w->ui.pin);
    }
    if (s->phase == ASK_READY || (working && !w->answered)) {
        show_ready(w);
    }
    show_unusable(w);
    layout_say(&w->ui, s, w->link->question.method);
    show_progress(w);
    show_buttons(w);
    gtk_stack_set_visible_child_name(GTK_STACK(w->ui.pages), choose ? "choose" : "message");
    if (s->phase == ASK_READY) {
        disarm(w);
    }
    if (s->phase == ASK_ENDED && w->end_timer == 0) {
        gtk_stack_set_vhomogeneous(GTK_STACK(w->ui.pages), FALSE);
        w->end_timer = g_timeout_add(LIMIT_LINGER_MS, end_of_time, w);
        gtk_widget_grab_focus(w->ui.cancel);
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

static void connect_signals(struct window *w)
{
    struct layout *u = &w->ui;
    g_signal_connect_swapped(u->report, "clicked", G_CALLBACK(on_report), w);
    g_signal_connect_swapped(u->check, "clicked", G_CALLBACK(on_check), w);
    g_signal_connect_swapped(u->manage, "clicked", G_CALLBACK(on_manage), w);
    g_signal_connect_swapped(u->cancel, "clicked", G_CALLBACK(on_cancel), w);
    g_signal_connect_swapped(u->confirm, "clicked", G_CALLBACK(on_confirm), w);
    g_signal_connect_swapped(u->certs.list, "row-selected", G_CALLBACK(on_select), w);
    g_signal_connect_swapped(u->top, "delete-event", G_CALLBACK(on_close), w);
    g_signal_connect(u->top, "key-press-event", G_CALLBACK(on_key), w);
    g_signal_connect(u->top, "map-event", G_CALLBACK(on_map), w);
    g_signal_connect(u->top, "focus-in-event", G_CALLBACK(on_focus), w);
    pin_field_connect(&u->pin, G_CALLBACK(on_change), G_CALLBACK(on_confirm), w);
    if (u->docs != NULL) {
        docs_on_complete(u->docs, on_complete, w);
    }
    if (search_of(w) != NULL) {
        g_signal_connect_swapped(search_of(w), "activate", G_CALLBACK(leave_search), w);
    }
}

static void start(struct window *w)
{
    cert_list_show(&w->ui.certs, &w->link->state);
    show_progress(w);
    refresh(w);
    fit(w);
    gtk_widget_grab_focus(w->ui.cancel);
}

int dialog_gtk_run(struct link *l)
{
    struct window w = {.link = l, .status = EXIT_SUCCESS};
    gtk_disable_setlocale();
    if (!gtk_init_check(NULL, NULL)) {
        return PROMPT_NO_DISPLAY;
    }
    style_load(gdk_screen_get_default());
    if (layout_build(&w.ui, &l->question) != ERR_OK) {
        return EXIT_FAILURE;
    }
    connect_signals(&w);
    start(&w);
    if (take(&w, link_take)) {
        g_unix_fd_add(LINK_IN, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, &w);
        gtk_window_present(GTK_WINDOW(w.ui.top));
        gtk_main();
    }
    g_signal_handlers_disconnect_by_data(w.ui.certs.list, &w);
    gtk_widget_destroy(w.ui.top);
    return w.status;
}
