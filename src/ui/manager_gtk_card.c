#include "ui/manager_gtk.h"
#include "ui/texts.h"

#define EXPIRES_SOON_S ((int64_t)LIMIT_EXPIRY_DAYS * 24 * 3600)

static void go_to_activation(const struct wishes *w)
{
    w->go(w->user, MANAGER_ACTIVATE);
}

static void go_to_pins(const struct wishes *w)
{
    w->go(w->user, MANAGER_PINS);
}

/* ---- which card ---- */

bool card_is_same(const struct manager_card *a, const struct manager_card *b)
{
    return a != NULL && a->insertion_count == b->insertion_count &&
           strcmp(a->reader, b->reader) == 0;
}

size_t card_choose(const struct manager_card *before, const struct manager_sight *now)
{
    size_t fresh = 0;
    for (size_t i = 0; i < now->n_cards; i++) {
        if (card_is_same(before, &now->cards[i])) {
            return i;
        }
        if (fresh == 0 && pin_set_next_fresh(&now->cards[i].pins, 0) != 0) {
            fresh = i;
        }
    }
    return fresh;
}

/* ---- certificates ---- */

/* A warning about the dates, or NULL. */
static const char *date_warning(const struct manager_cert *cert, int64_t now)
{
    if (now > cert->not_after) {
        return _("This certificate has expired.");
    }
    if (now < cert->not_before) {
        return _("This certificate is not valid yet. Check the clock of this computer.");
    }
    return cert->not_after - now < EXPIRES_SOON_S ? _("This certificate expires soon.") : NULL;
}

static void add_cert(GtkWidget *box, const struct manager_cert *cert, int64_t now)
{
    GtkWidget *frame = part_frame();
    const char *heading = cert->for_signatures ? _("Certificate for signatures")
                                               : _("Certificate for identification");
    const char *warning = cert->readable ? date_warning(cert, now) : _("It can't be read.");
    part_add(frame, part_heading(heading));
    part_add(frame, part_fact(_("Used with"), pin_form_pin(cert->pin_index)));
    if (cert->readable) {
        char *issuer = texts_safe(span_str(cert->issuer));
        char *until = texts_date(cert->not_after);
        part_add(frame, part_fact(_("Issuer"), issuer));
        part_add(frame, part_fact(_("Valid until"), until));
        g_free(until);
        g_free(issuer);
    }
    if (warning != NULL) {
        part_add(frame, label_new(warning, "warning"));
    }
    part_add(box, frame);
}

/* ---- what needs doing ---- */

static void add_need(GtkWidget *box, const char *text, const char *button, GCallback on_click,
                     const struct wishes *wishes)
{
    GtkWidget *frame = part_column(8);
    widget_add_class(frame, "warning");
    part_add(frame, label_new(text, NULL));
    if (button != NULL) {
        part_add(frame, part_button(button, on_click, (void *)wishes));
    }
    part_add(box, frame);
}

/* The certificate that ends first decides when a new card is needed. */
static void add_expiry(GtkWidget *box, const struct manager_card *c, int64_t now)
{
    const struct manager_cert *first = NULL;
    for (size_t i = 0; i < c->n_certs; i++) {
        if (c->certs[i].readable && (first == NULL || c->certs[i].not_after < first->not_after)) {
            first = &c->certs[i];
        }
    }
    if (first == NULL || first->not_after - now >= EXPIRES_SOON_S) {
        return;
    }
    char *date = texts_date(first->not_after);
    char *text = g_strdup_printf(
        first->not_after < now
            ? _("This card expired on %s. It can no longer be used everywhere. Apply for a new "
                "card from its issuer.")
            : _("This card is about to expire: it is valid until %s. Apply for a new card from its "
                "issuer in time; the codes of this card do not come along."),
        date);
    add_need(box, text, NULL, NULL, NULL);
    g_free(text);
    g_free(date);
}

static void add_locked(GtkWidget *box, const struct manager_card *c, uint8_t index,
                       const struct wishes *wishes)
{
    struct pin_form form;
    const char *locked = index == 1 ? _("PIN1 is locked.") : _("PIN2 is locked.");
    enum err e = pin_form_make(&c->pins, PIN_UNLOCK, index, &form);
    if (e == ERR_OK) {
        add_need(box, locked, pin_form_title(PIN_UNLOCK, index), G_CALLBACK(go_to_pins), wishes);
    } else {
        char *text =
            g_strdup_printf("%s %s", locked, pin_form_refusal(&c->pins, e, PIN_UNLOCK, index));
        add_need(box, text, NULL, NULL, NULL);
        g_free(text);
    }
}

static void add_needs(GtkWidget *box, const struct manager_card *c, int64_t now,
                      const struct wishes *wishes)
{
    add_expiry(box, c, now);
    if (pin_set_next_fresh(&c->pins, 0) != 0) {
        add_need(box, _("This card has not been activated yet. It can't be used before that."),
                 _("Activate the card"), G_CALLBACK(go_to_activation), wishes);
        return;
    }
    for (uint8_t index = 1; index <= 2; index++) {
        const struct pin_facts *p = pin_set_find(&c->pins, index);
        if (p != NULL && p->blocked) {
            add_locked(box, c, index, wishes);
        }
    }
}

/* ---- the page ---- */

/* The names in certificates of DVV end in the identifier already. */
static void add_holder(GtkWidget *box, const struct manager_cert *cert)
{
    char *name = texts_safe(span_str(cert->holder));
    char *id = texts_safe(span_str(cert->person_id));
    char *both = strstr(name, id) != NULL ? g_strdup(name) : g_strdup_printf("%s · %s", name, id);
    part_add(box, part_fact(_("Holder"), both));
    g_free(both);
    g_free(id);
    g_free(name);
}

static const struct manager_cert *first_readable(const struct manager_card *c)
{
    for (size_t i = 0; i < c->n_certs; i++) {
        if (c->certs[i].readable) {
            return &c->certs[i];
        }
    }
    return NULL;
}

void card_page_show(GtkWidget *box, const struct manager_card *c, int64_t now,
                    const struct wishes *wishes)
{
    GtkWidget *frame = part_frame();
    const struct manager_cert *holder = first_readable(c);
    char *reader = texts_safe(span_str(c->reader));
    add_needs(box, c, now, wishes);
    if (holder != NULL) {
        add_holder(frame, holder);
    }
    part_add(frame, part_fact(_("Kind of card"), c->kind));
    part_add(frame, part_fact(_("Card reader"), reader));
    part_add(box, frame);
    for (size_t i = 0; i < c->n_certs; i++) {
        add_cert(box, &c->certs[i], now);
    }
    g_free(reader);
}

char *card_tries_text(const struct manager_card *c)
{
    static const char *const names[] = {"", "PIN1", "PIN2", "PUK"};
    GString *text = g_string_new(NULL);
    for (size_t i = 0; i < c->pins.n; i++) {
        const struct pin_facts *p = &c->pins.pins[i];
        char status[PIN_TEXT];
        pin_form_status(p, status);
        g_string_append_printf(text, "%s%s: %s", i > 0 ? " · " : "", names[MIN(p->index, 3)],
                               status);
    }
    return g_string_free(text, FALSE);
}
