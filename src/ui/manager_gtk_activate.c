#include "ui/manager_gtk.h"

char *activate_step_title(const struct pin_set *pins, uint8_t index)
{
    const char *task = pin_form_title(PIN_ACTIVATE, index);
    bool alone = index == 1 && pin_set_next_fresh(pins, 1) == 0;
    return alone ? g_strdup(task) : g_strdup_printf(_("Step %u of %u: %s"), index, 2u, task);
}

static void on_start(const struct wishes *w)
{
    w->task(w->user, PIN_ACTIVATE, 0);
}

static void add_steps(GtkWidget *box, const struct manager_card *c, const struct wishes *wishes)
{
    GtkWidget *frame = part_frame();
    GtkWidget *button;
    part_add(frame, part_heading(_("This card has not been activated yet")));
    part_add(frame,
             label_new(_("1. Take the letter with the activation code that came to you."), NULL));
    part_add(frame, label_new(_("2. Type the activation code and choose PIN1, with which you "
                                "identify yourself."),
                              NULL));
    part_add(frame, label_new(_("3. Choose PIN2, with which you sign. It must differ from the "
                                "activation code."),
                              NULL));
    part_add(frame,
             label_new(c->pins.activation == PIN_ACTIVATION_PUK
                           ? _("Keep the letter: the same code unlocks a PIN later.")
                           : _("The activation code works only once. It does not unlock a PIN "
                               "later."),
                       "strong"));
    button = part_button(_("Start the activation"), G_CALLBACK(on_start), (void *)wishes);
    widget_add_class(button, "suggested-action");
    part_add(frame, button);
    part_add(box, frame);
}

void activate_page_show(GtkWidget *box, const struct manager_card *c, const struct wishes *wishes)
{
    if (c->pins.is_unsure) {
        part_add(box, label_new(pin_form_refusal(&c->pins, ERR_CARD_STATUS, PIN_ACTIVATE, 1),
                                "message"));
    } else if (pin_set_next_fresh(&c->pins, 0) != 0) {
        add_steps(box, c, wishes);
    } else {
        part_add(box, label_new(_("There is nothing to activate on this card."), "message"));
        part_add(box, label_new(_("Put in a new card, and the activation begins here."), NULL));
    }
}
