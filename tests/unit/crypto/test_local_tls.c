#include "crypto/local_tls.h"

#include "unit/test.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>

#define NOW INT64_C(1795500000) /* in 2026 */
#define DAY INT64_C(86400)

static struct buf pem, last, issuer_pem;
static EVP_PKEY *key;
static X509 *leaf, *issuer;
static int64_t periods[LOCAL_TLS_PERIODS + 1];
static size_t n_periods;

static enum err take(void *user, int64_t period, struct span text)
{
    (void)user;
    assert_true(n_periods < LOCAL_TLS_PERIODS);
    periods[n_periods++] = period;
    buf_clear(&last);
    return buf_append(n_periods == 1 ? &pem : &last, text);
}

static int set_up(void **state)
{
    (void)state;
    n_periods = 0;
    buf_init(&pem, 16384);
    buf_init(&last, 16384);
    buf_init(&issuer_pem, 16384);
    assert_int_equal(local_tls_make(NOW, take, NULL, &issuer_pem), ERR_OK);
    BIO *in = BIO_new_mem_buf(pem.at, (int)pem.len);
    key = PEM_read_bio_PrivateKey(in, NULL, NULL, NULL);
    leaf = PEM_read_bio_X509(in, NULL, NULL, NULL);
    issuer = PEM_read_bio_X509(in, NULL, NULL, NULL);
    assert_null(PEM_read_bio_X509(in, NULL, NULL, NULL));
    BIO_free(in);
    assert_true(key != NULL && leaf != NULL && issuer != NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    EVP_PKEY_free(key);
    X509_free(leaf);
    X509_free(issuer);
    buf_clear(&pem);
    buf_clear(&last);
    buf_clear(&issuer_pem);
    return 0;
}

static int verify(X509 *cert, int64_t at)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    assert_int_equal(X509_STORE_add_cert(store, issuer), 1);
    assert_int_equal(X509_STORE_CTX_init(ctx, store, cert, NULL), 1);
    X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(ctx), (time_t)at);
    int result = X509_verify_cert(ctx) == 1 ? X509_V_OK : X509_STORE_CTX_get_error(ctx);
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(store);
    return result;
}

static void a_leaf_serves_loopback_for_its_period_and_nothing_else(void **state)
{
    (void)state;
    assert_int_equal(verify(leaf, NOW), X509_V_OK);
    /* one period more, for a listener that was not started anew */
    int64_t end = (local_tls_period(NOW) + 2) * LOCAL_TLS_PERIOD_DAYS * DAY;
    assert_int_equal(verify(leaf, end - 1), X509_V_OK);
    assert_int_equal(verify(leaf, end + 1), X509_V_ERR_CERT_HAS_EXPIRED);
    assert_int_equal(verify(leaf, NOW - DAY), X509_V_ERR_CERT_NOT_YET_VALID);
    assert_int_equal(X509_check_host(leaf, "localhost", 0, 0, NULL), 1);
    assert_int_equal(X509_check_ip_asc(leaf, "127.0.0.1", 0), 1);
    assert_int_equal(X509_check_ip_asc(leaf, "::1", 0), 1);
    assert_int_equal(X509_check_host(leaf, "palvelu.example.fi", 0, 0, NULL), 0);
    assert_int_equal(X509_check_ip_asc(leaf, "127.0.0.2", 0), 0);
    assert_int_equal(X509_check_ca(leaf), 0);
    assert_int_equal(X509_get_key_usage(leaf), KU_DIGITAL_SIGNATURE);
    assert_int_equal(X509_get_extended_key_usage(leaf), XKU_SSL_SERVER);
    assert_int_equal(EVP_PKEY_get_bits(key), 256);
}

static void the_issuers_key_is_not_what_is_kept(void **state)
{
    (void)state;
    assert_int_equal(X509_check_private_key(leaf, key), 1);
    assert_int_equal(X509_check_private_key(issuer, key), 0);
    assert_int_equal(X509_get_key_usage(issuer), KU_KEY_CERT_SIGN);
    assert_int_equal(X509_get_pathlen(issuer), 0);
}

/* If the issuer's key had been stolen before it was gone: a certificate for another site, with
 * every name that it may have in turn. The key of the issuer is replaced by one that we hold. */
