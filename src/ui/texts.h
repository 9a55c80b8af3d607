/* Every sentence that the prompt says, in the person's language (po/), after
 * translate_open. Codes in, sentences out. */
#ifndef UI_TEXTS_H
#define UI_TEXTS_H

#include "ui/origin_text.h"
#include "ui/translate.h"
#include "wire/ask.h"

/* Static texts, never NULL. */
const char *texts_title(enum method m);
const char *texts_meaning(enum method m);
const char *texts_confirm(enum method m);
/* The same for this certificate, whose PIN may be typed on the card reader. */
const char *texts_confirm_with(enum method m, const struct ask_cert *c);
/* Of the certificate that is proposed, else what the method wants. */
uint8_t texts_pin_index(const struct ask_state *s, enum method m);
const char *texts_phase(enum ask_phase p);  /* what is going on, or what to do */
const char *texts_advice(enum ask_phase p); /* how; "" when there is nothing to add */
const char *texts_report(enum ask_phase p); /* label of ASK_REPORT; NULL when the phase has none */
const char *texts_next(enum err e);         /* the next step after this error */
/* Label of the button that opens card management; NULL when that would not help. */
const char *texts_manage(enum err e);
const char *texts_pin(uint8_t index); /* "PIN1 (basic PIN)" */
const char *texts_unusable(enum ask_usable u);
/* What the issuer says of the certificate; "" before it was asked. */
const char *texts_status(enum ask_status status);
const char *texts_origin_note(enum origin_note note);

/* The caller frees these with g_free. */
char *texts_task(enum method m, size_t n_docs);
char *texts_error(enum err e, uint8_t pin_index);
/* An error that the phase itself says is not said twice: NULL. */
char *texts_phase_error(enum ask_phase p, enum err e, uint8_t pin_index);
char *texts_tries(int8_t left); /* NULL when the card does not tell */
char *texts_pin_hint(const struct ask_cert *c);
char *texts_last_try(uint8_t pin_index);
char *texts_date(int64_t seconds);
char *texts_size(uint64_t bytes);
char *texts_validity(const struct ask_cert *c);
/* The common name, without the identifier at its end where that has its own line. */
char *texts_holder(const struct ask_cert *c);
/* "HSA-id: SE2321000016-T0335"; NULL when there is none, or when it is one of DVV's, whose names
 * end in it. */
char *texts_identifier(const struct ask_cert *c);
char *texts_employer(const struct ask_cert *c); /* NULL when the certificate names none */
/* What stands above the certificates of this state. */
const char *texts_certs(const struct ask_state *s);
/* "SHA-256 1a2b3c4d…5e6f7a8b", and all of it in groups of four. */
char *texts_digest_short(const struct ask_document *d);
char *texts_digest_full(const struct ask_document *d);
/* Its name as the page gave it, or that it has none; its size, or that the page does not tell. */
char *texts_document_name(const struct ask_document *d);
char *texts_document_size(const struct ask_document *d);
/* What a search leaves of the list, and that it changes nothing of what is signed. */
char *texts_found(size_t shown, size_t all);
/* Does the name hold `wanted` (UTF-8)? Capital and small letters are the same, å and a are not;
 * composed and decomposed letters (NFC, NFD: names from other systems) are the same. */
bool texts_name_has(struct span name, const char *wanted);
/* What goes on at the card (ASK_WORKING), or what the person does on the reader (ASK_ON_READER). */
char *texts_working(const struct ask_state *s, uint8_t pin_index);
/* Cleaned once more, whatever the sender did (utf8_append_safe); "" when memory is out. */
char *texts_safe(struct span foreign);

#endif
