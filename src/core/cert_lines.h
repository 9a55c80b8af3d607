/* Whose a certificate is, as lines of the command line's output. */
#ifndef CORE_CERT_LINES_H
#define CORE_CERT_LINES_H

#include "crypto/cert.h"

#define CERT_LINES_TIME 32u

/* To stdout, indented by four: holder, identifier, employer, issuer, validity, key. */
void cert_lines_print(const struct cert_info *info);
/* YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ; "" when it is no time. */
void cert_lines_time(int64_t seconds, bool with_clock, char ret[CERT_LINES_TIME]);

#endif
