/* The form of one PIN task: what is typed for it, what is wrong with what was typed, and every
 * sentence about it, the same in the terminal and in the window. Knows no card. */
#ifndef UI_PIN_FORM_H
#define UI_PIN_FORM_H

#include "os/secret.h"
#include "ui/translate.h"

#define PIN_SET_MAX 4u   /* PIN1, PIN2, PUK, and one to spare */
#define PIN_TEXT    512u /* holds every sentence of this file in every language */

enum pin_task { PIN_CHANGE, PIN_UNLOCK, PIN_ACTIVATE };

/* One PIN or code of a card. */
struct pin_facts {
    uint8_t index; /* 1: PIN1, 2: PIN2, 3: PUK */
    uint8_t min;   /* digits that the holder may choose */
    uint8_t max;
    int8_t tries_left; /* -1: the card does not tell */
    bool blocked;
    bool activated;
};

enum pin_activation {
    PIN_ACTIVATION_NONE,
    PIN_ACTIVATION_PUK,   /* the code of the letter is the PUK, for good */
    PIN_ACTIVATION_PRESET /* the code of the letter is in both PINs until they are changed */
};

/* Who gives a locked PIN a new value. */
enum pin_unlocker {
    PIN_UNLOCKER_HOLDER, /* here, with the PUK */
    PIN_UNLOCKER_ISSUER, /* the holder with the issuer's program, or the issuer's administrator */
    PIN_UNLOCKER_UNKNOWN
};

/* Where the values of a task are typed. */
enum pin_where {
    PIN_HERE,         /* on this computer: the reader has no PIN pad */
    PIN_ON_READER,    /* on the reader's PIN pad */
    PIN_PAD_VERIFIES, /* that only presents PINs: here, once the person has said so */
    PIN_PAD_UNFIT     /* that can't make this card's command: the same */
};

struct pin_set {
    struct pin_facts pins[PIN_SET_MAX];
    size_t n;
    enum pin_where changes[PIN_SET_MAX]; /* by index of the PIN: with its old value */
    enum pin_where unlocks[PIN_SET_MAX]; /* with the PUK */
    enum pin_activation activation;
    bool is_unsure;        /* the card refused to say of a PIN whether it is to be activated */
    uint8_t preset_digits; /* of the code of PIN_ACTIVATION_PRESET */
    enum pin_unlocker unlocker;
};

/* NULL when the card has none with this index. */
const struct pin_facts *pin_set_find(const struct pin_set *s, uint8_t index);
/* Is one of the tasks done on the reader's PIN pad? */
bool pin_set_is_on_reader(const struct pin_set *s);
/* Index of the first PIN behind `after` that is still to be chosen on a fresh card; 0: none. */
uint8_t pin_set_next_fresh(const struct pin_set *s, uint8_t after);

/* What is typed, in this order. */
enum pin_part { PIN_PART_CODE, PIN_PART_NEW, PIN_PART_AGAIN, PIN_PARTS };

struct pin_form {
    enum pin_task task;
    uint8_t index;     /* 1 or 2: the PIN that gets a new value */
    uint8_t spends;    /* 1, 2 or 3: whose tries a wrong code costs */
    int8_t tries_left; /* of that; -1: the card does not tell */
    bool can_unlock;   /* this program could unlock the PIN */
    enum pin_where where;
    bool unlocks_on_reader; /* that could be typed there */
    uint8_t min[PIN_PARTS];
    uint8_t max[PIN_PARTS];
};

/* ERR_ARGUMENT: the card has no such PIN. ERR_PIN_BLOCKED: what would be spent is locked.
 * ERR_PIN_NOT_ACTIVATED: the card is activated first. ERR_UNSUPPORTED: there is nothing to unlock
 * it with, or nothing to activate. ERR_CARD_STATUS: what there is to activate can't be told. */
enum err pin_form_make(const struct pin_set *s, enum pin_task task, uint8_t index,
                       struct pin_form *ret) MUST_CHECK;

/* The person is to be told why the values can't be typed on the reader, and to choose. */
bool pin_form_asks_where(const struct pin_form *f);
/* They choose to type here. */
void pin_form_type_here(struct pin_form *f);

/* What the reader waits for at a time. */
enum pin_entry {
    PIN_ENTRY_CODE, /* the code alone */
    PIN_ENTRY_NEW,  /* then the new PIN, twice */
    PIN_ENTRY_ALL   /* or all in one */
};

/* Who types on the reader. Called on the thread that works at the card. */
struct pin_person {
    /* The reader is about to wait. can_stop: `wait` is called meanwhile. False: it shall not. */
    bool (*begins)(void *user, enum pin_entry entry, bool can_stop);
    /* Returns true after at most `ms`, false as soon as the entry is to be given up. */
    bool (*wait)(void *user, unsigned ms);
    void *user;
};

struct pin_answer {
    const struct secret *parts[PIN_PARTS]; /* PIN_ON_READER: not looked at, */
    const struct pin_person *person;       /* this is instead; else NULL */
    bool last_try_agreed;
};

enum pin_flaw {
    PIN_FLAW_NONE,
    PIN_FLAW_CODE_LENGTH,
    PIN_FLAW_NEW_LENGTH,
    PIN_FLAW_NEW_SAME, /* as the code */
    PIN_FLAW_AGAIN,    /* the new PIN and its repetition differ */
    PIN_FLAW_LAST_TRY, /* not agreed to */
};

/* The first thing wrong in the first n parts; with all parts the last try counts too. Of what is
 * typed on the reader nothing is known. */
enum pin_flaw pin_form_flaw(const struct pin_form *f, const struct pin_answer *a, size_t n);
bool pin_form_is_last_try(const struct pin_form *f);
/* Can the person do better with the same form? */
bool pin_form_may_try_again(enum err e);

/* ---- sentences, after translate_open ---- */

const char *pin_form_pin(uint8_t index); /* "PIN1 (basic PIN)", "PUK code" */
const char *pin_form_title(enum pin_task task, uint8_t index);
const char *pin_form_intro(const struct pin_form *f);
const char *pin_form_part(const struct pin_form *f, enum pin_part part);
const char *pin_form_done(const struct pin_form *f);
const char *pin_form_last_try(const struct pin_form *f); /* what the person agrees to */
/* Into `ret` of PIN_TEXT bytes; "" when there is nothing to say. */
void pin_form_status(const struct pin_facts *p, char *ret);
void pin_form_hint(const struct pin_form *f, enum pin_part part, char *ret);
void pin_form_flaw_text(const struct pin_form *f, enum pin_flaw flaw, char *ret);
/* tries: of the value that was wrong, as the card told with ERR_PIN_WRONG. */
void pin_form_error(const struct pin_form *f, enum err e, int8_t tries, char *ret);
/* PIN_ON_READER: what is to be typed there now. */
void pin_form_entry(const struct pin_form *f, enum pin_entry entry, bool can_stop, char *ret);
/* pin_form_asks_where: why, and what can be done instead of typing here. */
void pin_form_why_here(const struct pin_form *f, char *ret);
/* Of pin_form_error, what is said in other words when the values are typed on the reader. False:
 * nothing is. */
bool pin_form_pad_error(const struct pin_form *f, enum err e, char *ret);
/* Why there is no form for this task: what pin_form_make returned. */
const char *pin_form_refusal(const struct pin_set *s, enum err e, enum pin_task task,
                             uint8_t index);

#endif
