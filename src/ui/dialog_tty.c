#include "ui/dialog.h"
int dialog_tty_run(struct link *l)
{
    (void)l;
    return PROMPT_NO_DISPLAY;
}
