#include "unit/os/scratch.h"
#include "unit/test.h"

#include "base/buf.h"
#include "card/cache.h"
#include "card/file.h"
#include "os/store.h"

#define FILE_NAME "cards.cache"

static const uint8_t atr[] = {0x3B, 0x7F, 0x96};

static int start(void **state)
{
    return scratch_make(state) != 0 || setenv("XDG_RUNTIME_DIR", scratch, 1) != 0;
}

/* A DER SEQUENCE of `len` bytes (at least 256) that is filled with `fill`. */
static struct span cert(size_t len, uint8_t fill)
{
    static uint8_t der[LIMIT_CERT + 1];
    memset(der, fill, sizeof der);
    der[0] = 0x30;
    der[1] = 0x82;
    der[2] = (uint8_t)((len - 4) >> 8);
    der[3] = (uint8_t)(len - 4);
    return span_of(der, len);
}

static struct cache_key key(size_t row, uint32_t count, uint64_t epoch)
{
    return (struct cache_key){"Reader 0", span_of(atr, sizeof atr), row, count, epoch};
}

static void remember(struct cache_key k, struct span der)
{
    struct cache *c = cache_load();
    cache_put(c, &k, der);
    cache_save(c);
    cache_free(&c);
}

static bool finds_inserted(struct cache_key k, struct span *ret)
{
    static uint8_t copy[LIMIT_CERT];
    struct cache *c = cache_load();
    struct span der = {NULL, 0};
    bool found = cache_find_inserted(c, &k, &der);
    if (found) {
        memcpy(copy, der.at, der.len);
        *ret = span_of(copy, der.len);
    }
    cache_free(&c);
    return found;
}

static void a_card_that_was_not_removed_is_found_again(void **state)
{
    struct span der = {NULL, 0};
    (void)state;
    remember(key(1, 7, 42), cert(1087, 0xAA));
    assert_true(finds_inserted(key(1, 7, 42), &der));
    assert_true(span_eq(der, cert(1087, 0xAA)));
}

static void anything_else_is_not_found(void **state)
{
    struct span der = {NULL, 0};
    (void)state;
    remember(key(1, 7, 42), cert(1087, 0xAA));
    struct cache_key other_reader = key(1, 7, 42), other_atr = key(1, 7, 42);
    other_reader.reader = "Reader 1";
    other_atr.atr.len--;
    assert_false(finds_inserted(key(0, 7, 42), &der));
    assert_false(finds_inserted(key(1, 8, 42), &der));
    assert_false(finds_inserted(key(1, 7, 43), &der));
    assert_false(finds_inserted(other_reader, &der));
    assert_false(finds_inserted(other_atr, &der));
}

static void an_unknown_epoch_never_matches(void **state)
{
    struct span der = {NULL, 0};
    (void)state;
    remember(key(1, 7, 0), cert(1087, 0xAA));
    assert_false(finds_inserted(key(1, 7, 0), &der));
}

static void a_card_is_recognised_by_the_head_and_length_of_its_certificate(void **state)
{
    struct cache_key k = key(1, 99, 0);
    struct span der = {NULL, 0};
    (void)state;
    remember(key(1, 7, 42), cert(1087, 0xAA));
    remember(key(1, 8, 42), cert(300, 0xBB));
    struct cache *c = cache_load();
    assert_true(cache_find_head(c, &k, span_sub(cert(1087, 0xAA), 0, FILE_HEAD), 1087, &der));
    assert_int_equal(der.len, 1087);
    assert_false(cache_find_head(c, &k, span_sub(cert(1087, 0xAA), 0, FILE_HEAD), 1088, &der));
    assert_false(cache_find_head(c, &k, span_sub(cert(1087, 0xAA), 0, 255), 1087, &der));
    assert_false(cache_find_head(c, &k, span_sub(cert(1087, 0xAB), 0, FILE_HEAD), 1087, &der));
    assert_false(cache_find_head(c, &k, span_of(NULL, 0), 0, &der));
    k.row = 0;
    assert_false(cache_find_head(c, &k, span_sub(cert(1087, 0xAA), 0, FILE_HEAD), 1087, &der));
    cache_free(&c);
}

static void the_oldest_goes_when_there_are_too_many(void **state)
{
    struct span der = {NULL, 0};
    (void)state;
    for (uint32_t i = 0; i <= LIMIT_CACHE_CERTS; i++) {
        remember(key(1, i, 42), cert(400 + i, (uint8_t)i));
    }
    assert_false(finds_inserted(key(1, 0, 42), &der));
    for (uint32_t i = 1; i <= LIMIT_CACHE_CERTS; i++) {
        assert_true(finds_inserted(key(1, i, 42), &der));
        assert_int_equal(der.len, 400 + i);
    }
}

static void the_same_certificate_is_kept_once_with_its_latest_place(void **state)
{
    struct span der = {NULL, 0};
    (void)state;
    remember(key(1, 1, 42), cert(500, 1));
    for (uint32_t i = 2; i < 2 * LIMIT_CACHE_CERTS; i++) {
        remember(key(1, i, 42), cert(600, 2));
    }
    assert_false(finds_inserted(key(1, 2, 42), &der));
    assert_true(finds_inserted(key(1, 2 * LIMIT_CACHE_CERTS - 1, 42), &der));
    assert_true(finds_inserted(key(1, 1, 42), &der)); /* was not pushed out */
}

