/* Input: the door (1 byte), then a message. What is decoded is complete, and for a signer it
 * crosses the process border unchanged. */
#include "wire/native.h"

#include "crossing.h"
#include "wire/bounds.h"
#include "wire/json_read.h"

#define ORIGIN "https://palvelu.example.fi"

/* Whatever was wrong, the answer is a JSON text of ours. */
static void check_error(const struct request *r, enum err e)
{
    struct buf out;
    struct json *j = NULL;
    buf_init(&out, LIMIT_REPLY);
    REQUIRE(native_encode_error(r->id, e, &out) == ERR_OK);
    REQUIRE(json_open(buf_span(&out), &j) == ERR_OK);
    json_close(&j);
    buf_clear(&out);
}

static void check_spans(const struct request *r)
{
    const struct span spans[] = {
        r->id,        r->origin,         r->purpose,  r->behalf_name, r->behalf_id,
        r->cancel_id, r->behalf_mandate, r->nonce,    r->certificate, r->cryptogram,
        r->scs.verb,  r->scs.path,       r->scs.body,
    };
    struct span store = buf_span(&r->store);
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
        REQUIRE(fuzz_inside(spans[i], store));
    }
    for (size_t i = 0; i < r->filter.n_issuers; i++) {
        REQUIRE(fuzz_inside(r->filter.issuers[i], store));
    }
    for (size_t i = 0; i < r->filter.n_policies; i++) {
        REQUIRE(fuzz_inside(r->filter.policies[i], store));
    }
    REQUIRE(fuzz_inside(r->filter.holder, store));
    for (size_t i = 0; i < r->n_docs; i++) {
        REQUIRE(fuzz_inside(r->docs[i].name, store));
        REQUIRE(fuzz_inside(r->docs[i].media_type, store));
        REQUIRE(fuzz_inside(r->docs[i].content, store));
        REQUIRE(fuzz_inside(r->docs[i].digest, store));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request r;
    struct span json;
    enum door door = fuzz_choice(data, size, &json) % 2 == 0 ? DOOR_WEBSOCKET : DOOR_NATIVE;
    struct span origin = door == DOOR_WEBSOCKET ? span_str(ORIGIN) : span_of(NULL, 0);
    request_init(&r);
    enum err e = native_decode(json, door, origin, &r);
    check_error(&r, e);
    check_spans(&r);
    if (e == ERR_OK) {
        REQUIRE(bounds_check_request(&r) == ERR_OK);
        REQUIRE(r.door == door);
        REQUIRE(r.id.len > 0 || r.method == METHOD_CANCEL);
        REQUIRE(door == DOOR_NATIVE || span_is(r.origin, ORIGIN));
        if (r.method <= METHOD_SUBSCRIBE) {
            (void)fuzz_crosses(&r);
        }
    }
    request_clear(&r);
    return 0;
}
