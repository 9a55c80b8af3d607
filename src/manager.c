/* korttisilta-manager: the window in which a holder sees what is on the card, changes, unlocks and
 * activates its PINs, and finds out why something does not work. */
#include "base/log.h"
#include "core/desk.h"
#include "os/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int usage(FILE *to)
{
    fprintf(to, "%s\n",
            _("usage: korttisilta-manager [--page card|pins|activate|journal|diagnosis]"));
    fprintf(to, "  %-14s  %s\n", "--page PAGE", _("Begin with this page."));
    fprintf(to, "  %-14s  %s\n", "--help", _("Print this help."));
    fprintf(to, "  %-14s  %s\n", "--version", _("Print the version."));
    return to == stdout ? EXIT_SUCCESS : 2;
}

static int show(enum manager_page page)
{
    struct desk *desk = NULL;
    secret_harden_process();
    stream_ignore_broken_pipe();
    if (desk_open(&desk) != ERR_OK) {
        log_line(LOG_ERROR, "the card readers can't be watched");
        return EXIT_FAILURE;
    }
    struct manager_back back = desk_back(desk);
    int status = manager_gtk_run(&back, desk, page);
    if (status == MANAGER_NO_DISPLAY) {
        fprintf(stderr, "%s. %s\n", _("There is no display"), _("In a terminal: korttisilta pin"));
    }
    desk_close(&desk);
    return status;
}

int main(int argc, char **argv)
{
    log_open("korttisilta-manager");
    translate_open(LANG_SYSTEM);
    if (argc == 1) {
        return show(MANAGER_CARD);
    }
    for (unsigned p = 0; argc == 3 && p < MANAGER_PAGES; p++) {
        if (strcmp(argv[1], "--page") == 0 &&
            strcmp(argv[2], manager_page_word((enum manager_page)p)) == 0) {
            return show((enum manager_page)p);
        }
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        return puts("korttisilta-manager " KORTTISILTA_VERSION) < 0;
    }
    return usage(argc == 2 && strcmp(argv[1], "--help") == 0 ? stdout : stderr);
}
