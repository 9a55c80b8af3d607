import { openNativePort } from './native_port.js';
import { release, reserve } from './ports_in_use.js';
import { hasListed } from './scs_sites.js';
import { originOf } from './sender.js';
import { routeWebEid } from './web_eid.js';

/** The program's own bound (src/base/limits.h, LIMIT_MESSAGE). */
const MAX_MESSAGE = 4 * 1024 * 1024;
const encoder = new TextEncoder();

/**
 * Joins one page's port to a native port of its own, opened at the first message. The content
 * script is not trusted: a broken renderer may say anything in its place.
 * @param {chrome.runtime.Port} page
 */
export function route(page) {
  const origin = originOf(page.sender);
  if (page.name === 'web-eid' && origin) return routeWebEid(page, origin);
  if (page.name !== 'korttisilta' || !origin) return page.disconnect();
  /** @type {ReturnType<typeof openNativePort> | null} */
  let native = null;
  let isGone = false;

  page.onMessage.addListener((message) => {
    const id = requestId(message);
    if (id === undefined) return;
    if (encoder.encode(JSON.stringify(message)).length > MAX_MESSAGE) {
      return answer(id, 1, 'TOO_LARGE', false, 'The message is too large.');
    }
    if (message.method !== 'scs') return forward(message, id);
    hasListed(origin).then((listed) => isGone || forward(message, id, listed || undefined));
  });

  page.onDisconnect.addListener(() => {
    isGone = true;
    if (!native) return;
    native.close();
    release(origin);
  });

  /**
   * @param {any} message
   * @param {string | number | null} id
   * @param {true} [chosen] scs: the person has listed the site
   */
  function forward(message, id, chosen) {
    if (!native && !reserve(/** @type {string} */ (origin))) {
      return answer(id, 14, 'BUSY', true, 'Too many pages use the card program at once.');
    }
    native ??= openNativePort({ onMessage: (reply) => page.postMessage(reply), onEnd });
    native.send({ ...message, origin, chosen }, id); // both are not the page's to say
  }

  /** @type {import('./native_port.js').Listener['onEnd']} */
  function onEnd(pending, name, text) {
    release(/** @type {string} */ (origin));
    isGone = true;
    for (const id of pending) answer(id, -1, name, true, text);
    page.disconnect();
  }

  /**
   * @param {string | number | null} id null: a notification, which is never answered
   * @param {number} code
   * @param {string} name
   * @param {boolean} retry
   * @param {string} text
   */
  function answer(id, code, name, retry, text) {
    if (id !== null) page.postMessage({ jsonrpc: '2.0', id, error: { code, message: text, data: { name, retry } } });
  }
}

/**
 * @param {any} message
 * @returns {string | number | null | undefined} null: a notification; undefined: not a message of ours
 */
function requestId(message) {
  if (typeof message !== 'object' || message === null || message.jsonrpc !== '2.0') return undefined;
  return ['string', 'number'].includes(typeof message.id) ? message.id : null;
}
