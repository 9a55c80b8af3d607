#include "unit/card/pkcs15_samples.h"
#include "unit/card/replay.h"

#include "card/pkcs15.h"

static struct buf parts[5]; /* odf, info, prkdf, cdf, aodf */
static const uint8_t aid[] = {0xF0, 0x4B, 0x53, 0x54, 0x45, 0x53, 0x54, 0x41};
static struct profile_store store;

static void load(struct buf *b, const char *hex)
{
    buf_clear(b);
    buf_init(b, LIMIT_CARD_FILE);
    replay_hex(hex, strlen(hex), b);
}

static struct pkcs15_contents contents(const char *info, const char *prkdf, const char *cdf,
                                       const char *aodf)
{
    struct pkcs15_contents c = {.app = {.aid = span_of(aid, sizeof aid)}};
    load(&parts[1], info);
    load(&parts[2], prkdf);
    load(&parts[3], cdf);
    load(&parts[4], aodf);
    c.info = buf_span(&parts[1]);
    c.kinds[PKCS15_PRKDF] = buf_span(&parts[2]);
    c.kinds[PKCS15_CDF] = buf_span(&parts[3]);
    c.kinds[PKCS15_AODF] = buf_span(&parts[4]);
    return c;
}

static int stop(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        buf_clear(&parts[i]);
    }
    return 0;
}

