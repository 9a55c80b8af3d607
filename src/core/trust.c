#include "core/trust.h"

#include "base/limits.h"
#include "core/listener_cert.h"
#include "crypto/local_tls.h"
#include "os/paths.h"
#include "os/probe.h"
#include "os/spawn.h"
#include "os/store.h"
#include "os/stream.h"

#include <stdio.h>

#define TOOL       "/usr/bin/certutil"
#define NICKNAME   "Korttisilta localhost"
#define DAY_S      INT64_C(86400)
#define SAME_NAMES 8 /* of one nickname; more than one would be a leftover */

/* ---- the certificates ---- */

static enum err keep(void *user, int64_t period, struct span pem)
{
    char name[LISTENER_CERT_NAME];
    (void)user;
    listener_cert_name(period, name);
    return store_replace(STORE_STATE, name, pem);
}

enum err trust_issuer(struct buf *out)
{
    return store_read(STORE_STATE, LISTENER_CERT_ISSUER, out);
}

static bool is_good(struct span issuer, int64_t period)
{
    char name[LISTENER_CERT_NAME];
    struct buf pem;
    buf_init(&pem, LIMIT_ADMIN_FILE);
    listener_cert_name(period, name);
    bool good = store_read(STORE_STATE, name, &pem) == ERR_OK &&
                local_tls_is_good(buf_span(&pem), issuer, period);
    buf_clear(&pem);
    return good;
}

/* The last period ends one period before its issuer, which the listener may outlive by that. */
static bool all_are_good(struct span issuer, int64_t now, int days)
{
    int64_t end;
    if (local_tls_end(issuer, &end) != ERR_OK || end < now + days * DAY_S) {
        return false;
    }
    for (int64_t p = local_tls_period(now); p < local_tls_period(end) - 1; p++) {
        if (!is_good(issuer, p)) {
            return false;
        }
    }
    return is_good(issuer, local_tls_period(now));
}

/* Of issuers before: nobody asks for the past. */
static void forget(int64_t from, int64_t to)
{
    for (int64_t p = from; p < to; p++) {
        char name[LISTENER_CERT_NAME];
        listener_cert_name(p, name);
        store_remove(STORE_STATE, name);
    }
}

enum err trust_make(int64_t now, int days)
{
    struct buf issuer;
    buf_init(&issuer, LIMIT_ADMIN_FILE);
    if (trust_issuer(&issuer) == ERR_OK && all_are_good(buf_span(&issuer), now, days)) {
        buf_clear(&issuer);
        return ERR_OK;
    }
    buf_clear(&issuer);
    int64_t first = local_tls_period(now);
    enum err e = local_tls_make(now, keep, NULL, &issuer);
    if (e == ERR_OK) {
        e = store_replace(STORE_STATE, LISTENER_CERT_ISSUER, buf_span(&issuer));
    }
    forget(first - 2 * LOCAL_TLS_PERIODS, first);
    buf_clear(&issuer);
    return e;
}

/* ---- the stores ---- */

bool trust_has_tool(void)
{
    return probe_is_executable(TOOL);
}

/* Runs it to its end; what it prints is appended to `out`. True: its status was 0. */
static bool run_tool(const char *const argv[], struct buf *out)
{
    struct child child;
    enum err e = spawn_program(TOOL, argv, &child);
    if (e != ERR_OK) {
        return false;
    }
    while (e == ERR_OK) {
        uint8_t block[1024];
        size_t len = sizeof block;
        e = stream_read(child.fd, block, &len);
        if (e == ERR_OK) {
            e = buf_append(out, span_of(block, len));
        }
    }
    return spawn_wait_status(&child) == 0 && e == ERR_CLOSED;
}

static bool run_quietly(const char *const argv[])
{
    struct buf out;
    buf_init(&out, LIMIT_ADMIN_FILE);
    bool ok = run_tool(argv, &out);
    buf_clear(&out);
    return ok;
}

static void name_store(const struct browsers_store *store, char ret[BROWSERS_CAP + 8])
{
    snprintf(ret, BROWSERS_CAP + 8, "sql:%s", store->folder);
}

static bool export(const char *database, struct buf *out)
{
    const char *const argv[] = {"-L", "-d", database, "-n", NICKNAME, "-a", NULL};
    return run_tool(argv, out);
}

enum trust trust_look(const struct browsers_store *store, struct span issuer)
{
    char database[BROWSERS_CAP + 8];
    struct buf pem;
    name_store(store, database);
    const char *const list[] = {"-L", "-d", database, NULL};
    if (!run_quietly(list)) {
        return TRUST_UNKNOWN;
    }
    buf_init(&pem, LIMIT_ADMIN_FILE);
    enum trust trust = TRUST_NO;
    if (export(database, &pem)) {
        trust = local_tls_same(buf_span(&pem), issuer) ? TRUST_YES : TRUST_OLD;
    }
    buf_clear(&pem);
    return trust;
}

/* The store that Chromium and its kin share may be missing until one of them makes it. */
static bool make_store(const struct browsers_store *store, const char *database)
{
    static const char *const shared[] = {"/.pki", "/nssdb", NULL};
    char folder[BROWSERS_CAP], file[BROWSERS_CAP + 16];
    const char *const argv[] = {"-N", "-d", database, "--empty-password", NULL};
    snprintf(file, sizeof file, "%s/cert9.db", store->folder);
    return probe_is_file(file) ||
           (paths_in_home(shared, folder, sizeof folder) == ERR_OK && run_quietly(argv));
}

enum err trust_remove(const struct browsers_store *store)
{
    char database[BROWSERS_CAP + 8];
    struct buf pem;
    name_store(store, database);
    const char *const argv[] = {"-D", "-d", database, "-n", NICKNAME, NULL};
    buf_init(&pem, LIMIT_ADMIN_FILE);
    bool there = export(database, &pem);
    for (int i = 0; there && i < SAME_NAMES && run_quietly(argv); i++) {
        buf_clear(&pem);
        there = export(database, &pem);
    }
    buf_clear(&pem);
    return there ? ERR_CLOSED : ERR_OK;
}

enum err trust_add(const struct browsers_store *store)
{
    char database[BROWSERS_CAP + 8], issuer[BROWSERS_CAP];
    name_store(store, database);
    enum err e = store_path(STORE_STATE, LISTENER_CERT_ISSUER, issuer, sizeof issuer);
    if (e != ERR_OK || !make_store(store, database)) {
        return ERR_CLOSED;
    }
    /* Trusted to name servers, and for nothing else. */
    const char *const argv[] = {"-A", "-d",     database, "-t",   "C,,",
                                "-n", NICKNAME, "-i",     issuer, NULL};
    e = trust_remove(store);
    return e == ERR_OK && run_quietly(argv) ? ERR_OK : ERR_CLOSED;
}
