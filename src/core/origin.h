/* Web origins (RFC 6454, HTML §7.1.1) as browsers serialise them. */
#ifndef CORE_ORIGIN_H
#define CORE_ORIGIN_H

#include "base/err.h"
#include "base/span.h"

/* ERR_OK when the text is, byte for byte, an origin that a browser can report for a page which may
 * use the card: scheme "https", host in lower-case ASCII (names by RFC 1123 labels, "xn--" forms as
 * they stand; no trailing dot; no IP literal other than loopback), port without leading zeros and
 * never the scheme's default, nothing else: no user info, path, query, fragment or white space.
 * "http" only for localhost, 127.0.0.1 and [::1] (potentially trustworthy, W3C Secure Contexts
 * §3.1). Everything else, "null" and the empty text too: ERR_ORIGIN_INVALID. */
enum err origin_check(struct span origin) MUST_CHECK;

/* ERR_OK when a Host header names this loopback listener: exactly 127.0.0.1:port, localhost:port or
 * [::1]:port. ERR_HOST_INVALID else (DNS rebinding). */
enum err origin_check_host(struct span host, unsigned port) MUST_CHECK;

#endif
