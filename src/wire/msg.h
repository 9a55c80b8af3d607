/* The narrow waist: what a page asks and what it gets, free of any door's syntax.
 * Doors decode into struct request and encode from struct response; core/ and the signer know
 * nothing of JSON. msg_pack_* and msg_unpack_* carry both over the agent-signer pipe. */
#ifndef WIRE_MSG_H
#define WIRE_MSG_H

#include "base/alg.h"
#include "base/buf.h"
#include "base/limits.h"
#include "wire/filter.h"

/* DOOR_WEBEID: Web eID's dialect, which comes through one of the first two. */
enum door { DOOR_NATIVE, DOOR_WEBSOCKET, DOOR_SCS, DOOR_WEBEID, DOOR_COUNT };

/* Methods up to METHOD_SUBSCRIBE need the person and go to a signer; the agent answers the rest. */
enum method {
    METHOD_AUTHENTICATE,
    METHOD_GET_SIGNING_CERTIFICATE,
    METHOD_SIGN,
    METHOD_DECRYPT,
    METHOD_SUBSCRIBE, /* the person allows the origin to hear of card insertion and removal */
    METHOD_UNSUBSCRIBE,
    METHOD_HELLO,
    METHOD_CANCEL,
    METHOD_SCS, /* native door only: one exchange of that interface, which an extension passes on */
    METHOD_SCS_SITES, /* the same: the extension itself asks for which sites it may; no origin */
    METHOD_COUNT
};

enum lang { LANG_SYSTEM, LANG_FI, LANG_SV, LANG_EN, LANG_COUNT };
/* What stands in the answer for each document: the card's value, or CMS SignedData around it. */
enum sign_format { FORMAT_RAW, FORMAT_CMS, FORMAT_CADES, FORMAT_PADES_CMS, FORMAT_COUNT };
/* When it is looked up whether a certificate has been revoked: when the person asks for it, before
 * every use, or not at all. */
enum revocation_check { CHECK_ASKED, CHECK_ALWAYS, CHECK_NEVER, CHECK_COUNT };

/* How the challenge of an SCS authentication is bound to the page's origin (core/scs_binding.h). */
enum binding {
    BINDING_STRICT, /* origin, ";" and a nonce: SCS 1.3 */
    BINDING_OLD,    /* a newline or a space may stand for the ";": before 1.3 */
    BINDING_NONE,   /* any bytes, as 1.0 had it: only where the administrator says so */
    BINDING_COUNT
};

/* Exactly one of content and digest is set. Spans point into the request's store. */
struct document {
    struct span name;       /* UTF-8, 1..LIMIT_DOC_NAME; none on DOOR_SCS and DOOR_WEBEID: empty */
    struct span media_type; /* RFC 6838 type/subtype, ASCII */
    uint64_t size;          /* bytes of the document; as the page says when only a digest came */
    bool has_content;
    struct span content;
    struct span digest; /* length fits request.hash */
};

struct request {
    enum method method;
    enum door door;
    struct span id; /* raw JSON of the id, a string or an integer, echoed; empty: notification */
    struct span origin; /* from the door: ASCII, serialised as the browser reported it; empty with
                           METHOD_SCS_SITES only */
    enum lang lang;
    uint32_t timeout_ms;
    struct span purpose; /* the site's words, UTF-8; empty when absent */
    struct span behalf_name;
    struct span behalf_id;
    struct span behalf_mandate;
    struct span nonce; /* authenticate: the characters as given, never decoded */
    /* authenticate on DOOR_SCS, which has no nonce: the bytes to sign with `hash` */
    struct span challenge;
    enum binding binding; /* of the challenge */
    /* sign, decrypt: DER that the card must hold; empty: the person chooses */
    struct span certificate;
    struct cert_filter filter; /* which certificates the page accepts */
    enum sign_format format;
    bool attached; /* FORMAT_CMS, FORMAT_CADES: the content goes into the SignedData */
    enum hash_alg hash;
    bool has_hash;    /* authenticate on DOOR_SCS: true; sign: false lets the key's own hash be used
                         (content documents only) */
    uint16_t accepts; /* sign: bits of base/alg.h, one of which must be used; 0: any */
    bool signing_time; /* sign, FORMAT_CMS and FORMAT_CADES: the time of this computer goes in */
    struct document *docs;
    size_t n_docs;
    enum dec_alg dec_alg;   /* decrypt */
    struct span cryptogram; /* decrypt: as long as some key's modulus, or an uncompressed point */
    struct span cancel_id;  /* cancel: raw JSON of the id to cancel */
    struct {
        struct span verb; /* "GET" */
        struct span path; /* "/version" */
        struct span body; /* may be empty */
        bool chosen;      /* the person has listed the site in the extension */
    } scs;
    /* Where one PC/SC connection has lived without a break, its number; 0: unknown. Set by the
     * agent, lets the signer trust PC/SC's insertion count (card/cache.h). */
    uint64_t presence_epoch;
    enum revocation_check check; /* set by the agent, from the policy */
    bool plain_readers;          /* the same: PINs are not typed on readers that have a PIN pad */
    bool no_journal;             /* the same: core/journal.h notes nothing */
    struct buf store;            /* owns what the spans point into */
};

