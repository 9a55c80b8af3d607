#include "ui/origin_text.h"

#include "base/utf8.h"

#include <glib.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct span after(struct span s, const char *mark)
{
    size_t len = strlen(mark);
    for (size_t i = 0; i + len <= s.len; i++) {
        if (memcmp(s.at + i, mark, len) == 0) {
            return span_sub(s, i + len, s.len);
        }
    }
    return s;
}

/* Everything before the last colon outside of brackets. */
static struct span without_port(struct span s)
{
    for (size_t i = s.len; i > 0 && s.at[i - 1] != ']'; i--) {
        if (s.at[i - 1] == ':') {
            return span_sub(s, 0, i - 1);
        }
    }
    return s;
}

/* Non-ASCII letters of the languages of Finland, its neighbours and the Sami: everyday here. */
static bool is_everyday_latin(gunichar c)
{
    return c < 0x80 || g_utf8_strchr("åäöæøüõéáâčđŋšŧžǥǧǩǯ", -1, c) != NULL;
}

/* Small letters of other scripts that are drawn like Latin ones (from Unicode's confusables). */
static bool looks_latin(gunichar c)
{
    static const char *const letters[] = {
        "агекопрсухьѕіїјѡѱѵҫүһӏӑӓӕӗӧӱԁԍԛԝ", /* Cyrillic */
        "άίαγεηικμνορςστυχωόύϲϳ",           /* Greek */
        "ագզհոռսցքօ",                       /* Armenian */
        "ყꮪꮷꮻ",                     /* Georgian, Cherokee */
    };
    for (size_t i = 0; i < COUNT(letters); i++) {
        if (g_utf8_strchr(letters[i], -1, c) != NULL) {
            return true;
        }
    }
    return c < 0x80;
}

/* Scripts that one language writes together, with or without Latin ("highly restrictive"). */
static bool is_east_asian(GUnicodeScript s)
{
    return s == G_UNICODE_SCRIPT_HAN || s == G_UNICODE_SCRIPT_HIRAGANA ||
           s == G_UNICODE_SCRIPT_KATAKANA || s == G_UNICODE_SCRIPT_HANGUL ||
           s == G_UNICODE_SCRIPT_BOPOMOFO;
}

struct label {
    bool latin, east_asian, other, mixed; /* scripts seen */
    GUnicodeScript script;                /* the first other one */
    bool unusual, unlike; /* a letter that is not everyday; that is not Latin-like */
};

static void label_see(struct label *l, gunichar c)
{
    GUnicodeScript script = g_unichar_get_script(c);
    l->unusual |= !is_everyday_latin(c);
    if (script == G_UNICODE_SCRIPT_COMMON || script == G_UNICODE_SCRIPT_INHERITED) {
        return;
    }
    l->unlike |= !looks_latin(c);
    if (script == G_UNICODE_SCRIPT_LATIN) {
        l->latin = true;
    } else if (is_east_asian(script)) {
        l->east_asian = true;
    } else {
        l->mixed |= l->other && script != l->script;
        l->other = true;
        l->script = script;
    }
}

static enum origin_note label_judge(const struct label *l)
{
    if (l->mixed || (l->other && (l->latin || l->east_asian))) {
        return ORIGIN_MIXED;
    }
    if (l->other || l->east_asian) {
        return l->unlike ? ORIGIN_FOREIGN : ORIGIN_LOOKALIKE;
    }
    return l->unusual ? ORIGIN_UNUSUAL : ORIGIN_PLAIN;
}

static enum origin_note judge(const char *name)
{
    enum origin_note worst = ORIGIN_PLAIN;
    struct label l = {.latin = false};
    for (const char *at = name;; at = g_utf8_next_char(at)) {
        if (*at == '.' || *at == '\0') {
            enum origin_note note = label_judge(&l);
            worst = note > worst ? note : worst;
            l = (struct label){.latin = false};
        } else {
            label_see(&l, g_utf8_get_char(at));
        }
        if (*at == '\0') {
            return worst;
        }
    }
}

/* All of it can be seen: no blank, control, format or filler character. */
static bool is_visible(const char *name)
{
    struct buf safe;
    bool same = false;
    buf_init(&safe, strlen(name) + 1);
    if (utf8_append_safe(&safe, span_str(name)) == ERR_OK) {
        same = span_is(buf_span(&safe), name);
    }
    buf_clear(&safe);
    for (const char *at = name; same && *at != '\0'; at = g_utf8_next_char(at)) {
        same = g_unichar_isgraph(g_utf8_get_char(at));
    }
    return same;
}

static void decode(struct origin_text *t)
{
    char *name = g_hostname_to_unicode(t->host);
    char *back = name != NULL ? g_hostname_to_ascii(name) : NULL;
    if (back == NULL || strcmp(back, t->host) != 0 || g_hostname_is_ascii_encoded(name) ||
        !is_visible(name)) {
        t->note = ORIGIN_UNREADABLE;
        g_free(name);
    } else {
        t->decoded = name;
        t->note = judge(name);
    }
    g_free(back);
}

static bool is_local(const char *host)
{
    static const char *const names[] = {"localhost", "127.0.0.1", "[::1]"};
    for (size_t i = 0; i < COUNT(names); i++) {
        if (strcmp(host, names[i]) == 0) {
            return true;
        }
    }
    return false;
}

void origin_text_make(struct span origin, struct origin_text *ret)
{
    struct span host = span_sub(without_port(after(origin, "://")), 0, LIMIT_ORIGIN);
    *ret = (struct origin_text){.note = ORIGIN_PLAIN};
    if (host.len > 0) {
        memcpy(ret->host, host.at, host.len);
    }
    ret->is_local = is_local(ret->host);
    if (g_hostname_is_ascii_encoded(ret->host)) {
        decode(ret);
    }
}

void origin_text_clear(struct origin_text *t)
{
    g_free(t->decoded);
    t->decoded = NULL;
}
