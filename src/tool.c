/* korttisilta: the command line, for people, developers and help desks. */
#include "base/log.h"
#include "core/doctor.h"
#include "core/inventory.h"
#include "core/journal_command.h"
#include "core/pin_command.h"
#include "core/trust_command.h"
#include "core/verify_command.h"
#include "ui/translate.h"

#include <stdio.h>
#include <string.h>

/* Each gets the words behind its own. */
static int version(int argc, char **argv);
static int cards(int argc, char **argv);
static int doctor(int argc, char **argv);
static int journal(int argc, char **argv);

static const struct {
    const char *word;
    const char *more;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"version", "", version, N_("Print the version.")},
    {"cards", "", cards, N_("List readers, cards, certificates and the tries left of each PIN.")},
    {"cards", "--check", cards, N_("The same, and ask the issuers if a certificate is revoked.")},
    {"doctor", "", doctor, N_("Check what is installed and running, and say what to do.")},
    {"trust", "install", trust_command_run,
     N_("Let this user's browsers trust the local connection (SCS).")},
    {"trust", "remove", trust_command_run, N_("Take that back.")},
    {"trust", "status", trust_command_run, N_("Print which browser profiles trust it.")},
    {"pin", "status", pin_command_run, N_("Print the state of the PINs; no try is used.")},
    {"pin", "change 1|2", pin_command_run, N_("Change PIN1 or PIN2.")},
    {"pin", "unlock 1|2", pin_command_run, N_("Unlock PIN1 or PIN2 with the PUK code.")},
    {"pin", "activate", pin_command_run, N_("Activate a new card with the code in the letter.")},
    {"verify", "FILE [CONTENT]", verify_command_run,
     N_("Say who signed a PDF or a CMS file, and whether it holds.")},
    {"journal", "", journal, N_("Print what your cards were used for on this computer.")},
    {"journal", "check", journal, N_("Say if the journal is whole.")},
    {"journal", "export", journal, N_("Write its lines as they are.")},
    {"journal", "erase", journal, N_("Delete it.")},
};

static int usage(FILE *to)
{
    fprintf(to, "%s\n", _("usage: korttisilta COMMAND"));
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        char words[32];
        snprintf(words, sizeof words, "%s %s", commands[i].word, commands[i].more);
        fprintf(to, "  %-21s  %s\n", words, _(commands[i].help));
    }
    fprintf(to, "%s\n",
            _("With several cards: pin … --reader NAME. PINs are asked in the terminal."));
    fprintf(
        to, "%s\n",
        _("verify also takes --ca FILE (trust these CAs instead of the computer's), --check (ask "
          "the issuers if a certificate is revoked) and --json."));
    return to == stdout ? 0 : 2;
}

static int version(int argc, char **argv)
{
    (void)argv;
    return argc != 0 ? usage(stderr) : puts("korttisilta " KORTTISILTA_VERSION) < 0;
}

static int cards(int argc, char **argv)
{
    bool check = argc == 1 && strcmp(argv[0], "--check") == 0;
    return argc != (check ? 1 : 0) ? usage(stderr) : inventory_print(check);
}

static int doctor(int argc, char **argv)
{
    (void)argv;
    return argc != 0 ? usage(stderr) : doctor_print();
}

static int journal(int argc, char **argv)
{
    int status = journal_command_run(argc, argv);
    return status == 2 ? usage(stderr) : status;
}

int main(int argc, char **argv)
{
    const char *word = argc >= 2 ? argv[1] : "";
    log_open("korttisilta");
    translate_open(LANG_SYSTEM);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(word, commands[i].word) == 0) {
            return commands[i].run(argc - 2, argv + 2);
        }
    }
    if (strcmp(word, "--version") == 0) {
        return version(argc - 2, argv + 2);
    }
    return usage(strcmp(word, "--help") == 0 || strcmp(word, "help") == 0 ? stdout : stderr);
}
