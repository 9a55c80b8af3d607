/* Input: a byte that chooses the door, then one of Web eID's messages, or the record that says who
 * started the host. What is decoded is complete and crosses the process border unchanged; the
 * origin is the door's; whatever happened has an answer. */
#include "wire/webeid.h"

#include "crossing.h"
#include "wire/bounds.h"
#include "wire/json_read.h"

#define ORIGIN "https://palvelu.example.fi"

enum choice { CHOICE_NATIVE, CHOICE_WEBSOCKET, CHOICE_CALLER, CHOICE_COUNT };

static void check_answer(enum err e)
{
    struct buf out;
    struct json *j = NULL;
    buf_init(&out, LIMIT_REPLY);
    REQUIRE(webeid_encode_error(e, &out) == ERR_OK);
    REQUIRE(json_open(buf_span(&out), &j) == ERR_OK);
    REQUIRE(json_member(j, JSON_ROOT, "error") != JSON_ABSENT);
    json_close(&j);
    buf_clear(&out);
}

static bool is_ascii(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] <= 0x20 || text.at[i] > 0x7E) {
            return false;
        }
    }
    return true;
}

static void check_request(const struct request *r, enum door carrier)
{
    struct span store = buf_span(&r->store);
    REQUIRE(r->door == DOOR_WEBEID);
    REQUIRE(fuzz_inside(r->origin, store) && fuzz_inside(r->nonce, store));
    REQUIRE(fuzz_inside(r->certificate, store));
    if (r->method == METHOD_HELLO) {
        REQUIRE(r->origin.len == 0 && r->n_docs == 0);
        return;
    }
    REQUIRE(r->method <= METHOD_SIGN);
    REQUIRE(carrier == DOOR_NATIVE || span_is(r->origin, ORIGIN));
    REQUIRE((r->method == METHOD_AUTHENTICATE) == (r->nonce.len > 0));
    REQUIRE((r->method == METHOD_SIGN) == (r->n_docs == 1));
    if (r->method == METHOD_SIGN) {
        REQUIRE(r->certificate.len > 0 && !r->docs[0].has_content);
        REQUIRE(fuzz_inside(r->docs[0].digest, store));
    }
    REQUIRE(fuzz_crosses(r) == is_ascii(r->origin));
}

static void check_caller(struct span record)
{
    struct caller c;
    if (caller_unpack(record, &c) == ERR_OK) {
        REQUIRE(c.n <= LIMIT_CALLER_ARGUMENTS);
        for (size_t i = 0; i < c.n; i++) {
            REQUIRE(fuzz_inside(c.arguments[i], record) && c.arguments[i].len > 0);
        }
        (void)webeid_is_caller(&c);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request r;
    struct span input;
    enum choice choice = fuzz_choice(data, size, &input) % CHOICE_COUNT;
    if (choice == CHOICE_CALLER) {
        check_caller(input);
        return 0;
    }
    enum door carrier = choice == CHOICE_NATIVE ? DOOR_NATIVE : DOOR_WEBSOCKET;
    struct span origin = carrier == DOOR_NATIVE ? span_of(NULL, 0) : span_str(ORIGIN);
    request_init(&r);
    enum err e = webeid_decode(input, carrier, origin, &r);
    check_answer(e);
    REQUIRE(e != ERR_OK || webeid_speaks(input));
    if (e == ERR_OK) {
        check_request(&r, carrier);
    }
    request_clear(&r);
    return 0;
}
