// The __Host- prefix makes the browser insist on Secure, Path=/ and no Domain.
const NAME = '__Host-mallila';

/**
 * Puts req.session there, a new one when the browser has none.
 * @param {ReturnType<import('./session_store.js').createSessionStore>} sessions
 */
export function sessionCookie(sessions) {
  return (req, res, next) => {
    req.session = sessions.find(readCookie(req.headers.cookie));
    if (!req.session) {
      req.session = sessions.create();
      sendSessionCookie(res, req.session);
    }
    next();
  };
}

/** @param {string | undefined} header */
function readCookie(header) {
  for (const pair of (header ?? '').split(';')) {
    const [name, value] = pair.trim().split('=');
    if (name === NAME) return value;
  }
  return undefined;
}

export function sendSessionCookie(res, session) {
  res.cookie(NAME, session.id, { secure: true, httpOnly: true, sameSite: 'strict', path: '/' });
}
