#include "unit/test.h"

#include "card/minidriver.h"
#include "card/profile_file.h"

#include <stdio.h>

static struct profile_store store;
static unsigned line;

static enum err parse(const char *text)
{
    line = 99;
    return profile_file_parse(span_str(text), &store, &line);
}

/* The example of docs/adding-a-card.md: every kind of line. */
static const char *read_example(void)
{
    static char text[64 * 1024];
    FILE *file = fopen(TEST_SOURCE_DIR "/../docs/adding-a-card.md", "rb");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    char *begin = strstr(text, "<!-- example:begin -->\n```\n");
    assert_non_null(begin);
    begin += strlen("<!-- example:begin -->\n```\n");
    char *end = strstr(begin, "```\n<!-- example:end -->");
    assert_non_null(end);
    *end = '\0';
    return begin;
}

static void assert_same_row(const struct profile *a, const struct profile *b)
{
    assert_int_equal(a->hist_len, b->hist_len);
    assert_memory_equal(a->hist, b->hist, a->hist_len);
    assert_memory_equal(a->mask, b->mask, a->hist_len);
    assert_int_equal(a->aid_len, b->aid_len);
    assert_memory_equal(a->aid, b->aid, a->aid_len);
    assert_int_equal(a->folder_len, b->folder_len);
    assert_memory_equal(a->folder, b->folder, a->folder_len);
    assert_int_equal(a->digest, b->digest);
    assert_int_equal(a->verify, b->verify);
    assert_int_equal(a->unlock, b->unlock);
    assert_int_equal(a->activation, b->activation);
    assert_int_equal(a->n_pins, b->n_pins);
    assert_memory_equal(a->pins, b->pins, a->n_pins * sizeof a->pins[0]);
    assert_int_equal(a->n_keys, b->n_keys);
    for (size_t i = 0; i < a->n_keys; i++) {
        const struct profile_key *x = &a->keys[i], *y = &b->keys[i];
        assert_int_equal(x->use, y->use);
        assert_int_equal(x->ref, y->ref);
        assert_int_equal(x->pin, y->pin);
        assert_int_equal(x->place, y->place);
        assert_int_equal(x->path_len, y->path_len);
        assert_memory_equal(x->path, y->path, x->path_len);
        assert_int_equal(x->type.kind, y->type.kind);
        assert_int_equal(x->type.bits, y->type.bits);
    }
    assert_int_equal(a->n_cas, b->n_cas);
    for (size_t i = 0; i < a->n_cas; i++) {
        assert_int_equal(a->cas[i].place, b->cas[i].place);
        assert_int_equal(a->cas[i].path_len, b->cas[i].path_len);
        assert_memory_equal(a->cas[i].path, b->cas[i].path, a->cas[i].path_len);
        assert_false(b->cas[i].is_directory);
    }
    assert_int_equal(a->n_algs, b->n_algs);
    assert_int_equal(a->n_kins, b->n_kins);
    for (size_t i = 0; i < a->n_kins; i++) {
        assert_string_equal(a->kins[i].crl, b->kins[i].crl);
        assert_int_equal(a->kins[i].index, b->kins[i].index);
        assert_int_equal(a->kins[i].choose_min, b->kins[i].choose_min);
        assert_int_equal(a->kins[i].choose_max, b->kins[i].choose_max);
    }
    for (size_t i = 0; i < a->n_algs; i++) {
        assert_int_equal(a->algs[i].alg.scheme, b->algs[i].alg.scheme);
        assert_int_equal(a->algs[i].alg.hash, b->algs[i].alg.hash);
        assert_int_equal(a->algs[i].byte, b->algs[i].byte);
    }
}

static const struct profile *built_in(const char *name)
{
    const struct profile *p = NULL;
    for (size_t i = 0; (p = profile_at(i)) != NULL && strcmp(p->name, name) != 0; i++) {
    }
    assert_non_null(p);
    return p;
}

static void the_example_of_the_document_is_a_built_in_row(void **state)
{
    (void)state;
    assert_int_equal(parse(read_example()), ERR_OK);
    assert_string_equal(store.row.name, "Organisation card, written out");
    assert_same_row(&store.row, built_in("FINEID organisation or health care (ID.me)"));
}

static void a_row_can_be_like_another_one(void **state)
{
    (void)state;
    assert_int_equal(parse("name = New chip\r\n"
                           "historical = 80 31 B8 65 B0 85 06 ?? ?? 12 24 60 82 90 00 # v5\n"
                           "like = FINEID citizen v4\n"
                           "\n"
                           "alg = pss SHA-512 65\n"),
                     ERR_OK);
    assert_string_equal(store.row.name, "New chip");
    assert_int_equal(store.row.hist[6], 0x06);
    assert_int_equal(store.row.mask[7], 0x00);
    assert_int_equal(store.row.mask[6], 0xFF);
    assert_ptr_equal(store.row.keys, built_in("FINEID citizen v4")->keys);
    assert_int_equal(store.row.n_algs, 1);
    assert_int_equal(store.row.algs[0].byte, 0x65);
}

