#include "crypto/pdf_signature.h"

#include "unit/test.h"

#include <stdio.h>

#define PLACE   "0000000000 0000000000 0000000000"
#define HEAD    "%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
#define DIGITS  "<30800000>"
#define M       "/M (D:20261128031053Z)"
#define NOTHING "trailer\n<< /Size 3 >>\n%%EOF\n"

/* A file: `before`, then `dictionary` in which CONTENTS stands for Contents and RANGE for a
 * ByteRange that fits, then `after`. */
struct made {
    char text[4096];
    size_t len;
    struct pdf_signature found[LIMIT_PDF_SIGNATURES];
    size_t n;
};

static void put(struct made *m, const char *text)
{
    size_t len = strlen(text);
    assert_true(m->len + len < sizeof m->text);
    memcpy(m->text + m->len, text, len + 1);
    m->len += len;
}

static void fill_range(struct made *m, size_t from)
{
    char range[sizeof "[0 " PLACE "]"];
    char *at = strstr(m->text + from, "[0 " PLACE "]");
    char *gap = strstr(m->text + from, DIGITS);
    if (at == NULL || gap == NULL) {
        return;
    }
    size_t begin = (size_t)(gap - m->text);
    size_t end = begin + strlen(DIGITS);
    snprintf(range, sizeof range, "[0 %010zu %010zu %010zu]", begin, end, m->len - end);
    memcpy(at, range, strlen(range));
}

static void make(struct made *m, const char *before, const char *dictionary, const char *after)
{
    *m = (struct made){.len = 0};
    put(m, before);
    put(m, dictionary);
    put(m, after);
    fill_range(m, 0);
}

static enum err look(struct made *m)
{
    return pdf_signature_find(span_of(m->text, m->len), m->found, &m->n);
}

#define SIGNATURE(more)                                                                            \
    "2 0 obj\n<< /Type /Sig /SubFilter /ETSI.CAdES.detached " more " /Contents " DIGITS            \
    " /ByteRange [0 " PLACE "] >>\nendobj\n"

static void a_signature_is_found_with_what_it_covers(void **state)
{
    static const char *const dictionaries[] = {
        SIGNATURE(M),
        /* what else a dictionary may hold, and in another order */
        "2 0 obj<</ByteRange [0 " PLACE "]/Prop_Build<</App<</Name/X>>>>/Reason(a \\) (b))/N true"
        "/R 7 0 R/V[1 -2.5 null (x)<AB cd>/Y 3 0 R]%comment >>\n" M "/SubFilter/ETSI.CAdES.detached"
        "/Contents" DIGITS ">>endobj ",
        /* a direct value of a field */
        "2 0 obj << /FT /Sig /V << /SubFilter /ETSI.CAdES.detached /Contents " DIGITS
        " /ByteRange [0 " PLACE "] " M " >> >>\nendobj\n",
    };
    (void)state;
    for (size_t i = 0; i < sizeof dictionaries / sizeof dictionaries[0]; i++) {
        struct made m;
        make(&m, HEAD, dictionaries[i], NOTHING);
        assert_int_equal(look(&m), ERR_OK);
        assert_int_equal(m.n, 1);
        const struct pdf_signature *s = &m.found[0];
        assert_true(s->readable);
        assert_true(span_is(s->sub_filter, "ETSI.CAdES.detached"));
        assert_true(span_is(s->contents, "30800000"));
        assert_int_equal(s->before.len + strlen(DIGITS) + s->after.len, m.len);
        assert_int_equal(s->added, 0);
        assert_int_equal(s->said_at, 1795835453);
        put(&m, "5 0 obj null endobj\n");
        assert_int_equal(look(&m), ERR_OK);
        assert_int_equal(m.found[0].added, 20);
    }
}

