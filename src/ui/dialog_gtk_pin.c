#include "base/wipe.h"
#include "ui/dialog_gtk.h"
#include "ui/texts.h"

/* ---- a GtkEntryBuffer whose storage is a struct secret ---- */

struct pin_buffer {
    GtkEntryBuffer parent;
    struct secret *secret;
    bool active;
};

struct pin_buffer_class {
    GtkEntryBufferClass parent;
};

GType pin_buffer_get_type(void);
typedef struct pin_buffer PinBuffer; /* names that G_DEFINE_TYPE wants */
typedef struct pin_buffer_class PinBufferClass;
G_DEFINE_TYPE(PinBuffer, pin_buffer, GTK_TYPE_ENTRY_BUFFER)

static struct pin_buffer *pin_of(GtkEntryBuffer *b)
{
    return (struct pin_buffer *)b;
}

static const char *pin_get_text(GtkEntryBuffer *b, gsize *n_bytes)
{
    struct span digits = secret_span(pin_of(b)->secret);
    if (n_bytes != NULL) {
        *n_bytes = digits.len;
    }
    return (const char *)digits.at;
}

static guint pin_get_length(GtkEntryBuffer *b)
{
    return (guint)secret_len(pin_of(b)->secret);
}

/* Only digits enter. What is told to the listeners is dots: a signal copies its text to the heap.
 */
static guint pin_insert_text(GtkEntryBuffer *b, guint position, const gchar *chars, guint n_chars)
{
    struct pin_buffer *p = pin_of(b);
    guint n = 0;
    for (guint i = 0; p->active && i < n_chars && chars[i] >= '0' && chars[i] <= '9'; i++) {
        if (secret_insert(p->secret, position + n, (uint8_t)chars[i]) != ERR_OK) {
            break;
        }
        n++;
    }
    if (n > 0) {
        gtk_entry_buffer_emit_inserted_text(b, position, "................", n);
    }
    return n;
}

static guint pin_delete_text(GtkEntryBuffer *b, guint position, guint n_chars)
{
    guint len = pin_get_length(b);
    guint n = position < len ? MIN(n_chars, len - position) : 0;
    if (n > 0) {
        secret_remove(pin_of(b)->secret, position, n);
        gtk_entry_buffer_emit_deleted_text(b, position, n);
    }
    return n;
}

static void pin_finalize(GObject *object)
{
    secret_free(&pin_of(GTK_ENTRY_BUFFER(object))->secret);
    G_OBJECT_CLASS(pin_buffer_parent_class)->finalize(object);
}

static void pin_buffer_class_init(PinBufferClass *class)
{
    G_OBJECT_CLASS(class)->finalize = pin_finalize;
    class->parent.get_text = pin_get_text;
    class->parent.get_length = pin_get_length;
    class->parent.insert_text = pin_insert_text;
    class->parent.delete_text = pin_delete_text;
}

static void pin_buffer_init(PinBuffer *self)
{
    self->secret = NULL;
    self->active = false;
}

/* ---- the field ---- */

static GtkEntryBuffer *buffer_of(const struct pin_field *f)
{
    return gtk_entry_get_buffer(GTK_ENTRY(f->entry));
}

struct secret *pin_field_secret(const struct pin_field *f)
{
    return pin_of(buffer_of(f))->secret;
}

/* Signals whose default handlers would copy the PIN out or paste something in. */
static void block(GtkWidget *entry)
{
    static const char *const names[] = {"copy-clipboard", "cut-clipboard", "paste-clipboard",
                                        "insert-emoji", "toggle-overwrite"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        guint id = g_signal_lookup(names[i], GTK_TYPE_ENTRY);
        if (id != 0) {
            g_signal_connect(entry, names[i], G_CALLBACK(g_signal_stop_emission_by_name),
                             (void *)names[i]);
        }
    }
    gtk_drag_dest_unset(entry);
}

static gboolean refuse_menu(GtkWidget *entry, void *user)
{
    (void)entry;
    (void)user;
    return TRUE;
}

/* The first button puts the cursor and selects; the others would paste or open the menu. */
static gboolean refuse_button(GtkWidget *entry, GdkEventButton *event, void *user)
{
    (void)entry;
    (void)user;
    return event->button != GDK_BUTTON_PRIMARY;
}

static enum err entry_init(struct pin_field *f)
{
    PinBuffer *buffer = g_object_new(pin_buffer_get_type(), NULL);
    enum err e = secret_new(&buffer->secret);
    if (e != ERR_OK) {
        g_object_unref(buffer);
        return e;
    }
    f->entry = gtk_entry_new_with_buffer(GTK_ENTRY_BUFFER(buffer));
    g_object_unref(buffer);
    gtk_entry_set_visibility(GTK_ENTRY(f->entry), FALSE);
    gtk_entry_set_input_purpose(GTK_ENTRY(f->entry), GTK_INPUT_PURPOSE_PIN);
    gtk_entry_set_input_hints(GTK_ENTRY(f->entry),
                              GTK_INPUT_HINT_NO_SPELLCHECK | GTK_INPUT_HINT_NO_EMOJI);
    g_object_set(f->entry, "im-module", "gtk-im-context-simple", "caps-lock-warning", FALSE, NULL);
    gtk_entry_set_width_chars(GTK_ENTRY(f->entry), (int)LIMIT_PIN_MAX + 2);
    gtk_widget_set_halign(f->entry, GTK_ALIGN_START);
    widget_add_class(f->entry, "pin");
    block(f->entry);
    g_signal_connect(f->entry, "popup-menu", G_CALLBACK(refuse_menu), NULL);
    g_signal_connect(f->entry, "button-press-event", G_CALLBACK(refuse_button), NULL);
    return ERR_OK;
}

