/* vcard-issue: personalises one card folder under a small test CA. */
#include "folder.h"
#include "issue.h"

#include "base/log.h"
#include "base/wipe.h"

#include <openssl/pem.h>
#include <openssl/rand.h>

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SERIAL_MAX 20u
#define TIME_LEN   16u
#define DAY_S      86400

struct texts {
    char serial[SERIAL_MAX + 1];
    char not_before[TIME_LEN];
    char not_after[TIME_LEN];
};

static const char usage[] =
    "vcard-issue --ca DIR --card DIR --profile NAME\n"
    "    [--given NAME] [--surname NAME] [--satu 99900335E]     the holder\n"
    "    [--serial TEXT]                                        of the card; random when left out\n"
    "    [--pin1 1234] [--pin2 123456] [--puk 12345678]         else what the profile has\n"
    "    [--activation puk|preset]                              a card that waits for its holder\n"
    "    [--code 7654321]                                       in both PINs, with preset\n"
    "    [--certs N]                                            only the first N keys\n"
    "    [--not-before 2024-01-31] [--not-after 2029-01-30]     days, or 2024-01-31T12:00:00Z\n"
    "    [--days N]                                             valid since yesterday, for N days\n"
    "    [--ocsp URL] [--ca-issuers URL] [--crl URL]            written into the certificates\n"
    "    [--list]                                               names of the profiles\n";

/* Letters and digits only, as the printed serial number of a card. */
static bool make_serial(char *ret)
{
    static const char letters[] = "0123456789ABCDEFHJKLMNPRSTUVWXYZ";
    uint8_t bytes[9];
    if (RAND_bytes(bytes, sizeof bytes) != 1) {
        return false;
    }
    memcpy(ret, "KSTEST0", 8);
    for (size_t i = 0; i < sizeof bytes; i++) {
        ret[7 + i] = letters[bytes[i] % 32];
    }
    ret[16] = '\0';
    return true;
}

/* Copies the digits of `text` where it has the form of `form` (0 stands for any digit). */
static bool take_digits(const char *text, const char *form, char *ret)
{
    size_t n = 0;
    if (strlen(text) != strlen(form)) {
        return false;
    }
    for (size_t i = 0; form[i] != '\0'; i++) {
        bool digit = text[i] >= '0' && text[i] <= '9';
        if (form[i] == '0' ? !digit : text[i] != form[i]) {
            return false;
        }
        if (digit) {
            ret[n++] = text[i];
        }
    }
    ret[n] = '\0';
    return true;
}

/* "2024-01-31" or "2024-01-31T12:00:00Z" to GeneralizedTime. */
static bool to_time(const char *iso, const char *time_of_day, char *ret)
{
    char digits[TIME_LEN];
    bool day = take_digits(iso, "0000-00-00", digits);
    if (!day && !take_digits(iso, "0000-00-00T00:00:00Z", digits)) {
        return false;
    }
    snprintf(ret, TIME_LEN, "%.14s%s", digits, day ? time_of_day : "Z");
    return true;
}

static bool set_satu(struct issue_person *who, const char *satu)
{
    size_t len = strlen(satu);
    if ((len != 8 && len != 9) || strspn(satu, "0123456789") < 8) {
        return false;
    }
    char check = issue_satu_check(satu);
    if (len == 9 && satu[8] != check) {
        return false;
    }
    snprintf(who->satu, sizeof who->satu, "%.8s%c", satu, check);
    return true;
}

/* What a new card holds for this PIN. */
static const char *value_of(const struct issue_order *o, const struct profile_pin *row)
{
    const char *asked = row->is_puk ? o->puk : row->signs ? o->pin2 : o->pin1;
    if (o->activation == ACTIVATION_PRESET && !row->is_puk) {
        return o->code;
    }
    return asked != NULL ? asked : row->preset;
}

