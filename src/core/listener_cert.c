#include "core/listener_cert.h"

#include "base/limits.h"
#include "crypto/local_tls.h"
#include "os/spawn.h"
#include "os/store.h"

#include <stdio.h>

void listener_cert_name(int64_t period, char ret[LISTENER_CERT_NAME])
{
    snprintf(ret, LISTENER_CERT_NAME, "localhost-%lld.pem", (long long)period);
}

/* Private, as the store judges it: what others may have touched is not used. */
static bool is_there(const char *name)
{
    struct buf pem;
    buf_init(&pem, LIMIT_ADMIN_FILE);
    bool there = store_read(STORE_STATE, name, &pem) == ERR_OK;
    buf_clear(&pem);
    return there;
}

static void renew(void)
{
    static const char *const arguments[] = {"trust", "renew", NULL};
    struct child child;
    if (spawn_sibling("korttisilta", arguments, &child) == ERR_OK) {
        (void)spawn_wait_status(&child); /* what it has made is looked at */
    }
}

enum err listener_cert_ready(int64_t now, char *ret, size_t cap)
{
    char name[LISTENER_CERT_NAME];
    listener_cert_name(local_tls_period(now), name);
    if (!is_there(name)) {
        renew();
    }
    if (!is_there(name)) {
        return ERR_CERT_NOT_FOUND;
    }
    return store_path(STORE_STATE, name, ret, cap);
}

uint64_t listener_cert_stamp(int64_t now)
{
    char name[LISTENER_CERT_NAME];
    listener_cert_name(local_tls_period(now), name);
    return store_stamp(STORE_STATE, name);
}
