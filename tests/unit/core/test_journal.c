#include "unit/os/scratch.h"
#include "unit/test.h"

#include "core/journal.h"

#define DIGEST                                                                                     \
    "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13\x14\x15\x16\x17" \
    "\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f\x20"

static char path[128];

static int start(void **state)
{
    snprintf(path, sizeof path, "/nowhere");
    if (scratch_make(state) != 0 || setenv("XDG_STATE_HOME", scratch, 1) != 0) {
        return 1;
    }
    snprintf(path, sizeof path, "%s/korttisilta/journal.tsv", scratch);
    return 0;
}

static int fresh(void **state)
{
    (void)state;
    journal_erase();
    return 0;
}

/* A signature of two documents, the first of which was made. */
static void note(enum method method, enum err result, const char *second)
{
    struct request r;
    struct response resp;
    request_init(&r);
    response_init(&resp, method);
    r.method = method;
    r.origin = span_str("https://palvelu.example.fi");
    r.docs = calloc(2, sizeof *r.docs);
    r.n_docs = 2;
    r.docs[0] = (struct document){
        .name = span_str("sopimus.pdf"), .has_content = true, .content = span_str("SECRET TEXT")};
    r.docs[1] = (struct document){.name = span_str(second), .digest = span_of(DIGEST, 32)};
    r.has_hash = true;
    r.hash = HASH_SHA256;
    assert_int_equal(buf_append_str(&resp.certificate, "not a certificate"), ERR_OK);
    if (result == ERR_OK) {
        assert_int_equal(response_alloc_sigs(&resp, 1), ERR_OK);
        resp.sigs[0].alg.hash = HASH_SHA256;
        memcpy(resp.sigs[0].digest, DIGEST, 32);
    }
    journal_note(&r, &resp, result);
    response_clear(&resp);
    request_clear(&r);
}

struct seen {
    size_t n;
    size_t entries, following;
    char last[512];
    size_t documents, made;
    char second[64];
};

static void look(void *user, const struct journal_entry *e)
{
    struct seen *s = user;
    s->n++;
    s->entries += e->is_entry ? 1 : 0;
    s->following += e->follows ? 1 : 0;
    if (e->is_entry) {
        snprintf(s->last, sizeof s->last, "%.*s %.*s %.*s", (int)e->operation.len,
                 (const char *)e->operation.at, (int)e->origin.len, (const char *)e->origin.at,
                 (int)e->result.len, (const char *)e->result.at);
        s->documents = e->n_documents;
        s->made = e->n_made;
        snprintf(s->second, sizeof s->second, "%.*s", (int)e->documents[1].len,
                 e->n_documents > 1 ? (const char *)e->documents[1].at : "");
    }
}

static struct seen read_all(struct journal_totals *t)
{
    struct seen s = {.n = 0};
    assert_int_equal(journal_read(look, &s, t), ERR_OK);
    assert_int_equal(s.n, t->lines);
    return s;
}

static char *text_of_file(void)
{
    static char text[20000];
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    text[fread(text, 1, sizeof text - 1, f)] = '\0';
    fclose(f);
    return text;
}

