#include "ui/manager_gtk.h"

static bool has(const struct form *f, enum pin_part part)
{
    return secret_len(pin_field_secret(&f->fields[part])) > 0;
}

struct pin_answer form_answer(const struct form *f)
{
    struct pin_answer a = {.last_try_agreed = pin_field_last_agreed(&f->fields[PIN_PART_CODE])};
    for (size_t i = 0; i < PIN_PARTS; i++) {
        a.parts[i] = pin_field_secret(&f->fields[i]);
    }
    return a;
}

/* ---- what is wrong, as soon as it is ---- */

static void say_flaw(struct form *f, enum pin_flaw flaw)
{
    char text[PIN_TEXT];
    pin_form_flaw_text(&f->what, flaw, text);
    if (strcmp(gtk_label_get_text(GTK_LABEL(f->flaw)), text) != 0) {
        label_set(f->flaw, text);
        widget_announce(f->flaw, text);
    }
    gtk_widget_set_visible(f->flaw, *text != '\0');
}

/* ---- codes are not left in sight of nobody ---- */

static gboolean end_idle(gpointer user)
{
    struct form *f = user;
    f->idle = 0;
    f->on_idle(f->user);
    return G_SOURCE_REMOVE;
}

/* The time begins anew with every key. */
static void restart_idle(struct form *f)
{
    bool is_typed = false;
    for (size_t i = 0; i < PIN_PARTS; i++) {
        is_typed = is_typed || has(f, (enum pin_part)i);
    }
    if (f->idle != 0) {
        g_source_remove(f->idle);
        f->idle = 0;
    }
    if (is_typed && !f->busy) {
        f->idle = g_timeout_add(LIMIT_FORM_MS, end_idle, f);
    }
}

void form_watch(struct form *f, void (*on_idle)(void *user), void *user)
{
    f->on_idle = on_idle;
    f->user = user;
}

static void check(struct form *f)
{
    struct pin_answer answer = form_answer(f);
    say_flaw(f, pin_form_flaw(&f->what, &answer, f->n_finished));
}

/* A repetition as long as the new PIN is as good as finished. */
static void on_change(struct form *f)
{
    struct pin_answer a = form_answer(f);
    size_t typed = secret_len(a.parts[PIN_PART_AGAIN]);
    restart_idle(f);
    for (size_t i = 0; i < PIN_PARTS; i++) {
        if (!has(f, (enum pin_part)i) && f->n_finished > i) {
            f->n_finished = i;
        }
    }
    if (typed > 0 && typed >= secret_len(a.parts[PIN_PART_NEW])) {
        f->n_finished = PIN_PARTS;
    }
    if (f->n_finished == PIN_PARTS) {
        /* The last try is asked for with the button, not while somebody types. */
        enum pin_flaw flaw = pin_form_flaw(&f->what, &a, PIN_PARTS);
        say_flaw(f, flaw == PIN_FLAW_LAST_TRY ? PIN_FLAW_NONE : flaw);
    } else {
        check(f);
    }
}

static gboolean on_leave(GtkWidget *entry, GdkEvent *event, struct form *f)
{
    (void)event;
    for (size_t i = 0; i < PIN_PARTS; i++) {
        if (f->fields[i].entry == entry && has(f, (enum pin_part)i) && f->n_finished <= i) {
            f->n_finished = i + 1;
            on_change(f);
        }
    }
    return GDK_EVENT_PROPAGATE;
}

/* ---- keys ---- */

static int focused(const struct form *f)
{
    for (int i = 0; i < PIN_PARTS; i++) {
        if (gtk_widget_has_focus(f->fields[i].entry)) {
            return i;
        }
    }
    return -1;
}

/* Enter goes to the next field, and from the last one to the card. */
static void on_enter(struct form *f)
{
    int at = focused(f);
    if (at >= 0 && at + 1 < PIN_PARTS) {
        gtk_widget_grab_focus(f->fields[at + 1].entry);
    } else {
        gtk_button_clicked(GTK_BUTTON(f->submit));
    }
}