#define HEAD "name = X\nhistorical = 8031\nlike = FINEID citizen v4\n"

static void a_row_can_say_how_its_card_decrypts(void **state)
{
    (void)state;
    assert_int_equal(parse(HEAD "decipher = pkcs1 2A\ndecipher = oaep SHA-1 2D\n"
                                "decipher = oaep SHA-512 7D\ndecipher = ecdh\n"),
                     ERR_OK);
    const struct profile_key *key = &store.row.keys[0];
    const struct key_type rsa = {KEY_RSA, 2048}, ec = {KEY_EC, 384};
    assert_true(key->decrypts);
    assert_int_equal(store.row.n_decs, 4);
    assert_int_equal(profile_dec_find(&store.row, key, rsa, DEC_RSA_PKCS1)->byte, 0x2A);
    assert_int_equal(profile_dec_find(&store.row, key, rsa, DEC_OAEP_SHA1)->byte, 0x2D);
    assert_int_equal(profile_dec_find(&store.row, key, rsa, DEC_OAEP_SHA512)->byte, 0x7D);
    assert_null(profile_dec_find(&store.row, key, rsa, DEC_OAEP_SHA256));
    assert_non_null(profile_dec_find(&store.row, key, ec, DEC_ECDH));
    assert_null(profile_dec_find(&store.row, key, ec, DEC_RSA_PKCS1));
    assert_int_equal(parse(HEAD "key = auth 01 1 path 4331 RSA-2048 decipher\n"
                                "key = auth 02 1 path 4332 RSA-2048\n"),
                     ERR_OK);
    assert_true(store.row.keys[0].decrypts);
    assert_false(store.row.keys[1].decrypts);
    assert_ptr_equal(store.row.decs, built_in("FINEID citizen v4")->decs);
    assert_null(built_in("FINEID organisation or health care (ID.me)")->decs);
}

static void a_row_can_be_like_one_that_reads_its_layout(void **state)
{
    (void)state;
    assert_int_equal(parse("name = SITHS 7xx\nhistorical = 8031\n"
                           "like = SITHS (stand-in, layout inferred)\n"
                           "pin = 1 11 6-8 6-8 16 00\npin = 2 83 6-8 6-8 16 00\n"
                           "pin = 3 12 8-8 8-8 16 00\nunlock = together\n"),
                     ERR_OK);
    assert_true(store.row.read_layout == minidriver_read_layout);
    assert_int_equal(store.row.unlock, UNLOCK_TOGETHER);
    assert_int_equal(store.row.n_pins, 3);
}

static void a_revocation_list_changes_what_may_be_chosen(void **state)
{
    (void)state;
    assert_int_equal(parse("name = Health care, test\nhistorical = 8031\n"
                           "like = FINEID organisation or health care (ID.me)\n"
                           "crl = dvvshsp3rc.crl 2 4-8\ncrl = test.crl 2 5-7\nunlock = issuer\n"),
                     ERR_OK);
    assert_int_equal(store.row.n_kins, 2);
    assert_string_equal(store.row.kins[1].crl, "test.crl");
    assert_int_equal(store.row.kins[1].index, 2);
    assert_int_equal(store.row.kins[1].choose_min, 5);
    assert_int_equal(store.row.kins[1].choose_max, 7);
    assert_false(profile_unlocks(&store.row));
    /* other PINs: what `like` says of them is gone */
    assert_int_equal(parse("name = X\nhistorical = 8031\n"
                           "like = FINEID organisation or health care (ID.me)\n"
                           "pin = 1 03 4-8 4-8 0 00\npin = 3 12 8-8 8-8 0 00\n"
                           "key = auth 01 1 path 4331 RSA-3072\n"),
                     ERR_OK);
    assert_int_equal(store.row.n_kins, 0);
}

