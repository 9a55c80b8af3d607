/* The instructions of a card family. A dialect is a table; another family brings its own table and
 * may share rows. */
#ifndef VCARD_COMMANDS_H
#define VCARD_COMMANDS_H

#include "apdu.h"
#include "engine.h"

#define SW_OK           0x9000u
#define SW_MORE         0x6100u /* + bytes waiting */
#define SW_WRONG        0x63C0u /* + tries left */
#define SW_MEMORY       0x6581u
#define SW_LENGTH       0x6700u
#define SW_NO_CHAIN     0x6884u
#define SW_SECURITY     0x6982u
#define SW_BLOCKED      0x6983u
#define SW_INVALID      0x6984u
#define SW_CONDITIONS   0x6985u
#define SW_NO_EF        0x6986u
#define SW_DATA         0x6A80u
#define SW_NO_FILE      0x6A82u
#define SW_P1P2         0x6A86u
#define SW_NO_REFERENCE 0x6A88u
#define SW_OFFSET       0x6B00u
#define SW_LE           0x6C00u /* + right Le */
#define SW_INS          0x6D00u
#define SW_CLA          0x6E00u
#define SW_INTERNAL     0x6F00u

/* Which way data flows decides what P3 means on T=0. */
enum flow {
    FLOW_IN,   /* P3 = Lc; an Le behind the data is a mistake of the host */
    FLOW_OUT,  /* P3 = Le; data is a mistake of the host unless the row says that it looks at it */
    FLOW_BOTH, /* P3 = Lc; the answer waits for GET RESPONSE unless an Le came along */
};

struct command {
    uint8_t ins;
    enum flow flow;
    bool takes_data; /* FLOW_OUT: the handler judges data itself */
    bool refuses_le; /* FLOW_BOTH: an Le behind the data is answered 6700, as strict T=0 cards do */
    /* Returns SW; data goes to `out`. */
    unsigned (*run)(struct engine *e, const struct apdu *a, struct buf *out);
};

struct dialect {
    const struct command *commands;
    size_t n_commands;
};

extern const struct dialect dialect_citizen;

/* files.c */
unsigned files_select(struct engine *e, const struct apdu *a, struct buf *out);
unsigned files_read_binary(struct engine *e, const struct apdu *a, struct buf *out);

/* pins.c */
unsigned pins_verify(struct engine *e, const struct apdu *a, struct buf *out);
unsigned pins_change(struct engine *e, const struct apdu *a, struct buf *out);
unsigned pins_unblock(struct engine *e, const struct apdu *a, struct buf *out);
unsigned pins_get_data(struct engine *e, const struct apdu *a, struct buf *out);
void pins_forget(struct engine *e);

/* signing.c */
unsigned signing_set_env(struct engine *e, const struct apdu *a, struct buf *out);
unsigned signing_operate(struct engine *e, const struct apdu *a, struct buf *out);

#endif
