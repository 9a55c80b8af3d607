#include "core/fit.h"

#include "core/issuer_name.h"
#include "os/clock.h"

enum cert_use fit_use(const struct request *r)
{
    return r->method == METHOD_AUTHENTICATE || r->method == METHOD_DECRYPT ? CERT_AUTH : CERT_SIGN;
}

static bool names_issuer(const struct cert_filter *f, size_t i, const struct cert_info *info)
{
    return span_is(f->issuers[i], info->issuer) || span_is(f->issuers[i], info->issuer_name) ||
           (f->loose && issuer_name_same(f->issuers[i], span_str(info->issuer_name)));
}

static bool has_issuer(const struct cert_filter *f, const struct cert_info *info)
{
    for (size_t i = 0; i < f->n_issuers; i++) {
        if (names_issuer(f, i, info)) {
            return true;
        }
    }
    return f->n_issuers == 0;
}

static bool has_policy(const struct cert_filter *f, const struct cert_info *info)
{
    for (size_t i = 0; i < f->n_policies; i++) {
        for (size_t k = 0; k < info->n_policies; k++) {
            if (span_is(f->policies[i], info->policies[k])) {
                return true;
            }
        }
    }
    return f->n_policies == 0;
}

bool fit_filter(const struct cert_filter *f, const struct cert_info *info)
{
    return has_issuer(f, info) && has_policy(f, info) &&
           (f->holder.len == 0 || span_is(f->holder, info->person_id)) &&
           (info->key_usage & f->key_usage) == f->key_usage &&
           (f->key_kinds == 0 || (f->key_kinds & 1u << info->key.kind) != 0);
}

static bool is_for(const struct request *r, const struct cert_info *info)
{
    if (r->method == METHOD_DECRYPT) {
        return cert_is_decrypt(info);
    }
    return fit_use(r) == CERT_AUTH ? cert_is_auth(info) : cert_is_sign(info);
}

enum ask_usable fit_now(const struct request *r, const struct cert_info *info,
                        const struct card_key *key)
{
    int64_t now = clock_calendar_s();
    if (!is_for(r, info)) {
        return ASK_OTHER_PURPOSE;
    }
    if (!fit_filter(&r->filter, info) ||
        (r->certificate.len > 0 && !span_eq(r->certificate, buf_span(&key->cert)))) {
        return ASK_NOT_ACCEPTED;
    }
    /* What was encrypted stays readable for its owner. */
    if (now > info->not_after && r->method != METHOD_DECRYPT) {
        return ASK_EXPIRED;
    }
    if (now < info->not_before) {
        return ASK_NOT_YET_VALID;
    }
    bool usable = !msg_needs_pin(r->method) || (!key->pin_blocked && key->pin_activated);
    return usable ? ASK_USABLE : ASK_PIN_BLOCKED;
}
