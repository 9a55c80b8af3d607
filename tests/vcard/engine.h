/* The card itself: answers to commands on T=0 or T=1, with the state that a real one keeps between
 * them. It knows nothing of sockets, readers or planned faults (session.h). */
#ifndef VCARD_ENGINE_H
#define VCARD_ENGINE_H

#include "base/buf.h"
#include "folder.h"

#define ENGINE_ANSWER_MAX 4096u
#define ENGINE_CHAIN_MAX  513u /* RSA-4096 and its padding indicator */
#define ENGINE_DIGEST_MAX 96u  /* a DigestInfo around 64 bytes is 83 */

struct engine {
    struct folder folder;
    bool pin2_persistent; /* one VERIFY of the signature PIN covers many signatures */
    bool t1;              /* what host and reader agreed on; T=0 when false */

    /* From here on: lost at reset. */
    const struct profile_app *app; /* NULL: none was selected by name */
    uint16_t df;
    size_t ef; /* index into profile->files; n_files: none */
    bool verified[FOLDER_PINS];
    bool env_set; /* MSE SET was accepted */
    uint8_t alg;
    size_t key; /* index into profile->keys */
    uint8_t digest[ENGINE_DIGEST_MAX];
    size_t digest_len;         /* 0: none loaded */
    bool dec_set;              /* MSE SET for DECIPHER was accepted */
    const struct dec_row *dec; /* NULL: key agreement */
    size_t dec_key;
    bool chaining; /* the last command was one of a chain, not its end */
    struct buf chain;
    struct buf pending; /* waits for GET RESPONSE */
};

/* Reads the folder; ERR_NO_CARD, ERR_CARD_UNKNOWN. */
enum err engine_open(struct engine *e, const char *folder) MUST_CHECK;
void engine_close(struct engine *e);
struct span engine_atr(const struct engine *e);
/* Reset or power: everything volatile is lost, counters stay. */
void engine_reset(struct engine *e);
/* Plays one command; `answer` (cleared first) gets data and SW1 SW2. */
enum err engine_exchange(struct engine *e, struct span command, struct buf *answer) MUST_CHECK;

#endif
