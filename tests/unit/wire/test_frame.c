#include "wire/frame.h"

#include "base/limits.h"
#include "unit/test.h"

static void append_frame(struct buf *out, const char *body)
{
    assert_int_equal(frame_append(out, span_str(body)), ERR_OK);
}

static void expect_frame(struct frame_reader *r, const char *body)
{
    struct span found;
    assert_true(frame_reader_has(r, &found));
    assert_true(span_is(found, body));
    assert_int_equal(frame_reader_next(r), ERR_OK);
}

static void frames_come_out_whole_however_the_bytes_are_cut(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 64);
    append_frame(&out, "one");
    append_frame(&out, "x");
    append_frame(&out, "three");
    for (size_t piece = 1; piece <= out.len; piece++) {
        static const char *const want[] = {"one", "x", "three"};
        struct frame_reader r;
        struct span body;
        size_t n = 0;
        frame_reader_init(&r, 5);
        for (size_t at = 0; at < out.len; at += piece) {
            assert_int_equal(frame_reader_feed(&r, span_sub(buf_span(&out), at, piece)), ERR_OK);
            while (frame_reader_has(&r, &body)) {
                expect_frame(&r, want[n++]);
            }
        }
        assert_int_equal(n, 3);
        assert_false(frame_reader_has(&r, &body));
        frame_reader_clear(&r);
    }
    buf_clear(&out);
}

static void the_header_is_the_length_in_native_order(void **state)
{
    uint32_t len = 0x01020304;
    uint8_t header[FRAME_HEADER];
    (void)state;
    memcpy(header, &len, sizeof header);
    assert_int_equal(frame_length(header), len);
}

static enum err feed_header(struct frame_reader *r, uint32_t len)
{
    return frame_reader_feed(r, span_of(&len, sizeof len));
}

static void the_length_is_judged_before_any_byte_of_the_body(void **state)
{
    static const struct {
        uint32_t len;
        enum err want;
    } rows[] = {
        {0, ERR_MALFORMED},
        {1, ERR_OK},
        {100, ERR_OK},
        {101, ERR_TOO_LARGE},
        {1u << 31, ERR_TOO_LARGE},
        {UINT32_MAX, ERR_TOO_LARGE},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct frame_reader r;
        frame_reader_init(&r, 100);
        assert_int_equal(feed_header(&r, rows[i].len), rows[i].want);
        assert_true(r.bytes.cap <= 64);
        frame_reader_clear(&r);
    }
}

static void a_bad_length_ends_the_stream_for_ever(void **state)
{
    struct frame_reader r;
    struct span body;
    (void)state;
    frame_reader_init(&r, 100);
    assert_int_equal(feed_header(&r, 101), ERR_TOO_LARGE);
    assert_false(frame_reader_has(&r, &body));
    assert_int_equal(r.bytes.cap, 0);
    assert_int_equal(feed_header(&r, 1), ERR_TOO_LARGE);
    frame_reader_clear(&r);
}

static void a_bad_length_behind_a_good_frame_is_told_when_that_is_taken(void **state)
{
    static const uint32_t bad[] = {0, 6};
    static const enum err want[] = {ERR_MALFORMED, ERR_TOO_LARGE};
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct buf out;
        struct frame_reader r;
        struct span body;
        buf_init(&out, 64);
        append_frame(&out, "good");
        assert_int_equal(buf_append(&out, span_of(&bad[i], sizeof bad[i])), ERR_OK);
        frame_reader_init(&r, 5);
        assert_int_equal(frame_reader_feed(&r, buf_span(&out)), ERR_OK);
        assert_true(frame_reader_has(&r, &body));
        assert_int_equal(frame_reader_next(&r), want[i]);
        assert_false(frame_reader_has(&r, &body));
        frame_reader_clear(&r);
        buf_clear(&out);
    }
}

static void a_frame_of_the_largest_size_fits_with_the_next_behind_it(void **state)
{
    struct buf out;
    struct frame_reader r;
    struct span body;
    uint8_t *at;
    (void)state;
    buf_init(&out, LIMIT_IPC);
    assert_int_equal(buf_extend(&out, 1000, &at), ERR_OK);
    memset(at, 'x', 1000);
    struct buf stream;
    buf_init(&stream, LIMIT_IPC);
    assert_int_equal(frame_append(&stream, buf_span(&out)), ERR_OK);
    assert_int_equal(frame_append(&stream, buf_span(&out)), ERR_OK);
    frame_reader_init(&r, 1000);
    assert_int_equal(frame_reader_feed(&r, buf_span(&stream)), ERR_OK);
    for (size_t i = 0; i < 2; i++) {
        assert_true(frame_reader_has(&r, &body));
        assert_true(span_eq(body, buf_span(&out)));
        assert_int_equal(frame_reader_next(&r), ERR_OK);
    }
    assert_int_equal(r.bytes.cap, 0);
    frame_reader_clear(&r);
    buf_clear(&stream);
    buf_clear(&out);
}

static void what_nobody_takes_can_not_grow_without_end(void **state)
{
    struct frame_reader r;
    static uint8_t chunk[16 * 1024];
    uint32_t len = 1;
    size_t fed = 0;
    (void)state;
    frame_reader_init(&r, 1);
    memcpy(chunk, &len, sizeof len);
    enum err e = ERR_OK;
    while (e == ERR_OK && fed < 1024) {
        e = frame_reader_feed(&r, span_of(chunk, sizeof chunk));
        fed++;
    }
    assert_int_equal(e, ERR_TOO_LARGE);
    assert_int_equal(fed, 5); /* 64 KiB and a little */
    frame_reader_clear(&r);
}

static void an_empty_or_too_large_frame_is_not_written(void **state)
{
    struct buf out;
    (void)state;
    buf_init(&out, 7);
    assert_int_equal(frame_append(&out, span_of(NULL, 0)), ERR_MALFORMED);
    assert_int_equal(frame_append(&out, span_str("four")), ERR_TOO_LARGE);
    assert_int_equal(out.len, 0);
    assert_int_equal(frame_append(&out, span_str("abc")), ERR_OK);
    buf_clear(&out);
}

static void nothing_to_take_is_no_error(void **state)
{
    struct frame_reader r;
    (void)state;
    frame_reader_init(&r, 9);
    assert_int_equal(frame_reader_next(&r), ERR_OK);
    assert_int_equal(frame_reader_feed(&r, span_of(NULL, 0)), ERR_OK);
    assert_int_equal(feed_header(&r, 2), ERR_OK);
    assert_int_equal(frame_reader_next(&r), ERR_OK);
    assert_int_equal(r.bytes.len, FRAME_HEADER);
    frame_reader_clear(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_come_out_whole_however_the_bytes_are_cut),
        cmocka_unit_test(the_header_is_the_length_in_native_order),
        cmocka_unit_test(the_length_is_judged_before_any_byte_of_the_body),
        cmocka_unit_test(a_bad_length_ends_the_stream_for_ever),
        cmocka_unit_test(a_bad_length_behind_a_good_frame_is_told_when_that_is_taken),
        cmocka_unit_test(a_frame_of_the_largest_size_fits_with_the_next_behind_it),
        cmocka_unit_test(what_nobody_takes_can_not_grow_without_end),
        cmocka_unit_test(an_empty_or_too_large_frame_is_not_written),
        cmocka_unit_test(nothing_to_take_is_no_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