static enum err write_pins(const struct issue_order *o)
{
    struct folder f = {.profile = o->profile};
    snprintf(f.path, sizeof f.path, "%s", o->card_folder);
    for (size_t i = 0; i < o->profile->n_pins; i++) {
        const struct profile_pin *row = &o->profile->pins[i];
        f.pins[i] = (struct folder_pin){
            .row = row,
            .tries = row->tries,
            .invalid = o->activation == ACTIVATION_PUK && !row->is_puk,
            .changed = o->activation == 0 || row->is_puk,
        };
        enum err e = folder_pin_set(&f.pins[i], value_of(o, row));
        if (e != ERR_OK) {
            fprintf(stderr, "vcard-issue: %s: not a value for this PIN\n", row->label);
            return e;
        }
    }
    enum err e = folder_save_pins(&f);
    wipe(f.pins, sizeof f.pins);
    return e;
}

static enum err write_key(const struct issue_order *o, const struct profile_key *row, EVP_PKEY *key)
{
    char name[32];
    char *at;
    BIO *bio = BIO_new(BIO_s_mem());
    folder_key_name(row, name, sizeof name);
    enum err e = ERR_INTERNAL;
    if (bio != NULL && PEM_write_bio_PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1) {
        long len = BIO_get_mem_data(bio, &at);
        e = folder_write(o->card_folder, name, span_of(at, (size_t)len));
    }
    BIO_free(bio);
    return e;
}

static enum err write_files(const struct issue_order *o, const struct issue_cas *cas,
                            X509 *const *certs)
{
    const struct profile *p = o->profile;
    enum err e = ERR_OK;
    struct buf content;
    buf_init(&content, FOLDER_FILE_MAX);
    for (size_t i = 0; i < p->n_files && e == ERR_OK; i++) {
        char name[32];
        if (!folder_has_file(p, &p->files[i], o->n_keys)) {
            continue;
        }
        folder_file_name(&p->files[i], name, sizeof name);
        buf_truncate(&content, 0);
        e = issue_file(o, &p->files[i], cas, certs, &content);
        if (e == ERR_OK) {
            e = folder_write(o->card_folder, name, buf_span(&content));
        }
    }
    buf_clear(&content);
    return e;
}

static enum err write_card(const struct issue_order *o, const struct issue_cas *cas,
                           EVP_PKEY *const *keys)
{
    X509 *certs[FOLDER_KEYS] = {NULL};
    char line[48];
    enum err e = folder_create(o->card_folder, o->profile);
    for (size_t i = 0; i < o->n_keys && e == ERR_OK; i++) {
        const struct profile_key *row = &o->profile->keys[i];
        certs[i] = issue_cert_person(o, row, keys[i], &cas->of[issue_family(o->profile, row)]);
        e = certs[i] != NULL ? write_key(o, row, keys[i]) : ERR_CERT_INVALID;
    }
    if (e == ERR_OK) {
        e = write_files(o, cas, certs);
    }
    if (e == ERR_OK) {
        e = write_pins(o);
    }
    if (e == ERR_OK) {
        snprintf(line, sizeof line, "%s %zu\n", o->profile->name, o->n_keys);
        e = folder_write(o->card_folder, "profile", span_str(line));
    }
    for (size_t i = 0; i < o->n_keys; i++) {
        X509_free(certs[i]);
    }
    return e;
}

static bool open_cas(const struct issue_order *o, struct issue_cas *ret)
{
    bool wanted[CA_COUNT] = {false};
    bool ok = true;
    wanted[o->profile->ca] = true;
    for (size_t i = 0; i < o->n_keys; i++) {
        wanted[issue_family(o->profile, &o->profile->keys[i])] = true;
    }
    for (size_t i = 0; ok && i < CA_COUNT; i++) {
        ok = !wanted[i] || issue_ca_open(o->ca_folder, (enum ca_family)i, &ret->of[i]);
    }
    return ok;
}

