#include "unit/card/replay.h"

#include "card/certkey.h"

/* The certificates of the replay files: the answers of a cold script's READ BINARYs. */
static void certificate_of(const char *file, size_t from, size_t to, struct buf *out)
{
    struct replay r;
    replay_init(&r, span_of(replay_atr_v4, sizeof replay_atr_v4));
    replay_file(&r, file);
    buf_init(out, LIMIT_CERT);
    for (size_t i = from; i < to; i++) {
        struct span answer = buf_span(&r.steps[i].answer);
        assert_int_equal(buf_append(out, span_sub(answer, 0, answer.len - 2)), ERR_OK);
    }
    replay_clear(&r);
}

static const struct {
    const char *file;
    size_t from, to; /* READ BINARYs */
    struct key_type key;
} certs[] = {
    {"v4_auth_cold.apdu", 3, 8, {KEY_EC, 384}},
    {"v31_auth_cold.apdu", 3, 11, {KEY_RSA, 3072}},
    {"v31_sign_cold.apdu", 3, 7, {KEY_EC, 256}},
};

static void kind_and_size_come_from_the_certificate(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof certs / sizeof certs[0]; i++) {
        struct buf der;
        struct key_type key = {KEY_RSA, 1};
        certificate_of(certs[i].file, certs[i].from, certs[i].to, &der);
        assert_int_equal(certkey_type(buf_span(&der), &key), ERR_OK);
        assert_int_equal(key.kind, certs[i].key.kind);
        assert_int_equal(key.bits, certs[i].key.bits);
        buf_clear(&der);
    }
}

static void a_cut_certificate_is_refused_at_every_length(void **state)
{
    struct buf der;
    (void)state;
    certificate_of(certs[1].file, certs[1].from, certs[1].to, &der);
    for (size_t len = 0; len < der.len; len++) {
        struct key_type key;
        uint8_t *exact = malloc(len + 1);
        assert_non_null(exact);
        memcpy(exact, der.at, len);
        assert_int_equal(certkey_type(span_of(exact, len), &key), ERR_ALG_UNSUPPORTED);
        free(exact);
    }
    buf_clear(&der);
}

static void a_changed_byte_never_leads_out_of_the_certificate(void **state)
{
    (void)state;
    for (size_t c = 0; c < sizeof certs / sizeof certs[0]; c++) {
        struct buf der;
        certificate_of(certs[c].file, certs[c].from, certs[c].to, &der);
        for (size_t i = 0; i < der.len; i++) {
            struct key_type key = {KEY_RSA, 2048};
            der.at[i] ^= 0xFF;
            enum err e = certkey_type(buf_span(&der), &key);
            assert_true(e == ERR_OK || e == ERR_ALG_UNSUPPORTED);
            assert_true(alg_signature_len(key) <= LIMIT_SIGNATURE);
            der.at[i] ^= 0xFF;
        }
        buf_clear(&der);
    }
}

