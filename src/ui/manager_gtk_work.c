#include "ui/manager_gtk.h"

struct step {
    work_step run; /* NULL: the thread ends */
    work_step done;
    void *job;
};

struct work {
    GThread *thread;
    GAsyncQueue *steps;
};

static gboolean finish(gpointer user)
{
    struct step *s = user;
    s->done(s->job);
    g_free(s);
    return G_SOURCE_REMOVE;
}

static gpointer work_through(gpointer user)
{
    struct work *w = user;
    for (;;) {
        struct step *s = g_async_queue_pop(w->steps);
        if (s->run == NULL) {
            g_free(s);
            return NULL;
        }
        s->run(s->job);
        g_idle_add(finish, s);
    }
}

struct work *work_start(void)
{
    struct work *w = g_new0(struct work, 1);
    w->steps = g_async_queue_new();
    w->thread = g_thread_new("cards", work_through, w);
    return w;
}

void work_add(struct work *w, work_step run, work_step done, void *job)
{
    struct step *s = g_new0(struct step, 1);
    *s = (struct step){run, done, job};
    g_async_queue_push(w->steps, s);
}

void work_stop(struct work *w)
{
    struct step *last = g_new0(struct step, 1);
    g_async_queue_push_front(w->steps, last);
    g_thread_join(w->thread);
    g_async_queue_unref(w->steps);
    g_free(w);
}
