// Where the page library looks for the program when there is no extension; nothing else is reached.
const BRIDGE = 'ws://127.0.0.1:53951 ws://127.0.0.1:23123 ws://127.0.0.1:8088';

const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "frame-src 'self'",
  `connect-src 'self' ${BRIDGE}`,
  "form-action 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "require-trusted-types-for 'script'",
].join('; ');

/** Without HSTS: on localhost it would bind every other port of the developer's machine. */
export function securityHeaders(_req, res, next) {
  res.set({
    'Content-Security-Policy': PAGE_POLICY,
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Referrer-Policy': 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'no-store',
  });
  next();
}
