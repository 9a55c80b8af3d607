/* Input: the body of POST /sign. What is decoded is complete and crosses the process border
 * unchanged; the key that logs in has a challenge and never a digest; whatever happened has an
 * answer. */
#include "wire/scs.h"

#include "crossing.h"
#include "wire/bounds.h"
#include "wire/json_read.h"

#define ORIGIN "https://palvelu.example.fi"

static void check_answer(enum err e)
{
    struct buf out;
    struct json *j = NULL;
    buf_init(&out, LIMIT_REPLY);
    REQUIRE(scs_encode_error(e, e % 2 == 0 ? SCS_CODES_NUMBER : SCS_CODES_STRING, &out) == ERR_OK);
    REQUIRE(json_open(buf_span(&out), &j) == ERR_OK);
    json_close(&j);
    buf_clear(&out);
}

static void check_spans(const struct request *r)
{
    struct span store = buf_span(&r->store);
    REQUIRE(fuzz_inside(r->origin, store) && fuzz_inside(r->challenge, store));
    for (size_t i = 0; i < r->filter.n_issuers; i++) {
        REQUIRE(fuzz_inside(r->filter.issuers[i], store));
    }
    for (size_t i = 0; i < r->n_docs; i++) {
        REQUIRE(fuzz_inside(r->docs[i].media_type, store));
        REQUIRE(fuzz_inside(r->docs[i].content, store));
        REQUIRE(fuzz_inside(r->docs[i].digest, store));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct request r;
    request_init(&r);
    enum err e = scs_decode(span_of(data, size), span_of(NULL, 0), span_str(ORIGIN), &r);
    check_answer(e);
    check_spans(&r);
    if (e == ERR_OK) {
        bool logs_in = r.method == METHOD_AUTHENTICATE;
        REQUIRE(r.door == DOOR_SCS && span_is(r.origin, ORIGIN) && r.has_hash);
        REQUIRE(logs_in || r.method == METHOD_SIGN);
        REQUIRE(logs_in ? r.challenge.len > 0 && r.n_docs == 0 : r.n_docs == 1);
        REQUIRE(r.binding != BINDING_NONE); /* that is the administrator's to say */
        REQUIRE(fuzz_crosses(&r));
    }
    request_clear(&r);
    return 0;
}
