#include "apdu.h"

#define HEADER 5u

enum err apdu_parse(struct span command, struct apdu *ret)
{
    if (command.len < HEADER - 1) {
        return ERR_ARGUMENT;
    }
    struct apdu a = {.cla = command.at[0],
                     .ins = command.at[1],
                     .p1 = command.at[2],
                     .p2 = command.at[3],
                     .bare = command.len < HEADER,
                     .le = 256};
    if (command.len >= HEADER) {
        a.p3 = command.at[4];
    }
    if (command.len <= HEADER) {
        a.le = a.p3 == 0 ? 256u : a.p3;
        *ret = a;
        return ERR_OK;
    }
    size_t rest = command.len - HEADER;
    if (a.p3 == 0 || (rest != a.p3 && rest != a.p3 + 1u)) {
        return ERR_ARGUMENT;
    }
    a.data = span_sub(command, HEADER, a.p3);
    a.has_le = rest > a.p3;
    if (a.has_le) {
        uint8_t le = command.at[command.len - 1];
        a.le = le == 0 ? 256u : le;
    }
    *ret = a;
    return ERR_OK;
}
