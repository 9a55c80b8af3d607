#include "card/pkcs15_info.h"

#include "card/tlv.h"

#define TAG_INTEGER  0x02u
#define TAG_BITS     0x03u
#define TAG_OID      0x06u
#define TAG_SEQUENCE 0x30u
#define TAG_HASH     0xA0u /* RSASSA-PSS-params, RFC 8017 §A.2.3 */
#define TAG_SALT     0xA2u
#define TAG_ALGS     0xA2u

/* Operations: bit 1, bit 5. */
#define COMPUTE_SIGNATURE 0x40u
#define DECIPHER          0x04u

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
static const struct oid oid_rsa = RSA(1);
static const struct oid oid_oaep = RSA(7);
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
static bool hash_of(struct span value, enum hash_alg *ret)
{
    struct span identifier, oid;
    if (tlv_find(value, TAG_SEQUENCE, &identifier) == ERR_OK) {
        value = identifier;
    }
    if (tlv_find(value, TAG_OID, &oid) != ERR_OK) {
        return false;
    }
    for (size_t i = 0; i < sizeof hashes / sizeof hashes[0]; i++) {
        if (is_oid(oid, &hashes[i].oid)) {
            *ret = hashes[i].hash;
            return true;
        }
    }
    return false;
}

static bool pss_hash(struct span parameters, enum hash_alg *ret)
{
    struct span hash, salt, number;
    return tlv_find(parameters, TAG_HASH, &hash) == ERR_OK &&
           tlv_find(parameters, TAG_SALT, &salt) == ERR_OK &&
           tlv_find(salt, TAG_INTEGER, &number) == ERR_OK && number.len == 1 &&
           hash_of(hash, ret) && number.at[0] == alg_hash_len(*ret);
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
struct info {
    struct tlv parameters;
    uint8_t operations;
    struct span oid;
    uint8_t number;
};

static bool parse_info(struct span value, struct info *ret)
{
    struct tlv reference, mechanism, operations, oid, number;
    if (tlv_next(&value, &reference) != ERR_OK || tlv_next(&value, &mechanism) != ERR_OK ||
        tlv_next(&value, &ret->parameters) != ERR_OK || tlv_next(&value, &operations) != ERR_OK ||
        tlv_next(&value, &oid) != ERR_OK || tlv_next(&value, &number) != ERR_OK) {
        return false;
    }
    struct span byte = number.value;
    byte = byte.len == 2 && byte.at[0] == 0 ? span_sub(byte, 1, 1) : byte;
    if (operations.tag != TAG_BITS || operations.value.len < 2 || oid.tag != TAG_OID ||
        number.tag != TAG_INTEGER || byte.len != 1) {
        return false;
    }
    ret->operations = operations.value.at[1];
    ret->oid = oid.value;
    ret->number = byte.at[0];
    return true;
}

/* The next one of the list that can be read and does the operation; *rest is what comes after. */
static bool next_info(struct span *rest, uint8_t operation, struct info *ret)
{
    struct tlv t;
    while (tlv_next(rest, &t) == ERR_OK) {
        if (t.tag == TAG_SEQUENCE && parse_info(t.value, ret) &&
            (ret->operations & operation) != 0) {
            return true;
        }
    }
    return false;
}

static struct span algorithms_of(struct span info)
{
    struct span body, algs;
    bool found =
        tlv_find(info, TAG_SEQUENCE, &body) == ERR_OK && tlv_find(body, TAG_ALGS, &algs) == ERR_OK;
    return found ? algs : span_of(NULL, 0);
}

size_t pkcs15_info_algs(struct span info, struct profile_alg *ret, size_t cap)
{
    struct span rest = algorithms_of(info);
    struct info one;
    size_t n = 0;
    while (n < cap && next_info(&rest, COMPUTE_SIGNATURE, &one)) {
        ret[n].byte = one.number;
        n += scheme_of(one.oid, &one.parameters, &ret[n].alg) ? 1 : 0;
    }
    return n;
}

/* RSAES-OAEP-params (RFC 8017 §A.2.1): without a hash it is SHA-1. */
static bool dec_of(const struct info *info, enum dec_alg *ret)
{
    static const enum dec_alg oaep[HASH_COUNT] = {DEC_OAEP_SHA224, DEC_OAEP_SHA256, DEC_OAEP_SHA384,
                                                  DEC_OAEP_SHA512};
    struct span hash;
    enum hash_alg alg;
    bool is_oaep = is_oid(info->oid, &oid_oaep);
    *ret = is_oaep ? DEC_OAEP_SHA1 : DEC_RSA_PKCS1;
    if (!is_oaep || info->parameters.tag != TAG_SEQUENCE ||
        tlv_find(info->parameters.value, TAG_HASH, &hash) != ERR_OK) {
        return is_oaep || is_oid(info->oid, &oid_rsa);
    }
    if (!hash_of(hash, &alg)) {
        return false;
    }
    *ret = oaep[alg];
    return true;
}

size_t pkcs15_info_decs(struct span info, struct profile_dec ret[DEC_COUNT])
{
    struct span rest = algorithms_of(info);
    struct info one;
    size_t n = 0;
    ret[n++] = (struct profile_dec){DEC_ECDH, 0};
    while (n < DEC_COUNT && next_info(&rest, DECIPHER, &one)) {
        ret[n].byte = one.number;
        n += dec_of(&one, &ret[n].alg) ? 1 : 0;
    }
    return n;
}
