/* korttisilta-prompt: shows one question to the person and brings the answer. Started by the signer
 * with the conversation (wire/ask.h) on standard input and output. Knows no network and no card. */
#include "base/log.h"
#include "os/stream.h"
#include "ui/dialog.h"
#include "ui/translate.h"

#include <stdlib.h>

/* A display that is named but can't be reached falls back to the terminal too. */
static int ask(struct link *l)
{
    int status = dialog_gtk_run(l);
    return status == PROMPT_NO_DISPLAY ? dialog_tty_run(l) : status;
}

int main(void)
{
    struct link l;
    int status = EXIT_FAILURE;
    secret_harden_process();
    stream_ignore_broken_pipe();
    log_open("korttisilta-prompt");
    link_init(&l);
    enum err e = link_read_question(&l);
    if (e == ERR_OK) {
        translate_open(l.question.lang);
        status = ask(&l);
    } else {
        log_line(LOG_ERROR, "no question: %s", err_name(e));
    }
    link_clear(&l);
    return status;
}
