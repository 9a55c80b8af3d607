#include "core/trust_command.h"

#include "base/limits.h"
#include "core/doctor.h"
#include "core/trust.h"
#include "os/clock.h"
#include "ui/translate.h"

#include <stdio.h>
#include <string.h>

/* Who asks for it by hand should not have to again soon. */
#define INSTALL_DAYS 365

enum task { INSTALL, REMOVE, STATUS };

struct run {
    enum task task;
    struct buf issuer;
    size_t n;       /* stores */
    size_t n_wrong; /* that are not as was asked */
};

static void say(const struct browsers_store *store, enum doctor_mark mark, const char *text)
{
    printf("%s %s%s%s: %s\n", doctor_mark_text(mark), store->name,
           store->profile[0] != '\0' ? ", " : "", store->profile, text);
}

static void on_failure(struct run *r, const struct browsers_store *store)
{
    r->n_wrong++;
    say(store, DOCTOR_WRONG,
        _("its certificates could not be changed. Close the browser; a primary password must be "
          "taken off for the moment"));
}

static void show(struct run *r, const struct browsers_store *store)
{
    static const struct {
        enum doctor_mark mark;
        const char *text;
    } rows[] = {
        [TRUST_YES] = {DOCTOR_FINE, N_("trusts the local connection of this user")},
        [TRUST_OLD] = {DOCTOR_WRONG, N_("trusts an earlier one that is not used any more")},
        [TRUST_NO] = {DOCTOR_NOTE, N_("does not trust the local connection")},
        [TRUST_UNKNOWN] = {DOCTOR_WRONG, N_("its certificates can't be read")},
    };
    enum trust trust = trust_look(store, buf_span(&r->issuer));
    r->n_wrong += trust != TRUST_YES;
    say(store, rows[trust].mark, _(rows[trust].text));
}

static void on_store(void *user, const struct browsers_store *store)
{
    struct run *r = user;
    r->n++;
    if (r->task == STATUS) {
        show(r, store);
    } else if (r->task == INSTALL) {
        if (trust_add(store) == ERR_OK) {
            show(r, store);
        } else {
            on_failure(r, store);
        }
    } else if (trust_remove(store) == ERR_OK) {
        say(store, DOCTOR_FINE, _("does not trust the local connection any more"));
    } else {
        on_failure(r, store);
    }
}

static int run_task(enum task task)
{
    struct run r = {.task = task};
    if (!trust_has_tool()) {
        fprintf(stderr, "%s\n",
                _("The program certutil is missing: install the package libnss3-tools."));
        return 1;
    }
    buf_init(&r.issuer, LIMIT_ADMIN_FILE);
    if (task == INSTALL && trust_make(clock_calendar_s(), INSTALL_DAYS) != ERR_OK) {
        fprintf(stderr, "%s\n", _("The certificate could not be made."));
        return 1;
    }
    if (task != REMOVE && trust_issuer(&r.issuer) != ERR_OK) {
        printf("%s\n", _("There is no certificate yet: \"korttisilta trust install\" makes it."));
    }
    browsers_each_store(task == INSTALL, on_store, &r);
    buf_clear(&r.issuer);
    if (r.n == 0) {
        printf("%s\n", _("No browser profile was found."));
    }
    return r.n_wrong > 0 || (r.n == 0 && task != REMOVE) ? 1 : 0;
}

int trust_command_run(int argc, char **argv)
{
    static const struct {
        const char *word;
        enum task task;
    } words[] = {{"install", INSTALL}, {"remove", REMOVE}, {"status", STATUS}};
    for (size_t i = 0; argc == 1 && i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(argv[0], words[i].word) == 0) {
            return run_task(words[i].task);
        }
    }
    if (argc == 1 && strcmp(argv[0], "renew") == 0) {
        return trust_make(clock_calendar_s(), 0) == ERR_OK ? 0 : 1;
    }
    fprintf(stderr, "%s\n", _("usage: korttisilta trust install|remove|status"));
    return 2;
}
