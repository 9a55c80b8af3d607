#include "ui/manager_gtk.h"

#include "ui/texts.h"

#include <glib-unix.h>
#include <stdlib.h>

#define READING_MS 200 /* a look that takes longer says that it goes on */

struct window {
    const struct manager_back *back;
    void *user;
    struct work *work;
    struct manager_sight *sight;
    size_t chosen; /* index into sight->cards */
    guint watch, reading;
    bool running;          /* a task is at the card, with what was typed */
    struct pad_talk *talk; /* of that, when the values are typed on the reader; else NULL */
    bool closing;
    struct wishes wishes;
    struct frame ui;
    GtkWidget *card;
    struct task_page pins, activate;
    struct journal_page journal;
    struct diagnosis_page diagnosis;
};

static const struct manager_card *chosen_card(const struct window *w)
{
    const struct manager_sight *s = w->sight;
    return s != NULL && w->chosen < s->n_cards ? &s->cards[w->chosen] : NULL;
}

/* A card that can be worked with. */
static const struct manager_card *usable_card(const struct window *w)
{
    const struct manager_card *c = chosen_card(w);
    return c != NULL && c->error == ERR_OK ? c : NULL;
}

static struct task_page *open_page(struct window *w)
{
    if (task_page_is_open(&w->pins)) {
        return &w->pins;
    }
    return task_page_is_open(&w->activate) ? &w->activate : NULL;
}

static void close_form(struct window *w)
{
    task_page_close(&w->pins);
    task_page_close(&w->activate);
}

/* ---- pages ---- */

static void show_page(struct window *w, GtkWidget *box,
                      void (*show)(GtkWidget *, const struct manager_card *, const struct wishes *))
{
    const struct manager_card *c = usable_card(w);
    part_empty(box);
    if (c == NULL) {
        absence_show(box, w->sight, chosen_card(w));
    } else if (show != NULL) {
        show(box, c, &w->wishes);
    } else {
        card_page_show(box, c, w->sight->now, &w->wishes);
    }
    gtk_widget_show_all(box);
}

static void show_all(struct window *w)
{
    const struct manager_card *c = usable_card(w);
    char *tries = c != NULL ? card_tries_text(c) : g_strdup("");
    show_page(w, w->card, NULL);
    show_page(w, w->pins.list, pins_page_show);
    show_page(w, w->activate.list, activate_page_show);
    frame_say_tries(&w->ui, tries);
    frame_show_cards(&w->ui, w->sight, w->chosen);
    g_free(tries);
}

static void on_go(void *user, enum manager_page page)
{
    struct window *w = user;
    frame_go(&w->ui, page);
}

static void start_task(void *user, enum pin_task task, uint8_t index)
{
    struct window *w = user;
    const struct manager_card *c = usable_card(w);
    struct pin_form form;
    if (c != NULL && index == 0) {
        index = pin_set_next_fresh(&c->pins, 0);
    }
    if (c == NULL || w->running || pin_form_make(&c->pins, task, index, &form) != ERR_OK) {
        return;
    }
    frame_say(&w->ui, "", true);
    if (task == PIN_ACTIVATE) {
        char *title = activate_step_title(&c->pins, index);
        task_page_open(&w->activate, &form, title, false);
        g_free(title);
    } else {
        task_page_open(&w->pins, &form, pin_form_title(task, index), false);
    }
}

/* ---- looking ---- */

struct look {
    struct window *w;
    struct manager_sight sight;
};

static void look_run(void *job)
{
    struct look *l = job;
    l->w->back->look(l->w->user, &l->sight);
}

/* What has not changed is not built anew: the focus may be in it. */
static bool is_as_before(struct window *w, const struct manager_sight *now, size_t chosen)
{
    if (w->sight == NULL || w->chosen != chosen) {
        return false;
    }
    w->sight->now = now->now;
    /* Padding that differs means no more than that the page is built anew. */
    /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c) */
    return memcmp(w->sight, now, sizeof *now) == 0;
}

static void take_sight(struct window *w, const struct manager_sight *now)
{
    const struct manager_card *before = chosen_card(w);
    size_t at = card_choose(before, now);
    const struct manager_card *c = at < now->n_cards ? &now->cards[at] : NULL;
    bool is_new = c == NULL || !card_is_same(before, c);
    /* While a task runs, the card thread reads what is in the form. */
    if (is_new && open_page(w) != NULL && !w->running) {
        close_form(w);
        frame_say(&w->ui, _("The card was taken out. Nothing was sent to it."), false);
    }
    if (!is_as_before(w, now, at)) {
        g_free(w->sight);
        w->sight = g_memdup2(now, sizeof *now);
        w->chosen = at;
        show_all(w);
    }
    if (is_new && c != NULL && c->error == ERR_OK && pin_set_next_fresh(&c->pins, 0) != 0) {
        frame_go(&w->ui, MANAGER_ACTIVATE);
    }
}

static void watch(struct window *w);

static void stop_timer(guint *timer)
{
    if (*timer != 0) {
        g_source_remove(*timer);
        *timer = 0;
    }
}