static void the_issuer_can_name_nothing_but_loopback(void **state)
{
    static const struct {
        const char *names;
        int want;
    } rows[] = {
        {"DNS:localhost", X509_V_OK},
        {"DNS:localhost,IP:127.0.0.1,IP:::1", X509_V_OK},
        {"DNS:palvelu.example.fi", X509_V_ERR_PERMITTED_VIOLATION},
        {"DNS:localhost,DNS:palvelu.example.fi", X509_V_ERR_PERMITTED_VIOLATION},
        {"DNS:localhost,IP:127.0.0.2", X509_V_ERR_PERMITTED_VIOLATION},
        {"DNS:localhost,IP:10.0.0.1", X509_V_ERR_PERMITTED_VIOLATION},
        {"DNS:localhost,IP:fe80::1", X509_V_ERR_PERMITTED_VIOLATION},
    };
    EVP_PKEY *stolen = EVP_EC_gen("P-256");
    (void)state;
    assert_int_equal(X509_set_pubkey(issuer, stolen), 1);
    assert_true(X509_sign(issuer, stolen, EVP_sha256()) > 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        X509 *cert = X509_dup(leaf);
        int at = X509_get_ext_by_NID(cert, NID_subject_alt_name, -1);
        X509_EXTENSION_free(X509_delete_ext(cert, at));
        at = X509_get_ext_by_NID(cert, NID_authority_key_identifier, -1);
        X509_EXTENSION_free(X509_delete_ext(cert, at));
        X509_EXTENSION *names =
            X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, rows[i].names);
        assert_int_equal(X509_add_ext(cert, names, -1), 1);
        X509_EXTENSION_free(names);
        assert_true(X509_sign(cert, stolen, EVP_sha256()) > 0);
        if (verify(cert, NOW) != rows[i].want) {
            fail_msg("%s: %s", rows[i].names, X509_verify_cert_error_string(verify(cert, NOW)));
        }
        X509_free(cert);
    }
    EVP_PKEY_free(stolen);
}

static void there_is_one_for_each_period_of_five_years(void **state)
{
    int64_t end;
    (void)state;
    assert_int_equal(n_periods, LOCAL_TLS_PERIODS);
    for (size_t i = 0; i < n_periods; i++) {
        assert_int_equal(periods[i], local_tls_period(NOW) + (int64_t)i);
    }
    assert_int_equal(local_tls_end(buf_span(&issuer_pem), &end), ERR_OK);
    assert_true(end > NOW + 5 * 365 * DAY && end < NOW + 6 * 365 * DAY);
    assert_int_equal(local_tls_end(span_str("x"), &end), ERR_CERT_INVALID);
    assert_true(local_tls_is_good(buf_span(&pem), buf_span(&issuer_pem), periods[0]));
    assert_false(local_tls_is_good(buf_span(&pem), buf_span(&issuer_pem), periods[0] + 2));
    assert_true(local_tls_is_good(buf_span(&last), buf_span(&issuer_pem), periods[n_periods - 1]));
    assert_false(local_tls_is_good(buf_span(&last), buf_span(&issuer_pem), periods[0]));
    assert_false(local_tls_is_good(buf_span(&pem), buf_span(&pem), periods[0])); /* the leaf's */
}

static void what_is_damaged_mixed_or_cut_is_not_good(void **state)
{
    struct buf mixed;
    (void)state;
    buf_init(&mixed, 16384);
    const uint8_t *cert = memmem(pem.at, pem.len, "-----BEGIN CERT", 15);
    const uint8_t *other_cert = memmem(last.at, last.len, "-----BEGIN CERT", 15);
    assert_true(cert != NULL && other_cert != NULL);
    size_t head = (size_t)(cert - pem.at);
    size_t other_head = (size_t)(other_cert - last.at);
    struct span by = buf_span(&issuer_pem);
    /* one's key, the other's certificate: each has a key of its own */
    assert_int_equal(buf_append(&mixed, span_sub(buf_span(&pem), 0, head)), ERR_OK);
    assert_int_equal(buf_append(&mixed, span_sub(buf_span(&last), other_head, last.len)), ERR_OK);
    assert_false(local_tls_is_good(buf_span(&mixed), by, periods[n_periods - 1]));
    assert_false(local_tls_is_good(span_of(NULL, 0), by, periods[0]));
    assert_false(local_tls_is_good(span_sub(buf_span(&pem), 0, pem.len - 100), by, periods[0]));
    assert_false(local_tls_is_good(span_sub(buf_span(&pem), head, pem.len), by, periods[0]));
    assert_false(local_tls_is_good(buf_span(&pem), span_of(NULL, 0), periods[0]));
    buf_clear(&mixed);
}

static enum err drop(void *user, int64_t period, struct span text)
{
    (void)period, (void)text;
    return (*(int *)user)-- > 0 ? ERR_OK : ERR_CLOSED;
}

static void two_rows_are_never_alike_and_a_row_breaks_off_when_it_is_not_taken(void **state)
{
    struct buf other;
    int takes = LOCAL_TLS_PERIODS;
    (void)state;
    buf_init(&other, 16384);
    assert_int_equal(local_tls_make(NOW, drop, &takes, &other), ERR_OK);
    assert_false(local_tls_same(buf_span(&other), buf_span(&issuer_pem)));
    assert_true(local_tls_same(buf_span(&issuer_pem), buf_span(&issuer_pem)));
    assert_false(local_tls_same(span_of(NULL, 0), span_of(NULL, 0)));
    assert_false(local_tls_is_good(buf_span(&pem), buf_span(&other), periods[0]));
    buf_clear(&other);
    takes = 3;
    assert_int_equal(local_tls_make(NOW, drop, &takes, &other), ERR_CLOSED);
    assert_int_equal(other.len, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_leaf_serves_loopback_for_its_period_and_nothing_else),
        TEST(the_issuers_key_is_not_what_is_kept),
        TEST(the_issuer_can_name_nothing_but_loopback),
        TEST(there_is_one_for_each_period_of_five_years),
        TEST(what_is_damaged_mixed_or_cut_is_not_good),
        TEST(two_rows_are_never_alike_and_a_row_breaks_off_when_it_is_not_taken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
