#include "crypto/chain.h"

#include "unit/crypto/test_certs.h"

#include <openssl/pem.h>

#define CA "basicConstraints", "critical,CA:TRUE", "keyUsage", "critical,keyCertSign"

static struct test_cert root, middle, impostor, leaf;

static int set_up(void **state)
{
    (void)state;
    root = test_cert_issue(&(struct test_spec){"P-256", "Root", {NULL}, NULL, -9, 9, {CA}});
    middle = test_cert_issue(&(struct test_spec){"P-256", "CA", {NULL}, &root, -9, 9, {CA}});
    /* The same names and another key. */
    impostor = test_cert_issue(&(struct test_spec){"P-256", "CA", {NULL}, &root, -9, 9, {CA}});
    leaf = test_cert_issue(&(struct test_spec){"P-256", "M", {NULL}, &middle, -9, 9, {NULL}});
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_cert_free(&root);
    test_cert_free(&middle);
    test_cert_free(&impostor);
    test_cert_free(&leaf);
    return 0;
}

static size_t build(const struct test_cert *const *pool, size_t n, struct buf ret[LIMIT_CHAIN])
{
    struct chain_pool *p = NULL;
    assert_int_equal(chain_pool_open(&p), ERR_OK);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(chain_pool_add(p, test_der(pool[i])), 1);
    }
    for (size_t i = 0; i < LIMIT_CHAIN; i++) {
        buf_init(&ret[i], LIMIT_CERT);
    }
    size_t found = chain_build(p, test_der(&leaf), ret);
    chain_pool_free(&p);
    return found;
}

static void clear(struct buf ret[LIMIT_CHAIN])
{
    for (size_t i = 0; i < LIMIT_CHAIN; i++) {
        buf_clear(&ret[i]);
    }
}

static void the_issuer_comes_first_and_the_root_last(void **state)
{
    const struct test_cert *const pool[] = {&root, &impostor, &middle};
    struct buf ret[LIMIT_CHAIN];
    (void)state;
    assert_int_equal(build(pool, 3, ret), 2);
    assert_true(span_eq(buf_span(&ret[0]), test_der(&middle)));
    assert_true(span_eq(buf_span(&ret[1]), test_der(&root)));
    clear(ret);
}

static void a_chain_ends_where_an_issuer_is_missing(void **state)
{
    const struct test_cert *const no_root[] = {&middle};
    const struct test_cert *const no_issuer[] = {&root, &impostor};
    struct buf ret[LIMIT_CHAIN];
    (void)state;
    assert_int_equal(build(no_root, 1, ret), 1);
    clear(ret);
    assert_int_equal(build(no_issuer, 2, ret), 0);
    assert_int_equal(build(NULL, 0, ret), 0);
    clear(ret);
}

static void takes_pem_bundles_and_no_certificate_that_is_no_ca(void **state)
{
    struct chain_pool *p = NULL;
    char *text;
    (void)state;
    BIO *out = BIO_new(BIO_s_mem());
    const struct test_cert *const all[] = {&root, &leaf, &middle};
    for (size_t i = 0; i < 3; i++) {
        X509 *x = test_x509(all[i]);
        assert_int_equal(PEM_write_bio_X509(out, x), 1);
        X509_free(x);
    }
    long len = BIO_get_mem_data(out, &text);
    assert_int_equal(chain_pool_open(&p), ERR_OK);
    assert_int_equal(chain_pool_add(p, span_of(text, (size_t)len)), 2);
    assert_int_equal(chain_pool_add(p, test_der(&leaf)), 0);
    assert_int_equal(chain_pool_add(p, span_str("no certificate")), 0);
    assert_int_equal(chain_pool_add(p, span_of(NULL, 0)), 0);
    chain_pool_free(&p);
    BIO_free(out);
}

static void the_signature_decides_not_the_name(void **state)
{
    const struct test_cert *const pool[] = {&root, &middle};
    struct buf ret[LIMIT_CHAIN];
    (void)state;
    leaf.der[leaf.der_len - 1] ^= 1;
    assert_int_equal(build(pool, 2, ret), 0);
    leaf.der[leaf.der_len - 1] ^= 1;
    clear(ret);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_issuer_comes_first_and_the_root_last),
        cmocka_unit_test(a_chain_ends_where_an_issuer_is_missing),
        cmocka_unit_test(takes_pem_bundles_and_no_certificate_that_is_no_ca),
        cmocka_unit_test(the_signature_decides_not_the_name),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
