#include "core/verify_command.h"

#include "core/cert_lines.h"
#include "core/issuers.h"
#include "core/revoked.h"
#include "core/signed_file.h"
#include "core/signed_json.h"
#include "os/clock.h"
#include "ui/translate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

struct words {
    const char *file, *content;
    const char *cas[LIMIT_ADMIN_FILES];
    size_t n_cas;
    bool check, json;
};

/* ---- what is said of one signature ---- */

static const char *state_line(enum signed_state state)
{
    static const char *const rows[] = {
        [SIGNED_HOLDS] = N_("The signature holds: the document is as it was signed."),
        [SIGNED_CHANGED] =
            N_("The signature does NOT hold: the document or the signature has been changed."),
        [SIGNED_UNREADABLE] = N_("The signature can't be judged: this program does not know its "
                                 "form, its algorithm or its key."),
    };
    return _(rows[state]);
}

static const char *trust_line(enum signed_trust trust)
{
    static const char *const rows[] = {
        [TRUST_FULL] = N_("yes"),
        [TRUST_EXPIRED] = N_("no longer: the certificate has expired"),
        [TRUST_NOT_YET] = N_("not yet: the certificate is not valid yet"),
        [TRUST_UNCHECKED] = N_("not known: the issuer could not be asked if it is revoked"),
        [TRUST_USAGE] = N_("no: the certificate is not one for signatures"),
        [TRUST_NO_PATH] = N_("no: the certificate leads to no CA that this computer knows"),
        [TRUST_REVOKED] = N_("no: the issuer has revoked the certificate"),
    };
    return _(rows[trust]);
}

static void print_format(const struct signed_row *row)
{
    struct sig_alg alg = row->by.alg;
    bool is_rsa = alg.scheme != SIG_ECDSA;
    printf("    %s: %s, %s%s%s, %s\n", _("Form"), signed_json_format(row),
           alg_crypto_name(alg.scheme), is_rsa ? " " : "",
           is_rsa ? alg_padding_name(alg.scheme) : "", alg_hash_name(alg.hash));
}

static void print_covers(const struct signed_row *row)
{
    if (row->added == 0) {
        printf("    %s: %s\n", _("Signed"), _("all of it"));
        return;
    }
    printf("    %s: ", _("Signed"));
    printf(_("the first %" PRIu64 " bytes; %" PRIu64 " were added afterwards"), row->covers,
           row->added);
    printf("\n");
}

/* The issuer is asked only about what would be trusted otherwise. */
static void check_revocation(struct signed_by *by)
{
    if (by->state != SIGNED_HOLDS || by->trust != TRUST_FULL) {
        return;
    }
    int64_t at;
    enum err e = revoked_ask_alone(buf_span(&by->cert), buf_span(&by->issuer), &at);
    by->trust = e == ERR_OK ? TRUST_FULL : e == ERR_CERT_REVOKED ? TRUST_REVOKED : TRUST_UNCHECKED;
}

static void print_row(const struct signed_file *f, size_t i)
{
    const struct signed_row *row = &f->rows[i];
    char when[CERT_LINES_TIME];
    if (f->n > 1) {
        printf("  %s %zu/%zu\n", _("Signature"), i + 1, f->n);
    }
    printf("  %s\n", state_line(row->by.state));
    if (row->by.state == SIGNED_UNREADABLE) {
        return;
    }
    cert_lines_print(&row->by.info);
    if (row->by.state != SIGNED_HOLDS) {
        return;
    }
    printf("    %s: %s\n", _("Trusted"), trust_line(row->by.trust));
    if (row->by.root[0] != '\0') {
        printf("    %s: %s\n", _("Root"), row->by.root);
    }
    if (row->said_at != 0) {
        cert_lines_time(row->said_at, true, when);
        printf("    %s: %s (%s)\n", _("Time"), when, _("by the clock of who signed"));
    }
    print_format(row);
    print_covers(row);
}

static const char *verdict_line(const struct signed_file *f, enum signed_verdict verdict)
{
    switch (verdict) {
    case VERDICT_HOLDS:
        return _("Every signature holds, and its certificate is trusted.");
    case VERDICT_UNREADABLE:
        return f->n == 0 ? _("There is no signature in the file that this program can find.")
                         : _("Not every signature could be judged.");
    case VERDICT_CHANGED:
        return _("Not every signature holds. Do not rely on the file.");
    case VERDICT_UNTRUSTED:
        return _("Every signature holds, but not every certificate is trusted.");
    case VERDICT_ADDED:
        return _("Every signature holds, but something was added to the file after the last one.");
    }
    return "";
}