enum err pin_field_init(struct pin_field *f)
{
    enum err e = entry_init(f);
    if (e != ERR_OK) {
        return e;
    }
    f->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
    f->label = label_new("", "section");
    f->hint = label_new("", NULL);
    f->last_try = gtk_check_button_new();
    GtkWidget *text = label_new("", "strong");
    label_set_share(text, 90); /* the box stands beside it */
    gtk_container_add(GTK_CONTAINER(f->last_try), text);
    gtk_label_set_mnemonic_widget(GTK_LABEL(f->label), f->entry);
    gtk_container_add(GTK_CONTAINER(f->box), f->label);
    gtk_container_add(GTK_CONTAINER(f->box), f->entry);
    gtk_container_add(GTK_CONTAINER(f->box), f->hint);
    gtk_container_add(GTK_CONTAINER(f->box), f->last_try);
    return ERR_OK;
}

void pin_field_connect(struct pin_field *f, GCallback on_change, GCallback on_enter, void *user)
{
    g_signal_connect_swapped(buffer_of(f), "inserted-text", on_change, user);
    g_signal_connect_swapped(buffer_of(f), "deleted-text", on_change, user);
    g_signal_connect_swapped(f->last_try, "toggled", on_change, user);
    g_signal_connect_swapped(f->entry, "activate", on_enter, user);
}

void pin_field_set(struct pin_field *f, const struct pin_look *look)
{
    f->min = look->min;
    f->is_last = look->last_try != NULL;
    f->on_reader = look->on_reader;
    gtk_widget_set_visible(f->entry, !f->on_reader);
    gtk_entry_buffer_set_max_length(buffer_of(f), look->max);
    label_set(f->label, look->name);
    label_set(f->hint, look->hint);
    gtk_widget_set_visible(f->hint, *look->hint != '\0');
    label_set(gtk_bin_get_child(GTK_BIN(f->last_try)), f->is_last ? look->last_try : "");
    gtk_toggle_button_set_active(GTK_TOGGLE_BUTTON(f->last_try), FALSE);
    gtk_widget_set_visible(f->last_try, f->is_last);
    widget_name(f->entry, look->name, look->hint);
    widget_name(f->last_try, f->is_last ? look->last_try : "", NULL);
}

void pin_field_show(struct pin_field *f, const struct ask_cert *c)
{
    char *hint = texts_pin_hint(c);
    char *last = texts_last_try(c->pin_index);
    pin_field_set(f, &(struct pin_look){
                         .name = texts_pin(c->pin_index),
                         .hint = hint,
                         .last_try = c->tries_left == 1 ? last : NULL,
                         .min = c->pin_min,
                         .max = c->pin_max,
                         .on_reader = c->on_reader,
                     });
    g_free(last);
    g_free(hint);
}

void pin_field_set_active(struct pin_field *f, bool active)
{
    pin_of(buffer_of(f))->active = active && !f->on_reader;
    gtk_widget_set_sensitive(f->entry, active && !f->on_reader);
    gtk_widget_set_sensitive(f->last_try, active);
}

bool pin_field_is_active(const struct pin_field *f)
{
    return gtk_widget_get_sensitive(f->last_try);
}

void pin_field_focus(struct pin_field *f, GtkWidget *beside)
{
    GtkWidget *next = f->is_last ? f->last_try : beside;
    gtk_widget_grab_focus(f->on_reader ? next : f->entry);
}

void pin_field_clear(struct pin_field *f)
{
    gtk_entry_buffer_delete_text(buffer_of(f), 0, -1);
    secret_wipe(pin_field_secret(f));
}

bool pin_field_last_agreed(const struct pin_field *f)
{
    return f->is_last && gtk_toggle_button_get_active(GTK_TOGGLE_BUTTON(f->last_try));
}

bool pin_field_is_complete(const struct pin_field *f)
{
    return (f->on_reader || secret_len(pin_field_secret(f)) >= f->min) &&
           (!f->is_last || pin_field_last_agreed(f));
}

static int digit_of(guint keyval)
{
    if (keyval >= GDK_KEY_0 && keyval <= GDK_KEY_9) {
        return (int)(keyval - GDK_KEY_0);
    }
    if (keyval >= GDK_KEY_KP_0 && keyval <= GDK_KEY_KP_9) {
        return (int)(keyval - GDK_KEY_KP_0);
    }
    return -1;
}

/* Puts the digit where the cursor is, without the copies that gtk_editable_insert_text makes. */
static void type(struct pin_field *f, char digit)
{
    GtkEditable *e = GTK_EDITABLE(f->entry);
    gtk_editable_delete_selection(e);
    int at = gtk_editable_get_position(e);
    if (gtk_entry_buffer_insert_text(buffer_of(f), (guint)at, &digit, 1) == 1) {
        gtk_editable_set_position(e, at + 1);
        /* What GTK's own insertion would have told a screen reader; it reads a dot there. */
        g_signal_emit_by_name(gtk_widget_get_accessible(f->entry), "text-changed::insert", at, 1);
    } else {
        gtk_widget_error_bell(f->entry);
    }
}

bool pin_field_take_key(struct pin_field *f, GdkEventKey *event)
{
    int digit = digit_of(event->keyval);
    const guint modified = GDK_CONTROL_MASK | GDK_MOD1_MASK | GDK_SUPER_MASK;
    if (digit < 0 || (event->state & modified) != 0 || !gtk_widget_has_focus(f->entry)) {
        return false;
    }
    type(f, (char)('0' + digit));
    /* The event goes back to the heap when it has been handled. */
    event->keyval = GDK_KEY_VoidSymbol;
    event->hardware_keycode = 0;
    if (event->string != NULL) {
        wipe(event->string, strlen(event->string));
    }
    return true;
}
