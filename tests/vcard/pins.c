/* VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER, and GET DATA about a PIN (citizen dialect:
 * every PIN is ASCII digits, filled with 00 to 12 bytes). */
#include "commands.h"

#include "base/wipe.h"

#define BLOCK PROFILE_PIN_MAX

void pins_forget(struct engine *e)
{
    memset(e->verified, 0, sizeof e->verified);
}

static bool *verified_flag(struct engine *e, const struct folder_pin *pin)
{
    return &e->verified[pin - e->folder.pins];
}

/* A local PIN (bit 8 of the reference) exists only inside its application. */
static struct folder_pin *find(struct engine *e, uint8_t ref)
{
    if ((ref & 0x80) && e->app != APP_PKCS15) {
        return NULL;
    }
    return folder_pin_find(&e->folder, ref);
}

/* At least one digit, then nothing but 00: else 6A80, and no try is counted. */
static bool well_formed(struct span block, size_t *ret_digits)
{
    size_t digits = 0;
    while (digits < block.len && block.at[digits] >= '0' && block.at[digits] <= '9') {
        digits++;
    }
    for (size_t i = digits; i < block.len; i++) {
        if (block.at[i] != 0) {
            return false;
        }
    }
    *ret_digits = digits;
    return digits > 0;
}

static bool fits_row(const struct folder_pin *pin, struct span block)
{
    size_t digits;
    return well_formed(block, &digits) && digits >= pin->row->min && digits <= pin->row->max;
}

/* The counter goes down on disk before the comparison: pulling the card gives no free try. */
static unsigned compare(struct engine *e, struct folder_pin *pin, struct span block)
{
    if (pin->invalid) {
        return SW_INVALID;
    }
    if (pin->tries == 0) {
        return SW_BLOCKED;
    }
    pin->tries--;
    *verified_flag(e, pin) = false;
    if (folder_save_pins(&e->folder) != ERR_OK) {
        return SW_MEMORY;
    }
    if (!wipe_equal(pin->value, block.at, BLOCK)) {
        return SW_WRONG | pin->tries;
    }
    pin->tries = pin->row->tries;
    return folder_save_pins(&e->folder) == ERR_OK ? SW_OK : SW_MEMORY;
}

static unsigned probe(struct engine *e, const struct folder_pin *pin)
{
    if (pin->invalid) {
        return SW_INVALID;
    }
    if (pin->tries == 0) {
        return SW_BLOCKED;
    }
    return *verified_flag(e, pin) ? SW_OK : SW_WRONG | pin->tries;
}

unsigned pins_verify(struct engine *e, const struct apdu *a, struct buf *out)
{
    size_t digits;
    (void)out;
    if (a->p1 != 0) {
        return SW_P1P2;
    }
    struct folder_pin *pin = find(e, a->p2);
    if (pin == NULL) {
        return SW_NO_REFERENCE;
    }
    if (a->data.len == 0) {
        return probe(e, pin);
    }
    if (a->data.len != BLOCK) {
        return SW_LENGTH;
    }
    if (!well_formed(a->data, &digits)) {
        return SW_DATA;
    }
    unsigned sw = compare(e, pin, a->data);
    *verified_flag(e, pin) = sw == SW_OK;
    return sw;
}

/* The new value is in force, unverified, with all tries. */
static unsigned replace(struct engine *e, struct folder_pin *pin, struct span block)
{
    memcpy(pin->value, block.at, BLOCK);
    pin->tries = pin->row->tries;
    pin->invalid = false;
    pin->changed = true;
    *verified_flag(e, pin) = false;
    return folder_save_pins(&e->folder) == ERR_OK ? SW_OK : SW_MEMORY;
}

/* Checks that change and unblock share; `ret_old` proves the right, `ret_new` is the new value. */
static unsigned split_pair(const struct apdu *a, const struct folder_pin *pin, struct span *ret_old,
                           struct span *ret_new)
{
    size_t digits;
    if (a->p1 != 0) {
        return SW_P1P2;
    }
    if (pin == NULL || pin->row->is_puk) {
        return SW_NO_REFERENCE;
    }
    if (a->data.len != 2 * BLOCK) {
        return SW_LENGTH;
    }
    *ret_old = span_sub(a->data, 0, BLOCK);
    *ret_new = span_sub(a->data, BLOCK, BLOCK);
    return well_formed(*ret_old, &digits) && fits_row(pin, *ret_new) ? SW_OK : SW_DATA;
}

unsigned pins_change(struct engine *e, const struct apdu *a, struct buf *out)
{
    struct span old_block;
    struct span new_block;
    struct folder_pin *pin = find(e, a->p2);
    (void)out;
    unsigned sw = split_pair(a, pin, &old_block, &new_block);
    if (sw == SW_OK) {
        sw = compare(e, pin, old_block);
    }
    if (sw == SW_OK && wipe_equal(old_block.at, new_block.at, BLOCK)) {
        return SW_CONDITIONS;
    }
    return sw == SW_OK ? replace(e, pin, new_block) : sw;
}

static struct folder_pin *find_puk(struct engine *e)
{
    for (size_t i = 0; i < e->folder.profile->n_pins; i++) {
        if (e->folder.pins[i].row->is_puk) {
            return &e->folder.pins[i];
        }
    }
    return NULL;
}

unsigned pins_unblock(struct engine *e, const struct apdu *a, struct buf *out)
{
    struct span puk_block;
    struct span new_block;
    struct folder_pin *pin = find(e, a->p2);
    struct folder_pin *puk = find_puk(e);
    (void)out;
    unsigned sw = split_pair(a, pin, &puk_block, &new_block);
    if (sw == SW_OK) {
        sw = puk != NULL ? compare(e, puk, puk_block) : SW_NO_REFERENCE;
    }
    return sw == SW_OK ? replace(e, pin, new_block) : sw;
}

/* Asked for as A0 03 83 01 ref. */
unsigned pins_get_data(struct engine *e, const struct apdu *a, struct buf *out)
{
    static const uint8_t question[] = {0xA0, 0x03, 0x83, 0x01};
    if (a->p1 != 0x00 || a->p2 != 0xFF) {
        return SW_P1P2;
    }
    if (a->data.len != sizeof question + 1 || memcmp(a->data.at, question, sizeof question) != 0) {
        return SW_DATA;
    }
    const struct folder_pin *pin = find(e, a->data.at[sizeof question]);
    if (pin == NULL) {
        return SW_NO_REFERENCE;
    }
    uint8_t answer[] = {0xA0, 0x23, 0x83, 0x01, pin->row->ref, 0x8C, 0x04, 0xF0, 0x00, 0x00, 0x00,
                        0x9C, 0x04, 0xF0, 0x00, 0x00, 0x00,
                        /* tries left, uses and unblocks unlimited, method */
                        0xDF, 0x21, 0x04, pin->tries, 0xFF, 0xA5, 0x03, 0xDF, 0x27, 0x02, 0xFF,
                        0xFF, 0xDF, 0x28, 0x01, BLOCK, 0xDF, 0x2F, 0x01, pin->changed ? 1 : 0};
    return buf_append(out, span_of(answer, sizeof answer)) == ERR_OK ? SW_OK : SW_INTERNAL;
}
