const LOOPBACK = ['localhost', '127.0.0.1'];

/**
 * @param {unknown} origin
 * @returns {origin is string} it is one, as a browser writes it, and may use the card
 */
export function isSecureOrigin(origin) {
  if (typeof origin !== 'string' || !URL.canParse(origin)) return false;
  const { protocol, hostname, origin: serialised } = new URL(origin);
  const secure = protocol === 'https:' || (protocol === 'http:' && LOOPBACK.includes(hostname));
  // "null" and an origin with anything around it never equal what they serialise to
  return secure && serialised === origin;
}

/**
 * The web origin that the browser itself reports for the sender, for a frame its own. Nothing that
 * the page or the content script writes has a part in it.
 * @param {chrome.runtime.MessageSender | undefined} sender
 * @returns {string | null} null when it may not use the card
 */
export function originOf(sender) {
  if (sender?.id !== chrome.runtime.id || sender.tab === undefined) return null;
  return isSecureOrigin(sender.origin) ? sender.origin : null;
}