bool form_take_key(struct form *f, GdkEventKey *event)
{
    int at = focused(f);
    return at >= 0 && pin_field_take_key(&f->fields[at], event);
}

/* ---- what is asked, and where it is typed ---- */

static void show_field(struct form *f, enum pin_part part)
{
    char hint[PIN_TEXT];
    bool on_reader = f->what.where == PIN_ON_READER;
    bool is_last = part == PIN_PART_CODE && pin_form_is_last_try(&f->what);
    const char *name = pin_form_part(&f->what, part);
    char *shown = on_reader ? g_strdup_printf("%d. %s", (int)part + 1, name) : g_strdup(name);
    pin_form_hint(&f->what, part, hint);
    pin_field_set(&f->fields[part], &(struct pin_look){
                                        .on_reader = on_reader,
                                        .name = shown,
                                        .hint = hint,
                                        .last_try = is_last ? pin_form_last_try(&f->what) : NULL,
                                        .min = f->what.min[part],
                                        .max = f->what.max[part],
                                    });
    gtk_widget_set_visible(f->fields[part].box, !pin_form_asks_where(&f->what));
    g_free(shown);
}

static void show_parts(struct form *f)
{
    char why[PIN_TEXT];
    const struct pin_form *what = &f->what;
    if (pin_form_asks_where(what)) {
        pin_form_why_here(what, why);
        label_set(f->intro, why);
        gtk_button_set_label(GTK_BUTTON(f->submit), _("Type the codes on this computer"));
    } else if (what->where == PIN_ON_READER) {
        label_set(f->intro, _("Press the button. The card reader then asks for these one after "
                              "the other; nothing is typed on this computer."));
        gtk_button_set_label(GTK_BUTTON(f->submit), _("Type the codes on the card reader"));
    } else {
        label_set(f->intro, pin_form_intro(what));
        gtk_button_set_label(GTK_BUTTON(f->submit), pin_form_title(what->task, what->index));
    }
    for (size_t i = 0; i < PIN_PARTS; i++) {
        show_field(f, (enum pin_part)i);
    }
}

/* ---- the button ---- */

static void focus_flaw(struct form *f, enum pin_flaw flaw)
{
    static const enum pin_part parts[] = {
        [PIN_FLAW_CODE_LENGTH] = PIN_PART_CODE, [PIN_FLAW_NEW_LENGTH] = PIN_PART_NEW,
        [PIN_FLAW_NEW_SAME] = PIN_PART_NEW,     [PIN_FLAW_AGAIN] = PIN_PART_AGAIN,
        [PIN_FLAW_LAST_TRY] = PIN_PART_CODE,
    };
    struct pin_field *field = &f->fields[parts[flaw]];
    if (flaw == PIN_FLAW_AGAIN || flaw == PIN_FLAW_NEW_SAME) {
        pin_field_clear(field);
    }
    gtk_widget_grab_focus(flaw == PIN_FLAW_LAST_TRY ? field->last_try : field->entry);
}

/* First of the handlers of "clicked": with a flaw the others never hear of it, nor while the person
 * only says that they type here. */
static void on_submit(GtkWidget *button, struct form *f)
{
    if (pin_form_asks_where(&f->what)) {
        g_signal_stop_emission_by_name(button, "clicked");
        pin_form_type_here(&f->what);
        show_parts(f);
        form_set_busy(f, false);
        form_focus(f);
        return;
    }
    struct pin_answer answer = form_answer(f);
    enum pin_flaw flaw = pin_form_flaw(&f->what, &answer, PIN_PARTS);
    if (flaw != PIN_FLAW_NONE || f->busy) {
        g_signal_stop_emission_by_name(button, "clicked");
    }
    if (flaw != PIN_FLAW_NONE && !f->busy) {
        focus_flaw(f, flaw);
        say_flaw(f, flaw);
    }
}

/* ---- life ---- */

