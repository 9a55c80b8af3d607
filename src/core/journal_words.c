#include "core/journal_words.h"

#include "ui/translate.h"

#include <stdio.h>

const char *journal_operation(struct span name)
{
    static const struct {
        enum method method;
        const char *text;
    } rows[] = {
        {METHOD_AUTHENTICATE, N_("Log in")},
        {METHOD_SIGN, N_("Signature")},
        {METHOD_DECRYPT, N_("Decryption")},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (span_is(name, msg_method_name(rows[i].method))) {
            return _(rows[i].text);
        }
    }
    return _("Another operation");
}

void journal_outcome(const struct journal_entry *e, char ret[JOURNAL_TEXT])
{
    snprintf(ret, JOURNAL_TEXT, "%.*s: %.*s", (int)e->origin.len, (const char *)e->origin.at,
             (int)e->result.len, (const char *)e->result.at);
}

void journal_verdict(const struct journal_totals *t, char ret[JOURNAL_TEXT])
{
    char hash[JOURNAL_TEXT / 2] = "";
    char count[JOURNAL_TEXT / 4];
    if (t->lines == 0) {
        snprintf(ret, JOURNAL_TEXT, "%s", _("The journal is empty."));
        return;
    }
    snprintf(count, sizeof count, ngettext("%zu entry.", "%zu entries.", t->lines), t->lines);
    /* Translators: %s is a SHA-256 hash. */
    snprintf(hash, sizeof hash, _("Each entry follows the one before. Hash of the last one: %s"),
             t->last);
    snprintf(ret, JOURNAL_TEXT, "%s%s%s\n%s", count, t->begins_late ? "\n" : "",
             t->begins_late ? _("Older entries are no longer there.") : "",
             t->breaks > 0 ? _("THE JOURNAL HAS BEEN CHANGED: some entries do not follow the ones "
                               "before them.")
                           : hash);
}
