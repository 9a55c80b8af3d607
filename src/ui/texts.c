#include "ui/texts.h"

#include "base/utf8.h"
#include "os/clock.h"

#include <glib.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

#define DAY_S 86400
/* A certificate that ends before that many days says so. */
#define SOON_DAYS 30

const char *texts_title(enum method m)
{
    static const char *const rows[] = {
        [METHOD_AUTHENTICATE] = N_("Korttisilta – identification"),
        [METHOD_GET_SIGNING_CERTIFICATE] = N_("Korttisilta – signing certificate"),
        [METHOD_SIGN] = N_("Korttisilta – signature"),
        [METHOD_DECRYPT] = N_("Korttisilta – decryption"),
        [METHOD_SUBSCRIBE] = N_("Korttisilta – card events"),
    };
    return m < COUNT(rows) ? _(rows[m]) : "Korttisilta";
}

const char *texts_meaning(enum method m)
{
    static const char *const rows[] = {
        [METHOD_AUTHENTICATE] = N_("The service learns who you are: the name and the identifier in "
                                   "your certificate. You do not sign anything."),
        [METHOD_GET_SIGNING_CERTIFICATE] =
            N_("The service learns the name and the identifier in your signing certificate, so "
               "that it can prepare documents for you. You do not sign anything yet."),
        [METHOD_SIGN] = N_("Your electronic signature binds you in law like one written by hand. "
                           "Sign only what you have read and accept."),
        [METHOD_DECRYPT] = N_("The service gets the key of one message that was encrypted to you, "
                              "and the name and the identifier in your certificate. You do not "
                              "sign anything."),
        [METHOD_SUBSCRIBE] = N_("The service is told when a card is put into a reader or taken "
                                "out. It learns nothing of what is on the card."),
    };
    return m < COUNT(rows) ? _(rows[m]) : "";
}

const char *texts_confirm(enum method m)
{
    static const char *const rows[] = {
        [METHOD_AUTHENTICATE] = N_("_Identify yourself"),
        [METHOD_GET_SIGNING_CERTIFICATE] = N_("_Give the certificate"),
        [METHOD_SIGN] = N_("_Sign"),
        [METHOD_DECRYPT] = N_("_Decrypt"),
        [METHOD_SUBSCRIBE] = N_("_Allow"),
    };
    return m < COUNT(rows) ? _(rows[m]) : "";
}

char *texts_task(enum method m, size_t n_docs)
{
    static const char *const rows[] = {
        [METHOD_AUTHENTICATE] = N_("Identify yourself with your card"),
        [METHOD_GET_SIGNING_CERTIFICATE] = N_("Give your signing certificate"),
        [METHOD_SIGN] = "",
        [METHOD_DECRYPT] = N_("Decrypt a message key with your card"),
        [METHOD_SUBSCRIBE] = N_("Let the service see when a card is in"),
    };
    if (m == METHOD_SIGN) {
        return g_strdup_printf(ngettext("Sign %zu document", "Sign %zu documents", n_docs), n_docs);
    }
    return g_strdup(m < COUNT(rows) ? _(rows[m]) : "");
}

const char *texts_origin_note(enum origin_note note)
{
    static const char *const rows[] = {
        [ORIGIN_PLAIN] = "",
        [ORIGIN_UNUSUAL] = N_("Check the address: it has letters that are rare in the languages of "
                              "Finland."),
        [ORIGIN_FOREIGN] = N_("Check the address: it is not written in Latin letters."),
        [ORIGIN_LOOKALIKE] = N_("Warning: the address looks Latin but is written in other letters. "
                                "It may imitate another site."),
        [ORIGIN_MIXED] = N_("Warning: the address mixes letters of different scripts. It may "
                            "imitate another site."),
        [ORIGIN_UNREADABLE] = N_("Warning: the address is not a proper internationalised name."),
    };
    return note != ORIGIN_PLAIN ? _(rows[note]) : "";
}

