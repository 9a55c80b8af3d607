#include "os/secret.h"

#include "base/wipe.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

/* Lives at the end of a page of its own, between two pages that no access may touch. Bytes past
 * `len` are always zero: secret_equal compares all of them and secret_span lends a terminated text.
 */
struct secret {
    size_t len;
    uint8_t bytes[SECRET_CAP + 1];
};

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static uint8_t *page_of(struct secret *s)
{
    return (uint8_t *)s + sizeof *s - page_size();
}

/* Everything but the lock must hold, else the page is not fit for a PIN. */
static bool page_protect(uint8_t *page, size_t size)
{
    if (mprotect(page, size, PROT_READ | PROT_WRITE) != 0 ||
        madvise(page, size, MADV_DONTDUMP) != 0 || madvise(page, size, MADV_WIPEONFORK) != 0) {
        return false;
    }
    (void)mlock(page, size);
    return true;
}

enum err secret_new(struct secret **ret)
{
    size_t size = page_size();
    uint8_t *map = mmap(NULL, 3 * size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) {
        return ERR_NOMEM;
    }
    if (!page_protect(map + size, size)) {
        munmap(map, 3 * size);
        return ERR_NOMEM;
    }
    *ret = (struct secret *)(void *)(map + 2 * size - sizeof(struct secret));
    return ERR_OK;
}

void secret_free(struct secret **s)
{
    if (*s == NULL) {
        return;
    }
    uint8_t *page = page_of(*s);
    size_t size = page_size();
    wipe(page, size);
    munmap(page - size, 3 * size);
    *s = NULL;
}

enum err secret_insert(struct secret *s, size_t at, uint8_t c)
{
    if (s->len == SECRET_CAP) {
        return ERR_TOO_LARGE;
    }
    if (at > s->len) {
        return ERR_ARGUMENT;
    }
    memmove(s->bytes + at + 1, s->bytes + at, s->len - at);
    s->bytes[at] = c;
    s->len++;
    return ERR_OK;
}

enum err secret_push(struct secret *s, uint8_t c)
{
    return secret_insert(s, s->len, c);
}

void secret_remove(struct secret *s, size_t at, size_t n)
{
    if (at >= s->len) {
        return;
    }
    if (n > s->len - at) {
        n = s->len - at;
    }
    memmove(s->bytes + at, s->bytes + at + n, s->len - at - n);
    s->len -= n;
    wipe(s->bytes + s->len, n);
}

void secret_wipe(struct secret *s)
{
    wipe(s, sizeof *s);
}

size_t secret_len(const struct secret *s)
{
    return s->len;
}

struct span secret_span(const struct secret *s)
{
    return span_of(s->bytes, s->len);
}

bool secret_equal(const struct secret *a, const struct secret *b)
{
    return a->len == b->len && wipe_equal(a->bytes, b->bytes, sizeof a->bytes);
}

void secret_harden_process(void)
{
    static const struct rlimit no_core = {0, 0};
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)setrlimit(RLIMIT_CORE, &no_core);
}