static void look_done(void *job)
{
    struct look *l = job;
    struct window *w = l->w;
    stop_timer(&w->reading);
    take_sight(w, &l->sight);
    g_free(l);
    watch(w);
}

static gboolean say_reading(gpointer user)
{
    struct window *w = user;
    w->reading = 0;
    frame_say_tries(&w->ui, texts_phase(ASK_READING));
    return G_SOURCE_REMOVE;
}

static void look(struct window *w)
{
    struct look *l = g_new0(struct look, 1);
    l->w = w;
    stop_timer(&w->watch);
    stop_timer(&w->reading);
    w->reading = g_timeout_add(READING_MS, say_reading, w);
    work_add(w->work, look_run, look_done, l);
}

static gboolean on_readers(gint fd, GIOCondition condition, gpointer user)
{
    struct window *w = user;
    (void)fd;
    (void)condition;
    w->watch = 0;
    look(w);
    return G_SOURCE_REMOVE;
}

/* Only while no look is under way: each takes all that has changed. */
static void watch(struct window *w)
{
    if (w->watch == 0) {
        w->watch = g_unix_fd_add(w->back->fd, G_IO_IN, on_readers, w);
    }
}

/* ---- a task at the card ---- */

struct run {
    struct window *w;
    struct manager_order order;
    struct pad_talk talk;
    enum err error;
    int8_t tries;
    struct manager_sight now;
};

/* The look behind a task is part of it: what is shown next is what the card says now. */
static void run_run(void *job)
{
    struct run *r = job;
    r->tries = -1;
    r->error = r->w->back->run(r->w->user, &r->order, &r->tries);
    r->w->back->look(r->w->user, &r->now);
}

/* The other PIN of a fresh card follows with the same code. */
static bool go_on_activating(struct window *w, const struct pin_form *done)
{
    const struct manager_card *c = usable_card(w);
    uint8_t next = c != NULL ? pin_set_next_fresh(&c->pins, done->index) : 0;
    struct pin_form form;
    if (done->task != PIN_ACTIVATE || next == 0 ||
        pin_form_make(&c->pins, PIN_ACTIVATE, next, &form) != ERR_OK) {
        return false;
    }
    char *title = activate_step_title(&c->pins, next);
    task_page_open(&w->activate, &form, title, true);
    g_free(title);
    return true;
}

static void succeed(struct window *w, const struct pin_form *form)
{
    const struct manager_card *c = usable_card(w);
    bool more = go_on_activating(w, form);
    bool ready = form->task == PIN_ACTIVATE && !more && c != NULL && !c->pins.is_unsure;
    char *text = g_strdup_printf("%s%s%s", pin_form_done(form), ready ? " " : "",
                                 ready ? _("The card is ready for use.") : "");
    if (!more) {
        close_form(w);
    }
    if (ready) {
        frame_go(&w->ui, MANAGER_CARD);
    } else if (!more) {
        frame_focus(&w->ui);
    }
    frame_say(&w->ui, text, true);
    g_free(text);
}

static void fail(struct window *w, const struct run *r)
{
    const struct pin_form *was = &r->order.form;
    const struct manager_card *c = usable_card(w);
    struct task_page *page = open_page(w);
    struct pin_form form;
    char text[PIN_TEXT];
    pin_form_error(was, r->error, r->tries, text);
    bool again = pin_form_may_try_again(r->error) && c != NULL && page != NULL &&
                 pin_form_make(&c->pins, was->task, was->index, &form) == ERR_OK;
    if (again) {
        const char *title = gtk_label_get_text(GTK_LABEL(page->form.title));
        char *kept = g_strdup(title);
        task_page_open(page, &form, kept, false);
        g_free(kept);
    } else {
        close_form(w);
        frame_focus(&w->ui);
    }
    frame_say(&w->ui, text, false);
}

static void run_done(void *job)
{
    struct run *r = job;
    struct window *w = r->w;
    struct task_page *page = open_page(w);
    struct pin_form form = r->order.form;
    w->running = false;
    w->talk = NULL;
    pad_talk_clear(&r->talk);
    if (page != NULL) {
        form_set_busy(&page->form, false);
    }
    if (w->closing) {
        gtk_main_quit();
    } else {
        take_sight(w, &r->now);
        if (r->error == ERR_OK) {
            succeed(w, &form);
        } else {
            fail(w, r);
        }
    }
    g_free(r);
}

static void on_reader_waits(void *user, enum pin_entry entry, bool can_stop)
{
    struct window *w = user;
    struct task_page *page = open_page(w);
    if (page != NULL) {
        form_show_entry(&page->form, entry, can_stop);
    }
}

