#include "base/err.h"

static const struct {
    const char *name;
    int code;
    int scs;
    bool retry;
    const char *text;
} rows[ERR_COUNT] = {
    [ERR_OK] = {"OK", 0, 200, false, "Done."},
#define ERR_ROW(name, code, scs, retry, text) [ERR_##name] = {#name, code, scs, retry, text},
#include "base/err.def"
#undef ERR_ROW
};

static enum err known(enum err e)
{
    return (unsigned)e < ERR_COUNT ? e : ERR_INTERNAL;
}

const char *err_name(enum err e)
{
    return rows[known(e)].name;
}

int err_code(enum err e)
{
    return rows[known(e)].code;
}

int err_scs(enum err e)
{
    return rows[known(e)].scs;
}

const char *err_text(enum err e)
{
    return rows[known(e)].text;
}

bool err_may_retry(enum err e)
{
    return rows[known(e)].retry;
}