/* Each phase: what to say, how, and what the button says that gives up. */
static const struct {
    const char *head;
    const char *advice;
    const char *report;
    enum err same; /* the error that says the same as the phase */
} phases[] = {
    [ASK_READING] = {N_("Looking for a card…"), "", NULL, ERR_OK},
    [ASK_WAIT_PCSC] =
        {
            N_("The smart card service of this computer is not running."),
            N_("Restart the computer, or ask your IT support to start the pcscd service. This "
               "window goes on by itself when the service runs."),
            N_("_Tell the service that cards can't be read"),
            ERR_PCSC_DOWN,
        },
    [ASK_WAIT_READER] =
        {
            N_("Connect a card reader to the computer."),
            N_("If one is connected, unplug it and plug it in again. This window goes on by "
               "itself when the reader is found."),
            N_("_Tell the service that there is no reader"),
            ERR_NO_READER,
        },
    [ASK_WAIT_CARD] =
        {
            N_("Put your card in the card reader."),
            N_("This window goes on by itself when the card is found."),
            N_("_Tell the service that there is no card"),
            ERR_NO_CARD,
        },
    [ASK_CARD_UNKNOWN] =
        {
            N_("Korttisilta does not know this card."),
            N_("Check that the card is the right way round in the reader, or put in another "
               "card."),
            N_("_Tell the service that the card can't be used"),
            ERR_CARD_UNKNOWN,
        },
    [ASK_NO_CERT] =
        {
            N_("The card has no certificate that fits this request."),
            N_("If you have another card, put it in."),
            N_("_Tell the service that the card can't be used"),
            ERR_CERT_NOT_FOUND,
        },
    [ASK_READY] = {N_("Check the request and decide."), "", NULL, ERR_OK},
    [ASK_ON_READER] = {N_("Type the PIN on the card reader."), "", NULL, ERR_OK},
    [ASK_CHECKING] = {N_("Asking the issuer of the certificate if it has been revoked…"), "", NULL,
                      ERR_OK},
    [ASK_WORKING] = {N_("The card is working. Do not take it out."), "", NULL, ERR_OK},
    [ASK_ENDED] = {N_("The request could not be completed."), "", NULL, ERR_OK},
};

const char *texts_phase(enum ask_phase p)
{
    return p < COUNT(phases) ? _(phases[p].head) : "";
}

const char *texts_advice(enum ask_phase p)
{
    const char *text = p < COUNT(phases) ? phases[p].advice : "";
    return *text != '\0' ? _(text) : "";
}

const char *texts_report(enum ask_phase p)
{
    const char *text = p < COUNT(phases) ? phases[p].report : NULL;
    return text != NULL ? _(text) : NULL;
}

#define AGAIN         N_("Go back to the service and start again.")
#define SUPPORT       N_("Start again in the service. If it happens again, contact its support.")
#define TELL          N_("Tell the support of the service.")
#define REQUEST_WRONG N_("The request of the service was not valid.")
#define PROGRAM_ENDED N_("The program could not finish the work.")
#define NOT_ALLOWED   N_("The service may not use cards on this computer.")