static void each_signature_of_a_file_is_told(void **state)
{
    struct made m;
    (void)state;
    make(&m, HEAD, SIGNATURE(""), NOTHING);
    size_t first = m.len;
    put(&m, SIGNATURE("/M (D:2026)"));
    fill_range(&m, first);
    assert_int_equal(look(&m), ERR_OK);
    assert_int_equal(m.n, 2);
    assert_true(m.found[0].readable && m.found[1].readable);
    assert_int_equal(m.found[0].added, m.len - first);
    assert_int_equal(m.found[1].added, 0);
    assert_int_equal(m.found[1].said_at, 0);
}

/* Each of these would let something of the file be outside of what was signed. */
static void a_range_that_does_not_fit_is_not_believed(void **state)
{
    static const struct {
        const char *from, *to;
    } changes[] = {
        {"[0 0", "[1 0"},                /* not from the beginning */
        {"/Contents <", "/Contents  <"}, /* the gap begins elsewhere */
        {"<3080", "<308g"},              /* the gap holds something else */
        {"<30800000>", "<3080000 >"},    /* … with white space */
        {"<30800000>", "(30800000)"},    /* … another kind of text */
        {"/Contents", "/Contentx"},      /* the gap is not Contents */
        {"] >>", "]  >"},                /* the dictionary does not end */
        {"/Type /Sig ", "/Contents 5"},  /* twice */
        {"/Type /Sig /SubFilter /ETSI.CAdES.detached",
         "/Type /Sig /ByteRange [0 1 2 3] /SubFilte/"}, /* twice */
        {"/ByteRange [0 0", "/ByteRange [0 -"},         /* no place */
        {"/ByteRange [0 0", "/ByteRange [0 9"},         /* outside */
    };
    (void)state;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        struct made m;
        make(&m, HEAD, SIGNATURE(""), NOTHING);
        char *at = strstr(m.text, changes[i].from);
        assert_non_null(at);
        memcpy(at, changes[i].to, strlen(changes[i].to));
        assert_int_equal(look(&m), ERR_OK);
        assert_int_not_equal(m.n, 0);
        for (size_t k = 0; k < m.n; k++) {
            assert_false(m.found[k].readable);
        }
    }
}

static void a_dictionary_outside_of_its_own_range_is_not_believed(void **state)
{
    struct made m;
    (void)state;
    make(&m, HEAD, SIGNATURE(""), NOTHING);
    char *length = strrchr(m.text, ']') - 10;
    memcpy(length, "0000000005", 10); /* ends inside the dictionary */
    assert_int_equal(look(&m), ERR_OK);
    assert_int_equal(m.n, 1);
    assert_false(m.found[0].readable);
    /* a copy of a signature, put behind what it signs */
    make(&m, HEAD, SIGNATURE(""), NOTHING);
    struct made copy = m;
    put(&m, strstr(copy.text, "2 0 obj"));
    assert_int_equal(look(&m), ERR_OK);
    assert_int_equal(m.n, 2);
    assert_true(m.found[0].readable);
    assert_false(m.found[1].readable);
}

static void a_file_that_ends_too_early_has_no_readable_signature(void **state)
{
    struct made m;
    (void)state;
    make(&m, HEAD, SIGNATURE(M), NOTHING);
    for (size_t len = 0; len < m.len; len++) {
        size_t n = 9;
        assert_int_equal(pdf_signature_find(span_of(m.text, len), m.found, &n), ERR_OK);
        assert_true(n == 0 || !m.found[0].readable);
    }
}

static void words_in_streams_and_texts_mean_nothing(void **state)
{
    static const char *const texts[] = {
        "3 0 obj << /Length 40 >> stream\n/ByteRange [0 1 2 3] /Contents <00>\nendstream endobj\n",
        "3 0 obj << /T (/ByteRange [0 1 2 3]) /U /ByteRange >> endobj\n",
        "3 0 obj << /ByteRanges [0 1 2 3] >> endobj\n",
        "% /ByteRange [0 1 2 3]\n",
        "/ByteRange",
    };
    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct made m;
        make(&m, HEAD, texts[i], NOTHING);
        assert_int_equal(look(&m), ERR_OK);
        assert_int_equal(m.n, 0);
        make(&m, texts[i], SIGNATURE(M), NOTHING);
        assert_int_equal(look(&m), ERR_OK);
        assert_int_equal(m.n, 1);
        assert_true(m.found[0].readable);
    }
}