static void put_file(const char *text)
{
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void an_operation_is_noted_without_its_content(void **state)
{
    struct journal_totals t;
    (void)state;
    note(METHOD_SIGN, ERR_OK, "liite.pdf");
    struct seen s = read_all(&t);
    assert_string_equal(s.last, "sign https://palvelu.example.fi OK");
    assert_int_equal(s.documents, 2);
    assert_int_equal(s.made, 1);
    assert_int_equal(t.lines, 1);
    assert_int_equal(t.breaks, 0);
    const char *text = text_of_file();
    assert_non_null(strstr(
        text, "\tSHA-256\t0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20\t"));
    assert_non_null(strstr(text, "sopimus.pdf"));
    assert_null(strstr(text, "SECRET"));
    assert_memory_equal(text, "-\t", 2);
}

static void what_failed_is_noted_too(void **state)
{
    struct journal_totals t;
    (void)state;
    note(METHOD_AUTHENTICATE, ERR_PIN_BLOCKED, "x");
    struct seen s = read_all(&t);
    assert_string_equal(s.last, "authenticate https://palvelu.example.fi PIN_BLOCKED");
    assert_int_equal(s.made, 0);
}

static void a_certificate_that_is_only_given_is_not_noted(void **state)
{
    struct journal_totals t;
    (void)state;
    note(METHOD_GET_SIGNING_CERTIFICATE, ERR_OK, "x");
    (void)read_all(&t);
    assert_int_equal(t.lines, 0);
    assert_string_equal(t.last, "");
}

static void every_change_shows(void **state)
{
    struct journal_totals t;
    char whole[20000], changed[20000];
    (void)state;
    for (int i = 0; i < 4; i++) {
        note(METHOD_SIGN, ERR_OK, "liite.pdf");
    }
    assert_int_equal(read_all(&t).following, 4);
    assert_int_equal(t.breaks, 0);
    char last[65];
    strcpy(last, t.last);
    strcpy(whole, text_of_file());

    char *lines[5] = {whole};
    for (int i = 1; i < 5; i++) {
        lines[i] = strchr(lines[i - 1], '\n') + 1;
    }
    /* a letter in the second line */
    strcpy(changed, whole);
    changed[lines[1] - whole + (strstr(lines[1], "sopimus") - lines[1])] = 'S';
    put_file(changed);
    (void)read_all(&t);
    assert_int_equal(t.breaks, 1);
    /* the second line left out */
    snprintf(changed, sizeof changed, "%.*s%s", (int)(lines[1] - whole), whole, lines[2]);
    put_file(changed);
    (void)read_all(&t);
    assert_int_equal(t.breaks, 1);
    /* two lines exchanged */
    snprintf(changed, sizeof changed, "%.*s%.*s%.*s%s", (int)(lines[1] - whole), whole,
             (int)(lines[3] - lines[2]), lines[2], (int)(lines[2] - lines[1]), lines[1], lines[3]);
    put_file(changed);
    (void)read_all(&t);
    assert_int_equal(t.breaks, 3);
    /* something put in */
    snprintf(changed, sizeof changed, "%.*s{}\n%s", (int)(lines[2] - whole), whole, lines[2]);
    put_file(changed);
    struct seen s = read_all(&t);
    assert_int_equal(s.entries, 4);
    assert_int_equal(t.breaks, 2);
    /* the beginning left out: said, and no break */
    put_file(lines[1]);
    (void)read_all(&t);
    assert_true(t.begins_late);
    assert_int_equal(t.breaks, 0);
    /* the end left out: only the hash of the last line tells */
    snprintf(changed, sizeof changed, "%.*s", (int)(lines[3] - whole), whole);
    put_file(changed);
    (void)read_all(&t);
    assert_int_equal(t.breaks, 0);
    assert_string_not_equal(t.last, last);
    put_file(whole);
    (void)read_all(&t);
    assert_string_equal(t.last, last);
}

static void names_are_safe_to_show(void **state)
{
    struct journal_totals t;
    (void)state;
    note(METHOD_SIGN, ERR_OK, "a\t\n\\5c\x7F\xE2\x80\xAE.exe");
    struct seen s = read_all(&t);
    assert_int_equal(s.entries, 1);
    assert_int_equal(t.lines, 1);
    assert_non_null(strstr(text_of_file(), "a\\09\\0a\\5c5c\\7f\xE2\x80\xAE.exe\t"));
    assert_null(strstr(s.second, "\xE2\x80\xAE"));
    assert_null(strpbrk(s.second, "\t\n\x7F"));
    assert_non_null(strstr(s.second, "\\5c"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(an_operation_is_noted_without_its_content, fresh),
        cmocka_unit_test_setup(what_failed_is_noted_too, fresh),
        cmocka_unit_test_setup(a_certificate_that_is_only_given_is_not_noted, fresh),
        cmocka_unit_test_setup(every_change_shows, fresh),
        cmocka_unit_test_setup(names_are_safe_to_show, fresh),
    };
    return cmocka_run_group_tests(tests, start, scratch_drop);
}