/* What happened, and the next step. %s is the name of the PIN. */
static const struct {
    const char *what;
    const char *next;
} errors[ERR_COUNT] = {
    [ERR_OK] = {N_("Done."), AGAIN},
    [ERR_MALFORMED] = {REQUEST_WRONG, TELL},
    [ERR_REQUEST_INVALID] = {REQUEST_WRONG, TELL},
    [ERR_METHOD_UNKNOWN] = {REQUEST_WRONG, TELL},
    [ERR_ARGUMENT] = {REQUEST_WRONG, TELL},
    [ERR_INTERNAL] = {PROGRAM_ENDED, SUPPORT},
    [ERR_TOO_LARGE] = {N_("The request of the service is too large."), TELL},
    [ERR_UNSUPPORTED] = {N_("The service asks for something that this program can't do."), TELL},
    [ERR_NOMEM] = {N_("The computer is out of memory."), N_("Close other programs and try again.")},
    [ERR_ORIGIN_INVALID] = {NOT_ALLOWED, TELL},
    [ERR_ORIGIN_DENIED] = {NOT_ALLOWED, N_("Ask the IT support of this computer.")},
    [ERR_PEER_DENIED] = {NOT_ALLOWED, TELL},
    [ERR_HOST_INVALID] = {NOT_ALLOWED, TELL},
    [ERR_NOT_BOUND] = {REQUEST_WRONG, TELL},
    [ERR_BUSY] = {N_("Another request is open."), N_("Answer it first, then start again.")},
    [ERR_CANCELLED] = {N_("You cancelled."), AGAIN},
    [ERR_ABORTED] = {N_("The service cancelled the request."), AGAIN},
    [ERR_TIMED_OUT] = {N_("The time for the answer ran out."), AGAIN},
    [ERR_PCSC_DOWN] = {N_("The smart card service of this computer is not running."),
                       N_("Restart the computer, or ask your IT support to start the pcscd "
                          "service. Then start again in the service.")},
    [ERR_NO_READER] = {N_("No card reader was found."),
                       N_("Connect a card reader and start again in the service.")},
    [ERR_NO_CARD] = {N_("There is no card in the reader."),
                     N_("Put your card in the reader and start again in the service.")},
    [ERR_CARD_REMOVED] = {N_("The card was taken out too early."),
                          N_("Put the card back in. Keep it in the reader until the service says "
                             "that it is ready.")},
    [ERR_CARD_UNKNOWN] = {N_("Korttisilta does not know this card."),
                          N_("Use another card, or ask the issuer of the card which program it "
                             "works with.")},
    [ERR_CARD_IO] = {N_("The connection to the card was lost."),
                     N_("Take the card out, wipe the chip clean, put it back in and start again "
                        "in the service.")},
    [ERR_CARD_STATUS] = {N_("The card refused the operation."),
                         N_("Take the card out, put it back in and start again in the service. "
                            "If it happens again, contact the issuer of the card.")},
    [ERR_CARD_CHANGED] = {N_("The card was changed. Check the details again."), AGAIN},
    [ERR_PIN_WRONG] = {N_("%s was wrong."), AGAIN},
    [ERR_PIN_BLOCKED] =
        {N_("%s is locked, because it was wrong too many times."),
         N_("Unlock it in Korttisilta's card management with the PUK code that came "
            "to you in a letter. If you do not have the code, contact the issuer of "
            "the card.")},
    [ERR_PIN_FORMAT] = {N_("%s has the wrong number of digits. It was not sent to the card."),
                        AGAIN},
    [ERR_PIN_NOT_ACTIVATED] =
        {N_("The card has not been activated: %s has not been chosen yet."),
         N_("Activate it in Korttisilta's card management with the activation "
            "code that came to you in a letter. Then start again in the "
            "service.")},
    [ERR_PIN_LAST_TRY] = {N_("One try is left. %s was not sent to the card."), AGAIN},
    [ERR_PIN_REPEATED] =
        {N_("%s: the card has just refused the same digits. They were not sent again."),
         N_("Check which one is right before you try again.")},
    [ERR_PAD_TIMED_OUT] = {N_("%s was not typed on the card reader in time. No try was used."),
                           AGAIN},
    [ERR_PAD_FAILED] = {N_("The keypad of the card reader does not work. Type %s here."), AGAIN},
    [ERR_PIN_DIFFERS] = {N_("The new PIN and its repetition differ. Nothing was changed."), AGAIN},
    [ERR_CERT_NOT_FOUND] = {N_("The card has no certificate that fits this request."),
                            N_("Use another card, or ask the issuer of the card for a new one.")},
    [ERR_CERT_INVALID] = {N_("The certificate on the card has expired or can't be read."),
                          N_("Ask the issuer of the card for a new card.")},
    [ERR_ALG_UNSUPPORTED] = {N_("The card can't do what the service asks of it."), TELL},
    [ERR_SIGNATURE_BAD] = {N_("The card gave a faulty signature. It was thrown away."), SUPPORT},
    [ERR_CERT_REVOKED] = {N_("The issuer has revoked this certificate. It can't be used any more."),
                          N_("If you did not ask for it, contact the issuer of the card.")},
    [ERR_CERT_UNCHECKED] = {N_("It could not be found out if the certificate has been revoked."),
                            N_("Check the network connection and start again in the service. If it "
                               "happens again, contact the IT support of this computer.")},
    [ERR_PROMPT_FAILED] = {PROGRAM_ENDED, SUPPORT},
    [ERR_AGENT_DOWN] = {PROGRAM_ENDED, SUPPORT},
    [ERR_CLOSED] = {N_("The connection to the browser was lost."), AGAIN},
    [ERR_DECRYPT_FAILED] = {N_("The card could not decrypt what the service sent."),
                            N_("Check that the message was encrypted to this card. Then tell the "
                               "support of the service.")},
};

static enum err known(enum err e)
{
    return (unsigned)e < ERR_COUNT && errors[e].what != NULL ? e : ERR_INTERNAL;
}

const char *texts_next(enum err e)
{
    return _(errors[known(e)].next);
}

