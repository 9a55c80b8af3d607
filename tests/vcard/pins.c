/* VERIFY, CHANGE REFERENCE DATA, RESET RETRY COUNTER, and GET DATA about a PIN. A PIN is ASCII
 * digits; by its row filled to a fixed length, where a wrong shape counts nothing, or as it was
 * typed, where whatever else comes is a wrong PIN and counts. */
#include "commands.h"

#include "base/wipe.h"

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
    if ((ref & 0x80) && !engine_inside(e)) {
        return NULL;
    }
    return folder_pin_find(&e->folder, ref);
}

static size_t digits_in(struct span block)
{
    size_t digits = 0;
    while (digits < block.len && block.at[digits] >= '0' && block.at[digits] <= '9') {
        digits++;
    }
    return digits;
}

/* 0, or the status word for a block whose shape is refused without counting. */
static unsigned refuse_block(const struct folder_pin *pin, struct span block)
{
    size_t digits = digits_in(block);
    if (pin->row->stored == 0) {
        return 0;
    }
    if (block.len != pin->row->stored) {
        return SW_LENGTH;
    }
    for (size_t i = digits; i < block.len; i++) {
        if (block.at[i] != pin->row->pad) {
            return SW_DATA;
        }
    }
    return digits > 0 ? 0 : SW_DATA;
}

static size_t value_len(const struct folder_pin *pin)
{
    return strnlen((const char *)pin->value, sizeof pin->value);
}

static bool same(const struct folder_pin *pin, struct span block)
{
    uint8_t want[PROFILE_BLOCK_MAX];
    size_t len = pin->row->stored != 0 ? pin->row->stored : value_len(pin);
    memset(want, pin->row->pad, sizeof want);
    memcpy(want, pin->value, value_len(pin));
    bool equal = block.len == len && wipe_equal(want, block.at, len);
    wipe(want, sizeof want);
    return equal;
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
    if (!same(pin, block)) {
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
    unsigned sw = refuse_block(pin, a->data);
    if (sw != 0) {
        return sw;
    }
    sw = compare(e, pin, a->data);
    *verified_flag(e, pin) = sw == SW_OK;
    return sw;
}

/* The new value is in force, unverified, with all tries; or it does not fit the PIN's row. */
static unsigned replace(struct engine *e, struct folder_pin *pin, struct span block)
{
    size_t digits = digits_in(block);
    if (refuse_block(pin, block) != 0 || (pin->row->stored == 0 && digits != block.len) ||
        digits < pin->row->min || digits > pin->row->max) {
        return SW_DATA;
    }
    memset(pin->value, 0, sizeof pin->value);
    memcpy(pin->value, block.at, digits);
    pin->tries = pin->row->tries;
    pin->invalid = false;
    pin->changed = true;
    *verified_flag(e, pin) = false;
    return folder_save_pins(&e->folder) == ERR_OK ? SW_OK : SW_MEMORY;
}

/* Cuts what CHANGE and RESET RETRY COUNTER bring: the value of `guard` in front, a new one for
 * `pin` behind it. Where nothing is padded the card knows only by the length of the value it holds.
 */
static unsigned split_pair(const struct apdu *a, const struct folder_pin *guard,
                           const struct folder_pin *pin, struct span *ret_old, struct span *ret_new)
{
    size_t cut = guard->row->stored != 0 ? guard->row->stored : value_len(guard);
    size_t digits = 0;
    *ret_old = span_sub(a->data, 0, cut);
    *ret_new = span_sub(a->data, cut, a->data.len);
    if (pin->row->stored == 0) {
        return SW_OK;
    }
    if (a->data.len != (size_t)guard->row->stored + pin->row->stored) {
        return SW_LENGTH;
    }
    digits = digits_in(*ret_new);
    bool fits = refuse_block(guard, *ret_old) == 0 && refuse_block(pin, *ret_new) == 0 &&
                digits >= pin->row->min && digits <= pin->row->max;
    return fits ? SW_OK : SW_DATA;
}

unsigned pins_change(struct engine *e, const struct apdu *a, struct buf *out)
{
    struct span old_block;
    struct span new_block;
    struct folder_pin *pin = find(e, a->p2);
    (void)out;
    if (a->p1 != 0) {
        return SW_P1P2;
    }
    if (pin == NULL || pin->row->is_puk) {
        return SW_NO_REFERENCE;
    }
    unsigned sw = split_pair(a, pin, pin, &old_block, &new_block);
    if (sw == SW_OK) {
        sw = compare(e, pin, old_block);
    }
    if (sw == SW_OK && same(pin, new_block)) {
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
    if (a->p1 != 0) {
        return SW_P1P2;
    }
    if (pin == NULL || pin->row->is_puk || puk == NULL) {
        return SW_NO_REFERENCE;
    }
    unsigned sw = split_pair(a, puk, pin, &puk_block, &new_block);
    if (sw == SW_OK) {
        sw = compare(e, puk, puk_block);
    }
    return sw == SW_OK ? replace(e, pin, new_block) : sw;
}

unsigned pins_unblock_verified(struct engine *e, const struct apdu *a, struct buf *out)
{
    struct folder_pin *pin = find(e, a->p2);
    struct folder_pin *puk = find_puk(e);
    (void)out;
    if (a->p1 != 2) {
        return SW_P1P2;
    }
    if (pin == NULL || pin->row->is_puk || puk == NULL) {
        return SW_NO_REFERENCE;
    }
    return *verified_flag(e, puk) ? replace(e, pin, a->data) : SW_SECURITY;
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
                        0xFF, 0xDF, 0x28, 0x01, pin->row->stored, 0xDF, 0x2F, 0x01,
                        pin->changed ? 1 : 0};
    return buf_append(out, span_of(answer, sizeof answer)) == ERR_OK ? SW_OK : SW_INTERNAL;
}