static GtkWidget *buttons_new(struct form *f)
{
    GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 8);
    f->cancel = gtk_button_new_with_mnemonic(_("_Cancel"));
    f->submit = gtk_button_new_with_label("");
    widget_add_class(f->submit, "suggested-action");
    gtk_widget_set_halign(row, GTK_ALIGN_START);
    part_add(row, f->submit);
    part_add(row, f->cancel);
    return row;
}

enum err form_init(struct form *f)
{
    *f = (struct form){.n_finished = 0};
    f->box = part_column(12);
    f->title = label_new("", "message");
    f->intro = label_new("", NULL);
    f->flaw = label_new("", "warning");
    f->working = label_new(_("The card is working. Do not take it out."), "strong");
    atk_object_set_role(gtk_widget_get_accessible(f->title), ATK_ROLE_HEADING);
    atk_object_set_role(gtk_widget_get_accessible(f->flaw), ATK_ROLE_ALERT);
    part_add(f->box, f->title);
    part_add(f->box, f->intro);
    for (size_t i = 0; i < PIN_PARTS; i++) {
        enum err e = pin_field_init(&f->fields[i]);
        if (e != ERR_OK) {
            return e;
        }
        part_add(f->box, f->fields[i].box);
    }
    part_add(f->box, f->flaw);
    part_add(f->box, f->working);
    part_add(f->box, buttons_new(f));
    gtk_widget_show_all(f->box);
    return ERR_OK;
}

void form_connect(struct form *f, GCallback on_done, GCallback on_cancel, void *user)
{
    for (size_t i = 0; i < PIN_PARTS; i++) {
        pin_field_connect(&f->fields[i], G_CALLBACK(on_change), G_CALLBACK(on_enter), f);
        g_signal_connect(f->fields[i].entry, "focus-out-event", G_CALLBACK(on_leave), f);
    }
    g_signal_connect(f->submit, "clicked", G_CALLBACK(on_submit), f);
    g_signal_connect_swapped(f->submit, "clicked", on_done, user);
    g_signal_connect_swapped(f->cancel, "clicked", on_cancel, user);
}

void form_show(struct form *f, const struct pin_form *what, const char *title, bool keep_code)
{
    f->what = *what;
    label_set(f->title, title);
    for (size_t i = keep_code ? PIN_PART_NEW : PIN_PART_CODE; i < PIN_PARTS; i++) {
        pin_field_clear(&f->fields[i]);
    }
    show_parts(f);
    f->n_finished = keep_code ? 1 : 0;
    say_flaw(f, PIN_FLAW_NONE);
    form_set_busy(f, false);
}

void form_clear(struct form *f)
{
    for (size_t i = 0; i < PIN_PARTS; i++) {
        pin_field_clear(&f->fields[i]);
        pin_field_set_active(&f->fields[i], false);
    }
    f->n_finished = 0;
    say_flaw(f, PIN_FLAW_NONE);
    restart_idle(f);
}

void form_set_busy(struct form *f, bool busy)
{
    f->busy = busy;
    for (size_t i = 0; i < PIN_PARTS; i++) {
        pin_field_set_active(&f->fields[i], !busy);
    }
    gtk_widget_set_sensitive(f->submit, !busy);
    gtk_widget_set_sensitive(f->cancel, !busy);
    label_set(f->working, _("The card is working. Do not take it out."));
    gtk_widget_set_visible(f->working, busy);
    restart_idle(f);
}

void form_show_entry(struct form *f, enum pin_entry entry, bool can_stop)
{
    char text[PIN_TEXT];
    pin_form_entry(&f->what, entry, can_stop, text);
    label_set(f->working, text);
    widget_announce(f->working, text);
    gtk_widget_set_sensitive(f->cancel, can_stop);
}

void form_focus(struct form *f)
{
    enum pin_part first = has(f, PIN_PART_CODE) ? PIN_PART_NEW : PIN_PART_CODE;
    if (pin_form_asks_where(&f->what)) {
        gtk_widget_grab_focus(f->submit);
    } else {
        pin_field_focus(&f->fields[first], f->submit);
    }
}