static void applications_are_found_in_the_directory(void **state)
{
    static const struct {
        const char *dir;
        size_t aid_len; /* 0: none */
        bool has_base;
        size_t base_len;
    } rows[] = {
        {SAMPLE_A_DIR, 8, true, 2},
        {SAMPLE_B_DIR, 14, true, 2},
        {SAMPLE_C_DIR, 12, true, 0},
        {"6109 4F07 F0010203040506", 7, false, 0},
        {"6103 4F01F0 6107 4F05 F001020304", 5, false, 0}, /* the first is too short */
        {"610B 4F05 F001020304 5102 4100", 5, false, 0},   /* base is no path from the MF */
        {"6107 4F05 F0010203", 0, false, 0},               /* cut */
        {"3007 4F05 F001020304", 0, false, 0},
        {"00000000", 0, false, 0},
        {"", 0, false, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pkcs15_app app;
        load(&parts[0], rows[i].dir);
        struct span rest = buf_span(&parts[0]);
        bool found = pkcs15_next_app(&rest, &app);
        assert_int_equal(found, rows[i].aid_len > 0);
        if (found) {
            assert_int_equal(app.aid.len, rows[i].aid_len);
            assert_int_equal(app.has_base, rows[i].has_base);
            assert_int_equal(app.base.len, rows[i].base_len);
        }
    }
}

static void files_are_found_in_the_object_directory(void **state)
{
    static const char *const odfs[] = {SAMPLE_A_ODF, SAMPLE_B_ODF, SAMPLE_C_ODF};
    (void)state;
    for (size_t i = 0; i < sizeof odfs / sizeof odfs[0]; i++) {
        struct pkcs15_file file;
        unsigned seen = 0;
        load(&parts[0], odfs[i]);
        struct span rest = buf_span(&parts[0]);
        while (pkcs15_next_file(&rest, &file)) {
            seen |= 1u << file.kind;
            assert_int_equal(file.path.is_absolute, i > 0);
            assert_int_equal(file.path.len, i == 1 ? 4 : 2);
        }
        assert_int_equal(seen, 7);
    }
}

/* Trusted and useful certificates are directories of CAs; an entry of the holder's own can be one.
 */
static void cas_are_listed_by_directory_or_by_authority(void **state)
{
    struct pkcs15_contents c =
        contents(SAMPLE_B_INFO, SAMPLE_B_PRKDF,
                 SAMPLE_B_CDF "3028 3010 0C0A 4973737569 6E6720 4341 03020600"
                              "3006 0401C1 0101FF A10C 300A 3008 0406 3F0050154547",
                 SAMPLE_B_AODF);
    struct pkcs15_file file;
    struct buf odf;
    (void)state;
    buf_init(&odf, 64);
    load(&odf, "A506 3004 0402 7006 A60A 3008 0406 3F0050154B07");
    struct span rest = buf_span(&odf);
    while (pkcs15_next_file(&rest, &file)) {
        assert_int_equal(file.kind, PKCS15_CA);
        c.ca_files[c.n_ca_files++] = file.path;
    }
    assert_int_equal(pkcs15_build(&c, &store), ERR_OK);
    assert_int_equal(store.row.n_cas, 3);
    assert_false(store.row.cas[0].is_directory);
    assert_memory_equal(store.row.cas[0].path, "\x50\x15\x45\x47", 4);
    assert_true(store.row.cas[1].is_directory);
    assert_int_equal(store.row.cas[1].place, PLACE_FOLDER);
    assert_true(store.row.cas[2].is_directory);
    assert_int_equal(store.row.cas[2].place, PLACE_PATH);
    buf_clear(&odf);
}

static void a_path_into_a_file_or_of_odd_length_is_not_followed(void **state)
{
    static const char *const odfs[] = {"A00B 3009 0404 3F004402 020105", "A007 3005 0403 3F0044",
                                       "A006 3004 0402 3F00", "A004 3002 0400",
                                       "A00E 300C 040A 4400440144024403 4404"};
    (void)state;
    for (size_t i = 0; i < sizeof odfs / sizeof odfs[0]; i++) {
        struct pkcs15_file file;
        load(&parts[0], odfs[i]);
        struct span rest = buf_span(&parts[0]);
        assert_false(pkcs15_next_file(&rest, &file));
    }
}

static void relative_paths_stand_below_the_application(void **state)
{
    struct pkcs15_app app = {.has_base = true, .base = {{0x50, 0x15}, 2, true}};
    struct pkcs15_path path = {{0x44, 0x01}, 2, false}, same = {{0x50, 0x15, 0x44, 0x01}, 4, true};
    (void)state;
    assert_int_equal(pkcs15_resolve(&app, &path), ERR_OK);
    assert_true(path.is_absolute && path.len == same.len);
    assert_memory_equal(path.at, same.at, same.len);
    assert_int_equal(pkcs15_resolve(&app, &path), ERR_OK); /* is absolute now */
    assert_true(path.is_absolute && path.len == same.len);
    assert_memory_equal(path.at, same.at, same.len);
    path = (struct pkcs15_path){.len = PROFILE_PATH};
    assert_int_equal(pkcs15_resolve(&app, &path), ERR_CARD_UNKNOWN);
    app.has_base = false;
    path.len = 2;
    assert_int_equal(pkcs15_resolve(&app, &path), ERR_CARD_UNKNOWN);
}

static void a_file_is_whole_when_its_last_object_is(void **state)
{
    static const struct {
        const char *content;
        bool whole;
    } rows[] = {
        {"3002 0500", true},
        {"3002 0500 FFFF", true},
        {"3002 0500 0000", true},
        {"3002 05", false},
        {"3002 0500 30", false},
        {"3002 0500 3002 0500", true},
        {"", false},
        {"00", false},
        {"FFFF", false},
        {"3080 0000", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        load(&parts[0], rows[i].content);
        assert_int_equal(pkcs15_is_whole(buf_span(&parts[0])), rows[i].whole);
    }
}

static void assert_pin(const struct profile_pin *pin, const struct profile_pin *want)
{
    assert_int_equal(pin->index, want->index);
    assert_int_equal(pin->ref, want->ref);
    assert_int_equal(pin->min, want->min);
    assert_int_equal(pin->max, want->max);
    assert_int_equal(pin->stored, want->stored);
    assert_int_equal(pin->pad, want->pad);
}

static void card_a_becomes_a_profile(void **state)
{
    static const struct profile_pin pins[] = {
        {1, 0x81, 4, 8, 4, 8, 0, 0}, {2, 0x82, 6, 8, 6, 8, 0, 0}, {3, 0x83, 8, 8, 8, 8, 0, 0}};
    struct pkcs15_contents c = contents(SAMPLE_A_INFO, SAMPLE_A_PRKDF, SAMPLE_A_CDF, SAMPLE_A_AODF);
    (void)state;
    assert_int_equal(pkcs15_build(&c, &store), ERR_OK);
    const struct profile *p = &store.row;
    assert_int_equal(p->n_pins, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_pin(&p->pins[i], &pins[i]);
    }
    assert_int_equal(p->n_keys, 2);
    assert_int_equal(p->keys[0].use, CERT_AUTH);
    assert_int_equal(p->keys[0].ref, 0x05);
    assert_int_equal(p->keys[0].place, PLACE_FOLDER);
    assert_int_equal(p->keys[0].path[1], 0x01);
    assert_int_equal(p->keys[0].type.kind, KEY_EC);
    assert_int_equal(p->keys[1].use, CERT_SIGN);
    assert_int_equal(p->pins[p->keys[1].pin].index, 2);
    assert_int_equal(p->n_algs, 1);
    assert_int_equal(p->algs[0].alg.scheme, SIG_ECDSA);
    assert_int_equal(p->algs[0].byte, 0x21);
    assert_true(p->keys[0].decrypts);
    assert_false(p->keys[1].decrypts);
    assert_int_equal(p->n_decs, 1);
    assert_non_null(profile_dec_find(p, &p->keys[0], p->keys[0].type, DEC_ECDH));
    assert_int_equal(p->unlock, UNLOCK_TOGETHER);
    assert_true(span_eq(span_of(p->folder, p->folder_len), span_of(aid, sizeof aid)));
}

static void card_b_becomes_a_profile(void **state)
{
    struct pkcs15_contents c = contents(SAMPLE_B_INFO, SAMPLE_B_PRKDF, SAMPLE_B_CDF, SAMPLE_B_AODF);
    static const struct profile_pin pin = {2, 0x02, 6, 8, 6, 8, 8, 0xFF};
    (void)state;
    assert_int_equal(pkcs15_build(&c, &store), ERR_OK);
    const struct profile *p = &store.row;
    assert_pin(&p->pins[1], &pin);
    assert_int_equal(p->keys[0].place, PLACE_PATH);
    assert_int_equal(p->keys[0].path_len, 4);
    assert_int_equal(p->keys[0].path[0], 0x50);
    assert_int_equal(p->keys[1].type.kind, KEY_RSA);
    assert_int_equal(p->keys[1].type.bits, 2048);
    /* raw RSA, whose padding the host would bring, is left out */
    assert_int_equal(p->n_algs, 5);
    assert_int_equal(p->algs[0].byte, 0x13);
    assert_int_equal(p->algs[0].alg.scheme, SIG_RSA_PKCS1);
    assert_int_equal(p->algs[2].byte, 0x33);
    assert_int_equal(p->algs[2].alg.scheme, SIG_RSA_PSS);
    assert_int_equal(p->algs[2].alg.hash, HASH_SHA256);
    assert_true(p->keys[0].decrypts);
    assert_false(p->keys[1].decrypts);
    assert_int_equal(profile_dec_find(p, &p->keys[0], p->keys[0].type, DEC_RSA_PKCS1)->byte, 0x05);
    assert_int_equal(profile_dec_find(p, &p->keys[0], p->keys[0].type, DEC_OAEP_SHA256)->byte,
                     0x45);
    assert_null(profile_dec_find(p, &p->keys[0], p->keys[0].type, DEC_OAEP_SHA1));
    assert_null(profile_dec_find(p, &p->keys[0], p->keys[0].type, DEC_ECDH));
    assert_null(profile_dec_find(p, &p->keys[1], p->keys[1].type, DEC_RSA_PKCS1));
}

static void a_fineid_card_says_what_its_row_says(void **state)
{
    struct pkcs15_contents c = contents(SAMPLE_C_INFO, SAMPLE_C_PRKDF, SAMPLE_C_CDF, SAMPLE_C_AODF);
    static const struct profile_pin pin = {2, 0x82, 6, 12, 6, 12, 12, 0x00};
    (void)state;
    assert_int_equal(pkcs15_build(&c, &store), ERR_OK);
    assert_pin(&store.row.pins[1], &pin);
    assert_int_equal(store.row.keys[1].ref, 0x02);
    assert_int_equal(store.row.keys[1].path_len, 4);
    assert_false(store.row.keys[0].decrypts);
}

static void what_is_missing_makes_the_card_unknown(void **state)
{
    (void)state;
    for (int missing = 0; missing < 4; missing++) {
        struct pkcs15_contents c =
            contents(missing == 0 ? "" : SAMPLE_A_INFO, missing == 1 ? "" : SAMPLE_A_PRKDF,
                     missing == 2 ? "" : SAMPLE_A_CDF, missing == 3 ? "" : SAMPLE_A_AODF);
        assert_int_equal(pkcs15_build(&c, &store), ERR_CARD_UNKNOWN);
    }
}

/* authId, flags, type, min, stored, max, reference, pad */
static void pins_that_can_not_be_typed_or_sent_are_left_out(void **state)
{
    static const char *const aodfs[] = {
        "3022 3002 0C00 3003 04010A A117 3015 03020308 0A0100 020104 020108 020108 800181 0401FF",
        "3022 3002 0C00 3003 04010A A117 3015 03020309 0A0101 020104 020108 020108 800181 0401FF",
        "3022 3002 0C00 3003 04010A A117 3015 0302030C 0A0101 020104 020111 020108 800181 0401FF",
        "3022 3002 0C00 3003 04010A A117 3015 03020308 0A0101 020109 020108 020108 800181 0401FF",
        "3022 3002 0C00 3003 04010A A117 3015 03020308 0A0101 02010D 020110 020110 800181 0401FF",
        "3022 3002 0C00 3003 04010A A117 3015 0302010A 0A0101 020104 020108 020108 800181 0401FF",
    };
    (void)state;
    for (size_t i = 0; i < sizeof aodfs / sizeof aodfs[0]; i++) {
        struct pkcs15_contents c = contents(SAMPLE_A_INFO, SAMPLE_A_PRKDF, SAMPLE_A_CDF, aodfs[i]);
        assert_int_equal(pkcs15_build(&c, &store), ERR_CARD_UNKNOWN);
    }
}

static void two_codes_that_unblock_leave_unblocking_out(void **state)
{
    static char aodf[1024];
    struct pkcs15_contents c;
    (void)state;
    snprintf(aodf, sizeof aodf,
             "%s 301F 3002 0C00 3003 04010F A114 3012 0302014A 0A0101 020108 020108 020108 800184",
             SAMPLE_A_AODF);
    c = contents(SAMPLE_A_INFO, SAMPLE_A_PRKDF, SAMPLE_A_CDF, aodf);
    assert_int_equal(pkcs15_build(&c, &store), ERR_OK);
    assert_int_equal(store.row.n_pins, 2);
    assert_int_equal(store.row.unlock, UNLOCK_NONE);
}

static void a_changed_or_cut_byte_never_leads_out_of_the_files(void **state)
{
    (void)state;
    struct pkcs15_contents c = contents(SAMPLE_B_INFO, SAMPLE_B_PRKDF, SAMPLE_B_CDF, SAMPLE_B_AODF);
    for (size_t part = 1; part < 5; part++) {
        for (size_t i = 0; i < parts[part].len; i++) {
            parts[part].at[i] ^= 0xFF;
            enum err e = pkcs15_build(&c, &store);
            assert_true(e == ERR_OK || e == ERR_CARD_UNKNOWN);
            parts[part].at[i] ^= 0xFF;
        }
    }
    for (size_t len = 0; len < parts[4].len; len++) {
        uint8_t *exact = malloc(len + 1); /* AddressSanitizer watches its end */
        assert_non_null(exact);
        memcpy(exact, parts[4].at, len);
        c.kinds[PKCS15_AODF] = span_of(exact, len);
        (void)!pkcs15_build(&c, &store);
        free(exact);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(applications_are_found_in_the_directory),
        cmocka_unit_test(files_are_found_in_the_object_directory),
        cmocka_unit_test(cas_are_listed_by_directory_or_by_authority),
        cmocka_unit_test(a_path_into_a_file_or_of_odd_length_is_not_followed),
        cmocka_unit_test(relative_paths_stand_below_the_application),
        cmocka_unit_test(a_file_is_whole_when_its_last_object_is),
        cmocka_unit_test(card_a_becomes_a_profile),
        cmocka_unit_test(card_b_becomes_a_profile),
        cmocka_unit_test(a_fineid_card_says_what_its_row_says),
        cmocka_unit_test(what_is_missing_makes_the_card_unknown),
        cmocka_unit_test(pins_that_can_not_be_typed_or_sent_are_left_out),
        cmocka_unit_test(two_codes_that_unblock_leave_unblocking_out),
        cmocka_unit_test(a_changed_or_cut_byte_never_leads_out_of_the_files),
    };
    return cmocka_run_group_tests(tests, NULL, stop);
}
