#include "core/inventory.h"

#include "base/enc.h"
#include "card/pcsc.h"
#include "card/profile.h"
#include "core/cert_lines.h"
#include "core/issuers.h"
#include "core/revoked.h"
#include "crypto/cert.h"
#include "ui/translate.h"

#include <inttypes.h>
#include <stdio.h>

#define PINS_MAX 4u

/* A card may lack one kind, and refuse what belongs to signatures when it has none; what can't be
 * read just now must not be taken for lacking. */
static enum err read_keys(struct card *card)
{
    enum err auth = card_read_keys(card, CERT_AUTH, 0);
    if (auth != ERR_OK && auth != ERR_CERT_NOT_FOUND) {
        return auth;
    }
    enum err sign = card_read_keys(card, CERT_SIGN, 0);
    return sign == ERR_CERT_NOT_FOUND || sign == ERR_CARD_STATUS ? auth : sign;
}

enum err inventory_open(const struct reader_state *reader, struct card **ret)
{
    struct card_io *io = NULL;
    struct card *card = NULL;
    enum err e = reader->mute ? ERR_CARD_IO : pcsc_open(reader->name, &io);
    if (e == ERR_OK) {
        e = card_open(io, &card);
    }
    if (e == ERR_OK) {
        e = read_keys(card);
    }
    if (e != ERR_OK) {
        card_free(&card);
        return e;
    }
    *ret = card;
    return ERR_OK;
}

static void print_revocation(const struct card *card, struct span cert)
{
    struct response with_chain;
    int64_t at = 0;
    response_init(&with_chain, METHOD_SIGN);
    enum err e = buf_append(&with_chain.certificate, cert);
    if (e == ERR_OK) {
        issuers_add_chain(ISSUERS_FOLDER, card, &with_chain);
        struct span issuer =
            with_chain.n_chain > 0 ? buf_span(&with_chain.chain[0]) : span_of(NULL, 0);
        e = revoked_ask_alone(cert, issuer, &at);
    }
    response_clear(&with_chain);
    printf("    %s: ", _("Revoked"));
    if (e == ERR_CERT_REVOKED) {
        char date[CERT_LINES_TIME];
        cert_lines_time(at, false, date);
        printf("%s %s\n", _("yes, since"), date);
    } else {
        printf("%s\n", e == ERR_OK ? _("no, says the issuer now") : _("it could not be found out"));
    }
}

static void print_key(const struct card *card, const struct card_key *key, bool check)
{
    struct cert_info info;
    printf("  %s:\n", key->use == CERT_AUTH ? _("Certificate for identification")
                                            : _("Certificate for signatures"));
    if (cert_parse(buf_span(&key->cert), &info) != ERR_OK) {
        printf("    %s\n", _("it can't be read"));
        return;
    }
    cert_lines_print(&info);
    if (check) {
        print_revocation(card, buf_span(&key->cert));
    }
}

static void print_tries(struct card *card)
{
    int8_t tries[PINS_MAX];
    size_t n = 0;
    if (card_read_tries(card, tries, PINS_MAX, &n) != ERR_OK) {
        return;
    }
    for (size_t i = 0; i < n; i++) {
        static const char *const names[] = {"", "PIN1", "PIN2", "PUK"};
        const char *name = names[card->profile->pins[i].index];
        if (tries[i] < 0) {
            printf("  %s: %s\n", name, _("the card does not tell how many tries are left"));
        } else if (tries[i] == 0) {
            printf("  %s: %s\n", name, _("locked"));
        } else {
            printf("  %s: ", name);
            printf(ngettext("%d try left", "%d tries left", (unsigned long)tries[i]), tries[i]);
            printf("\n");
        }
    }
}

static void print_hex(struct span bytes)
{
    struct buf text;
    buf_init(&text, 2 * LIMIT_ATR);
    if (enc_hex_encode(bytes, &text) == ERR_OK) {
        printf("%.*s\n", (int)text.len, (const char *)text.at);
    }
    buf_clear(&text);
}

/* True when a card was read. */
static bool print_reader(const struct reader_state *reader, bool check)
{
    struct card *card = NULL;
    printf("%s: %s\n", _("Reader"), reader->name);
    if (!reader->has_card) {
        printf("  %s\n", _("no card"));
        return false;
    }
    enum err e = inventory_open(reader, &card);
    if (e == ERR_CARD_UNKNOWN) {
        printf("  %s\n  ATR: ", _("This card is not known. Report this ATR:"));
        print_hex(span_of(reader->atr, reader->atr_len));
        return false;
    }
    if (e != ERR_OK) {
        printf("  %s (%s)\n", _("The card can't be read"), err_name(e));
        return false;
    }
    printf("  %s: %s\n", _("Card"), card->profile->name);
    if (check) {
        card_read_cas(card, 0);
    }
    for (size_t i = 0; i < card->n_keys; i++) {
        print_key(card, &card->keys[i], check);
    }
    print_tries(card);
    card_free(&card);
    return true;
}

int inventory_print(bool check)
{
    struct reader_state readers[LIMIT_READERS];
    size_t n = 0;
    bool any = false;
    enum err e = readers_list(readers, LIMIT_READERS, &n);
    if (e == ERR_PCSC_DOWN) {
        printf("%s\n", _("The smart card service (pcscd) is not running"));
        return 1;
    }
    if (e != ERR_OK || n == 0) {
        printf("%s\n", _("No smart card reader was found"));
        return 1;
    }
    for (size_t i = 0; i < n; i++) {
        any = print_reader(&readers[i], check) || any;
    }
    return any ? 0 : 1;
}
