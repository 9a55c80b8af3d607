/* Input: the bytes of one HTTP request. What is read lies inside them, a part of a head is never
 * taken for another head, and every verdict has an answer. */
#include "serve/scs_http.h"

#include "base/limits.h"
#include "core/origin.h"
#include "fuzz.h"

#define PORT 53952u

static void check_answer(enum scs_status status, const struct scs_ask *ask)
{
    struct buf out;
    buf_init(&out, (size_t)2 * SCS_HTTP_HEAD);
    REQUIRE(scs_http_answer(status, ask, "application/json", NULL, span_of(NULL, 0), &out) ==
            ERR_OK);
    REQUIRE(memmem(out.at, out.len, "\r\n\r\n", 4) == out.at + out.len - 4);
    buf_clear(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in = span_of(data, size);
    struct http_head h, again;
    struct scs_ask ask = {0};
    enum http_state state = http_head_read(in, &h);
    if (state != HTTP_WHOLE) {
        return 0;
    }
    REQUIRE(h.len > 0 && h.len <= size);
    REQUIRE(http_head_read(span_sub(in, 0, h.len), &again) == HTTP_WHOLE && again.len == h.len);
    for (int i = 0; i < HTTP_FIELDS; i++) {
        REQUIRE(fuzz_inside(h.values[i], in));
    }
    REQUIRE(fuzz_inside(h.verb, in) && fuzz_inside(h.path, in));
    enum scs_status status = scs_http_judge(&h, PORT, &ask);
    if (status == SCS_OK) {
        REQUIRE(origin_check_host(h.values[HTTP_HOST], PORT) == ERR_OK);
        REQUIRE(ask.body <= LIMIT_MESSAGE);
        REQUIRE(ask.route != SCS_NO_PATH && ask.route != SCS_NO_VERB);
    }
    REQUIRE(ask.origin.len == 0 || origin_check(ask.origin) == ERR_OK);
    check_answer(status, &ask);
    return 0;
}
