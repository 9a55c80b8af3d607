#include "core/scs_page.h"

#include "ui/translate.h"

/* HTML as it stands, then a text in the person's language, escaped. */
struct part {
    const char *html;
    const char *text; /* NULL: none */
};

static const struct part head[] = {
    {"<meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
     "<link rel=\"stylesheet\" href=\"/page.css\"><script src=\"/page.js\" defer></script><title>",
     N_("Korttisilta: test page")},
    {"</title></head><body><header><nav aria-label=\"", N_("Language")},
    {"\">", NULL},
};

static const struct part body[] = {
    {"</nav></header><main><h1>", N_("Korttisilta: test page")},
    {"</h1><p>", N_("Your browser reaches Korttisilta, and trusts it. Services of the SCS kind can "
                    "use your card through this connection.")},
    {"</p><dl><dt>", N_("Version")},
    {"</dt><dd>" KORTTISILTA_VERSION "</dd><dt>", N_("Version of the interface")},
    {"</dt><dd id=\"interface\">–</dd><dt>", N_("Card")},
    {"</dt><dd><span id=\"card\" role=\"status\">–</span></dd></dl><h2>", N_("Try it")},
    {"</h2><p>", N_("Signs a test with the key for identification. Korttisilta asks for PIN1; the "
                    "signature is sent nowhere.")},
    {"</p><p><button id=\"try\" type=\"button\">", N_("Sign a test")},
    {"</button></p><p id=\"result\" role=\"status\"></p><noscript><p>",
     N_("The test needs JavaScript.")},
    {"</p></noscript></main><div id=\"texts\" hidden><span data-name=\"card\">",
     N_("A card is in.")},
    {"</span><span data-name=\"no-card\">", N_("No card is in.")},
    {"</span><span data-name=\"waiting\">", N_("Korttisilta asks you in a window of its own.")},
    {"</span><span data-name=\"ok\">", N_("It works: the card has signed the test.")},
    {"</span><span data-name=\"400\">", N_("There was no card or no certificate that fits.")},
    {"</span><span data-name=\"401\">", N_("You cancelled, or the PIN was not accepted.")},
    {"</span><span data-name=\"403\">",
     N_("Another request is waiting for you. Try again when it has ended.")},
    {"</span><span data-name=\"failed\">",
     N_("It did not work. The command korttisilta doctor helps to find out why.")},
    {"</span><span data-name=\"gone\">", N_("Korttisilta does not answer any more.")},
    {"</span></div></body></html>\n", NULL},
};

static const struct {
    enum lang lang;
    const char *name; /* in itself */
} names[] = {{LANG_FI, "Suomi"}, {LANG_SV, "Svenska"}, {LANG_EN, "English"}};

/* ---- language ---- */

/* A tag of RFC 4647: the language, and perhaps a region that does not matter here. */
static bool is_tag(struct span text, const char *lang)
{
    static const char ends[] = {'-', ';', ',', ' '};
    while (text.len > 0 && text.at[0] == ' ') {
        text = span_sub(text, 1, text.len);
    }
    struct span after = span_sub(text, 2, 1);
    return span_is(span_sub(text, 0, 2), lang) &&
           (after.len == 0 || memchr(ends, after.at[0], sizeof ends) != NULL);
}

static enum lang lang_of(struct span text)
{
    for (enum lang l = LANG_FI; l < LANG_COUNT; l++) {
        if (is_tag(text, msg_lang_name(l))) {
            return l;
        }
    }
    return LANG_SYSTEM;
}

enum lang scs_page_lang(struct span path, struct span accept_language)
{
    const char *key = "/?lang=";
    enum lang lang = LANG_SYSTEM;
    if (span_is(span_sub(path, 0, strlen(key)), key)) {
        lang = lang_of(span_sub(path, strlen(key), path.len));
    }
    while (lang == LANG_SYSTEM && accept_language.len > 0) {
        const uint8_t *comma = memchr(accept_language.at, ',', accept_language.len);
        size_t len = comma != NULL ? (size_t)(comma - accept_language.at) : accept_language.len;
        lang = lang_of(span_sub(accept_language, 0, len));
        accept_language = span_sub(accept_language, len + 1, accept_language.len);
    }
    return lang == LANG_SYSTEM ? LANG_EN : lang;
}

/* ---- HTML ---- */

static enum err put_text(struct buf *out, const char *text)
{
    enum err e = ERR_OK;
    for (; e == ERR_OK && *text != '\0'; text++) {
        const char *entity = *text == '&'   ? "&amp;"
                             : *text == '<' ? "&lt;"
                             : *text == '>' ? "&gt;"
                             : *text == '"' ? "&quot;"
                                            : NULL;
        e = entity != NULL ? buf_append_str(out, entity) : buf_append_u8(out, (uint8_t)*text);
    }
    return e;
}