static int print_file(const struct words *w, const struct signed_file *f)
{
    enum signed_verdict verdict = signed_file_verdict(f);
    if (w->json) {
        return signed_json_print(w->file, f) ? (int)verdict : 1;
    }
    printf("%s\n", w->file);
    for (size_t i = 0; i < f->n; i++) {
        print_row(f, i);
    }
    printf("%s\n", verdict_line(f, verdict));
    return (int)verdict;
}

/* ---- the command ---- */

static int explain(const struct words *w, enum signed_problem problem)
{
    static const char *const rows[] = {
        [PROBLEM_FILE] = N_("it can't be read, or is larger than 256 MiB"),
        [PROBLEM_CONTENT] = N_("it can't be read, or is larger than 256 MiB"),
        [PROBLEM_NO_CONTENT] = N_("the document is not inside: give its file as the second word"),
        [PROBLEM_NOT_WANTED] = N_("a PDF file holds its signatures: give no second word"),
        [PROBLEM_MEMORY] = N_("there is not enough memory"),
    };
    const char *name = problem == PROBLEM_CONTENT ? w->content : w->file;
    fprintf(stderr, "%s: %s\n", name, _(rows[problem]));
    return 1;
}

static int explain_ca(const char *name)
{
    fprintf(stderr, "%s: %s\n", name, _("there is no certificate of a CA in it"));
    return 1;
}

/* The administrator's CAs, or those that were named instead. */
static bool read_cas(const struct words *w, struct chain_pool *pool, const char **ret_bad)
{
    if (w->n_cas == 0) {
        issuers_read_folder(ISSUERS_FOLDER, pool);
    }
    for (size_t i = 0; i < w->n_cas; i++) {
        struct buf file;
        bool ok = signed_file_read(w->cas[i], LIMIT_ADMIN_FILE, &file) &&
                  chain_pool_add(pool, buf_span(&file)) > 0;
        buf_clear(&file);
        if (!ok) {
            *ret_bad = w->cas[i];
            return false;
        }
    }
    return true;
}

static int verify(const struct words *w)
{
    struct chain_pool *pool = NULL;
    struct signed_file file = {0};
    const char *bad = NULL;
    int status = 1;
    if (chain_pool_open(&pool) != ERR_OK) {
        return explain(w, PROBLEM_MEMORY);
    }
    if (!read_cas(w, pool, &bad)) {
        status = explain_ca(bad);
    } else {
        enum signed_problem problem =
            signed_file_open(w->file, w->content, pool, clock_calendar_s(), &file);
        for (size_t i = 0; w->check && i < file.n; i++) {
            check_revocation(&file.rows[i].by);
        }
        status = problem == PROBLEM_NONE ? print_file(w, &file) : explain(w, problem);
    }
    signed_file_clear(&file);
    chain_pool_free(&pool);
    return status;
}

static int usage(void)
{
    fprintf(stderr, "%s\n",
            _("usage: korttisilta verify [--ca FILE]... [--check] [--json] FILE [CONTENT]"));
    return 2;
}

static bool read_option(struct words *w, int *at, int argc, char **argv)
{
    const char *word = argv[*at];
    if (strcmp(word, "--check") == 0) {
        w->check = true;
    } else if (strcmp(word, "--json") == 0) {
        w->json = true;
    } else if (strcmp(word, "--ca") == 0 && *at + 1 < argc && w->n_cas < LIMIT_ADMIN_FILES) {
        w->cas[w->n_cas++] = argv[++*at];
    } else {
        return false;
    }
    return true;
}

int verify_command_run(int argc, char **argv)
{
    struct words w = {0};
    bool only_names = false; /* after "--" */
    for (int i = 0; i < argc; i++) {
        if (!only_names && strcmp(argv[i], "--") == 0) {
            only_names = true;
        } else if (!only_names && argv[i][0] == '-') {
            if (!read_option(&w, &i, argc, argv)) {
                return usage();
            }
        } else if (w.file == NULL) {
            w.file = argv[i];
        } else if (w.content == NULL) {
            w.content = argv[i];
        } else {
            return usage();
        }
    }
    return w.file != NULL ? verify(&w) : usage();
}
