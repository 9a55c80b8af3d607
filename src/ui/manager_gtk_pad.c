#include "ui/manager_gtk.h"

struct beginning {
    struct pad_talk *talk;
    enum pin_entry entry;
    bool can_stop;
};

/* ---- on the thread that works at the card ---- */

/* In the main loop; before the task's own end, which comes behind it in the same order. */
static gboolean tell(gpointer user)
{
    struct beginning *b = user;
    b->talk->on_begin(b->talk->user, b->entry, b->can_stop);
    g_free(b);
    return G_SOURCE_REMOVE;
}

static bool begins(void *user, enum pin_entry entry, bool can_stop)
{
    struct pad_talk *t = user;
    struct beginning *b = g_new0(struct beginning, 1);
    *b = (struct beginning){t, entry, can_stop};
    g_mutex_lock(&t->lock);
    bool go_on = !t->stop;
    t->can_stop = can_stop;
    g_mutex_unlock(&t->lock);
    g_idle_add(tell, b);
    return go_on;
}

static bool wait_for(void *user, unsigned ms)
{
    struct pad_talk *t = user;
    gint64 end = g_get_monotonic_time() + (gint64)ms * 1000;
    g_mutex_lock(&t->lock);
    while (!t->stop && g_cond_wait_until(&t->stopped, &t->lock, end)) {
    }
    bool go_on = !t->stop;
    g_mutex_unlock(&t->lock);
    return go_on;
}

/* ---- on the window's ---- */

void pad_talk_init(struct pad_talk *t, void (*on_begin)(void *, enum pin_entry, bool), void *user)
{
    *t = (struct pad_talk){.on_begin = on_begin, .user = user};
    t->person = (struct pin_person){begins, wait_for, t};
    g_mutex_init(&t->lock);
    g_cond_init(&t->stopped);
}

void pad_talk_clear(struct pad_talk *t)
{
    g_mutex_clear(&t->lock);
    g_cond_clear(&t->stopped);
}

void pad_talk_stop(struct pad_talk *t)
{
    g_mutex_lock(&t->lock);
    t->stop = t->stop || t->can_stop;
    g_cond_signal(&t->stopped);
    g_mutex_unlock(&t->lock);
}
