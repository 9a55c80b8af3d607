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
    static const gunichar letters[] = {
        0xE5,  0xE4,  0xF6,  0xE6,  0xF8,  0xFC,  0xF5,  0xE9,  0xE1,  0xE2,
        0x10D, 0x111, 0x14B, 0x161, 0x167, 0x17E, 0x1E5, 0x1E7, 0x1E9, 0x1EF,
    };
    for (size_t i = 0; i < COUNT(letters); i++) {
        if (letters[i] == c) {
            return true;
        }
    }
    return c < 0x80;
}

/* Small letters of other scripts that are drawn like Latin ones (from Unicode's confusables). */
static bool looks_latin(gunichar c)
{
    static const gunichar letters[] = {
        /* Cyrillic */
        0x430,
        0x432,
        0x433,
        0x435,
        0x437,
        0x438,
        0x43A,
        0x43C,
        0x43D,
        0x43E,
        0x43F,
        0x440,
        0x441,
        0x442,
        0x443,
        0x445,
        0x44A,
        0x44C,
        0x455,
        0x456,
        0x457,
        0x458,
        0x461,
        0x471,
        0x475,
        0x4AB,
        0x4AF,
        0x4B3,
        0x4BB,
        0x4CF,
        0x4D1,
        0x4D3,
        0x4D5,
        0x4D7,
        0x4E7,
        0x4F1,
        0x501,
        0x50D,
        0x51B,
        0x51D,
        /* Greek */
        0x3AC,
        0x3AF,
        0x3B1,
        0x3B3,
        0x3B5,
        0x3B7,
        0x3B9,
        0x3BA,
        0x3BC,
        0x3BD,
        0x3BF,
        0x3C1,
        0x3C3,
        0x3C4,
        0x3C5,
        0x3C7,
        0x3C9,
        0x3CC,
        0x3CD,
        0x3F2,
        0x3F3,
        /* Armenian, Georgian, Cherokee */
        0x561,
        0x563,
        0x566,
        0x570,
        0x578,
        0x57C,
        0x57D,
        0x581,
        0x584,
        0x585,
        0x10E7,
        0xABAA,
        0xABB7,
        0xABBB,
    };
    for (size_t i = 0; i < COUNT(letters); i++) {
        if (letters[i] == c) {
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
