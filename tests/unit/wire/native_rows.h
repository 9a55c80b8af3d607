/* Decodes tables of messages: what each test_native_*.c needs. */
#ifndef UNIT_WIRE_NATIVE_ROWS_H
#define UNIT_WIRE_NATIVE_ROWS_H

#include "unit/test.h"
#include "wire/native.h"

#define ORIGIN "https://palvelu.example.fi"
#define NONCE  "12345678123456781234567812345678912356789123"

/* Longest texts at their limits, and one byte more. */
#define X10  "xxxxxxxxxx"
#define X50  X10 X10 X10 X10 X10
#define X200 X50 X50 X50 X50
#define X255 X200 X50 "xxxxx"
#define X500 X200 X200 X50 X50

static inline enum err decode(const char *json, enum door door, struct request *r)
{
    request_init(r);
    return native_decode(span_str(json), door,
                         door == DOOR_WEBSOCKET ? span_str(ORIGIN) : span_of(NULL, 0), r);
}

/* Over the websocket; the request is cleared. */
static inline enum err try_websocket(const char *json)
{
    struct request r;
    enum err e = decode(json, DOOR_WEBSOCKET, &r);
    request_clear(&r);
    return e;
}

struct row {
    const char *json;
    enum err want;
};

static inline void expect_rows(const struct row *rows, size_t n, const char *format)
{
    for (size_t i = 0; i < n; i++) {
        struct buf text;
        const char *hole = strchr(format, '@');
        buf_init(&text, LIMIT_MESSAGE);
        assert_int_equal(buf_append(&text, span_of(format, (size_t)(hole - format))), ERR_OK);
        assert_int_equal(buf_append_str(&text, rows[i].json), ERR_OK);
        assert_int_equal(buf_append_str(&text, hole + 1), ERR_OK);
        assert_int_equal(buf_append_u8(&text, 0), ERR_OK);
        enum err e = try_websocket((const char *)text.at);
        if (e != rows[i].want) {
            fail_msg("%s: got %s, want %s", rows[i].json, err_name(e), err_name(rows[i].want));
        }
        buf_clear(&text);
    }
}

#define EXPECT(format, ...)                                                                        \
    do {                                                                                           \
        static const struct row rows_[] = {__VA_ARGS__};                                           \
        expect_rows(rows_, sizeof rows_ / sizeof rows_[0], format);                                \
    } while (0)

#endif
