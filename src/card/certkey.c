#include "card/certkey.h"

#include "base/limits.h"
#include "card/tlv.h"

#define TAG_INTEGER  0x02u
#define TAG_BITS     0x03u
#define TAG_OID      0x06u
#define TAG_UTC_TIME 0x17u
#define TAG_TIME     0x18u
#define TAG_SEQUENCE 0x30u
#define TAG_VERSION  0xA0u

#define TAG_BYTES      0x04u
#define TAG_EXTENSIONS 0xA3u /* TBSCertificate.extensions */
#define TAG_POINT_NAME 0xA0u /* DistributionPoint.distributionPoint */
#define TAG_FULL_NAME  0xA0u /* DistributionPointName.fullName */
#define TAG_URI        0x86u /* GeneralName */

enum { VALIDITY = 2, SPKI = 4 };

#define RSA_BITS_MIN 1024u
#define RSA_BITS_MAX (LIMIT_SIGNATURE * 8)

static const uint8_t oid_rsa[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01};
static const uint8_t oid_crl_points[] = {0x55, 0x1D, 0x1F};
static const uint8_t oid_ec[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};

/* RFC 5480 §2.1.1.1 */
static const struct {
    uint8_t oid[8];
    size_t len;
    unsigned bits;
} curves[] = {
    {{0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07}, 8, 256},
    {{0x2B, 0x81, 0x04, 0x00, 0x22}, 5, 384},
    {{0x2B, 0x81, 0x04, 0x00, 0x23}, 5, 521},
};

/* The next object, which must have this tag. */
static enum err expect(struct span *rest, uint32_t tag, struct span *ret_value)
{
    struct tlv t;
    enum err e = tlv_next(rest, &t);
    if (e != ERR_OK || t.tag != tag) {
        return ERR_ALG_UNSUPPORTED;
    }
    *ret_value = t.value;
    return ERR_OK;
}

/* TBSCertificate from `signature` on. */
static enum err find_tbs(struct span der, struct span *ret)
{
    struct span cert, tbs, skipped;
    enum err e = expect(&der, TAG_SEQUENCE, &cert);
    if (e == ERR_OK) {
        e = expect(&cert, TAG_SEQUENCE, &tbs);
    }
    if (e == ERR_OK) {
        e = expect(&tbs, TAG_VERSION, &skipped);
    }
    if (e == ERR_OK) {
        e = expect(&tbs, TAG_INTEGER, &skipped); /* serialNumber */
    }
    if (e == ERR_OK) {
        *ret = tbs;
    }
    return e;
}

/* The n-th (from 0) of the SEQUENCEs signature, issuer, validity, subject, subjectPublicKeyInfo. */
static enum err find_sequence(struct span der, int n, struct span *ret)
{
    struct span tbs, found;
    enum err e = find_tbs(der, &tbs);
    for (int i = 0; e == ERR_OK && i <= n; i++) {
        e = expect(&tbs, TAG_SEQUENCE, &found);
    }
    if (e == ERR_OK) {
        *ret = found;
    }
    return e;
}

/* RSAPublicKey (RFC 8017 §A.1.1) in a BIT STRING without unused bits. */
static enum err rsa_bits(struct span bits, unsigned *ret)
{
    struct span inner = span_sub(bits, 1, bits.len), key, n;
    if (bits.len == 0 || bits.at[0] != 0) {
        return ERR_ALG_UNSUPPORTED;
    }
    enum err e = expect(&inner, TAG_SEQUENCE, &key);
    if (e == ERR_OK) {
        e = expect(&key, TAG_INTEGER, &n);
    }
    if (e != ERR_OK) {
        return e;
    }
    while (n.len > 0 && n.at[0] == 0) {
        n = span_sub(n, 1, n.len);
    }
    if (n.len < RSA_BITS_MIN / 8 || n.len > RSA_BITS_MAX / 8) {
        return ERR_ALG_UNSUPPORTED;
    }
    unsigned count = (unsigned)n.len * 8;
    for (uint8_t top = n.at[0]; (top & 0x80) == 0; top = (uint8_t)(top << 1)) {
        count--;
    }
    *ret = count;
    return ERR_OK;
}

static enum err curve_bits(struct span oid, unsigned *ret)
{
    for (size_t i = 0; i < sizeof curves / sizeof curves[0]; i++) {
        if (span_eq(oid, span_of(curves[i].oid, curves[i].len))) {
            *ret = curves[i].bits;
            return ERR_OK;
        }
    }
    return ERR_ALG_UNSUPPORTED;
}

