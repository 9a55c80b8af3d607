#include "card/minidriver.h"

#include "card/apdu.h"
#include "card/file.h"

/* Index 0101: a count, then FID (2), size (2), name (8), folder (8), 1. */
#define INDEX_ROW    21u
#define INDEX_NAME   4u
#define INDEX_FOLDER 12u
#define NAME_LEN     8u
/* Container list: name in UTF-16 (80), flags, reserved, key sizes in bits, little-endian. */
#define CONTAINER_ROW   86u
#define CONTAINER_FLAGS 80u
#define CONTAINER_BITS  82u /* signature key, then exchange key */
#define CONTAINER_VALID 0x01u
/* Key map 0005: used, key reference, container, ..., PIN. */
#define MAP_ROW       8u
#define MAP_REF       1u
#define MAP_CONTAINER 2u
#define MAP_PIN       7u
#define MAP_PIN1      1u

enum { PIN1, PIN2 }; /* rows of the profile's PINs */

static const uint8_t index_id[] = {0x01, 0x01};
static const uint8_t map_id[] = {0x00, 0x05};

static struct span row_of(struct span table, size_t width, size_t i)
{
    struct span row = span_sub(table, i * width, width);
    return row.len == width ? row : span_of(NULL, 0);
}

/* A name fills its field or ends with 00. */
static bool field_is(struct span row, size_t at, const char *name)
{
    uint8_t padded[NAME_LEN] = {0};
    for (size_t i = 0; i < NAME_LEN && name[i] != '\0'; i++) {
        padded[i] = (uint8_t)name[i];
    }
    return span_eq(span_sub(row, at, NAME_LEN), span_of(padded, sizeof padded));
}

static struct span index_row(struct span index, size_t i)
{
    bool exists = index.len > 0 && i < index.at[0];
    return exists ? row_of(span_sub(index, 1, index.len), INDEX_ROW, i) : span_of(NULL, 0);
}

/* "kxc" is the certificate of an exchange key, "ksc" of a signature key; two digits name the
 * container. */
static bool is_certificate(struct span row, bool *ret_is_sign, size_t *ret_container)
{
    const char *name = (const char *)row.at + INDEX_NAME;
    bool is_sign = memcmp(name, "ksc", 3) == 0;
    if (!field_is(row, INDEX_FOLDER, "mscp") || (!is_sign && memcmp(name, "kxc", 3) != 0) ||
        name[3] < '0' || name[3] > '9' || name[4] < '0' || name[4] > '9') {
        return false;
    }
    *ret_is_sign = is_sign;
    *ret_container = (size_t)(name[3] - '0') * 10 + (size_t)(name[4] - '0');
    return true;
}

static struct span map_row(struct span key_map, size_t container)
{
    struct span row;
    for (size_t i = 0; (row = row_of(key_map, MAP_ROW, i)).len > 0; i++) {
        if (row.at[0] != 0 && row.at[MAP_CONTAINER] == container) {
            return row;
        }
    }
    return span_of(NULL, 0);
}

/* The container list tells the size of RSA keys; the certificate, which comes later, tells more. */
static struct key_type container_key(struct span container, bool is_sign)
{
    const uint8_t *at = container.at + CONTAINER_BITS + (is_sign ? 0 : 2);
    return (struct key_type){KEY_RSA, (unsigned)(at[0] | at[1] << 8)};
}

size_t minidriver_keys(struct span index, struct span containers, struct span key_map,
                       struct profile_key *ret)
{
    size_t n = 0, number = 0;
    struct span row;
    for (size_t i = 0; n < LIMIT_CERTS && (row = index_row(index, i)).len > 0; i++) {
        bool is_sign;
        if (!is_certificate(row, &is_sign, &number)) {
            continue;
        }
        struct span container = row_of(containers, CONTAINER_ROW, number);
        struct span map = map_row(key_map, number);
        if (map.len == 0 || container.len == 0 ||
            (container.at[CONTAINER_FLAGS] & CONTAINER_VALID) == 0) {
            continue;
        }
        size_t pin = map.at[MAP_PIN] == MAP_PIN1 ? PIN1 : PIN2;
        ret[n++] = (struct profile_key){.use = is_sign || pin == PIN2 ? CERT_SIGN : CERT_AUTH,
                                        .ref = map.at[MAP_REF],
                                        .pin = pin,
                                        .place = PLACE_PATH,
                                        .path = {row.at[0], row.at[1]},
                                        .path_len = 2,
                                        .type = container_key(container, is_sign),
                                        .decrypts = !is_sign && pin == PIN1};
    }
    return n;
}

static bool index_is_whole(struct span content)
{
    return content.len > 0 && content.len >= 1 + content.at[0] * INDEX_ROW;
}

static bool rows_are_whole(struct span content)
{
    return content.len > 0 && content.len % MAP_ROW == 0;
}

static bool containers_are_whole(struct span content)
{
    return content.len > 0 && content.len % CONTAINER_ROW == 0;
}

static enum err read_file(struct card_io *io, struct span id, bool (*is_whole)(struct span),
                          struct buf *out)
{
    enum err e = file_select(io, FILE_FROM_MF, id);
    return e == ERR_OK ? file_read_whole(io, out, is_whole) : e;
}

static enum err read_containers(struct card_io *io, struct span index, struct buf *out)
{
    struct span row;
    for (size_t i = 0; (row = index_row(index, i)).len > 0; i++) {
        if (field_is(row, INDEX_NAME, "cmapfile") && field_is(row, INDEX_FOLDER, "mscp")) {
            return read_file(io, span_sub(row, 0, 2), containers_are_whole, out);
        }
    }
    return ERR_CARD_UNKNOWN;
}

static enum err select_application(struct card_io *io, const struct profile *row)
{
    struct apdu a;
    struct apdu_answer r;
    apdu_select_aid(&a, span_of(row->aid, row->aid_len));
    enum err e = apdu_exchange(io, &a, APDU_REPEAT, &r);
    return e == ERR_OK ? apdu_status(r.sw) : e;
}

enum err minidriver_read_layout(struct card_io *io, const struct profile *row,
                                struct profile_store *ret)
{
    struct buf index, containers, key_map;
    buf_init(&index, LIMIT_CARD_FILE);
    buf_init(&containers, LIMIT_CARD_FILE);
    buf_init(&key_map, LIMIT_CARD_FILE);
    bool has_pins = row->n_pins > PIN2 && row->pins[PIN1].index == 1 && row->pins[PIN2].index == 2;
    enum err e = has_pins ? select_application(io, row) : ERR_CARD_UNKNOWN;
    if (e == ERR_OK) {
        e = read_file(io, span_of(index_id, sizeof index_id), index_is_whole, &index);
    }
    if (e == ERR_OK) {
        e = read_containers(io, buf_span(&index), &containers);
    }
    if (e == ERR_OK) {
        e = read_file(io, span_of(map_id, sizeof map_id), rows_are_whole, &key_map);
    }
    if (e == ERR_OK) {
        ret->row = *row;
        ret->row.keys = ret->keys;
        ret->row.n_keys =
            minidriver_keys(buf_span(&index), buf_span(&containers), buf_span(&key_map), ret->keys);
        e = profile_is_sound(&ret->row) ? ERR_OK : ERR_CARD_UNKNOWN;
    }
    buf_clear(&index);
    buf_clear(&containers);
    buf_clear(&key_map);
    bool is_other = e == ERR_CARD_STATUS || e == ERR_CERT_NOT_FOUND || e == ERR_TOO_LARGE;
    return is_other ? ERR_CARD_UNKNOWN : e;
}
