/* Input: a PDF file. */
#include "crypto/pdf_signature.h"

#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct pdf_signature found[LIMIT_PDF_SIGNATURES];
    struct span file = span_of(data, size);
    size_t n = 0;
    if (pdf_signature_find(file, found, &n) != ERR_OK) {
        return 0;
    }
    REQUIRE(n <= LIMIT_PDF_SIGNATURES);
    for (size_t i = 0; i < n; i++) {
        const struct pdf_signature *s = &found[i];
        if (!s->readable) {
            continue;
        }
        /* what is signed, the text of Contents with its < and >, and what was added are the file */
        REQUIRE(s->before.at == data && s->before.len > 0);
        REQUIRE(s->contents.at == data + s->before.len + 1 && s->contents.len % 2 == 0);
        REQUIRE(s->after.len == 0 || s->after.at == s->contents.at + s->contents.len + 1);
        REQUIRE(s->before.len + s->contents.len + 2 + s->after.len + s->added == size);
        REQUIRE(s->contents.at[-1] == '<' && s->contents.at[s->contents.len] == '>');
        REQUIRE(fuzz_inside(s->sub_filter, s->before) || fuzz_inside(s->sub_filter, s->after));
    }
    return 0;
}
