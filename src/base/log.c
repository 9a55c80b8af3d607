#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const names[] = {"error", "warn", "info", "debug"};
static const char *program_name = "korttisilta";
static enum log_level threshold = LOG_WARN;

void log_open(const char *program)
{
    const char *wanted = getenv("KORTTISILTA_LOG");
    program_name = program;
    for (unsigned i = 0; wanted != NULL && i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(wanted, names[i]) == 0) {
            threshold = (enum log_level)i;
        }
    }
}

void log_line(enum log_level level, const char *format, ...)
{
    char line[512];
    va_list args;
    if (level > threshold) {
        return;
    }
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    /* What a page supplied may be in the line: it must not be able to start a line of its own. */
    for (char *at = line; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7F) {
            *at = '?';
        }
    }
    fprintf(stderr, "%s: %s: %s\n", program_name, names[level], line);
}
