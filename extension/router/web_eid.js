import { answerWebEid, problem } from '../webeid_answer.js';
import { openNativePort } from './native_port.js';
import { release, reserve } from './ports_in_use.js';

/**
 * Answers one message of web-eid.js on the page's port, and lets the port go.
 * @param {chrome.runtime.Port} page
 * @param {string} origin that the browser reports
 */
export function routeWebEid(page, origin) {
  const gone = new AbortController();
  let asked = false;
  page.onDisconnect.addListener(() => gone.abort());
  page.onMessage.addListener(async (request) => {
    if (asked) return;
    asked = true;
    const answer = await answerWebEid(request, (accept) => openHost(origin, accept), gone.signal);
    if (gone.signal.aborted) return;
    if (answer) page.postMessage(answer);
    page.disconnect();
  });
}

/**
 * @param {string} origin
 * @param {Parameters<import('../webeid_answer.js').Open>[0]} accept
 */
async function openHost(origin, accept) {
  if (!reserve(origin)) throw problem('NATIVE_FATAL', 'BUSY: Too many pages use the card program at once.');
  let open = true;
  const free = () => {
    if (open) release(origin);
    open = false;
  };
  const native = openNativePort({
    onMessage: (message) => transport.onmessage(message),
    onEnd(pending, name, text) {
      free();
      transport.onclose(`${name}: ${text}`);
    },
  });
  /** @type {import('../webeid_answer.js').Transport} */
  const transport = {
    send({ command, arguments: given }) {
      native.send({ command, arguments: command === 'quit' ? given : { ...given, origin } }, null);
    },
    close() {
      if (open) native.close();
      free();
    },
    onmessage() {},
    onclose() {},
  };
  return accept(transport);
}
