#include "card/scard.h"

#include "base/log.h"

#include <stddef.h>
#include <stdint.h>

static const struct {
    uint32_t code;
    enum err opening;
    enum err connected;
} codes[] = {
    {SCARD_S_SUCCESS, ERR_OK, ERR_OK},
    {SCARD_E_NO_SERVICE, ERR_PCSC_DOWN, ERR_PCSC_DOWN},
    {SCARD_E_SERVICE_STOPPED, ERR_PCSC_DOWN, ERR_PCSC_DOWN},
    {SCARD_E_SERVER_TOO_BUSY, ERR_PCSC_DOWN, ERR_PCSC_DOWN},
    {SCARD_W_SECURITY_VIOLATION, ERR_PCSC_DOWN, ERR_PCSC_DOWN}, /* it does not serve this user */
    {SCARD_F_COMM_ERROR, ERR_PCSC_DOWN, ERR_PCSC_DOWN}, /* with the service, not with the card */
    {SCARD_E_UNKNOWN_READER, ERR_NO_READER, ERR_CARD_REMOVED},
    {SCARD_E_READER_UNAVAILABLE, ERR_NO_READER, ERR_CARD_REMOVED},
    {SCARD_E_NO_READERS_AVAILABLE, ERR_NO_READER, ERR_CARD_REMOVED},
    {SCARD_E_NO_SMARTCARD, ERR_NO_CARD, ERR_CARD_REMOVED},
    {SCARD_W_REMOVED_CARD, ERR_NO_CARD, ERR_CARD_REMOVED},
    {SCARD_E_SHARING_VIOLATION, ERR_BUSY, ERR_BUSY},
    {SCARD_E_NO_MEMORY, ERR_NOMEM, ERR_NOMEM},
    /* the service was restarted, or the reader is gone */
    {SCARD_E_INVALID_HANDLE, ERR_PCSC_DOWN, ERR_CARD_REMOVED},
    {SCARD_E_INVALID_PARAMETER, ERR_INTERNAL, ERR_INTERNAL},
    {SCARD_E_INVALID_VALUE, ERR_INTERNAL, ERR_CARD_IO},
    {SCARD_W_UNRESPONSIVE_CARD, ERR_CARD_IO, ERR_CARD_IO},
    {SCARD_W_UNPOWERED_CARD, ERR_CARD_IO, ERR_CARD_IO},
    {SCARD_W_UNSUPPORTED_CARD, ERR_CARD_IO, ERR_CARD_IO},
    {SCARD_W_RESET_CARD, ERR_CARD_IO, ERR_CARD_IO},
    {SCARD_E_PROTO_MISMATCH, ERR_CARD_IO, ERR_CARD_IO},
    {SCARD_E_NOT_TRANSACTED, ERR_CARD_IO, ERR_CARD_IO},
    {SCARD_E_INSUFFICIENT_BUFFER, ERR_CARD_IO, ERR_CARD_IO},
    {SCARD_E_NOT_READY, ERR_CARD_IO, ERR_CARD_IO},
};

enum err scard_error(LONG code, enum scard_stage stage)
{
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        if (codes[i].code == (uint32_t)code) {
            return stage == SCARD_OPENING ? codes[i].opening : codes[i].connected;
        }
    }
    log_line(LOG_WARN, "card: PC/SC says %08lX", (unsigned long)(uint32_t)code);
    return ERR_CARD_IO;
}
