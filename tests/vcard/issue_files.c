/* What stands in each file of a card. */
#include "issue.h"

/* PACE with ECDH-GM and ECDH-CAM, AES-256, parameter 16. */
static const uint8_t card_access[] = {
    0x31, 0x28, 0x30, 0x12, 0x06, 0x0A, 0x04, 0x00, 0x7F, 0x00, 0x07, 0x02, 0x02, 0x04,
    0x02, 0x04, 0x02, 0x01, 0x02, 0x02, 0x01, 0x10, 0x30, 0x12, 0x06, 0x0A, 0x04, 0x00,
    0x7F, 0x00, 0x07, 0x02, 0x02, 0x04, 0x06, 0x04, 0x02, 0x01, 0x02, 0x02, 0x01, 0x10};

static enum err put_x509(struct buf *out, X509 *cert)
{
    uint8_t *der = NULL;
    int len = i2d_X509(cert, &der);
    if (len <= 0) {
        return ERR_INTERNAL;
    }
    enum err e = buf_append(out, span_of(der, (size_t)len));
    OPENSSL_free(der);
    return e;
}

enum err issue_file(const struct issue_order *o, const struct profile_file *f,
                    const struct issue_cas *cas, X509 *const *certs, struct buf *out)
{
    const struct profile *p = o->profile;
    switch (f->content) {
    case CONTENT_CARD_ACCESS:
        return buf_append(out, span_of(card_access, sizeof card_access));
    case CONTENT_DIR:
        return issue_dir(o, out);
    case CONTENT_ODF:
        return issue_odf(o, out);
    case CONTENT_TOKEN_INFO:
        return issue_token_info(o, out);
    case CONTENT_AODF:
        return issue_aodf(o, out);
    case CONTENT_PRKDF:
        return issue_prkdf(o, out);
    case CONTENT_CDF:
        return issue_cdf(o, out);
    case CONTENT_CDF_CA:
        return issue_cdf_ca(o, out);
    case CONTENT_KEY_CERT:
        return put_x509(out, certs[profile_key_of_file(p, f) - p->keys]);
    case CONTENT_CA_CERT:
        return put_x509(out, cas->of[p->ca].issuing);
    case CONTENT_ROOT_CERT:
        return put_x509(out, cas->of[p->ca].root);
    case CONTENT_MD_CARD_ID:
        return issue_md_card_id(o, out);
    case CONTENT_MD_INDEX:
        return issue_md_index(o, certs, out);
    case CONTENT_MD_CONTAINERS:
        return issue_md_containers(o, out);
    case CONTENT_MD_KEY_MAP:
        return issue_md_key_map(o, out);
    }
    return ERR_INTERNAL;
}