static void a_line_that_is_not_understood_is_named(void **state)
{
    static const struct {
        const char *text;
        unsigned line; /* 0: the row as a whole */
    } rows[] = {
        {"", 0},
        {"name = X\n", 0},
        {"historical = 8031\nlike = FINEID citizen v4\n", 0},
        {"name = X\nlike = FINEID citizen v4\n", 0},
        {"name = \n", 1},
        {"name = \xC3\xA4\n", 1},
        {"name = 0123456789012345678901234567890123456789012345678901234567890123\n", 1},
        {"nonsense\n", 1},
        {HEAD "colour = red\n", 4},
        {HEAD "like = No such card\n", 4},
        {HEAD "historical = 803\n", 4},
        {HEAD "historical = 80 3? 11\n", 4},
        {HEAD "historical = 00112233445566778899AABBCCDDEEFF\n", 4},
        {HEAD "application = A0??\n", 4},
        {HEAD "application =\n", 4},
        {HEAD "digest = maybe\n", 4},
        {HEAD "unlock = always\n", 4},
        {HEAD "verify = sometimes\n", 4},
        {HEAD "crl = x.crl 2\n", 4},
        {HEAD "crl = x.crl 2 6-8 more\n", 4},
        {HEAD "crl = \xC3\xA4 2 6-8\n", 4},
        {HEAD "crl = x.crl 2 4-8\n", 0}, /* the card holds 6 to 12 */
        {HEAD "crl = x.crl 3 8-8\n", 0},
        {HEAD "crl = x.crl 2 8-7\n", 0},
        {HEAD "crl=a 1 4-4\ncrl=b 1 4-4\ncrl=c 1 4-4\ncrl=d 1 4-4\ncrl=e 1 4-4\n", 8},
        {HEAD "activation = soon\n", 4},
        {HEAD "ambiguous = perhaps\n", 4},
        {HEAD "pin = 1 11 4-8 4-8 12\n", 4},
        {HEAD "pin = 1 11 4-8 4-8 12 00 00\n", 4},
        {HEAD "pin = 1 11 4-8 4-8 256 00\n", 4},
        {HEAD "pin = 1 11 4 4-8 12 00\n", 4},
        {HEAD "key = auth 01 4 path 4331 EC-384\n", 4},
        {HEAD "key = auth 01 1 path 4331 EC-999\n", 4},
        {HEAD "key = both 01 1 path 4331 EC-384\n", 4},
        {HEAD "key = auth 01 1 somewhere 4331 EC-384\n", 4},
        {HEAD "key = auth 01 1 path 433 EC-384\n", 4},
        {HEAD "key = auth 01 1 path 4331 EC-384 encipher\n", 4},
        {HEAD "decipher = raw 10\n", 4},
        {HEAD "decipher = pkcs1\n", 4},
        {HEAD "decipher = pkcs1 1A 00\n", 4},
        {HEAD "decipher = oaep MD5 1D\n", 4},
        {HEAD "decipher = oaep SHA-256\n", 4},
        {HEAD "decipher = ecdh 00\n", 4},
        {HEAD "alg = ecdsa SHA-1 14\n", 4},
        {HEAD "alg = ecdsa SHA-384 54 00\n", 4},
        {HEAD "alg = ecdsa SHA-384 54\nlike = FINEID citizen v4\n", 5},
        /* unsound: an unpadded PIN that does not fit, a key in a folder that has no name, a PUK
         * that is missing, keys that would name other PINs than before */
        {HEAD "pin = 1 11 4-12 4-8 8 00\nkey = auth 01 1 path 4331 EC-384\nunlock = none\n", 0},
        {HEAD "key = auth 01 1 folder 4331 EC-384\n", 0},
        {HEAD "pin = 1 11 4-12 4-8 12 00\nkey = auth 01 1 path 4331 EC-384\n", 0},
        {HEAD "pin = 2 82 6-8 6-8 12 00\npin = 1 11 4-8 4-8 12 00\npin = 3 83 8-8 8-8 12 00\n", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(parse(rows[i].text), ERR_ARGUMENT);
        assert_int_equal(line, rows[i].line);
    }
}

static void tables_do_not_grow_past_their_size(void **state)
{
    static const char *const lines[] = {"pin = 1 11 4-8 4-8 12 00\n",
                                        "key = auth 01 1 path 4331 EC-384\n",
                                        "alg = ecdsa SHA-384 54\n", "decipher = pkcs1 1A\n"};
    static const unsigned most[] = {PROFILE_PINS, LIMIT_CERTS, PROFILE_ALGS, DEC_COUNT};
    (void)state;
    for (size_t i = 0; i < 4; i++) {
        static char text[4096];
        strcpy(text, HEAD);
        for (unsigned n = 0; n <= most[i]; n++) {
            strcat(text, lines[i]);
        }
        assert_int_equal(parse(text), ERR_ARGUMENT);
        assert_int_equal(line, 3 + most[i] + 1);
    }
}

static void a_changed_or_cut_byte_never_makes_an_unsound_row(void **state)
{
    static char text[64 * 1024];
    (void)state;
    strcpy(text, read_example());
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) {
        char was = text[i];
        for (unsigned c = 0; c < 256; c += 5) {
            text[i] = (char)c;
            if (profile_file_parse(span_of(text, len), &store, &line) == ERR_OK) {
                assert_true(profile_is_sound(&store.row));
            }
        }
        text[i] = was;
        uint8_t *exact = malloc(i + 1); /* AddressSanitizer watches its end */
        assert_non_null(exact);
        memcpy(exact, text, i);
        (void)!profile_file_parse(span_of(exact, i), &store, &line);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_example_of_the_document_is_a_built_in_row),
        cmocka_unit_test(a_row_can_be_like_another_one),
        cmocka_unit_test(a_row_can_say_how_its_card_decrypts),
        cmocka_unit_test(a_row_can_be_like_one_that_reads_its_layout),
        cmocka_unit_test(a_revocation_list_changes_what_may_be_chosen),
        cmocka_unit_test(a_line_that_is_not_understood_is_named),
        cmocka_unit_test(tables_do_not_grow_past_their_size),
        cmocka_unit_test(a_changed_or_cut_byte_never_makes_an_unsound_row),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