/* Zeroes and prepares; free with request_clear whatever happens after. */
void request_init(struct request *r);
/* Wipes the store and frees the documents; safe on a zeroed struct and when called twice. */
void request_clear(struct request *r);

struct signature {
    struct sig_alg alg;
    uint8_t value[LIMIT_SIGNATURE]; /* ECDSA: r then s, fixed width; RSA: big endian */
    size_t len;
    uint8_t digest[LIMIT_DIGEST]; /* of the document */
    struct span signed_data; /* unless FORMAT_RAW: DER of SignedData, in the response's store */
};

struct response {
    enum err err; /* not ERR_OK: nothing else is set */
    enum method method;
    struct buf certificate; /* DER of the certificate that was used */
    /* getSigningCertificate, sign, authenticate on DOOR_SCS: who issued it, who issued that, ...;
     * each DER */
    struct buf chain[LIMIT_CHAIN];
    size_t n_chain;
    struct buf store; /* owns what spans of the signatures point into */
    struct key_type key;
    struct sig_alg algs[8]; /* getSigningCertificate: what the key can do, best first */
    size_t n_algs;
    struct signature *sigs; /* authenticate: one; sign: one a document, in order */
    size_t n_sigs;
    struct buf plaintext; /* decrypt: the transported key, or the shared x-coordinate */
    /* sign: the person stopped it between two signatures; those made are here, at least one and not
     * all. */
    bool stopped;
};

/* How far a running operation is; goes from the signer to the page while it works. */
struct progress {
    uint32_t done;
    uint32_t total; /* 1..LIMIT_DOCS, done <= total */
};

void response_init(struct response *r, enum method method);
void response_clear(struct response *r);
/* One allocation of n zeroed signatures. */
enum err response_alloc_sigs(struct response *r, size_t n) MUST_CHECK;

/* The person enters a PIN for it. */
bool msg_needs_pin(enum method m);
const char *msg_method_name(enum method m);      /* "getSigningCertificate" */
const char *msg_lang_name(enum lang l);          /* "fi", "sv", "en"; "" for LANG_SYSTEM */
const char *msg_format_name(enum sign_format f); /* "raw", "cms", "cades", "pades-cms" */

/* Appends the record form to out. ERR_TOO_LARGE past LIMIT_IPC; ERR_INTERNAL when the message does
 * not pass bounds_check_* or is not one for a signer. */
enum err msg_pack_request(const struct request *r, struct buf *out) MUST_CHECK;
/* `r` was request_init'ed. ERR_MALFORMED for anything that msg_pack_request can't have made:
 * every bound of limits.h is checked again on this side of the border. */
enum err msg_unpack_request(struct span record, struct request *r) MUST_CHECK;
enum err msg_pack_response(const struct response *r, struct buf *out) MUST_CHECK;
enum err msg_unpack_response(struct span record, struct response *r) MUST_CHECK;
enum err msg_pack_progress(const struct progress *p, struct buf *out) MUST_CHECK;
/* True when the record is one of progress, which is then in *ret; false: it is something else. */
bool msg_unpack_progress(struct span record, struct progress *ret);

#endif
