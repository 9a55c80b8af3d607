/* korttisilta: the command line, for people, developers and help desks. */
#include "base/log.h"
#include "core/doctor.h"
#include "core/inventory.h"
#include "ui/translate.h"

#include <stdio.h>
#include <string.h>

static int version(void)
{
    return puts("korttisilta " KORTTISILTA_VERSION) < 0;
}

static const struct {
    const char *word;
    int (*run)(void);
    const char *help;
} commands[] = {
    {"version", version, N_("Print the version.")},
    {"cards", inventory_print,
     N_("List readers, cards, certificates and the tries left of each PIN.")},
    {"doctor", doctor_print, N_("Check what is installed and running, and say what to do.")},
};

static int usage(FILE *to)
{
    fprintf(to, "%s\n", _("usage: korttisilta COMMAND"));
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        fprintf(to, "  %-8s  %s\n", commands[i].word, _(commands[i].help));
    }
    return to == stdout ? 0 : 2;
}

int main(int argc, char **argv)
{
    const char *word = argc == 2 ? argv[1] : "";
    log_open("korttisilta");
    translate_open(LANG_SYSTEM);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(word, commands[i].word) == 0) {
            return commands[i].run();
        }
    }
    if (strcmp(word, "--version") == 0) {
        return version();
    }
    return usage(strcmp(word, "--help") == 0 || strcmp(word, "help") == 0 ? stdout : stderr);
}
