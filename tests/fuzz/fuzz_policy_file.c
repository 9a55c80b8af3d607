/* Input: a file of the administrator's policy. It is used as a whole or not at all; used twice it
 * says the same. */
#include "core/policy_file.h"

#include "core/origin.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct policy p, before;
    struct span text = span_of(data, size);
    p = (struct policy){.check = CHECK_NEVER};
    before = p;
    if (policy_file_parse(text, &p) != NULL) {
        REQUIRE(memcmp(&p, &before, sizeof p) == 0);
        return 0;
    }
    REQUIRE(p.n_origins <= LIMIT_POLICY_ORIGINS && p.check < CHECK_COUNT);
    for (size_t i = 0; i < p.n_origins; i++) {
        struct span name = span_of(p.origins[i].name, p.origins[i].len);
        REQUIRE(origin_check(name) == ERR_OK);
        REQUIRE(policy_origin_at(&p, name) == &p.origins[i]);
        REQUIRE(p.origins[i].rights >> POLICY_RIGHT_COUNT == 0);
    }
    before = p;
    REQUIRE(policy_file_parse(text, &p) == NULL);
    REQUIRE(memcmp(&p, &before, sizeof p) == 0);
    return 0;
}
