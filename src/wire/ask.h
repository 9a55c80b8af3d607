/* The conversation between the signer and the window that asks the person: the signer sends one
 * question and then states as they change; the prompt sends one answer per armed state. Each is
 * one frame (wire/frame.h) that holds one record. Texts are codes here, sentences in ui/. */
#ifndef WIRE_ASK_H
#define WIRE_ASK_H

#include "base/identifier.h"
#include "os/secret.h"
#include "wire/msg.h"

struct ask_document {
    struct span name; /* already safe to show (utf8_append_safe) */
    struct span media_type;
    uint64_t size;
    enum hash_alg hash;
    struct span digest;
    bool has_content; /* false: only a digest came, the program has not seen the document */
};

/* What does not change while the window is open. */
struct ask_question {
    enum method method; /* authenticate, getSigningCertificate, sign or subscribe */
    enum lang lang;
    struct span origin; /* ASCII */
    struct span purpose;
    struct span behalf_name;
    struct span behalf_id;
    struct span behalf_mandate;
    struct ask_document *docs;
    size_t n_docs;
    struct buf store;
};

enum ask_phase {
    ASK_READING,      /* looking for readers and cards */
    ASK_WAIT_PCSC,    /* pcscd is not running */
    ASK_WAIT_READER,  /* no reader */
    ASK_WAIT_CARD,    /* no card in any reader */
    ASK_CARD_UNKNOWN, /* a card, but none that is known; another may be put in */
    ASK_NO_CERT,      /* known card, no certificate that fits (other certificate, wrong purpose) */
    ASK_READY,        /* choose and confirm; error says what happened before, if anything */
    ASK_ON_READER,    /* the person types the PIN on the card reader; done of total are made */
    ASK_CHECKING,     /* the issuer is asked whether the certificate has been revoked */
    ASK_WORKING,      /* the card signs; done of total */
    ASK_ENDED,        /* final: error explains, nothing can be confirmed; the person closes it */
};

/* Why a certificate can't be used. */
enum ask_usable {
    ASK_USABLE,
    ASK_EXPIRED,
    ASK_NOT_YET_VALID,
    ASK_OTHER_PURPOSE, /* its key usage is for something else */
    ASK_NOT_ACCEPTED,  /* the page asks for another one: certificateFilter, certificate */
    ASK_PIN_BLOCKED,
    ASK_REVOKED,
};

/* What the issuer of a certificate says of it, when it was asked while this window is open. */
enum ask_status { STATUS_NOT_ASKED, STATUS_GOOD, STATUS_UNKNOWN, STATUS_REVOKED, STATUS_COUNT };

struct ask_cert {
    struct span holder;    /* common name, safe to show */
    struct span person_id; /* subject serialNumber */
    enum id_kind id_kind;  /* of person_id */
    struct span employer;  /* empty when the certificate names none */
    struct span issuer;    /* issuer's common name */
    struct span reader;    /* reader name: tells two cards apart */
    int64_t not_before;    /* seconds since 1970, UTC */
    int64_t not_after;
    enum ask_usable usable;
    enum ask_status status;
    /* The PIN that this certificate's key wants. */
    uint8_t pin_index; /* 1: PIN1 (basic, authentication), 2: PIN2 (signature) */
    uint8_t pin_min;   /* digits */
    uint8_t pin_max;
    int8_t tries_left; /* -1: the card does not tell */
    bool on_reader;    /* the PIN is typed on the reader's PIN pad, never here */
};

struct ask_state {
    uint32_t serial; /* set by consent_show */
    enum ask_phase phase;
    enum err error; /* ERR_OK, or what the person should be told with this phase */
    bool needs_pin; /* false for getSigningCertificate and subscribe */
    struct ask_cert certs[LIMIT_CERTS];
    size_t n_certs;
    size_t selected; /* index to show first */
    uint32_t done, total;
    bool can_stop;  /* ASK_ON_READER: ASK_CANCEL ends the entry; else only the reader's own key does
                     */
    bool can_check; /* ASK_CHECK is offered */
    struct buf store;
};

enum ask_verb {
    ASK_CONFIRM,
    ASK_CANCEL,
    ASK_REPORT, /* "tell the service that there is no card": ends a waiting phase with its error */
    ASK_CLOSE,  /* the explanation of ASK_ENDED was closed */
    ASK_CHECK,  /* of cert: ask its issuer whether it has been revoked; the states go on */
};

struct ask_answer {
    enum ask_verb verb;
    uint32_t serial; /* of the state that the person saw; consent_read drops a late ASK_CONFIRM */
    size_t cert;     /* index into the certs of the last state */
    bool last_try_agreed; /* the person was told that one try is left and said yes */
    struct secret *pin;   /* owned; NULL when none was asked here */
};

void ask_question_clear(struct ask_question *q);
void ask_state_clear(struct ask_state *s);
void ask_answer_clear(struct ask_answer *a); /* wipes and frees the PIN */

/* pack appends one record; unpack wants a zeroed struct and checks every bound.
 * ERR_MALFORMED, ERR_NOMEM, ERR_TOO_LARGE. */
enum err ask_pack_question(const struct ask_question *q, struct buf *out) MUST_CHECK;
enum err ask_unpack_question(struct span record, struct ask_question *q) MUST_CHECK;
enum err ask_pack_state(const struct ask_state *s, struct buf *out) MUST_CHECK;
enum err ask_unpack_state(struct span record, struct ask_state *s) MUST_CHECK;
/* The buffer holds the PIN afterwards: it wipes itself on clear, clear it at once after writing. */
enum err ask_pack_answer(const struct ask_answer *a, struct buf *out) MUST_CHECK;
enum err ask_unpack_answer(struct span record, struct ask_answer *a) MUST_CHECK;

#endif
