/* The signatures in a file: CMS SignedData with the document inside or beside it, or a PDF. */
#ifndef CORE_SIGNED_FILE_H
#define CORE_SIGNED_FILE_H

#include "base/buf.h"
#include "crypto/signed_data.h"

/* Why nothing can be said at all. */
enum signed_problem {
    PROBLEM_NONE,
    PROBLEM_FILE,       /* can't be read, or is larger than LIMIT_VERIFY */
    PROBLEM_CONTENT,    /* the same of the document beside it */
    PROBLEM_NO_CONTENT, /* the document is neither inside nor given */
    PROBLEM_NOT_WANTED, /* a PDF is its own document, and one was given */
    PROBLEM_MEMORY
};

/* The exit statuses of `korttisilta verify`: published, never renumbered. */
enum signed_verdict {
    VERDICT_HOLDS = 0,
    VERDICT_UNREADABLE = 3, /* no signature, or one that can't be judged */
    VERDICT_CHANGED = 4,
    VERDICT_UNTRUSTED = 5, /* all hold; a certificate is not trusted */
    VERDICT_ADDED = 6      /* all hold and are trusted; the last one covers not all of the file */
};

struct signed_row {
    struct signed_by by;
    struct span sub_filter; /* of a PDF; borrowed from the file */
    int64_t said_at;        /* of the PDF or of the SignedData; 0: none */
    uint64_t covers, added; /* bytes: of the document, and of the file behind them */
};

struct signed_file {
    bool is_pdf;
    struct buf bytes, content;
    struct signed_row *rows; /* owned */
    size_t n;
};

/* content_path NULL: none was given. Whatever is returned, signed_file_clear follows. */
enum signed_problem signed_file_open(const char *path, const char *content_path,
                                     const struct chain_pool *pool, int64_t now,
                                     struct signed_file *ret);
void signed_file_clear(struct signed_file *f);
/* The first of: changed, unreadable, untrusted, added. */
enum signed_verdict signed_file_verdict(const struct signed_file *f);
/* A whole file of at most `max` bytes. False: it can't be read, or is larger. */
bool signed_file_read(const char *path, size_t max, struct buf *ret);

#endif