static int issue(const struct issue_order *o)
{
    enum key_shape shapes[FOLDER_KEYS];
    EVP_PKEY *keys[FOLDER_KEYS] = {NULL};
    struct issue_cas cas;
    enum err e = ERR_INTERNAL;
    memset(&cas, 0, sizeof cas);
    for (size_t i = 0; i < o->n_keys; i++) {
        shapes[i] = o->profile->keys[i].shape;
    }
    if (!open_cas(o, &cas)) {
        fprintf(stderr, "vcard-issue: %s: no CA there and none could be made\n", o->ca_folder);
    } else if (issue_make_keys(shapes, o->n_keys, keys)) {
        e = write_card(o, &cas, keys);
    }
    for (size_t i = 0; i < o->n_keys; i++) {
        EVP_PKEY_free(keys[i]);
    }
    for (size_t i = 0; i < CA_COUNT; i++) {
        issue_ca_close(&cas.of[i]);
    }
    if (e != ERR_OK) {
        fprintf(stderr, "vcard-issue: %s\n", err_name(e));
    }
    return e == ERR_OK ? 0 : 1;
}

static int list(void)
{
    for (size_t i = 0; profile_at(i) != NULL; i++) {
        puts(profile_at(i)->name);
    }
    return 0;
}

enum option_id {
    OPT_CA = 1,
    OPT_CARD,
    OPT_PROFILE,
    OPT_GIVEN,
    OPT_SURNAME,
    OPT_SATU,
    OPT_SERIAL,
    OPT_PIN1,
    OPT_PIN2,
    OPT_PUK,
    OPT_ACTIVATION,
    OPT_CODE,
    OPT_CERTS,
    OPT_NOT_BEFORE,
    OPT_NOT_AFTER,
    OPT_DAYS,
    OPT_OCSP,
    OPT_CA_ISSUERS,
    OPT_CRL,
    OPT_LIST,
    OPT_COUNT
};

static const struct option options[] = {
    {"ca", required_argument, NULL, OPT_CA},
    {"card", required_argument, NULL, OPT_CARD},
    {"profile", required_argument, NULL, OPT_PROFILE},
    {"given", required_argument, NULL, OPT_GIVEN},
    {"surname", required_argument, NULL, OPT_SURNAME},
    {"satu", required_argument, NULL, OPT_SATU},
    {"serial", required_argument, NULL, OPT_SERIAL},
    {"pin1", required_argument, NULL, OPT_PIN1},
    {"pin2", required_argument, NULL, OPT_PIN2},
    {"puk", required_argument, NULL, OPT_PUK},
    {"activation", required_argument, NULL, OPT_ACTIVATION},
    {"code", required_argument, NULL, OPT_CODE},
    {"certs", required_argument, NULL, OPT_CERTS},
    {"days", required_argument, NULL, OPT_DAYS},
    {"not-before", required_argument, NULL, OPT_NOT_BEFORE},
    {"not-after", required_argument, NULL, OPT_NOT_AFTER},
    {"ocsp", required_argument, NULL, OPT_OCSP},
    {"ca-issuers", required_argument, NULL, OPT_CA_ISSUERS},
    {"crl", required_argument, NULL, OPT_CRL},
    {"list", no_argument, NULL, OPT_LIST},
    {NULL, 0, NULL, 0},
};

static bool take_serial(const char *given, char *ret)
{
    if (given == NULL) {
        return make_serial(ret);
    }
    snprintf(ret, SERIAL_MAX + 1, "%s", given);
    return strlen(given) >= 9 && strlen(given) <= SERIAL_MAX;
}

static bool take_number(const char *text, unsigned long max, unsigned long *ret)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);
    *ret = value;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && value >= 1 && value <= max;
}

/* Since yesterday, for so many days: whatever the clock says, such a card is valid and ends soon.
 */
static bool take_days(const char *text, struct texts *t)
{
    unsigned long days;
    time_t from = time(NULL) - DAY_S;
    struct tm parts;
    if (!take_number(text, 10000, &days)) {
        return false;
    }
    time_t until = from + (time_t)days * DAY_S;
    return gmtime_r(&from, &parts) != NULL &&
           strftime(t->not_before, TIME_LEN, "%Y%m%d%H%M%SZ", &parts) == TIME_LEN - 1 &&
           gmtime_r(&until, &parts) != NULL &&
           strftime(t->not_after, TIME_LEN, "%Y%m%d%H%M%SZ", &parts) == TIME_LEN - 1;
}

