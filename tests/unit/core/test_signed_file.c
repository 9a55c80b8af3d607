#include "core/signed_file.h"

#include "unit/crypto/test_certs.h"
#include "unit/os/scratch.h"

#include <openssl/cms.h>
#include <time.h>

#define DAY   86400L
#define TEXT  "a contract"
#define ROOM  4000 /* bytes of Contents */
#define PLACE "[0 0000000000 0000000000 0000000000]"
#define CA    "basicConstraints", "critical,CA:TRUE", "keyUsage", "critical,keyCertSign"

static struct test_cert root, signer, stranger;
static struct chain_pool *pool;

static int set_up(void **state)
{
    root = test_cert_issue(&(struct test_spec){"P-256", "Root", {NULL}, NULL, -DAY, DAY, {CA}});
    signer = test_cert_issue(&(struct test_spec){
        "P-256", "Maija", {NULL}, &root, -DAY, DAY, {"keyUsage", "nonRepudiation"}});
    stranger = test_cert_issue(&(struct test_spec){
        "P-256", "Other", {NULL}, NULL, -DAY, DAY, {"keyUsage", "nonRepudiation"}});
    assert_int_equal(chain_pool_open(&pool), ERR_OK);
    assert_int_equal(chain_pool_add(pool, test_der(&root)), 1);
    return scratch_make(state);
}

static int tear_down(void **state)
{
    test_cert_free(&root);
    test_cert_free(&signer);
    test_cert_free(&stranger);
    chain_pool_free(&pool);
    return scratch_drop(state);
}

struct made {
    char text[32768];
    size_t len;
};

static void put(struct made *m, const void *bytes, size_t len)
{
    assert_true(m->len + len < sizeof m->text);
    memcpy(m->text + m->len, bytes, len);
    m->len += len;
    m->text[m->len] = '\0';
}

static void put_text(struct made *m, const char *text)
{
    put(m, text, strlen(text));
}

static struct made sign(const struct test_cert *by, struct span content, unsigned flags)
{
    struct made ret = {.len = 0};
    unsigned char *der = NULL;
    X509 *x = test_x509(by);
    BIO *in = BIO_new_mem_buf(content.at, (int)content.len);
    CMS_ContentInfo *info = CMS_sign(x, by->key, NULL, in, CMS_BINARY | CMS_CADES | flags);
    assert_non_null(info);
    int len = i2d_CMS_ContentInfo(info, &der);
    put(&ret, der, (size_t)len);
    OPENSSL_free(der);
    CMS_ContentInfo_free(info);
    BIO_free(in);
    X509_free(x);
    return ret;
}

/* Adds a signature over the file so far and itself. */
static void sign_pdf(struct made *m, const struct test_cert *by, const char *sub_filter,
                     unsigned flags)
{
    char range[sizeof PLACE];
    put_text(m, "\n2 0 obj <</Type/Sig/SubFilter/");
    put_text(m, sub_filter);
    put_text(m, "/Contents");
    size_t begin = m->len;
    put_text(m, "<");
    for (int i = 0; i < ROOM; i++) {
        put_text(m, "00");
    }
    put_text(m, ">");
    size_t end = m->len;
    put_text(m, "/ByteRange");
    size_t at = m->len;
    put_text(m, PLACE ">>endobj\ntrailer\n%%EOF\n");
    snprintf(range, sizeof range, "[0 %010zu %010zu %010zu]", begin, end, m->len - end);
    memcpy(m->text + at, range, strlen(range));
    struct made covered = {.len = 0};
    put(&covered, m->text, begin);
    put(&covered, m->text + end, m->len - end);
    struct made der = sign(by, span_of(covered.text, covered.len), flags);
    assert_true(der.len <= ROOM);
    for (size_t i = 0; i < der.len; i++) {
        char digits[3];
        snprintf(digits, sizeof digits, "%02X", (uint8_t)der.text[i]);
        memcpy(m->text + begin + 1 + 2 * i, digits, 2);
    }
}

static struct made pdf_of(const struct test_cert *by, const char *sub_filter, unsigned flags)
{
    struct made m = {.len = 0};
    put_text(&m, "%PDF-1.7\n1 0 obj <</Type/Catalog/Title(" TEXT ")>> endobj\n");
    sign_pdf(&m, by, sub_filter, flags);
    return m;
}

static struct made pdf(const struct test_cert *by)
{
    struct made m = pdf_of(by, "ETSI.CAdES.detached", CMS_DETACHED);
    return m;
}

static char *save(const char *name, const struct made *m)
{
    static char paths[4][128];
    static size_t turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", scratch, name);
    FILE *out = fopen(path, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(m->text, 1, m->len, out), m->len);
    assert_int_equal(fclose(out), 0);
    return path;
}

static struct signed_file look(const struct made *file, const struct made *content,
                               enum signed_problem problem)
{
    struct signed_file f;
    const char *beside = content != NULL ? save("content", content) : NULL;
    assert_int_equal(signed_file_open(save("file", file), beside, pool, (int64_t)time(NULL), &f),
                     problem);
    return f;
}

static enum signed_verdict judge(const struct made *file, const struct made *content)
{
    struct signed_file f = look(file, content, PROBLEM_NONE);
    enum signed_verdict ret = signed_file_verdict(&f);
    signed_file_clear(&f);
    return ret;
}

