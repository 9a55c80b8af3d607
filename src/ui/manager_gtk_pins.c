#include "ui/manager_gtk.h"

/* ---- a page that explains, and its form ---- */

enum err task_page_init(struct task_page *p)
{
    enum err e = form_init(&p->form);
    if (e != ERR_OK) {
        return e;
    }
    p->stack = gtk_stack_new();
    p->list = part_column(12);
    gtk_stack_set_vhomogeneous(GTK_STACK(p->stack), FALSE);
    gtk_stack_add_named(GTK_STACK(p->stack), p->list, "list");
    gtk_stack_add_named(GTK_STACK(p->stack), p->form.box, "form");
    return ERR_OK;
}

void task_page_open(struct task_page *p, const struct pin_form *what, const char *title,
                    bool keep_code)
{
    form_show(&p->form, what, title, keep_code);
    gtk_stack_set_visible_child_name(GTK_STACK(p->stack), "form");
    form_focus(&p->form);
}

void task_page_close(struct task_page *p)
{
    form_clear(&p->form);
    gtk_stack_set_visible_child_name(GTK_STACK(p->stack), "list");
}

bool task_page_is_open(const struct task_page *p)
{
    return gtk_stack_get_visible_child(GTK_STACK(p->stack)) == p->form.box;
}

/* ---- the PINs of the card ---- */

/* What a button stands for: task and PIN in one pointer. */
#define CODE_OF(task, index) GUINT_TO_POINTER((guint)(task)*4 + (index))
#define TASK_KEY             "korttisilta-task"

static void on_task(GtkWidget *button, const struct wishes *w)
{
    guint code = GPOINTER_TO_UINT(g_object_get_data(G_OBJECT(button), TASK_KEY));
    w->task(w->user, (enum pin_task)(code / 4), (uint8_t)(code % 4));
}

/* Why it can't be done stands where the button would. */
static void add_task(GtkWidget *frame, const struct manager_card *c, enum pin_task task,
                     uint8_t index, const struct wishes *wishes)
{
    struct pin_form form;
    enum err e = pin_form_make(&c->pins, task, index, &form);
    if (e != ERR_OK) {
        part_add(frame, label_new(pin_form_refusal(&c->pins, e, task, index), NULL));
        return;
    }
    GtkWidget *button = gtk_button_new_with_label(pin_form_title(task, index));
    g_object_set_data(G_OBJECT(button), TASK_KEY, CODE_OF(task, index));
    gtk_widget_set_halign(button, GTK_ALIGN_START);
    g_signal_connect(button, "clicked", G_CALLBACK(on_task), (void *)wishes);
    part_add(frame, button);
}

static GtkWidget *pin_frame(const struct pin_facts *p)
{
    char status[PIN_TEXT];
    GtkWidget *frame = part_frame();
    pin_form_status(p, status);
    part_add(frame, part_heading(pin_form_pin(p->index)));
    part_add(frame, part_fact(_("State"), status));
    return frame;
}

static void add_pin(GtkWidget *box, const struct manager_card *c, const struct pin_facts *p,
                    const struct wishes *wishes)
{
    GtkWidget *frame = pin_frame(p);
    char *rule = g_strdup_printf(_("%u–%u digits"), p->min, p->max);
    part_add(frame, part_fact(_("Length"), rule));
    if (p->activated || c->pins.activation == PIN_ACTIVATION_NONE) {
        add_task(frame, c, PIN_CHANGE, p->index, wishes);
        add_task(frame, c, PIN_UNLOCK, p->index, wishes);
    } else {
        part_add(frame, label_new(_("The card has not been activated."), NULL));
    }
    part_add(box, frame);
    g_free(rule);
}

static void add_puk(GtkWidget *box, const struct pin_facts *p)
{
    GtkWidget *frame = pin_frame(p);
    part_add(frame, label_new(_("The PUK code came to you in a letter. It unlocks a PIN that is "
                                "locked or forgotten. If the PUK code itself is locked, the card "
                                "can't be unlocked any more."),
                              NULL));
    part_add(box, frame);
}

void pins_page_show(GtkWidget *box, const struct manager_card *c, const struct wishes *wishes)
{
    if (pin_set_is_on_reader(&c->pins)) {
        part_add(box, label_new(_("The codes are typed on the keypad of the card reader."), NULL));
    }
    for (size_t i = 0; i < c->pins.n; i++) {
        const struct pin_facts *p = &c->pins.pins[i];
        if (p->index == 3) {
            add_puk(box, p);
        } else {
            add_pin(box, c, p, wishes);
        }
    }
}
