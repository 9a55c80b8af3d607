/* Every maximum of the program, with its reason. Sizes are bytes, times milliseconds. */
#ifndef BASE_LIMITS_H
#define BASE_LIMITS_H

/* Messages from pages. 4 MiB carries a contract of 3 MiB in base64; larger documents are sent as
 * digests. Browsers take at most 1 MiB from a native-messaging host. */
#define LIMIT_MESSAGE    (4u * 1024 * 1024)
#define LIMIT_REPLY      (1024u * 1024)
#define LIMIT_JSON_DEPTH 8u
/* 500 documents of 4 members are 4,500 tokens (tests/unit/wire/test_native.c sends them). */
#define LIMIT_JSON_TOKENS 8192u
/* Every two keys of an object are compared; no message of ours has more than 9. */
#define LIMIT_JSON_MEMBERS 64u
#define LIMIT_JSON_KEY     128u /* as written, escapes and all; the longest of ours has 17 */

#define LIMIT_ORIGIN    255u /* "https://" + 253-byte DNS name (RFC 1035) would be 261; as Web eID */
#define LIMIT_NONCE_MIN 44u  /* base64 of 32 bytes: 256 bits (Web eID token 1.0) */
#define LIMIT_NONCE_MAX 128u
#define LIMIT_CHALLENGE 16384u /* SCS: origin, nonce, and what old services write after it */
#define LIMIT_SCS_NONCE 64u    /* characters at least, SCS 1.3 */
#define LIMIT_SCS_VERB  16u    /* the longest of HTTP has 7 */
#define LIMIT_SCS_PATH  256u
/* One of Web eID's messages: a certificate of LIMIT_CERT in base64, and what stands around it. */
#define LIMIT_WEBEID      16384u
#define LIMIT_RPC_ID      64u
#define LIMIT_RPC_ID_JSON (LIMIT_RPC_ID * 6 + 2) /* each byte as \u00XX, and the quotes */
#define LIMIT_LIBRARY     64u                    /* version text of the page library */
#define LIMIT_PURPOSE     500u                   /* what a person can read before deciding */
#define LIMIT_BEHALF      200u
#define LIMIT_DOC_NAME    255u
#define LIMIT_MEDIA_TYPE  127u
#define LIMIT_DOCS        500u
#define LIMIT_DOCS_PLAIN  8u /* documents that a window lists without a way to search them */
#define LIMIT_DOC_SIZE    ((1ull << 53) - 1) /* largest integer that JavaScript keeps exact */
#define LIMIT_DIGEST      64u                /* SHA-512 */
#define LIMIT_CERT        8192u              /* the largest FINEID certificate seen has 1,664 */
#define LIMIT_SIGNATURE   512u               /* RSA-4096 */
/* One document inside its SignedData: with everything around it, in base64, less than LIMIT_REPLY.
 */
#define LIMIT_ATTACHED    (640u * 1024)
#define LIMIT_SIGNED_DATA (LIMIT_ATTACHED + 64u * 1024) /* with a chain of certificates */
/* certificateFilter: the CAs and policies that a service knows, one of each in practice. */
#define LIMIT_FILTER_VALUES 8u
#define LIMIT_FILTER_ISSUER 512u /* a whole name; those of DVV and SITHS have less than 150 */
#define LIMIT_FILTER_HOLDER 64u  /* ub-serial-number, RFC 5280 appendix A.1 */
#define LIMIT_OID           64u  /* an object identifier, dotted */
#define LIMIT_POLICIES      8u   /* of one certificate; those seen have one or two */
#define LIMIT_ALG_NAME      32u  /* a part of an algorithm's name, as a page writes it */
#define LIMIT_CHAIN         4u   /* above the card's certificate; national chains have two */
#define LIMIT_CERTS         8u   /* shown in one prompt */
#define LIMIT_CERT_TEXT     256u /* holder, issuer and the like, UTF-8 */

/* Between our own processes: a request with its content, unescaped, plus its record headers. */
#define LIMIT_IPC        (LIMIT_MESSAGE + 64u * 1024)
#define LIMIT_ASK        (512u * 1024) /* 500 documents with every text at its limit are 263 kB */
#define LIMIT_ASK_ANSWER 96u           /* a group of four numbers, 57 bytes, and a PIN, 17 */