static void a_pdf_holds_until_a_byte_of_it_is_another(void **state)
{
    struct made m = pdf(&signer);
    (void)state;
    struct signed_file f = look(&m, NULL, PROBLEM_NONE);
    assert_true(f.is_pdf);
    assert_int_equal(f.n, 1);
    assert_int_equal(signed_file_verdict(&f), VERDICT_HOLDS);
    assert_int_equal(f.rows[0].covers, m.len);
    assert_int_equal(f.rows[0].added, 0);
    assert_string_equal(f.rows[0].by.info.holder, "Maija");
    assert_true(span_is(f.rows[0].sub_filter, "ETSI.CAdES.detached"));
    signed_file_clear(&f);
    *strstr(m.text, TEXT) = 'A';
    assert_int_equal(judge(&m, NULL), VERDICT_CHANGED);
    m = pdf(&stranger);
    assert_int_equal(judge(&m, NULL), VERDICT_UNTRUSTED);
}

static void what_was_added_after_the_last_signature_is_told(void **state)
{
    struct made m = pdf(&signer);
    size_t first = m.len;
    (void)state;
    put_text(&m, "3 0 obj null endobj\n");
    assert_int_equal(judge(&m, NULL), VERDICT_ADDED);
    sign_pdf(&m, &signer, "adbe.pkcs7.detached", CMS_DETACHED);
    struct signed_file f = look(&m, NULL, PROBLEM_NONE);
    assert_int_equal(f.n, 2);
    assert_int_equal(signed_file_verdict(&f), VERDICT_HOLDS);
    assert_int_equal(f.rows[0].covers, first);
    assert_int_equal(f.rows[0].added, m.len - first);
    assert_int_equal(f.rows[1].added, 0);
    signed_file_clear(&f);
    /* one that does not hold is not made good by another one */
    memcpy(strstr(m.text, "null"), "true", 4);
    assert_int_equal(judge(&m, NULL), VERDICT_CHANGED);
    m = pdf(&stranger);
    sign_pdf(&m, &signer, "ETSI.CAdES.detached", CMS_DETACHED);
    assert_int_equal(judge(&m, NULL), VERDICT_UNTRUSTED);
}

static void a_signature_of_another_kind_is_not_judged(void **state)
{
    static const struct {
        const char *sub_filter;
        unsigned flags;
    } rows[] = {{"ETSI.RFC3161", CMS_DETACHED},
                {"adbe.pkcs7.sha1", CMS_DETACHED},
                {"adbe.pkcs7.detached", 0}}; /* with a content of its own inside */
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct made m = pdf_of(&signer, rows[i].sub_filter, rows[i].flags);
        assert_int_equal(judge(&m, NULL), VERDICT_UNREADABLE);
    }
    struct made m = pdf(&signer);
    char *der = strstr(m.text, "/Contents<") + strlen("/Contents<");
    memset(der, '0', 2 * ROOM); /* a place for a signature, still empty */
    assert_int_equal(judge(&m, NULL), VERDICT_UNREADABLE);
}

static void a_document_is_inside_or_beside(void **state)
{
    struct made text = {.len = 0};
    struct made other = {.len = 0};
    struct made nothing = {.len = 0};
    (void)state;
    put_text(&text, TEXT);
    put_text(&other, "another contract");
    struct made detached = sign(&signer, span_str(TEXT), CMS_DETACHED);
    struct made attached = sign(&signer, span_str(TEXT), 0);
    struct made empty = sign(&signer, span_of("", 0), CMS_DETACHED);
    assert_int_equal(judge(&detached, &text), VERDICT_HOLDS);
    assert_int_equal(judge(&detached, &other), VERDICT_CHANGED);
    assert_int_equal(judge(&attached, NULL), VERDICT_HOLDS);
    assert_int_equal(judge(&attached, &text), VERDICT_HOLDS);
    assert_int_equal(judge(&attached, &other), VERDICT_CHANGED);
    assert_int_equal(judge(&attached, &nothing), VERDICT_CHANGED);
    assert_int_equal(judge(&empty, &nothing), VERDICT_HOLDS);
    assert_int_equal(judge(&text, NULL), VERDICT_UNREADABLE);
    assert_int_equal(judge(&nothing, NULL), VERDICT_UNREADABLE);
    struct signed_file f = look(&detached, NULL, PROBLEM_NO_CONTENT);
    signed_file_clear(&f);
}

static void what_can_not_be_read_is_told(void **state)
{
    struct made m = pdf(&signer);
    struct made detached = sign(&signer, span_str(TEXT), CMS_DETACHED);
    struct signed_file f;
    struct buf read;
    (void)state;
    f = look(&m, &m, PROBLEM_NOT_WANTED);
    signed_file_clear(&f);
    assert_int_equal(signed_file_open("/nonexistent", NULL, pool, 0, &f), PROBLEM_FILE);
    signed_file_clear(&f);
    assert_int_equal(signed_file_open(scratch, NULL, pool, 0, &f), PROBLEM_FILE);
    signed_file_clear(&f);
    assert_int_equal(signed_file_open(save("file", &detached), "/nonexistent", pool, 0, &f),
                     PROBLEM_CONTENT);
    signed_file_clear(&f);
    char *path = save("file", &m);
    assert_true(signed_file_read(path, m.len, &read));
    assert_true(span_eq(buf_span(&read), span_of(m.text, m.len)));
    buf_clear(&read);
    assert_false(signed_file_read(path, m.len - 1, &read));
    buf_clear(&read);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pdf_holds_until_a_byte_of_it_is_another),
        cmocka_unit_test(what_was_added_after_the_last_signature_is_told),
        cmocka_unit_test(a_signature_of_another_kind_is_not_judged),
        cmocka_unit_test(a_document_is_inside_or_beside),
        cmocka_unit_test(what_can_not_be_read_is_told),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
