#include "card/pkcs15_info.h"

#include "card/tlv.h"

#define TAG_INTEGER  0x02u
#define TAG_BITS     0x03u
#define TAG_OID      0x06u
#define TAG_SEQUENCE 0x30u
#define TAG_HASH     0xA0u /* RSASSA-PSS-params, RFC 8017 §A.2.3 */
#define TAG_SALT     0xA2u
#define TAG_ALGS     0xA2u

/* Operations: bit 1 is compute-signature. */
#define COMPUTE_SIGNATURE 0x40u

struct oid {
    uint8_t at[9];
    size_t len;
};

#define RSA(last)                                                                                  \
    {                                                                                              \
        {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, last}, 9                                  \
    }
#define ECDSA(last)                                                                                \
    {                                                                                              \
        {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04, 0x03, last}, 8                                        \
    }
#define SHA2(last)                                                                                 \
    {                                                                                              \
        {0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, last}, 9                                  \
    }

/* RFC 8017 §C, RFC 5758 §3.2 */
static const struct {
    struct oid oid;
    struct sig_alg alg;
} schemes[] = {
    {RSA(11), {SIG_RSA_PKCS1, HASH_SHA256}}, {RSA(12), {SIG_RSA_PKCS1, HASH_SHA384}},
    {RSA(13), {SIG_RSA_PKCS1, HASH_SHA512}}, {ECDSA(1), {SIG_ECDSA, HASH_SHA224}},
    {ECDSA(2), {SIG_ECDSA, HASH_SHA256}},    {ECDSA(3), {SIG_ECDSA, HASH_SHA384}},
    {ECDSA(4), {SIG_ECDSA, HASH_SHA512}},
};
static const struct oid oid_pss = RSA(10);

static const struct {
    struct oid oid;
    enum hash_alg hash;
} hashes[] = {
    {SHA2(1), HASH_SHA256},
    {SHA2(2), HASH_SHA384},
    {SHA2(3), HASH_SHA512},
};

static bool is_oid(struct span value, const struct oid *oid)
{
    return span_eq(value, span_of(oid->at, oid->len));
}

/* The hash stands as an AlgorithmIdentifier, on FINEID cards as its OID alone. */
static bool pss_hash(struct span parameters, enum hash_alg *ret)
{
    struct span hash, identifier, salt, number;
    if (tlv_find(parameters, TAG_HASH, &hash) != ERR_OK ||
        tlv_find(parameters, TAG_SALT, &salt) != ERR_OK ||
        tlv_find(salt, TAG_INTEGER, &number) != ERR_OK || number.len != 1) {
        return false;
    }
    if (tlv_find(hash, TAG_SEQUENCE, &identifier) == ERR_OK) {
        hash = identifier;
    }
    if (tlv_find(hash, TAG_OID, &hash) != ERR_OK) {
        return false;
    }
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        if (is_oid(hash, &hashes[i].oid) && number.at[0] == alg_hash_len(hashes[i].hash)) {
            *ret = hashes[i].hash;
            return true;
        }
    }
    return false;
}

static bool scheme_of(struct span oid, const struct tlv *parameters, struct sig_alg *ret)
{
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
        if (is_oid(oid, &schemes[i].oid)) {
            *ret = schemes[i].alg;
            return true;
        }
    }
    ret->scheme = SIG_RSA_PSS;
    return is_oid(oid, &oid_pss) && parameters->tag == TAG_SEQUENCE &&
           pss_hash(parameters->value, &ret->hash);
}

/* AlgorithmInfo: reference, algorithm, parameters, supportedOperations, objId, algRef. */
static bool parse_alg(struct span value, struct profile_alg *ret)
{
    struct tlv reference, mechanism, parameters, operations, oid, number;
    if (tlv_next(&value, &reference) != ERR_OK || tlv_next(&value, &mechanism) != ERR_OK ||
        tlv_next(&value, &parameters) != ERR_OK || tlv_next(&value, &operations) != ERR_OK ||
        tlv_next(&value, &oid) != ERR_OK || tlv_next(&value, &number) != ERR_OK) {
        return false;
    }
    struct span bits = operations.value, byte = number.value;
    if (operations.tag != TAG_BITS || bits.len < 2 || (bits.at[1] & COMPUTE_SIGNATURE) == 0 ||
        oid.tag != TAG_OID || number.tag != TAG_INTEGER) {
        return false;
    }
    byte = byte.len == 2 && byte.at[0] == 0 ? span_sub(byte, 1, 1) : byte;
    if (byte.len != 1 || !scheme_of(oid.value, &parameters, &ret->alg)) {
        return false;
    }
    ret->byte = byte.at[0];
    return true;
}

size_t pkcs15_info_algs(struct span info, struct profile_alg *ret, size_t cap)
{
    struct span body, algs;
    struct tlv t;
    size_t n = 0;
    if (tlv_find(info, TAG_SEQUENCE, &body) != ERR_OK ||
        tlv_find(body, TAG_ALGS, &algs) != ERR_OK) {
        return 0;
    }
    while (n < cap && tlv_next(&algs, &t) == ERR_OK) {
        n += t.tag == TAG_SEQUENCE && parse_alg(t.value, &ret[n]) ? 1 : 0;
    }
    return n;
}