/* ISO 7816-4 short length: 5 header bytes, 255 data, Le; 256 answer bytes and SW1 SW2. */
#define LIMIT_APDU_COMMAND 261u
#define LIMIT_APDU_ANSWER  258u
#define LIMIT_ATR          33u
#define LIMIT_PAD_FEATURES 192u /* of a PIN pad, six bytes each; part 10 names less than 32 */
#define LIMIT_PAD_TEMPLATE 37u  /* header, Lc, old and new value of 16 bytes */
#define LIMIT_PAD_S        60u  /* seconds for each value of an entry on a reader's PIN pad */
#define LIMIT_PAD_KEY_MS   50u  /* nothing tells of a key on the pad: ask this often */
/* READ BINARYs for one certificate: no card gives less than 64 bytes at a time. */
#define LIMIT_READ_BLOCKS 128u
#define LIMIT_CARD_FILE   4096u  /* a directory of objects; those seen have less than 1,000 */
#define LIMIT_ADMIN_FILES 64u    /* of one kind: rows of cards, parts of the policy */
#define LIMIT_ADMIN_FILE  16384u /* one of them, with its comments */
#define LIMIT_CACHE_CERTS 32u    /* certificates remembered: eight cards of two, with their CAs */
#define LIMIT_CARD_CAS    4u     /* certificates of CAs read from one card; those known have two */
/* After a broken exchange, wait so long for "the card is gone" (pcscd polls every 400). */
#define LIMIT_REMOVAL_MS    500u
#define LIMIT_PCSC_RETRY_MS 1000u /* nothing tells when pcscd comes back: look this often */
#define LIMIT_FRUITLESS_MS  50u   /* between looks at a driver that reports changes without end */
/* After a change, look again once: the readers of one device appear one by one. */
#define LIMIT_SETTLE_MS   1000u
#define LIMIT_READERS     16u  /* as pcscd */
#define LIMIT_READER_NAME 128u /* MAX_READERNAME of pcsclite.h */
#define LIMIT_PIN_MIN     4u
#define LIMIT_PIN_MAX     12u

/* What a browser tells a native host when it starts it: one or two texts, the longest a path. */
#define LIMIT_CALLER_ARGUMENTS 4u
#define LIMIT_CALLER_TEXT      4096u
#define LIMIT_INTRODUCTION     (LIMIT_CALLER_ARGUMENTS * (LIMIT_CALLER_TEXT + 16u) + 16u)

/* Connections of one agent. */
#define LIMIT_CONNECTIONS    16u
#define LIMIT_PER_ORIGIN     4u
#define LIMIT_QUEUE          8u /* requests waiting for their turn; more get BUSY */
#define LIMIT_CANCELS        3u /* cancelled by the person in a row before an origin must pause */
#define LIMIT_PAUSE_MS       30000u
#define LIMIT_ORIGINS        32u  /* remembered: who was cancelled, who may hear of cards */
#define LIMIT_POLICY_ORIGINS 256u /* that the administrator names: 70 kB */
/* A signer that has not ended this long after its time (it may be inside a card transaction). */
#define LIMIT_SIGNER_MS 30000u
#define LIMIT_HALF_OPEN 16u           /* handshakes at a time; the oldest gives way */
#define LIMIT_HTTP_HEAD 16384u        /* a browser sends the cookies of every server on 127.0.0.1 */
#define LIMIT_LOG       (256u * 1024) /* of an agent's log, when the next one starts */
/* For a page that asks and does not read: the largest answer, in base64, and another one. */
#define LIMIT_UNSENT         (LIMIT_IPC / 3 * 4 + 2u * LIMIT_REPLY)
#define LIMIT_HANDSHAKE_MS   5000u
#define LIMIT_REQUEST_MS     10000u /* TLS handshake, head and body of one HTTP request */
#define LIMIT_DRAIN_MS       1000u  /* after an answer to a request that was not read to its end */
#define LIMIT_TIMEOUT_MIN_MS 5000u
#define LIMIT_TIMEOUT_DEF_MS 120000u
#define LIMIT_TIMEOUT_MAX_MS 600000u
#define LIMIT_ARM_MS         500u   /* the Confirm button answers only after this long */
#define LIMIT_SEARCH         64u    /* bytes of what is looked for in a list, on a terminal */
#define LIMIT_FORM_MS        90000u /* a form with a code in it that nobody types in is emptied */
#define LIMIT_EXPIRY_DAYS    60u    /* a certificate that ends sooner is warned about */
#define LIMIT_JOURNAL_LINE   (512u * 1024)       /* LIMIT_DOCS names and hashes: 340 kB */
#define LIMIT_JOURNAL_WORD   64u                 /* time, method, error, hash, format */
#define LIMIT_JOURNAL_FILE   (16u * 1024 * 1024) /* then it becomes the old one */
/* Is a certificate revoked? */
#define LIMIT_URL           512u
#define LIMIT_OCSP          (64u * 1024) /* a request, an answer with the responder's certificates */
#define LIMIT_CRL           (64u * 1024 * 1024)   /* the list of Finnish citizens has about 45 MB */
#define LIMIT_FETCH_S       8                     /* of one exchange */
#define LIMIT_REVOCATION_MS 20000u                /* of the whole question */
#define LIMIT_LOOKUP        (2 * LIMIT_CERT + 64) /* a record of wire/lookup.h */
/* korttisilta verify: a file, and the document that belongs to it. Both are in memory at once. */
#define LIMIT_VERIFY         (256u * 1024 * 1024)
#define LIMIT_VERIFY_SIGNERS 16u                /* of one SignedData; those of persons have one */
#define LIMIT_PDF_SIGNATURES 64u                /* of one file */
#define LIMIT_PDF_OBJECT     (4u * 1024 * 1024) /* with a signature; 16 to 64 kB are usual */
#define LIMIT_PDF_DEPTH      16u                /* arrays and dictionaries in one another */
#define LIMIT_LINGER_MS      60000u /* a window that explains an error closes by itself after this */

#endif
