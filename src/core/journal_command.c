#include "core/journal_command.h"

#include "core/journal_words.h"
#include "ui/translate.h"

#include <stdio.h>
#include <string.h>

static void print_span(const char *before, struct span text, const char *after)
{
    printf("%s%.*s%s", before, (int)text.len, (const char *)text.at, after);
}

static void print_entry(void *user, const struct journal_entry *e)
{
    char outcome[JOURNAL_TEXT];
    (void)user;
    if (!e->is_entry) {
        printf("%s\n", _("(a line that is no entry)"));
        return;
    }
    journal_outcome(e, outcome);
    print_span("", e->time, "  ");
    printf("%s  %s\n", journal_operation(e->operation), outcome);
    print_span("    ", e->holder, " · ");
    print_span("", e->issuer, "\n");
    for (size_t i = 0; i < e->n_documents; i++) {
        print_span("    ", e->documents[i], "");
        printf("%s\n", i < e->n_made ? "" : _(" (not signed)"));
    }
    if (!e->follows) {
        printf("    %s\n",
               _("This entry does not follow the one before: something was changed, put "
                 "in or left out."));
    }
}

static void print_line(void *user, const struct journal_entry *e)
{
    (void)user;
    fwrite(e->line.at, 1, e->line.len, stdout);
    putchar('\n');
}

static int read_all(journal_each each, bool verdict)
{
    struct journal_totals t;
    char text[JOURNAL_TEXT];
    enum err e = journal_read(each, NULL, &t);
    if (e != ERR_OK) {
        fprintf(stderr, "%s\n", _("The journal can't be read."));
        return 1;
    }
    if (verdict) {
        journal_verdict(&t, text);
        puts(text);
    }
    return verdict && t.breaks > 0 ? 1 : 0;
}

int journal_command_run(int argc, char **argv)
{
    const char *word = argc == 1 ? argv[0] : "";
    if (argc == 0) {
        return read_all(print_entry, true);
    }
    if (strcmp(word, "check") == 0) {
        return read_all(NULL, true);
    }
    if (strcmp(word, "export") == 0) {
        return read_all(print_line, false);
    }
    if (strcmp(word, "erase") == 0) {
        journal_erase();
        puts(_("The journal has been erased."));
        return 0;
    }
    return 2;
}
