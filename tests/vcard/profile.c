#include "profile.h"

#include <string.h>

static const struct {
    const struct profile *rows;
    const size_t *n;
} families[] = {
    {profile_fineid, &profile_fineid_count},
    {profile_dvv, &profile_dvv_count},
    {profile_siths, &profile_siths_count},
    {profile_pkcs15, &profile_pkcs15_count},
};

const struct profile *profile_at(size_t index)
{
    for (size_t i = 0; i < PROFILE_COUNT(families); i++) {
        if (index < *families[i].n) {
            return &families[i].rows[index];
        }
        index -= *families[i].n;
    }
    return NULL;
}

const struct profile *profile_find(const char *name)
{
    const struct profile *p;
    for (size_t i = 0; (p = profile_at(i)) != NULL; i++) {
        if (strcmp(p->name, name) == 0) {
            return p;
        }
    }
    return NULL;
}

const struct profile_pin *profile_pin_find(const struct profile *p, uint8_t ref)
{
    for (size_t i = 0; i < p->n_pins; i++) {
        if (p->pins[i].ref == ref) {
            return &p->pins[i];
        }
    }
    return NULL;
}

const struct profile_key *profile_key_of_file(const struct profile *p, const struct profile_file *f)
{
    for (size_t i = 0; i < p->n_keys; i++) {
        if (p->keys[i].cert_df == f->df && p->keys[i].cert_fid == f->fid) {
            return &p->keys[i];
        }
    }
    return NULL;
}

const struct profile_file *profile_file_with(const struct profile *p, enum file_content content)
{
    for (size_t i = 0; i < p->n_files; i++) {
        if (p->files[i].content == content) {
            return &p->files[i];
        }
    }
    return NULL;
}
