#include "ui/manager_gtk.h"
#include "ui/texts.h"

/* The label that says so stands beside the button. */
#define SAID_KEY "korttisilta-said"
#define ATR_KEY  "korttisilta-atr"

static void on_copy(GtkWidget *button)
{
    GtkWidget *said = g_object_get_data(G_OBJECT(button), SAID_KEY);
    part_copy(g_object_get_data(G_OBJECT(button), ATR_KEY));
    label_set(said, _("Copied. There is no personal data in it."));
    widget_announce(said, gtk_label_get_text(GTK_LABEL(said)));
}

/* What somebody needs who would teach the program this card. */
static void say_unknown(GtkWidget *box, const struct manager_card *c)
{
    GtkWidget *frame = part_frame();
    GtkWidget *said = part_said();
    GtkWidget *button = gtk_button_new_with_label(_("Copy the ATR"));
    part_add(frame, label_new(_("If the card should work here, report its ATR to your IT support "
                                "or to the makers of Korttisilta, and say what card it is. The ATR "
                                "tells the kind of the card and not whose it is."),
                              NULL));
    part_add(frame, label_new_take(g_strdup_printf("ATR: %s", c->atr), "digest"));
    g_object_set_data(G_OBJECT(button), SAID_KEY, said);
    g_object_set_data_full(G_OBJECT(button), ATR_KEY, g_strdup(c->atr), g_free);
    gtk_widget_set_halign(button, GTK_ALIGN_START);
    g_signal_connect(button, "clicked", G_CALLBACK(on_copy), NULL);
    part_add(frame, button);
    part_add(frame, said);
    part_add(box, frame);
}

void absence_show(GtkWidget *box, const struct manager_sight *s, const struct manager_card *c)
{
    char text[PIN_TEXT];
    enum ask_phase phase = ASK_WAIT_CARD;
    if (s == NULL) {
        phase = ASK_READING;
    } else if (s->error != ERR_OK) {
        phase = s->error == ERR_PCSC_DOWN ? ASK_WAIT_PCSC : ASK_WAIT_READER;
    } else if (c != NULL && c->error == ERR_CARD_UNKNOWN) {
        phase = ASK_CARD_UNKNOWN;
    } else if (c != NULL) {
        static const struct pin_form none = {.index = 1, .spends = 1};
        pin_form_error(&none, c->error, -1, text);
        part_add(box, label_new(text, "message"));
        return;
    }
    part_add(box, label_new(texts_phase(phase), "message"));
    part_add(box, label_new(texts_advice(phase), NULL));
    if (phase == ASK_CARD_UNKNOWN) {
        say_unknown(box, c);
    }
}
