#include "core/cert_lines.h"

#include "ui/translate.h"

#include <stdio.h>
#include <time.h>

void cert_lines_time(int64_t seconds, bool with_clock, char ret[CERT_LINES_TIME])
{
    time_t t = (time_t)seconds;
    struct tm utc;
    if (gmtime_r(&t, &utc) == NULL ||
        (with_clock ? strftime(ret, CERT_LINES_TIME, "%Y-%m-%dT%H:%M:%SZ", &utc)
                    : strftime(ret, CERT_LINES_TIME, "%Y-%m-%d", &utc)) == 0) {
        ret[0] = '\0';
    }
}

static const char *id_label(enum id_kind kind)
{
    static const char *const rows[ID_KINDS] = {
        [ID_OTHER] = N_("Identifier"),
        [ID_SATU] = N_("Electronic client identifier"),
        [ID_HSA] = N_("HSA-id"),
        [ID_PERSONAL] = N_("Personal identity number"),
    };
    return _(rows[kind]);
}

void cert_lines_print(const struct cert_info *info)
{
    printf("    %s: %s\n", _("Holder"), info->holder);
    bool is_said = info->id_kind == ID_SATU && strstr(info->holder, info->person_id) != NULL;
    if (info->person_id[0] != '\0' && !is_said) {
        printf("    %s: %s\n", id_label(info->id_kind), info->person_id);
    }
    if (info->employer[0] != '\0') {
        printf("    %s: %s\n", _("Employer"), info->employer);
    }
    printf("    %s: %s\n", _("Issuer"), info->issuer);
    char from[CERT_LINES_TIME];
    char to[CERT_LINES_TIME];
    cert_lines_time(info->not_before, false, from);
    cert_lines_time(info->not_after, false, to);
    printf("    %s: %s - %s\n", _("Valid"), from, to);
    printf("    %s: %s %u\n", _("Key"), info->key.kind == KEY_RSA ? "RSA" : "EC", info->key.bits);
}
