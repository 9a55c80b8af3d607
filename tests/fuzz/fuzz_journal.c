/* Input: the file of a journal. Each line is given once, and what is an entry is safe to show; a
 * line that is no entry counts as a break. */
#include "core/journal.h"

#include "fuzz.h"

#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64] = "/dev/shm/korttisilta-fuzz-XXXXXX";
static char inner[96], path[128];

static void remove_all(void)
{
    (void)unlink(path);
    (void)rmdir(inner);
    (void)rmdir(folder);
}

static void write_file(const uint8_t *data, size_t size)
{
    if (path[0] == '\0') {
        REQUIRE(mkdtemp(folder) != NULL && setenv("XDG_STATE_HOME", folder, 1) == 0);
        snprintf(inner, sizeof inner, "%s/korttisilta", folder);
        REQUIRE(mkdir(inner, 0700) == 0);
        snprintf(path, sizeof path, "%s/journal.tsv", inner);
        REQUIRE(atexit(remove_all) == 0);
    }
    FILE *f = fopen(path, "w");
    REQUIRE(f != NULL && chmod(path, 0600) == 0);
    REQUIRE(fwrite(data, 1, size, f) == size && fclose(f) == 0);
}

static bool is_one_line(struct span text)
{
    return text.len == 0 || memchr(text.at, '\n', text.len) == NULL;
}

static void check(void *user, const struct journal_entry *e)
{
    size_t *lines = user;
    ++*lines;
    REQUIRE(is_one_line(e->line));
    if (e->is_entry) {
        REQUIRE(e->n_documents <= LIMIT_DOCS && e->n_made <= LIMIT_DOCS);
        for (size_t i = 0; i < e->n_documents; i++) {
            REQUIRE(is_one_line(e->documents[i]));
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct journal_totals t;
    size_t lines = 0;
    write_file(data, size);
    REQUIRE(journal_read(check, &lines, &t) == ERR_OK);
    REQUIRE(lines == t.lines && t.breaks <= t.lines);
    REQUIRE(strlen(t.last) == (lines > 0 ? 64 : 0));
    return 0;
}