/* Cards that bear a preset code are issued since 2026-01-13, and software tells them by that. */
static bool take_validity(const char *const *given, bool preset, struct texts *t)
{
    const char *from = given[OPT_NOT_BEFORE];
    if (from == NULL) {
        from = preset ? "2026-01-20" : "2024-01-25";
    }
    if (given[OPT_DAYS] != NULL) {
        return given[OPT_NOT_BEFORE] == NULL && take_days(given[OPT_DAYS], t);
    }
    return to_time(from, "000000Z", t->not_before) &&
           to_time(given[OPT_NOT_AFTER], "235959Z", t->not_after);
}

static bool take_activation(const char *text, struct issue_order *o)
{
    if (text == NULL) {
        return true;
    }
    o->activation = strcmp(text, "puk") == 0      ? ACTIVATION_PUK
                    : strcmp(text, "preset") == 0 ? ACTIVATION_PRESET
                                                  : 0;
    return (o->profile->activations & o->activation) != 0;
}

static bool take_certs(const char *text, struct issue_order *o)
{
    unsigned long n = o->profile->n_keys;
    bool ok = text == NULL || take_number(text, o->profile->n_keys, &n);
    o->n_keys = n;
    return ok;
}

/* Fills the order from the texts of the command line; tells what is wrong. */
static const char *order(const char *const *given, struct issue_order *o, struct texts *t)
{
    *o = (struct issue_order){.ca_folder = given[OPT_CA],
                              .card_folder = given[OPT_CARD],
                              .person = {given[OPT_GIVEN], given[OPT_SURNAME], ""},
                              .urls = {given[OPT_OCSP], given[OPT_CA_ISSUERS], given[OPT_CRL]},
                              .serial = t->serial,
                              .pin1 = given[OPT_PIN1],
                              .pin2 = given[OPT_PIN2],
                              .puk = given[OPT_PUK],
                              .code = given[OPT_CODE],
                              .not_before = t->not_before,
                              .not_after = t->not_after};
    if (o->ca_folder == NULL || o->card_folder == NULL || given[OPT_PROFILE] == NULL) {
        return "--ca, --card and --profile must be given";
    }
    o->profile = profile_find(given[OPT_PROFILE]);
    if (o->profile == NULL) {
        return "no such profile; --list shows them";
    }
    if (!set_satu(&o->person, given[OPT_SATU])) {
        return "--satu: eight digits and their check character";
    }
    if (!take_activation(given[OPT_ACTIVATION], o)) {
        return "--activation: not a scheme of this card";
    }
    if (!take_certs(given[OPT_CERTS], o)) {
        return "--certs: not so many on this card";
    }
    if (!take_validity(given, o->activation == ACTIVATION_PRESET, t)) {
        return "--not-before, --not-after: 2024-01-31 or 2024-01-31T12:00:00Z; or --days alone";
    }
    return take_serial(given[OPT_SERIAL], t->serial) ? NULL : "--serial: 9 to 20 characters";
}

int main(int argc, char **argv)
{
    const char *given[OPT_COUNT] = {[OPT_GIVEN] = "Maija",
                                    [OPT_SURNAME] = "Meikäläinen",
                                    [OPT_SATU] = "99900335E",
                                    [OPT_CODE] = "7654321",
                                    [OPT_NOT_AFTER] = "2034-01-23",
                                    [OPT_OCSP] = "http://ocsp.korttisilta.invalid/kstp1",
                                    [OPT_CA_ISSUERS] =
                                        "http://proxy.korttisilta.invalid/ca/kstp1.crt"};
    struct issue_order o;
    struct texts t;
    int opt;
    log_open("vcard-issue");
    while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
        if (opt == OPT_LIST) {
            return list();
        }
        if (opt == '?') {
            fputs(usage, stderr);
            return 2;
        }
        given[opt] = optarg;
    }
    const char *wrong = optind == argc ? order(given, &o, &t) : "too many arguments";
    if (wrong != NULL) {
        fprintf(stderr, "vcard-issue: %s\n%s", wrong, usage);
        return 2;
    }
    return issue(&o);
}
