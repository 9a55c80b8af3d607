#include "crypto/pdf_signature.h"

/* ISO 32000-2 §7.2 and §7.3, strictly: what is not written as it says is an error of the object. */

struct reader {
    struct span file;
    size_t end; /* where the object must have ended */
    size_t at;
    size_t key;     /* the ByteRange that the object is read for */
    bool has_found; /* its dictionary was read */
    struct pdf_signature found;
};

/* Of one dictionary. */
struct fields {
    unsigned n_ranges, n_contents;
    bool is_wanted;
    uint64_t range[4];
    size_t contents_at, contents_end; /* with their < and > */
    struct span sub_filter, time;
};

static bool is_space(uint8_t c)
{
    return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool is_regular(uint8_t c)
{
    return !is_space(c) && strchr("()<>[]{}/%", c) == NULL;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(uint8_t c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static int peek(const struct reader *r, size_t more)
{
    return r->at + more < r->end ? r->file.at[r->at + more] : -1;
}

/* White space and comments. */
static void skip_space(struct reader *r)
{
    bool comment = false;
    for (; r->at < r->end; r->at++) {
        uint8_t c = r->file.at[r->at];
        comment = comment ? c != '\n' && c != '\r' : c == '%';
        if (!comment && !is_space(c)) {
            break;
        }
    }
}

/* A run of regular characters: a number, a keyword, what stands behind the / of a name. */
static struct span take_word(struct reader *r)
{
    size_t from = r->at;
    while (r->at < r->end && is_regular(r->file.at[r->at])) {
        r->at++;
    }
    return span_sub(r->file, from, r->at - from);
}

static bool is_number(struct span word)
{
    size_t digits = 0;
    for (size_t i = 0; i < word.len; i++) {
        uint8_t c = word.at[i];
        digits += is_digit(c) ? 1 : 0;
        if (!is_digit(c) && c != '.' && !(i == 0 && (c == '+' || c == '-'))) {
            return false;
        }
    }
    return digits > 0;
}

/* At most 15 digits: a place in a file. */
static bool to_place(struct span word, uint64_t *ret)
{
    uint64_t value = 0;
    for (size_t i = 0; i < word.len; i++) {
        if (!is_digit(word.at[i]) || i >= 15) {
            return false;
        }
        value = value * 10 + (uint64_t)(word.at[i] - '0');
    }
    *ret = value;
    return word.len > 0;
}

static bool skip_text(struct reader *r)
{
    unsigned open = 0;
    for (; r->at < r->end; r->at++) {
        uint8_t c = r->file.at[r->at];
        r->at += c == '\\' ? 1 : 0;
        open += c == '(' ? 1 : 0;
        open -= c == ')' ? 1 : 0;
        if (open == 0) {
            r->at++;
            return true;
        }
    }
    return false;
}

static bool skip_hex(struct reader *r)
{
    r->at++;
    while (r->at < r->end && (is_hex(r->file.at[r->at]) || is_space(r->file.at[r->at]))) {
        r->at++;
    }
    return peek(r, 0) == '>' ? (r->at++, true) : false;
}

static bool skip_value(struct reader *r, unsigned depth);
static bool read_dictionary(struct reader *r, unsigned depth);

static bool skip_array(struct reader *r, unsigned depth)
{
    r->at++;
    for (;;) {
        skip_space(r);
        if (peek(r, 0) == ']') {
            r->at++;
            return true;
        }
        if (!skip_value(r, depth)) {
            return false;
        }
    }
}

/* A number alone, or with its generation and R a reference; in an array the R is a value too. */
static bool skip_word(struct reader *r)
{
    static const char *const keywords[] = {"true", "false", "null", "R"};
    struct span word = take_word(r);
    if (is_number(word)) {
        return true;
    }
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
        if (span_is(word, keywords[i])) {
            return true;
        }
    }
    return false;
}

static bool skip_value(struct reader *r, unsigned depth)
{
    if (depth == 0) {
        return false;
    }
    switch (peek(r, 0)) {
    case '(':
        return skip_text(r);
    case '[':
        return skip_array(r, depth - 1);
    case '/':
        r->at++;
        (void)take_word(r);
        return true;
    case '<':
        return peek(r, 1) == '<' ? read_dictionary(r, depth - 1) : skip_hex(r);
    default:
        return skip_word(r);
    }
}

/* [ begin length begin length ] */
static bool read_range(struct reader *r, struct fields *f)
{
    if (peek(r, 0) != '[') {
        return false;
    }
    r->at++;
    for (size_t i = 0; i < 4; i++) {
        skip_space(r);
        if (!to_place(take_word(r), &f->range[i])) {
            return false;
        }
    }
    skip_space(r);
    return peek(r, 0) == ']' ? (r->at++, true) : false;
}

static bool read_field(struct reader *r, struct fields *f, unsigned depth)
{
    size_t key_at = r->at++;
    struct span key = take_word(r);
    skip_space(r);
    size_t from = r->at;
    if (span_is(key, "ByteRange")) {
        f->n_ranges++;
        f->is_wanted = f->is_wanted || key_at == r->key;
        return read_range(r, f);
    }
    if (!skip_value(r, depth)) {
        return false;
    }
    struct span value = span_sub(r->file, from, r->at - from);
    if (span_is(key, "Contents")) {
        f->n_contents++;
        f->contents_at = from;
        f->contents_end = r->at;
    } else if (span_is(key, "SubFilter") && value.len > 1 && value.at[0] == '/') {
        f->sub_filter = span_sub(value, 1, value.len);
    } else if (span_is(key, "M")) {
        f->time = value;
    }
    /* "12 0 R": what follows a number in a dictionary, else a name or the end */
    for (skip_space(r); peek(r, 0) != '/' && peek(r, 0) != '>'; skip_space(r)) {
        if (!skip_word(r)) {
            return false;
        }
    }
    return true;
}

static void settle(struct reader *r, const struct fields *f);

static bool read_dictionary(struct reader *r, unsigned depth)
{
    struct fields f = {0};
    bool ok = true;
    r->at += 2;
    while (ok) {
        skip_space(r);
        if (peek(r, 0) == '>' && peek(r, 1) == '>') {
            r->at += 2;
            if (f.is_wanted) {
                settle(r, &f);
            }
            return true;
        }
        ok = peek(r, 0) == '/' && read_field(r, &f, depth);
    }
    return false;
}

/* ---- what the dictionary says ---- */

static int two(struct span digits, size_t at)
{
    return (digits.at[at] - '0') * 10 + digits.at[at + 1] - '0';
}

/* Days from 1970-01-01 in the Gregorian calendar; months are counted from March, so that the day
 * that a leap year has comes last. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t m = month <= 2 ? month + 9 : month - 3;
    return y * 365 + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

/* (D:YYYYMMDDHHmmSS and Z, +HH'mm or -HH'mm, ISO 32000-2 §7.9.4; PDF 1.7 has one more ' behind. A
 * time without its zone says nothing that can be compared. */
static int64_t time_of(struct span text)
{
    struct span digits = span_sub(text, 3, 14);
    struct span zone = span_sub(text, 17, text.len);
    int64_t offset = 0;
    if (text.len < 19 || memcmp(text.at, "(D:", 3) != 0) {
        return 0;
    }
    for (size_t i = 0; i < digits.len; i++) {
        if (!is_digit(digits.at[i])) {
            return 0;
        }
    }
    if (zone.at[0] == '+' || zone.at[0] == '-') {
        if (zone.len < 7 || !is_digit(zone.at[1]) || !is_digit(zone.at[2]) || zone.at[3] != '\'' ||
            !is_digit(zone.at[4]) || !is_digit(zone.at[5])) {
            return 0;
        }
        offset = two(zone, 1) * 3600 + two(zone, 4) * 60;
        offset = zone.at[0] == '-' ? -offset : offset;
    } else if (zone.at[0] != 'Z') {
        return 0;
    }
    int month = two(digits, 4);
    int day = two(digits, 6);
    int64_t second = two(digits, 8) * 3600 + two(digits, 10) * 60 + two(digits, 12);
    if (month < 1 || month > 12 || day < 1 || day > 31 || second >= 86400) {
        return 0;
    }
    return days_of(two(digits, 0) * 100 + two(digits, 2), month, day) * 86400 + second - offset;
}

static bool all_hex(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!is_hex(text.at[i])) {
            return false;
        }
    }
    return text.len > 0 && text.len % 2 == 0;
}