static enum err put_parts(struct buf *out, const struct part *parts, size_t n)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        e = buf_append_str(out, parts[i].html);
        if (e == ERR_OK && parts[i].text != NULL) {
            e = put_text(out, _(parts[i].text));
        }
    }
    return e;
}

static enum err put_strings(struct buf *out, const char *const strings[], size_t n)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < n; i++) {
        e = buf_append_str(out, strings[i]);
    }
    return e;
}

static enum err put_languages(struct buf *out, enum lang now)
{
    enum err e = ERR_OK;
    for (size_t i = 0; e == ERR_OK && i < sizeof names / sizeof names[0]; i++) {
        const char *tag = msg_lang_name(names[i].lang);
        const char *const link[] = {"<a href=\"/?lang=",
                                    tag,
                                    "\" lang=\"",
                                    tag,
                                    "\"",
                                    names[i].lang == now ? " aria-current=\"true\">" : ">",
                                    names[i].name,
                                    "</a> "};
        e = put_strings(out, link, sizeof link / sizeof link[0]);
    }
    return e;
}

struct page {
    enum lang lang;
    struct buf *out;
    enum err err;
};

static void put_page(void *user)
{
    struct page *p = user;
    const char *const start[] = {"<!DOCTYPE html><html lang=\"", msg_lang_name(p->lang),
                                 "\"><head>"};
    enum err e = put_strings(p->out, start, sizeof start / sizeof start[0]);
    if (e == ERR_OK) {
        e = put_parts(p->out, head, sizeof head / sizeof head[0]);
    }
    if (e == ERR_OK) {
        e = put_languages(p->out, p->lang);
    }
    if (e == ERR_OK) {
        e = put_parts(p->out, body, sizeof body / sizeof body[0]);
    }
    p->err = e;
}

enum err scs_page_html(enum lang lang, struct buf *out)
{
    struct page p = {lang, out, ERR_NOMEM};
    translate_with(lang, put_page, &p);
    return p.err;
}

/* ---- what the page loads ---- */

/* A test is bound to this page's origin, as every log in is. */
static const char script[] =
    "'use strict';\n"
    "const at = (id) => document.getElementById(id);\n"
    "const text = (name) => at('texts').querySelector(`[data-name=\"${name}\"]`).textContent;\n"
    "const show = (id, said) => { if (at(id).textContent !== said) at(id).textContent = said; };\n"
    "async function look() {\n"
    "  try {\n"
    "    const version = await (await fetch('/version')).json();\n"
    "    show('interface', version.version);\n"
    "    show('card', text(version.hashAlgorithms.trim() === '' ? 'no-card' : 'card'));\n"
    "  } catch {\n"
    "    show('card', text('gone'));\n"
    "  }\n"
    "}\n"
    "async function tryIt() {\n"
    "  const nonce = Array.from(crypto.getRandomValues(new Uint8Array(32)),\n"
    "    (byte) => byte.toString(16).padStart(2, '0')).join('');\n"
    "  const request = {\n"
    "    version: '1.2', content: btoa(`${location.origin};${nonce}`), contentType: 'data',\n"
    "    hashAlgorithm: 'SHA256', selector: { keyusages: ['digitalsignature'] },\n"
    "  };\n"
    "  at('try').setAttribute('aria-disabled', 'true');\n"
    "  show('result', text('waiting'));\n"
    "  try {\n"
    "    const response = await fetch('/sign', { method: 'POST', body: JSON.stringify(request) "
    "});\n"
    "    const { status, reasonCode } = await response.json();\n"
    "    const known = ['400', '401', '403'].includes(String(reasonCode));\n"
    "    show('result', text(status === 'ok' ? 'ok' : known ? reasonCode : 'failed'));\n"
    "  } catch {\n"
    "    show('result', text('gone'));\n"
    "  }\n"
    "  at('try').removeAttribute('aria-disabled');\n"
    "}\n"
    "at('try').addEventListener('click', () => at('try').hasAttribute('aria-disabled') || "
    "tryIt());\n"
    "look();\n"
    "setInterval(() => document.hidden || look(), 1000);\n";

static const char style[] =
    "body{font:1.125rem/1.5 sans-serif;margin:0 auto;max-width:38rem;padding:1rem;color:#1a1a1a;"
    "background:#fff}\n"
    "nav{text-align:right}nav a{display:inline-block;padding:.25rem .5rem;color:#003f8a}"
    "nav a[aria-current]{font-weight:bold;text-decoration:none;color:#1a1a1a}\n"
    "dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.5rem}"
    "dt{font-weight:bold}dd{margin:0}\n"
    "button{font:inherit;min-height:2.75rem;padding:.25rem 1.25rem;border:0;border-radius:.25rem;"
    "color:#fff;background:#003f8a}button[aria-disabled]{background:#595959}\n"
    ":focus-visible{outline:.1875rem solid #003f8a;outline-offset:.1875rem}\n";

struct span scs_page_script(void)
{
    return span_of(script, sizeof script - 1);
}

struct span scs_page_style(void)
{
    return span_of(style, sizeof style - 1);
}
