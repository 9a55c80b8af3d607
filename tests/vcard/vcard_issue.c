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

#define SERIAL_MAX 20u
#define TIME_LEN   16u

struct texts {
    char serial[SERIAL_MAX + 1];
    char not_before[TIME_LEN];
    char not_after[TIME_LEN];
};

static const char usage[] =
    "vcard-issue --ca DIR --card DIR --profile NAME\n"
    "    [--given NAME] [--surname NAME] [--satu 99900335E]     the holder\n"
    "    [--serial TEXT]                                        of the card; random when left out\n"
    "    [--pin1 1234] [--pin2 123456] [--puk 12345678]\n"
    "    [--not-before 2024-01-31] [--not-after 2029-01-30]     days, or 2024-01-31T12:00:00Z\n"
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

static enum err write_pins(const struct issue_order *o)
{
    struct folder f = {.profile = o->profile};
    snprintf(f.path, sizeof f.path, "%s", o->card_folder);
    for (size_t i = 0; i < o->profile->n_pins; i++) {
        const struct profile_pin *row = &o->profile->pins[i];
        const char *digits = row->is_puk ? o->puk : row->signs ? o->pin2 : o->pin1;
        f.pins[i] = (struct folder_pin){.row = row, .tries = row->tries, .changed = true};
        enum err e = folder_pin_set(&f.pins[i], digits);
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

static enum err write_files(const struct issue_order *o, const struct issue_ca *ca,
                            X509 *const *certs)
{
    enum err e = ERR_OK;
    struct buf content;
    buf_init(&content, FOLDER_FILE_MAX);
    for (size_t i = 0; i < o->profile->n_files && e == ERR_OK; i++) {
        char name[32];
        folder_file_name(&o->profile->files[i], name, sizeof name);
        buf_truncate(&content, 0);
        e = issue_file(o, &o->profile->files[i], ca, certs, &content);
        if (e == ERR_OK) {
            e = folder_write(o->card_folder, name, buf_span(&content));
        }
    }
    buf_clear(&content);
    return e;
}

static enum err write_card(const struct issue_order *o, const struct issue_ca *ca,
                           EVP_PKEY *const *keys)
{
    X509 *certs[FOLDER_KEYS] = {NULL};
    char line[40];
    enum err e = folder_create(o->card_folder);
    for (size_t i = 0; i < o->profile->n_keys && e == ERR_OK; i++) {
        certs[i] = issue_cert_person(o, &o->profile->keys[i], keys[i], ca);
        e = certs[i] != NULL ? write_key(o, &o->profile->keys[i], keys[i]) : ERR_CERT_INVALID;
    }
    if (e == ERR_OK) {
        e = write_files(o, ca, certs);
    }
    if (e == ERR_OK) {
        e = write_pins(o);
    }
    if (e == ERR_OK) {
        snprintf(line, sizeof line, "%s\n", o->profile->name);
        e = folder_write(o->card_folder, "profile", span_str(line));
    }
    for (size_t i = 0; i < o->profile->n_keys; i++) {
        X509_free(certs[i]);
    }
    return e;
}

static int issue(const struct issue_order *o)
{
    enum key_shape shapes[FOLDER_KEYS];
    EVP_PKEY *keys[FOLDER_KEYS] = {NULL};
    struct issue_ca ca;
    enum err e = ERR_INTERNAL;
    for (size_t i = 0; i < o->profile->n_keys; i++) {
        shapes[i] = o->profile->keys[i].shape;
    }
    if (!issue_ca_open(o->ca_folder, o->profile->ca, &ca)) {
        fprintf(stderr, "vcard-issue: %s: no CA there and none could be made\n", o->ca_folder);
        return 1;
    }
    if (issue_make_keys(shapes, o->profile->n_keys, keys)) {
        e = write_card(o, &ca, keys);
    }
    for (size_t i = 0; i < o->profile->n_keys; i++) {
        EVP_PKEY_free(keys[i]);
    }
    issue_ca_close(&ca);
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
    OPT_NOT_BEFORE,
    OPT_NOT_AFTER,
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
    if (!to_time(given[OPT_NOT_BEFORE], "000000Z", t->not_before) ||
        !to_time(given[OPT_NOT_AFTER], "235959Z", t->not_after)) {
        return "--not-before, --not-after: 2024-01-31 or 2024-01-31T12:00:00Z";
    }
    return take_serial(given[OPT_SERIAL], t->serial) ? NULL : "--serial: 9 to 20 characters";
}

int main(int argc, char **argv)
{
    const char *given[OPT_COUNT] = {[OPT_GIVEN] = "Maija",
                                    [OPT_SURNAME] = "Meikäläinen",
                                    [OPT_SATU] = "99900335E",
                                    [OPT_PIN1] = "1234",
                                    [OPT_PIN2] = "123456",
                                    [OPT_PUK] = "12345678",
                                    [OPT_NOT_BEFORE] = "2024-01-25",
                                    [OPT_NOT_AFTER] = "2034-01-23",
                                    [OPT_OCSP] = "http://ocsp.korttisilta.invalid/kstp1",
                                    [OPT_CA_ISSUERS] =
                                        "http://proxy.korttisilta.invalid/ca/kstp1.crt",
                                    [OPT_CRL] = "http://proxy.korttisilta.invalid/crl/kstp1c.crl"};
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
