/* Input: an origin (and a Host header). What is accepted is taken apart again by other means. */
#include "core/origin.h"

#include "base/limits.h"
#include "fuzz.h"

static void check_accepted(const char *text)
{
    char scheme[8];
    char host[LIMIT_ORIGIN + 1];
    char port[8] = "";
    char rest[2] = "";
    int n = sscanf(text, "%7[a-z]://%255[]a-z0-9.[-]:%7[0-9]%1s", scheme, host, port, rest);
    if (n == 2) { /* the scan stops at the first colon of [::1] */
        n = sscanf(text, "%7[a-z]://%255[]a-z0-9.[:-]%1s", scheme, host, rest);
        REQUIRE(n == 2 && (strchr(host, ':') == NULL || strncmp(host, "[::1]", 5) == 0));
    } else if (n == 1) {
        REQUIRE(strstr(text, "://[::1]") != NULL);
    }
    REQUIRE(rest[0] == '\0');
    REQUIRE(strcmp(scheme, "https") == 0 || strcmp(scheme, "http") == 0);
    REQUIRE(strpbrk(text, "@?#\\%_ ,;\t\r\n") == NULL);
    REQUIRE(strchr(text + strlen(scheme) + 3, '/') == NULL);
    REQUIRE(strstr(text, "..") == NULL && text[strlen(text) - 1] != '.');
    if (strcmp(scheme, "http") == 0) {
        const char *after = text + strlen("http://");
        REQUIRE(strncmp(after, "localhost", 9) == 0 || strncmp(after, "127.0.0.1", 9) == 0 ||
                strncmp(after, "[::1]", 5) == 0);
        REQUIRE(strcmp(port, "80") != 0);
    } else {
        REQUIRE(strcmp(port, "443") != 0);
    }
    REQUIRE(port[0] == '\0' || (port[0] != '0' && atol(port) <= 65535));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span text = span_of(data, size);
    if (origin_check(text) == ERR_OK) {
        char copy[LIMIT_ORIGIN + 1];
        REQUIRE(size <= LIMIT_ORIGIN && memchr(data, 0, size) == NULL);
        memcpy(copy, data, size);
        copy[size] = '\0';
        check_accepted(copy);
    }
    if (origin_check_host(text, 53951) == ERR_OK) {
        REQUIRE(span_is(text, "127.0.0.1:53951") || span_is(text, "localhost:53951") ||
                span_is(text, "[::1]:53951"));
    }
    return 0;
}