/* `r` stands behind the dictionary. */
static void settle(struct reader *r, const struct fields *f)
{
    struct span file = r->file;
    uint64_t rest = f->range[2];
    uint64_t end = rest + f->range[3];
    r->has_found = true;
    if (f->n_ranges != 1 || f->n_contents != 1 || f->range[0] != 0 ||
        f->range[1] != f->contents_at || rest != f->contents_end || end < r->at || end > file.len) {
        return;
    }
    struct span digits = span_sub(file, f->contents_at + 1, f->contents_end - f->contents_at - 2);
    if (file.at[f->contents_at] != '<' || !all_hex(digits)) {
        return;
    }
    r->found = (struct pdf_signature){
        .readable = true,
        .sub_filter = f->sub_filter,
        .contents = digits,
        .before = span_sub(file, 0, f->contents_at),
        .after = span_sub(file, f->contents_end, (size_t)f->range[3]),
        .said_at = time_of(f->time),
        .added = file.len - (size_t)end,
    };
}

/* ---- the file ---- */

/* Where the object begins that `before` ends in: behind the last "obj" after a number. */
static bool find_object(struct span file, size_t from, size_t before, size_t *ret)
{
    for (size_t at = before; at > from + 4; at--) {
        const uint8_t *word = file.at + at - 3;
        if (memcmp(word, "obj", 3) == 0 && (is_space(word[-1]) || is_digit(word[-1]))) {
            *ret = at;
            return true;
        }
    }
    return false;
}