const char *texts_manage(enum err e)
{
    return e == ERR_PIN_BLOCKED         ? _("_Unlock in card management")
           : e == ERR_PIN_NOT_ACTIVATED ? _("_Activate in card management")
                                        : NULL;
}

/* Puts `with` in the place of the one %s, if there is one; the texts are our own. */
static char *fill(const char *text, const char *with)
{
    const char *mark = strstr(text, "%s");
    if (mark == NULL) {
        return g_strdup(text);
    }
    return g_strdup_printf("%.*s%s%s", (int)(mark - text), text, with, mark + 2);
}

char *texts_error(enum err e, uint8_t pin_index)
{
    return fill(_(errors[known(e)].what), texts_pin(pin_index));
}

char *texts_phase_error(enum ask_phase p, enum err e, uint8_t pin_index)
{
    bool said = e == ERR_OK || (p < COUNT(phases) && phases[p].same == e);
    return said ? NULL : texts_error(e, pin_index);
}

const char *texts_pin(uint8_t index)
{
    return index == 2 ? _("PIN2 (signature PIN)") : _("PIN1 (basic PIN)");
}

const char *texts_unusable(enum ask_usable u)
{
    static const char *const rows[] = {
        [ASK_USABLE] = "",
        [ASK_EXPIRED] = N_("The certificate has expired."),
        [ASK_NOT_YET_VALID] = N_("The certificate is not valid yet."),
        [ASK_OTHER_PURPOSE] = N_("The certificate is not meant for this."),
        [ASK_NOT_ACCEPTED] = N_("The service does not accept this certificate."),
        [ASK_PIN_BLOCKED] = N_("The PIN is locked. It can be unlocked with the PUK."),
        [ASK_REVOKED] = N_("The issuer has revoked the certificate."),
    };
    return u != ASK_USABLE && u < COUNT(rows) ? _(rows[u]) : "";
}

char *texts_tries(int8_t left)
{
    if (left < 0) {
        return NULL;
    }
    return g_strdup_printf(ngettext("%d try left", "%d tries left", (unsigned long)left), left);
}

char *texts_pin_hint(const struct ask_cert *c)
{
    char *tries = texts_tries(c->tries_left);
    char *digits = g_strdup_printf(_("%u–%u digits"), c->pin_min, c->pin_max);
    const char *where = c->on_reader ? _("typed on the card reader") : "";
    const char *dot = c->on_reader ? " · " : "";
    char *hint = g_strdup_printf("%s%s%s%s%s", where, dot, tries != NULL ? tries : "",
                                 tries != NULL ? " · " : "", digits);
    g_free(tries);
    g_free(digits);
    return hint;
}

char *texts_last_try(uint8_t pin_index)
{
    return fill(_("I understand that this is the last try. If the PIN is wrong, %s is locked."),
                texts_pin(pin_index));
}

char *texts_date(int64_t seconds)
{
    GDateTime *when = g_date_time_new_from_unix_local(seconds);
    if (when == NULL) {
        return g_strdup("?");
    }
    /* Translators: year, month, day as numbers: the way a date is written in numbers. */
    char *text = g_strdup_printf(_("%1$04d-%2$02d-%3$02d"), g_date_time_get_year(when),
                                 g_date_time_get_month(when), g_date_time_get_day_of_month(when));
    g_date_time_unref(when);
    return text;
}

char *texts_validity(const struct ask_cert *c)
{
    char *from = texts_date(c->not_before);
    char *to = texts_date(c->not_after);
    int64_t left = c->not_after - clock_calendar_s();
    char *text = NULL;
    if (c->usable == ASK_NOT_YET_VALID) {
        text = g_strdup_printf(_("valid from %s to %s"), from, to);
    } else if (left < 0) {
        text = g_strdup_printf(_("expired on %s"), to); /* it may still decrypt */
    } else if (c->usable == ASK_USABLE && left < SOON_DAYS * DAY_S) {
        int days = (int)(left / DAY_S);
        text = g_strdup_printf(ngettext("valid until %s – expires in %d day",
                                        "valid until %s – expires in %d days", (unsigned long)days),
                               to, days);
    } else {
        text = g_strdup_printf(_("valid until %s"), to);
    }
    g_free(from);
    g_free(to);
    return text;
}

