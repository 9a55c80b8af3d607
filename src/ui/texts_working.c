/* What goes on while the window waits: for a PIN that is typed on the card reader, for the card,
 * for the issuer of a certificate. */
#include "ui/texts.h"

#include <glib.h>

const char *texts_confirm_with(enum method m, const struct ask_cert *c)
{
    static const char *const on_reader[] = {
        [METHOD_AUTHENTICATE] = N_("_Identify yourself – type the PIN on the reader"),
        [METHOD_SIGN] = N_("_Sign – type the PIN on the reader"),
        [METHOD_DECRYPT] = N_("_Decrypt – type the PIN on the reader"),
    };
    bool has = c->on_reader && m < sizeof on_reader / sizeof on_reader[0] && on_reader[m] != NULL;
    return has ? _(on_reader[m]) : texts_confirm(m);
}

uint8_t texts_pin_index(const struct ask_state *s, enum method m)
{
    return s->n_certs > 0 ? s->certs[s->selected].pin_index : m == METHOD_SIGN ? 2 : 1;
}

static char *on_reader_text(const struct ask_state *s, uint8_t pin_index)
{
    const char *pin = texts_pin(pin_index);
    char *what = s->total > 1 ? g_strdup_printf(_("Document %u of %u: type %s on the card reader."),
                                                s->done + 1, s->total, pin)
                              : g_strdup_printf(_("Type %s on the card reader."), pin);
    if (s->can_stop) {
        return what;
    }
    char *text =
        g_strdup_printf("%s %s", what, _("To cancel, press the cancel key of the reader."));
    g_free(what);
    return text;
}

char *texts_working(const struct ask_state *s, uint8_t pin_index)
{
    if (s->phase == ASK_ON_READER) {
        return on_reader_text(s, pin_index);
    }
    if (s->phase == ASK_CHECKING) {
        return g_strdup(texts_phase(ASK_CHECKING));
    }
    bool counted = s->phase == ASK_WORKING && s->total > 1;
    char *count = counted ? g_strdup_printf(_("%u of %u signed"), s->done, s->total) : g_strdup("");
    char *text = g_strdup_printf("%s %s", texts_phase(ASK_WORKING), count);
    g_free(count);
    return text;
}

char *texts_found(size_t shown, size_t all)
{
    if (shown == 0) {
        return g_strdup_printf(_("No document has this in its name; all %zu will be signed."), all);
    }
    return g_strdup_printf(_("%zu of %zu documents shown; all %zu will be signed."), shown, all,
                           all);
}

const char *texts_status(enum ask_status status)
{
    static const char *const rows[STATUS_COUNT] = {
        [STATUS_NOT_ASKED] = "",
        [STATUS_GOOD] = N_("Not revoked, says the issuer now."),
        [STATUS_UNKNOWN] = N_("The issuer could not be asked if it has been revoked."),
        [STATUS_REVOKED] = "", /* texts_unusable says it */
    };
    return status < STATUS_COUNT && *rows[status] != '\0' ? _(rows[status]) : "";
}
