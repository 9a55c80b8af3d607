/* Command and answer APDUs of ISO 7816-4 in short form: built from their meaning, sent with what
 * T=0 asks for on top (61xx, 6Cxx), and judged by their status word. */
#ifndef CARD_APDU_H
#define CARD_APDU_H

#include "base/err.h"
#include "base/limits.h"
#include "card/card_io.h"

struct apdu {
    uint8_t bytes[LIMIT_APDU_COMMAND];
    size_t len;
    bool has_le; /* the last byte is Le and may be corrected by a 6Cxx */
};

struct apdu_answer {
    uint8_t data[LIMIT_SIGNATURE]; /* the longest answer that the program asks for */
    size_t len;
    uint16_t sw;
};

#define SW_OK           0x9000u
#define SW_END_OF_FILE  0x6282u /* fewer bytes than Le: all that the file has */
#define SW_PIN_NO_INFO  0x6300u
#define SW_NOT_VERIFIED 0x6982u
#define SW_PIN_BLOCKED  0x6983u
#define SW_PIN_INVALID  0x6984u /* reference data not usable: PIN never activated */
#define SW_CONDITIONS   0x6985u
#define SW_NO_FILE_OPEN 0x6986u
#define SW_FILE_MISSING 0x6A82u
#define SW_NO_REFERENCE 0x6A88u
#define SW_WRONG_P1P2   0x6A86u
#define SW_WRONG_OFFSET 0x6B00u

/* Digits as they go to a card: followed by `pad` up to `stored` bytes, or as they are when `stored`
 * is 0. */
struct apdu_pin {
    struct span digits; /* at most 16 */
    size_t stored;      /* at most 16, and not less than the digits unless 0 */
    uint8_t pad;
};

/* Builders set *a anew. Lengths are the caller's to keep: at most 16 bytes of AID, 16 of path, 64
 * of digest. */
void apdu_select_aid(struct apdu *a, struct span aid); /* §7.1.1; P2=0C: no data back */
/* From the MF, `path` without 3F00 (FINEID S1, SELECT). fcp: the card is to describe the file. */
void apdu_select_path(struct apdu *a, struct span path, bool fcp);
/* An EF right below the folder that is selected. */
void apdu_select_in_folder(struct apdu *a, struct span id, bool fcp);
void apdu_read_binary(struct apdu *a, size_t offset,
                      size_t len); /* §7.2.3; len 1..256, offset < 32768 */
/* VERIFY without data (§7.5.6): tells the tries left and counts nothing. */
void apdu_verify_probe(struct apdu *a, uint8_t ref);
void apdu_verify(struct apdu *a, uint8_t ref, struct apdu_pin pin);
/* CHANGE REFERENCE DATA (§7.5.7): the old value, then the new one. */
void apdu_change_pin(struct apdu *a, uint8_t ref, struct apdu_pin old_pin, struct apdu_pin new_pin);
/* RESET RETRY COUNTER (§7.5.10) with a new value, after the code that allows it; `code` NULL: it
 * was verified before. */
void apdu_unlock_pin(struct apdu *a, uint8_t ref, const struct apdu_pin *code,
                     struct apdu_pin new_pin);
/* GET DATA of the attributes of one PIN (FINEID S1). Le stands on T=1 only. */
void apdu_get_pin_data(struct apdu *a, uint8_t ref, bool t1);
/* MANAGE SECURITY ENVIRONMENT SET, digital signature template (§7.5.11, ISO 7816-8). */
void apdu_mse_sign(struct apdu *a, uint8_t algorithm, uint8_t key_ref);
/* PERFORM SECURITY OPERATION: HASH with a hash made outside, then COMPUTE DIGITAL SIGNATURE over it
 * (ISO 7816-8). le: 1..256. */
void apdu_pso_hash(struct apdu *a, struct span digest);
void apdu_pso_cds(struct apdu *a, size_t le);
/* COMPUTE DIGITAL SIGNATURE with the hash in the command. Le stands on T=1 only. */
void apdu_pso_cds_digest(struct apdu *a, struct span digest, size_t le, bool t1);

/* MSE SET, confidentiality template; `algorithm` NULL: the key alone tells (key agreement). */
void apdu_mse_decipher(struct apdu *a, const uint8_t *algorithm, uint8_t key_ref);
/* PERFORM SECURITY OPERATION: DECIPHER (ISO 7816-8): one part of the data, at most 255 bytes;
 * `more`: another one follows (command chaining, ISO 7816-4 §5.3.3). le: 0 for none, which is what
 * T=0 has. */
void apdu_pso_decipher(struct apdu *a, struct span part, bool more, size_t le);

enum apdu_repeat {
    APDU_REPEAT, /* on 6Cxx the command goes out once more with that Le */
    APDU_ONCE,   /* 6Cxx comes back as the status: repeating could sign or count something else */
};

/* One command with all the GET RESPONSEs that it takes (§7.6.1). Wipes *a whatever happens: no
 * command can go out twice, and no PIN stays. ERR_OK: the card answered, ret->sw is its last status
 * word. ERR_CARD_IO also for an answer that no card may give: no status word, an impossible one,
 * more bytes than fit, a GET RESPONSE without bytes. */
enum err apdu_exchange(struct card_io *io, struct apdu *a, enum apdu_repeat repeat,
                       struct apdu_answer *ret) MUST_CHECK;

/* What a final status word means when nothing more is known: ERR_OK, ERR_PIN_WRONG (63Cx),
 * ERR_PIN_BLOCKED, ERR_PIN_NOT_ACTIVATED, ERR_CERT_NOT_FOUND (no such file), ERR_CARD_STATUS. */
enum err apdu_status(uint16_t sw);
/* The x of 63Cx; -1 when the status word does not tell tries. */
int8_t apdu_tries(uint16_t sw);

#endif