char *texts_holder(const struct ask_cert *c)
{
    char *holder = texts_safe(c->holder);
    char *id = texts_safe(c->person_id);
    size_t len = strlen(holder);
    size_t tail = strlen(id);
    bool is_labelled = c->id_kind == ID_HSA || c->id_kind == ID_PERSONAL;
    if (is_labelled && len > tail + 1 && g_str_has_suffix(holder, id) &&
        holder[len - tail - 1] == ' ') {
        holder[len - tail - 1] = '\0';
    }
    g_free(id);
    return holder;
}

char *texts_identifier(const struct ask_cert *c)
{
    /* Translators: %s is the identifier. */
    static const char *const rows[ID_KINDS] = {
        [ID_OTHER] = N_("Identifier: %s"),
        [ID_SATU] = N_("Electronic client identifier: %s"),
        [ID_HSA] = N_("HSA-id: %s"),
        [ID_PERSONAL] = N_("Personal identity number: %s"),
    };
    char *id = texts_safe(c->person_id);
    char *holder = texts_holder(c);
    bool is_said = c->id_kind >= ID_KINDS || strstr(holder, id) != NULL;
    char *text = is_said ? NULL : fill(_(rows[c->id_kind]), id);
    g_free(holder);
    g_free(id);
    return text;
}

char *texts_employer(const struct ask_cert *c)
{
    char *name = texts_safe(c->employer);
    char *text = *name != '\0' ? g_strdup_printf(_("Employer: %s"), name) : NULL;
    g_free(name);
    return text;
}

const char *texts_certs(const struct ask_state *s)
{
    size_t usable = 0;
    for (size_t i = 0; i < s->n_certs; i++) {
        usable += s->certs[i].usable == ASK_USABLE ? 1 : 0;
    }
    return usable > 1                       ? _("Choose the certificate")
           : usable == 1 || s->n_certs == 0 ? _("Your certificate")
                                            : _("Certificates that can't be used");
}

char *texts_size(uint64_t bytes)
{
    if (bytes < 1000) {
        unsigned long n = (unsigned long)bytes;
        return g_strdup_printf(ngettext("%lu byte", "%lu bytes", n), n);
    }
    if (bytes < 1000 * 1000) {
        return g_strdup_printf(_("%u kB"), (unsigned)(bytes / 1000));
    }
    /* Translators: whole megabytes and tenths; change the sign between them where needed. */
    return g_strdup_printf(_("%llu.%u MB"), (unsigned long long)(bytes / 1000000),
                           (unsigned)(bytes % 1000000 / 100000));
}

static void append_hex(GString *to, struct span bytes, size_t group)
{
    for (size_t i = 0; i < bytes.len; i++) {
        if (group > 0 && i > 0 && i % group == 0) {
            g_string_append_c(to, ' ');
        }
        g_string_append_printf(to, "%02x", bytes.at[i]);
    }
}

char *texts_digest_short(const struct ask_document *d)
{
    GString *text = g_string_new(alg_hash_name(d->hash));
    g_string_append_c(text, ' ');
    append_hex(text, span_sub(d->digest, 0, 4), 0);
    g_string_append(text, "…");
    append_hex(text, span_sub(d->digest, d->digest.len - 4, 4), 0);
    return g_string_free(text, FALSE);
}

char *texts_digest_full(const struct ask_document *d)
{
    GString *text = g_string_new(NULL);
    append_hex(text, d->digest, 2);
    return g_string_free(text, FALSE);
}

/* Of valid UTF-8. Caller frees with g_free. */
static char *fold(const char *text)
{
    char *composed = g_utf8_normalize(text, -1, G_NORMALIZE_DEFAULT_COMPOSE);
    char *folded = g_utf8_casefold(composed, -1);
    g_free(composed);
    return folded;
}

bool texts_name_has(struct span name, const char *wanted)
{
    if (!g_utf8_validate(wanted, -1, NULL)) {
        return false;
    }
    char *safe = texts_safe(name);
    char *in = fold(safe);
    char *what = fold(wanted);
    bool has = strstr(in, what) != NULL;
    g_free(what);
    g_free(in);
    g_free(safe);
    return has;
}

char *texts_safe(struct span foreign)
{
    struct buf safe;
    buf_init(&safe, foreign.len + 1);
    enum err e = utf8_valid(foreign) ? utf8_append_safe(&safe, foreign) : ERR_MALFORMED;
    char *text =
        e == ERR_OK && safe.len > 0 ? g_strndup((const char *)safe.at, safe.len) : g_strdup("");
    buf_clear(&safe);
    return text;
}