enum err certkey_type(struct span der, struct key_type *ret)
{
    struct span spki, algorithm, oid, detail;
    struct key_type key;
    enum err e = find_sequence(der, SPKI, &spki);
    if (e == ERR_OK) {
        e = expect(&spki, TAG_SEQUENCE, &algorithm);
    }
    if (e == ERR_OK) {
        e = expect(&algorithm, TAG_OID, &oid);
    }
    if (e != ERR_OK) {
        return e;
    }
    if (span_eq(oid, span_of(oid_rsa, sizeof oid_rsa))) {
        key.kind = KEY_RSA;
        e = expect(&spki, TAG_BITS, &detail);
        e = e == ERR_OK ? rsa_bits(detail, &key.bits) : e;
    } else if (span_eq(oid, span_of(oid_ec, sizeof oid_ec))) {
        key.kind = KEY_EC;
        e = expect(&algorithm, TAG_OID, &detail);
        e = e == ERR_OK ? curve_bits(detail, &key.bits) : e;
    } else {
        e = ERR_ALG_UNSUPPORTED;
    }
    if (e == ERR_OK) {
        *ret = key;
    }
    return e;
}

static enum err digits_value(struct span digits, uint32_t *ret)
{
    uint32_t value = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (digits.at[i] < '0' || digits.at[i] > '9') {
            return ERR_CERT_INVALID;
        }
        value = value * 10 + (uint32_t)(digits.at[i] - '0');
    }
    *ret = value;
    return ERR_OK;
}

/* RFC 5280 §4.1.2.5: UTCTime has a year of two digits, 50 and later meaning 19xx. */
enum err certkey_not_before(struct span der, uint32_t *ret_day)
{
    struct span validity;
    struct tlv time;
    uint32_t day = 0;
    if (find_sequence(der, VALIDITY, &validity) != ERR_OK || tlv_next(&validity, &time) != ERR_OK) {
        return ERR_CERT_INVALID;
    }
    size_t width = time.tag == TAG_UTC_TIME ? 6 : 8;
    if ((time.tag != TAG_UTC_TIME && time.tag != TAG_TIME) || time.value.len < width) {
        return ERR_CERT_INVALID;
    }
    enum err e = digits_value(span_sub(time.value, 0, width), &day);
    if (e == ERR_OK && time.tag == TAG_UTC_TIME) {
        day += day < 500000 ? 20000000 : 19000000;
    }
    if (e == ERR_OK) {
        *ret_day = day;
    }
    return e;
}

/* ---- where the revocation list is ---- */

/* extnValue of the extension; `critical` may stand before it. */
static enum err find_extension(struct span der, struct span wanted, struct span *ret)
{
    struct span tbs, wrapped, all, one, oid;
    enum err e = find_tbs(der, &tbs);
    if (e != ERR_OK || tlv_find(tbs, TAG_EXTENSIONS, &wrapped) != ERR_OK ||
        expect(&wrapped, TAG_SEQUENCE, &all) != ERR_OK) {
        return ERR_CERT_INVALID;
    }
    while (expect(&all, TAG_SEQUENCE, &one) == ERR_OK) {
        if (expect(&one, TAG_OID, &oid) == ERR_OK && span_eq(oid, wanted)) {
            return tlv_find(one, TAG_BYTES, ret) == ERR_OK ? ERR_OK : ERR_CERT_INVALID;
        }
    }
    return ERR_CERT_INVALID;
}

static bool is_last_part(struct span uri, const char *file)
{
    struct span name = span_str(file);
    return uri.len > name.len && uri.at[uri.len - name.len - 1] == '/' &&
           span_eq(span_sub(uri, uri.len - name.len, uri.len), name);
}

static bool point_has(struct span point, const char *file)
{
    struct span name, full;
    struct tlv general;
    if (tlv_find(point, TAG_POINT_NAME, &name) != ERR_OK ||
        expect(&name, TAG_FULL_NAME, &full) != ERR_OK) {
        return false;
    }
    while (tlv_next(&full, &general) == ERR_OK) {
        if (general.tag == TAG_URI && is_last_part(general.value, file)) {
            return true;
        }
    }
    return false;
}

bool certkey_has_crl(struct span der, const char *file)
{
    struct span value, points, point;
    bool found = false;
    if (find_extension(der, span_of(oid_crl_points, sizeof oid_crl_points), &value) != ERR_OK ||
        expect(&value, TAG_SEQUENCE, &points) != ERR_OK) {
        return false;
    }
    while (!found && expect(&points, TAG_SEQUENCE, &point) == ERR_OK) {
        found = point_has(point, file);
    }
    return found;
}
