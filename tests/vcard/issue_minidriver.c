/* The files of a minidriver layout, as the IDPrime family has them: fixed records, lengths in the
 * index big-endian, key sizes of the containers little-endian. */
#include "issue.h"

#include <stdio.h>

#define CARD_ID_LEN   16u
#define INDEX_NAME    8u
#define CONTAINER_LEN 86u
#define CONTAINER_MAX 39u /* characters of the name, UTF-16 with an end */
#define KEY_MAP_LEN   8u

#define CONTAINER_VALID   0x01u
#define CONTAINER_DEFAULT 0x02u

enum err issue_md_card_id(const struct issue_order *o, struct buf *out)
{
    uint8_t id[CARD_ID_LEN] = {0};
    size_t len = strlen(o->serial);
    memcpy(id, o->serial, len < sizeof id ? len : sizeof id);
    return buf_append(out, span_of(id, sizeof id));
}

static enum err put_index(struct buf *out, uint16_t fid, size_t size, const char *name,
                          const char *dir)
{
    uint8_t row[4 + 2 * INDEX_NAME + 1] = {(uint8_t)(fid >> 8), (uint8_t)fid, (uint8_t)(size >> 8),
                                           (uint8_t)size};
    memcpy(row + 4, name, strlen(name));
    memcpy(row + 4 + INDEX_NAME, dir, strlen(dir));
    row[sizeof row - 1] = 1;
    return buf_append(out, span_of(row, sizeof row));
}

/* kxc: certificate of an exchange key, ksc: of a signature key; then the container's number. */
static enum err put_cert_index(struct buf *out, const struct issue_order *o, X509 *const *certs,
                               size_t i)
{
    char name[INDEX_NAME + 1];
    const struct profile_key *key = &o->profile->keys[i];
    int size = i2d_X509(certs[i], NULL);
    snprintf(name, sizeof name, "%s%02u", key->signs ? "ksc" : "kxc", (unsigned)i % 100);
    return put_index(out, key->cert_fid, (size_t)size, name, "mscp");
}

enum err issue_md_index(const struct issue_order *o, X509 *const *certs, struct buf *out)
{
    const struct profile *p = o->profile;
    uint16_t id = profile_file_with(p, CONTENT_MD_CARD_ID)->fid;
    uint16_t map = profile_file_with(p, CONTENT_MD_CONTAINERS)->fid;
    enum err e = buf_append_u8(out, (uint8_t)(2 + o->n_keys));
    if (e == ERR_OK) {
        e = put_index(out, id, CARD_ID_LEN, "cardid", "");
    }
    if (e == ERR_OK) {
        e = put_index(out, map, o->n_keys * CONTAINER_LEN, "cmapfile", "mscp");
    }
    for (size_t i = 0; i < o->n_keys && e == ERR_OK; i++) {
        e = put_cert_index(out, o, certs, i);
    }
    return e;
}

enum err issue_md_containers(const struct issue_order *o, struct buf *out)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < o->n_keys && e == ERR_OK; i++) {
        uint8_t row[CONTAINER_LEN] = {0};
        char name[CONTAINER_MAX + 1];
        const struct profile_key *key = &o->profile->keys[i];
        unsigned bits = key->shape == SHAPE_RSA3072 ? 3072 : 2048;
        size_t at = key->signs ? 82 : 84;
        int len = snprintf(name, sizeof name, "%s %zu", o->serial, i);
        for (int j = 0; j < len; j++) {
            row[2 * j] = (uint8_t)name[j];
        }
        row[80] = (uint8_t)(CONTAINER_VALID | (i == 0 ? CONTAINER_DEFAULT : 0));
        row[at] = (uint8_t)bits;
        row[at + 1] = (uint8_t)(bits >> 8);
        e = buf_append(out, span_of(row, sizeof row));
    }
    return e;
}

enum err issue_md_key_map(const struct issue_order *o, struct buf *out)
{
    enum err e = ERR_OK;
    for (size_t i = 0; i < o->n_keys && e == ERR_OK; i++) {
        const struct profile_key *key = &o->profile->keys[i];
        uint8_t pin = profile_pin_find(o->profile, key->pin_ref)->signs ? 2 : 1;
        uint8_t row[KEY_MAP_LEN] = {1, key->ref, (uint8_t)i, 0, 0, 0, 0, pin};
        e = buf_append(out, span_of(row, sizeof row));
    }
    return e;
}
