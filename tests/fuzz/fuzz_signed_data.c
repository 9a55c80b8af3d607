/* Input: a choice of how it is read, then a file with SignedData. No CA is known: whatever it is,
 * nobody is trusted. */
#include "crypto/signed_data.h"

#include "base/utf8.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct chain_pool *pool = NULL;
    struct signed_data *read = NULL;
    struct span file;
    bool padded = fuzz_choice(data, size, &file) % 2 == 1;
    if (signed_data_open(file, padded, &read) != ERR_OK) {
        REQUIRE(read == NULL);
        return 0;
    }
    REQUIRE(chain_pool_open(&pool) == ERR_OK);
    struct span content = signed_data_content(read);
    REQUIRE(signed_data_signers(read) > 0 && signed_data_signers(read) <= LIMIT_VERIFY_SIGNERS);
    for (size_t i = 0; i < signed_data_signers(read); i++) {
        struct signed_by by;
        signed_by_init(&by);
        REQUIRE(signed_data_judge(read, i, &content, 1, pool, 1790000000, &by) == ERR_OK);
        REQUIRE(by.trust == TRUST_NO_PATH && by.root[0] == '\0' && by.issuer.len == 0);
        REQUIRE(by.state == SIGNED_UNREADABLE || by.cert.len > 0);
        REQUIRE(utf8_valid(span_str(by.info.holder)));
        signed_by_clear(&by);
    }
    signed_data_free(&read);
    chain_pool_free(&pool);
    return 0;
}
