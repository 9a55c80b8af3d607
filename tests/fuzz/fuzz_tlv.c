/* Input: a tag to look for (1 byte), then objects. */
#include "card/tlv.h"

#include "fuzz.h"

/* Everything at this level, and one level down. */
static void walk(struct span in, unsigned depth)
{
    struct span rest = in;
    struct tlv object;
    size_t total;
    for (;;) {
        struct span before = rest;
        if (tlv_next(&rest, &object) != ERR_OK) {
            REQUIRE(span_eq(rest, before) && rest.at == before.at);
            return;
        }
        REQUIRE(rest.len < before.len && fuzz_inside(rest, before));
        REQUIRE(fuzz_inside(object.value, before));
        REQUIRE(tlv_total(before, &total) == ERR_OK);
        REQUIRE(total == before.len - rest.len);
        if (depth == 0) {
            walk(object.value, 1);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span in;
    struct span value;
    size_t total;
    uint8_t tag = fuzz_choice(data, size, &in);
    walk(in, 0);
    if (tlv_find(in, tag, &value) == ERR_OK) {
        REQUIRE(fuzz_inside(value, in));
    }
    for (size_t len = 0; len <= in.len && len < 16; len++) {
        if (tlv_total(span_sub(in, 0, len), &total) == ERR_OK) {
            REQUIRE(total >= 2);
        }
    }
    return 0;
}