static void on_submit(struct window *w)
{
    const struct manager_card *c = usable_card(w);
    struct task_page *page = open_page(w);
    if (c == NULL || page == NULL || w->running) {
        return;
    }
    struct run *r = g_new0(struct run, 1);
    r->w = w;
    r->order = (struct manager_order){
        .insertion_count = c->insertion_count,
        .activation = c->pins.activation,
        .form = page->form.what,
        .answer = form_answer(&page->form),
    };
    memcpy(r->order.reader, c->reader, sizeof r->order.reader);
    pad_talk_init(&r->talk, on_reader_waits, w);
    if (r->order.form.where == PIN_ON_READER) {
        r->order.answer.person = &r->talk.person;
        w->talk = &r->talk;
    }
    w->running = true;
    frame_say(&w->ui, "", true);
    form_set_busy(&page->form, true);
    work_add(w->work, run_run, run_done, r);
}

static void on_cancel(struct window *w)
{
    if (!w->running) {
        close_form(w);
        frame_focus(&w->ui);
    } else if (w->talk != NULL) {
        pad_talk_stop(w->talk);
    }
}

static void on_idle(void *user)
{
    struct window *w = user;
    on_cancel(w);
    frame_say(&w->ui,
              _("Nobody has typed for a while: what was typed has been wiped. Nothing was "
                "sent to the card."),
              false);
}

static void diagnose(struct window *w)
{
    diagnosis_page_run(&w->diagnosis, w->work, w->back, w->user);
}

/* ---- the window ---- */

static void on_page(struct window *w)
{
    if (!w->running) {
        close_form(w);
        frame_say(&w->ui, "", true);
    }
    if (frame_page(&w->ui) == MANAGER_DIAGNOSIS) {
        diagnose(w);
    } else if (frame_page(&w->ui) == MANAGER_JOURNAL) {
        journal_page_run(&w->journal, w->work, w->back, w->user);
    }
}

static void on_card(struct window *w)
{
    size_t at = frame_chosen(&w->ui);
    if (at != w->chosen && w->sight != NULL && at < w->sight->n_cards && !w->running) {
        close_form(w);
        frame_say(&w->ui, "", true);
        w->chosen = at;
        show_all(w);
    }
}

static gboolean on_key(GtkWidget *top, GdkEventKey *event, struct window *w)
{
    struct task_page *page = open_page(w);
    (void)top;
    if (page != NULL && event->keyval == GDK_KEY_Escape) {
        on_cancel(w);
        return TRUE;
    }
    return page != NULL && form_take_key(&page->form, event);
}

/* A card at work is not left alone: the program ends when it is done. */
static gboolean on_close(struct window *w)
{
    gtk_widget_hide(w->ui.top);
    w->closing = true;
    if (!w->running) {
        gtk_main_quit();
    } else if (w->talk != NULL) {
        pad_talk_stop(w->talk);
    }
    return TRUE;
}

static enum err build(struct window *w)
{
    enum err e = task_page_init(&w->pins);
    if (e == ERR_OK) {
        e = task_page_init(&w->activate);
    }
    if (e != ERR_OK) {
        return e;
    }
    w->card = part_column(12);
    journal_page_init(&w->journal);
    diagnosis_page_init(&w->diagnosis, G_CALLBACK(diagnose), w);
    GtkWidget *const pages[MANAGER_PAGES] = {w->card, w->pins.stack, w->activate.stack,
                                             w->journal.box, w->diagnosis.box};
    frame_init(&w->ui, pages, G_CALLBACK(on_page), G_CALLBACK(on_card), w);
    form_connect(&w->pins.form, G_CALLBACK(on_submit), G_CALLBACK(on_cancel), w);
    form_connect(&w->activate.form, G_CALLBACK(on_submit), G_CALLBACK(on_cancel), w);
    form_watch(&w->pins.form, on_idle, w);
    form_watch(&w->activate.form, on_idle, w);
    g_signal_connect(w->ui.top, "key-press-event", G_CALLBACK(on_key), w);
    g_signal_connect_swapped(w->ui.top, "delete-event", G_CALLBACK(on_close), w);
    close_form(w);
    return ERR_OK;
}

static void clear(struct window *w)
{
    work_stop(w->work);
    close_form(w);
    stop_timer(&w->watch);
    stop_timer(&w->reading);
    g_signal_handlers_disconnect_by_data(w->ui.nav, w);
    g_signal_handlers_disconnect_by_data(w->ui.chooser, w);
    gtk_widget_destroy(w->ui.top);
    diagnosis_page_clear(&w->diagnosis);
    g_free(w->sight);
}

int manager_gtk_run(const struct manager_back *back, void *user, enum manager_page first)
{
    struct window w = {.back = back, .user = user};
    w.wishes = (struct wishes){on_go, start_task, &w};
    gtk_disable_setlocale();
    if (!gtk_init_check(NULL, NULL)) {
        return MANAGER_NO_DISPLAY;
    }
    style_load(gdk_screen_get_default());
    if (build(&w) != ERR_OK) {
        return EXIT_FAILURE;
    }
    w.work = work_start();
    show_all(&w);
    look(&w);
    frame_go(&w.ui, first);
    gtk_window_present(GTK_WINDOW(w.ui.top));
    gtk_main();
    clear(&w);
    return EXIT_SUCCESS;
}