/* version, serialNumber, signature, issuer, validity, subject, key */
static void the_first_day_comes_from_the_certificate(void **state)
{
    static const struct {
        const char *not_before;
        uint32_t day; /* 0: refused */
    } rows[] = {
        {"170D 323630313133303030303030 5A", 20260113}, /* 260113000000Z */
        {"170D 343931323331303030303030 5A", 20491231},
        {"170D 353030313031303030303030 5A", 19500101},
        {"180F 3230353130313031303030303030 5A", 20510101},
        {"1706 323630313133", 20260113},
        {"1705 3236303131", 0},
        {"1807 32303531303130", 0},
        {"170D 3236303141333030303030305A", 0},
        {"020D 3236303131333030303030305A", 0},
        {"", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf time, der;
        uint32_t day = 7;
        buf_init(&time, 64);
        buf_init(&der, LIMIT_CERT);
        replay_hex(rows[i].not_before, strlen(rows[i].not_before), &time);
        uint8_t n = (uint8_t)time.len;
        const uint8_t head[] = {0x30, (uint8_t)(n + 20),
                                0x30, (uint8_t)(n + 18),
                                0xA0, 0x03,
                                0x02, 0x01,
                                0x02, 0x02,
                                0x01, 0x01,
                                0x30, 0x00,
                                0x30, 0x00,
                                0x30, n};
        const uint8_t tail[] = {0x30, 0x00, 0x30, 0x00};
        assert_int_equal(buf_append(&der, span_of(head, sizeof head)), ERR_OK);
        assert_int_equal(buf_append(&der, buf_span(&time)), ERR_OK);
        assert_int_equal(buf_append(&der, span_of(tail, sizeof tail)), ERR_OK);
        enum err e = certkey_not_before(buf_span(&der), &day);
        assert_int_equal(e, rows[i].day == 0 ? ERR_CERT_INVALID : ERR_OK);
        assert_int_equal(day, rows[i].day == 0 ? 7 : rows[i].day);
        buf_clear(&time);
        buf_clear(&der);
    }
}

/* 30 <len> <parts>, all shorter than 128 bytes. */
#define CRL_OID "0603551D1F"
#define URI     "8610 687474703A2F2F612F62 2F632E63726C" /* http://a/b/c.crl */

static void the_revocation_list_comes_from_the_certificate(void **state)
{
    static const struct {
        const char *extensions; /* content of [3] */
        const char *file;
        bool has;
    } rows[] = {
        {"3023 3021" CRL_OID "041A 3018 3016 A014 A012" URI, "c.crl", true},
        {"3023 3021" CRL_OID "041A 3018 3016 A014 A012" URI, "b/c.crl", true},
        {"3023 3021" CRL_OID "041A 3018 3016 A014 A012" URI, ".crl", false},
        {"3023 3021" CRL_OID "041A 3018 3016 A014 A012" URI, "bc.crl", false},
        {"3023 3021" CRL_OID "041A 3018 3016 A014 A012" URI, "http://a/b/c.crl", false},
        /* critical, and another extension before it */
        {"302E 3006 0601 2A 0401 00 3024" CRL_OID "0101FF 041A 3018 3016 A014 A012" URI, "c.crl",
         true},
        /* a second name, a second point */
        {"3025 3023" CRL_OID "041C 301A 3018 A016 A014 8600" URI, "c.crl", true},
        {"3025 3023" CRL_OID "041C 301A 3000 3016 A014 A012" URI, "c.crl", true},
        /* another kind of name, another extension */
        {"3023 3021" CRL_OID "041A 3018 3016 A014 A012 8210 687474703A2F2F612F62 2F632E63726C",
         "c.crl", false},
        {"3023 3021 0603551D1E 041A 3018 3016 A014 A012" URI, "c.crl", false},
        {"3023 3021" CRL_OID "041A 3018 3016 A014 A112" URI, "c.crl", false},
        {"3023 3021" CRL_OID "041A 3018 3016 A114 A012" URI, "c.crl", false},
        {"", "c.crl", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct buf extensions, der;
        buf_init(&extensions, 128);
        buf_init(&der, LIMIT_CERT);
        replay_hex(rows[i].extensions, strlen(rows[i].extensions), &extensions);
        uint8_t n = (uint8_t)extensions.len;
        const uint8_t head[] = {0x30, (uint8_t)(n + 22),
                                0x30, (uint8_t)(n + 20),
                                0xA0, 0x03,
                                0x02, 0x01,
                                0x02, 0x02,
                                0x01, 0x01,
                                0x30, 0x00,
                                0x30, 0x00,
                                0x30, 0x00,
                                0x30, 0x00,
                                0x30, 0x00,
                                0xA3, n};
        assert_int_equal(buf_append(&der, span_of(head, sizeof head)), ERR_OK);
        assert_int_equal(buf_append(&der, buf_span(&extensions)), ERR_OK);
        assert_int_equal(certkey_has_crl(buf_span(&der), rows[i].file), rows[i].has);
        for (size_t len = 0; len < der.len; len++) {
            uint8_t *exact = malloc(len + 1);
            assert_non_null(exact);
            memcpy(exact, der.at, len);
            assert_false(certkey_has_crl(span_of(exact, len), rows[i].file));
            free(exact);
        }
        buf_clear(&extensions);
        buf_clear(&der);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kind_and_size_come_from_the_certificate),
        cmocka_unit_test(a_cut_certificate_is_refused_at_every_length),
        cmocka_unit_test(the_revocation_list_comes_from_the_certificate),
        cmocka_unit_test(the_first_day_comes_from_the_certificate),
        cmocka_unit_test(a_changed_byte_never_leads_out_of_the_certificate),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
