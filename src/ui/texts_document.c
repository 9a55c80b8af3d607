/* What a document is called and how large it is, where the page tells neither (SCS). */
#include "ui/texts.h"

#include <glib.h>

char *texts_document_name(const struct ask_document *d)
{
    return d->name.len > 0 ? texts_safe(d->name) : g_strdup(_("Document without a name"));
}

char *texts_document_size(const struct ask_document *d)
{
    bool is_known = d->has_content || d->name.len > 0;
    return is_known ? texts_size(d->size) : g_strdup(_("size not known"));
}
