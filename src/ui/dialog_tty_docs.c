#include "ui/dialog_tty_docs.h"

#include "ui/texts.h"

#include <glib.h>
#include <string.h>

/* At most three lines each: a page and the line to type in fit a terminal of 24 lines with names of
 * one line. */
#define PAGE LIMIT_DOCS_PLAIN

static bool is_long(const struct doc_pages *p)
{
    return p->question->n_docs > PAGE;
}

static bool fits(const struct doc_pages *p, size_t i)
{
    return p->wanted_len == 0 || texts_name_has(p->question->docs[i].name, p->wanted);
}

static void say_take(const struct doc_pages *p, char *take_text)
{
    tty_say_line(p->tty, take_text);
    g_free(take_text);
}

static void say_document(const struct doc_pages *p, size_t i)
{
    const struct ask_document *d = &p->question->docs[i];
    char *name = texts_document_name(d);
    char *type = texts_safe(d->media_type);
    char *size = texts_document_size(d);
    char *digest = texts_digest_full(d);
    say_take(p, g_strdup_printf("  %zu. %s (%s, %s)", i + 1, name, type, size));
    say_take(p, g_strdup_printf("     %s %s", alg_hash_name(d->hash), digest));
    if (!d->has_content) {
        tty_say(p->tty, "     ");
        tty_say_line(p->tty, _("This program has not seen the content, only its checksum."));
    }
    g_free(digest);
    g_free(size);
    g_free(type);
    g_free(name);
}

static void say_how_many(const struct doc_pages *p)
{
    size_t found = 0;
    for (size_t i = 0; i < p->question->n_docs; i++) {
        found += fits(p, i);
    }
    if (p->wanted_len > 0) {
        say_take(p, texts_found(found, p->question->n_docs));
    }
    say_take(p, g_strdup_printf(
                    _("Space: further documents. /: search by name. All %zu will be signed."),
                    p->question->n_docs));
}

void doc_pages_show(struct doc_pages *p)
{
    size_t listed = 0;
    if (p->next == p->question->n_docs) {
        p->next = 0;
    }
    for (; p->next < p->question->n_docs && listed < PAGE; p->next++) {
        if (fits(p, p->next)) {
            say_document(p, p->next);
            listed++;
        }
    }
    if (is_long(p)) {
        say_how_many(p);
    }
}

static void forget(struct doc_pages *p)
{
    p->wanted_len = 0;
    p->wanted[0] = '\0';
    p->next = 0;
}

static void erase(struct doc_pages *p)
{
    if (p->wanted_len > 0) {
        const char *before = g_utf8_find_prev_char(p->wanted, p->wanted + p->wanted_len);
        p->wanted_len = before != NULL ? (size_t)(before - p->wanted) : 0;
        p->wanted[p->wanted_len] = '\0';
        tty_say(p->tty, "\b \b");
    }
}

static void add(struct doc_pages *p, uint8_t c)
{
    const char shown[] = {(char)c, '\0'};
    if (c >= ' ' && p->wanted_len < LIMIT_SEARCH) {
        p->wanted[p->wanted_len++] = (char)c;
        p->wanted[p->wanted_len] = '\0';
        tty_say(p->tty, shown);
    }
}

static enum doc_key take_while_typing(struct doc_pages *p, enum tty_key key, uint8_t c)
{
    if (key == TTY_CHAR) {
        add(p, c);
        return DOC_KEY_TAKEN;
    }
    if (key == TTY_ERASE) {
        erase(p);
        return DOC_KEY_TAKEN;
    }
    if (key == TTY_CANCEL) {
        forget(p);
    }
    p->is_typing = false;
    tty_say(p->tty, "\r\n");
    doc_pages_show(p);
    return DOC_KEY_SHOWN;
}

enum doc_key doc_pages_take_key(struct doc_pages *p, enum tty_key key, uint8_t c)
{
    if (p->is_typing) {
        return take_while_typing(p, key, c);
    }
    if (!is_long(p) || key != TTY_CHAR || (c != ' ' && c != '/')) {
        return DOC_KEY_OTHER;
    }
    tty_say(p->tty, "\r\n");
    if (c == ' ') {
        doc_pages_show(p);
        return DOC_KEY_SHOWN;
    }
    forget(p);
    p->is_typing = true;
    tty_say(p->tty, _("Search documents by name:"));
    tty_say(p->tty, " ");
    return DOC_KEY_TAKEN;
}