static void the_largest_certificates_fit_in_the_file(void **state)
{
    struct span der = {NULL, 0};
    (void)state;
    for (uint32_t i = 0; i < LIMIT_CACHE_CERTS; i++) {
        remember(key(1, i, 42), cert(LIMIT_CERT, (uint8_t)i));
    }
    assert_true(finds_inserted(key(1, 0, 42), &der));
    remember(key(1, 77, 42), cert(LIMIT_CERT + 1, 7));
    assert_false(finds_inserted(key(1, 77, 42), &der));
}

static void a_damaged_file_is_an_empty_cache(void **state)
{
    struct buf good;
    struct span der = {NULL, 0};
    (void)state;
    remember(key(1, 1, 42), cert(300, 1));
    remember(key(2, 1, 42), cert(400, 2));
    buf_init(&good, 64 * 1024);
    assert_int_equal(store_read(STORE_SESSION, FILE_NAME, &good), ERR_OK);
    for (size_t len = 0; len < good.len; len++) {
        assert_int_equal(store_replace(STORE_SESSION, FILE_NAME, span_sub(buf_span(&good), 0, len)),
                         ERR_OK);
        assert_false(finds_inserted(key(1, 1, 42), &der));
        assert_false(finds_inserted(key(2, 1, 42), &der));
    }
    assert_int_equal(buf_append_u8(&good, 0), ERR_OK); /* one byte too many */
    assert_int_equal(store_replace(STORE_SESSION, FILE_NAME, buf_span(&good)), ERR_OK);
    assert_false(finds_inserted(key(1, 1, 42), &der));
    buf_clear(&good);
}

static void any_changed_byte_gives_well_formed_entries_or_none(void **state)
{
    struct buf good;
    (void)state;
    remember(key(1, 1, 42), cert(300, 1));
    buf_init(&good, 64 * 1024);
    assert_int_equal(store_read(STORE_SESSION, FILE_NAME, &good), ERR_OK);
    for (size_t i = 0; i < 80; i++) {
        struct span der = {NULL, 0};
        good.at[i] ^= 0x81;
        assert_int_equal(store_replace(STORE_SESSION, FILE_NAME, buf_span(&good)), ERR_OK);
        if (finds_inserted(key(1, 1, 42), &der)) {
            assert_int_equal(der.len, 300);
            assert_int_equal(der.at[0], 0x30);
        }
        good.at[i] ^= 0x81;
    }
    buf_clear(&good);
}

static void a_file_that_others_may_read_is_not_used(void **state)
{
    char path[128];
    struct span der = {NULL, 0};
    struct stat st;
    (void)state;
    remember(key(1, 1, 42), cert(300, 1));
    snprintf(path, sizeof path, "%s/korttisilta/" FILE_NAME, scratch);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(chmod(path, 0644), 0);
    assert_false(finds_inserted(key(1, 1, 42), &der));
}

static void a_fifo_or_link_in_its_place_neither_holds_nor_misleads(void **state)
{
    char path[128], target[128];
    struct span der = {NULL, 0};
    (void)state;
    remember(key(1, 1, 42), cert(300, 1));
    snprintf(path, sizeof path, "%s/korttisilta/" FILE_NAME, scratch);
    snprintf(target, sizeof target, "%s/elsewhere", scratch);
    assert_int_equal(rename(path, target), 0);
    assert_int_equal(symlink(target, path), 0);
    assert_false(finds_inserted(key(1, 1, 42), &der));
    assert_int_equal(unlink(path), 0);
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_false(finds_inserted(key(1, 1, 42), &der));
    remember(key(1, 1, 42), cert(300, 1));
    assert_true(finds_inserted(key(1, 1, 42), &der));
}

static void without_a_cache_nothing_is_found_and_nothing_breaks(void **state)
{
    struct cache_key k = key(1, 1, 42);
    struct cache *none = NULL;
    struct span der = {NULL, 0};
    (void)state;
    cache_put(none, &k, cert(300, 1));
    cache_save(none);
    assert_false(cache_find_inserted(none, &k, &der));
    assert_false(cache_find_head(none, &k, cert(300, 1), 300, &der));
    cache_free(&none);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, start, scratch_drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_card_that_was_not_removed_is_found_again),
        TEST(anything_else_is_not_found),
        TEST(an_unknown_epoch_never_matches),
        TEST(a_card_is_recognised_by_the_head_and_length_of_its_certificate),
        TEST(the_oldest_goes_when_there_are_too_many),
        TEST(the_same_certificate_is_kept_once_with_its_latest_place),
        TEST(the_largest_certificates_fit_in_the_file),
        TEST(a_damaged_file_is_an_empty_cache),
        TEST(any_changed_byte_gives_well_formed_entries_or_none),
        TEST(a_file_that_others_may_read_is_not_used),
        TEST(a_fifo_or_link_in_its_place_neither_holds_nor_misleads),
        TEST(without_a_cache_nothing_is_found_and_nothing_breaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