static void times_are_told_with_their_zone_only(void **state)
{
    static const struct {
        const char *text;
        int64_t at;
    } rows[] = {
        {"/M (D:19700101000000Z)", 0},
        {"/M (D:20000301000000Z)", 951868800},
        {"/M (D:20240229235959+00'00')", 1709251199},
        {"/M (D:20261128051053+02'00')", 1795835453},
        {"/M (D:20261127220553-05'05)", 1795835453},
        {"/M (D:20261128031053)", 0},
        {"/M (D:20261328031053Z)", 0},
        {"/M (D:20261128251053Z)", 0},
        {"/M (D:2026112803105xZ)", 0},
        {"/M (D:20261128051053+02)", 0},
        {"/M /D:20261128031053Z", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct made m;
        make(&m, HEAD, SIGNATURE(""), NOTHING);
        char *at = strstr(m.text, "/Type /Sig");
        char rest[4096];
        snprintf(rest, sizeof rest, "%s", at);
        m.len = (size_t)(at - m.text);
        put(&m, rows[i].text);
        put(&m, " ");
        put(&m, rest);
        memcpy(strstr(m.text, "[0 "), "[0 " PLACE, strlen("[0 " PLACE));
        fill_range(&m, 0);
        assert_int_equal(look(&m), ERR_OK);
        assert_true(m.found[0].readable);
        assert_int_equal(m.found[0].said_at, rows[i].at);
    }
}

static void what_is_nested_or_repeated_without_end_is_refused(void **state)
{
    struct made m = {.len = 0};
    (void)state;
    put(&m, HEAD "2 0 obj << /A ");
    for (int i = 0; i < 1000; i++) {
        put(&m, "[");
    }
    put(&m, " /ByteRange [0 1 2 3]");
    assert_int_equal(look(&m), ERR_OK);
    assert_int_equal(m.n, 1);
    assert_false(m.found[0].readable);
    static char many[LIMIT_PDF_SIGNATURES * 32 + 64];
    size_t len = 0;
    for (unsigned i = 0; i <= LIMIT_PDF_SIGNATURES; i++) {
        assert_int_equal(pdf_signature_find(span_of(many, len), m.found, &m.n), ERR_OK);
        assert_int_equal(m.n, i);
        len += (size_t)snprintf(many + len, sizeof many - len, "2 0 obj<</ByteRange 1>>\n");
    }
    assert_int_equal(pdf_signature_find(span_of(many, len), m.found, &m.n), ERR_TOO_LARGE);
}

static void a_pdf_is_told_by_its_first_bytes(void **state)
{
    (void)state;
    assert_true(pdf_is_one(span_str("%PDF-2.0\n")));
    assert_false(pdf_is_one(span_str("%PDF")));
    assert_false(pdf_is_one(span_str(" %PDF-2.0")));
    assert_false(pdf_is_one(span_of(NULL, 0)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_signature_is_found_with_what_it_covers),
        cmocka_unit_test(each_signature_of_a_file_is_told),
        cmocka_unit_test(a_range_that_does_not_fit_is_not_believed),
        cmocka_unit_test(a_dictionary_outside_of_its_own_range_is_not_believed),
        cmocka_unit_test(a_file_that_ends_too_early_has_no_readable_signature),
        cmocka_unit_test(words_in_streams_and_texts_mean_nothing),
        cmocka_unit_test(times_are_told_with_their_zone_only),
        cmocka_unit_test(what_is_nested_or_repeated_without_end_is_refused),
        cmocka_unit_test(a_pdf_is_told_by_its_first_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
