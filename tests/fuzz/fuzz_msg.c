/* Input: request or response (1 byte), then a record. There is one record for one message: what is
 * unpacked packs to the same bytes. */
#include "wire/msg.h"

#include "fuzz.h"
#include "wire/bounds.h"
#include "wire/native.h"

static void check_request(struct span record)
{
    struct request r;
    struct buf out;
    request_init(&r);
    buf_init(&out, LIMIT_IPC);
    if (msg_unpack_request(record, &r) == ERR_OK) {
        REQUIRE(bounds_check_request(&r) == ERR_OK);
        REQUIRE(msg_pack_request(&r, &out) == ERR_OK);
        REQUIRE(span_eq(buf_span(&out), record));
    }
    request_clear(&r);
    buf_clear(&out);
}

/* What the agent would send to the page for it. */
static void check_answer(const struct response *resp)
{
    struct request r;
    struct buf out;
    request_init(&r);
    buf_init(&out, LIMIT_REPLY);
    r.method = resp->method;
    if (r.method == METHOD_AUTHENTICATE) {
        enum err e = native_encode_response(&r, resp, 0, &out);
        REQUIRE(e == ERR_OK || e == ERR_INTERNAL);
    } else if (r.method != METHOD_SIGN) {
        REQUIRE(native_encode_response(&r, resp, 0, &out) == ERR_OK);
    }
    request_clear(&r);
    buf_clear(&out);
}

static void check_response(struct span record)
{
    struct response r;
    struct buf out;
    response_init(&r, METHOD_SIGN);
    buf_init(&out, LIMIT_IPC);
    if (msg_unpack_response(record, &r) == ERR_OK) {
        REQUIRE(bounds_check_response(&r) == ERR_OK);
        REQUIRE(msg_pack_response(&r, &out) == ERR_OK);
        REQUIRE(span_eq(buf_span(&out), record));
        check_answer(&r);
    }
    response_clear(&r);
    buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span record;
    if (fuzz_choice(data, size, &record) % 2 == 0) {
        check_request(record);
    } else {
        check_response(record);
    }
    return 0;
}
