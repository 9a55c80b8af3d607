/* Input: a command (1 byte), its mode (1 byte), then the answers of the card: each a length (2
 * bytes) and as many bytes. No card makes a command go out twice that may go out once. */
#include "card/apdu.h"

#include "fuzz.h"

struct fake {
    struct card_io io;
    struct span answers;
    uint8_t first_ins;
    size_t sent;
    size_t repeated; /* commands with the first one's instruction byte */
};

static enum err transmit(struct card_io *io, struct span command, uint8_t *answer, size_t *len)
{
    struct fake *f = (struct fake *)(void *)io;
    REQUIRE(command.len >= 4 && command.len <= LIMIT_APDU_COMMAND);
    f->first_ins = f->sent == 0 ? command.at[1] : f->first_ins;
    f->repeated += command.at[1] == f->first_ins ? 1 : 0;
    f->sent++;
    if (f->answers.len < 2) {
        return ERR_CARD_REMOVED;
    }
    size_t n = (size_t)(f->answers.at[0] << 8 | f->answers.at[1]) % (LIMIT_APDU_ANSWER + 1);
    struct span bytes = span_sub(f->answers, 2, n);
    f->answers = span_sub(f->answers, 2 + n, f->answers.len);
    REQUIRE(*len >= LIMIT_APDU_ANSWER);
    if (bytes.len > 0) {
        memcpy(answer, bytes.at, bytes.len);
    }
    *len = bytes.len;
    return ERR_OK;
}

static void build(struct apdu *a, uint8_t command)
{
    static const uint8_t bytes[LIMIT_DIGEST] = {0xA0};
    switch (command % 9) {
    case 0:
        apdu_select_aid(a, span_of(bytes, 12));
        break;
    case 1:
        apdu_select_path(a, span_of(bytes, 4), true);
        break;
    case 2:
        apdu_read_binary(a, 0x0100, 256);
        break;
    case 3:
        apdu_verify_probe(a, 0x11);
        break;
    case 4:
        apdu_verify(a, 0x11, (struct apdu_pin){span_str("1234"), 12, 0});
        break;
    case 5:
        apdu_get_pin_data(a, 0x11, command >= 128);
        break;
    case 6:
        apdu_mse_sign(a, 0x44, 1);
        break;
    case 7:
        apdu_pso_hash(a, span_of(bytes, 48));
        break;
    default:
        apdu_pso_cds(a, 96);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct apdu empty;
    struct fake f = {.io = {.transmit = transmit}};
    struct apdu a;
    struct apdu_answer answer = {.len = 0};
    struct span rest;
    uint8_t command = fuzz_choice(data, size, &rest);
    bool once = fuzz_choice(rest.at, rest.len, &f.answers) % 2 == 0;
    build(&a, command);
    REQUIRE(a.len >= 4 && a.len <= LIMIT_APDU_COMMAND);
    enum err e = apdu_exchange(&f.io, &a, once ? APDU_ONCE : APDU_REPEAT, &answer);
    REQUIRE(f.sent <= 1 + LIMIT_SIGNATURE + 1); /* each GET RESPONSE brings a byte at least */
    REQUIRE(f.repeated <= (once ? 1u : 2u));
    REQUIRE(memcmp(a.bytes, empty.bytes, sizeof a.bytes) == 0);
    if (e == ERR_OK) {
        REQUIRE(answer.len <= sizeof answer.data);
        enum err meaning = apdu_status(answer.sw);
        int8_t tries = apdu_tries(answer.sw);
        REQUIRE((answer.sw == SW_OK) == (meaning == ERR_OK));
        REQUIRE(tries >= -1 && tries <= 15);
    } else {
        REQUIRE(e == ERR_CARD_IO || e == ERR_CARD_REMOVED);
    }
    return 0;
}