/* The signature whose ByteRange stands at `key`. False when it is the key of no dictionary: it
 * stands in a stream or a text, where it means nothing. *from: where to look on. */
static bool read_at(struct span file, size_t key, size_t *from, struct pdf_signature *ret)
{
    struct reader r = {.file = file, .key = key};
    if (!find_object(file, *from, key, &r.at)) {
        *from = key + 1;
        return false;
    }
    r.end = file.len - r.at < LIMIT_PDF_OBJECT ? file.len : r.at + LIMIT_PDF_OBJECT;
    skip_space(&r);
    bool ok = skip_value(&r, LIMIT_PDF_DEPTH);
    *from = r.at > key ? r.at : key + 1;
    *ret = ok ? r.found : (struct pdf_signature){.readable = false};
    return !ok || r.has_found;
}

bool pdf_is_one(struct span file)
{
    return span_is(span_sub(file, 0, 5), "%PDF-");
}

enum err pdf_signature_find(struct span file, struct pdf_signature ret[LIMIT_PDF_SIGNATURES],
                            size_t *ret_n)
{
    static const char word[] = "/ByteRange";
    size_t from = 0;
    size_t n = 0;
    for (;;) {
        struct span rest = span_sub(file, from, file.len);
        const uint8_t *at = rest.len > 0 ? memmem(rest.at, rest.len, word, sizeof word - 1) : NULL;
        struct pdf_signature found;
        if (at == NULL) {
            *ret_n = n;
            return ERR_OK;
        }
        if (!read_at(file, (size_t)(at - file.at), &from, &found)) {
            continue;
        }
        if (n == LIMIT_PDF_SIGNATURES) {
            return ERR_TOO_LARGE;
        }
        ret[n++] = found;
    }
}
