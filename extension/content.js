/**
 * Relays between a page's MessagePort and the worker, without looking into what they say. It adds
 * nothing to the page and answers nothing before the page asks; who the page is the worker learns
 * from the browser, never from here.
 */
(() => {
  // A page that is not secure, or that a sandbox has stripped of its origin, may not use the card.
  if (!isSecureContext || self.origin === 'null') return;

  const VERSION = 1;
  /** The program's own bound, in characters here and in bytes there. */
  const MAX_MESSAGE = 4 * 1024 * 1024;

  /** @param {any} data */
  const isRequest = (data) => typeof data === 'object' && data !== null && data.jsonrpc === '2.0';

  /** @param {MessagePort} page */
  function relay(page) {
    const worker = chrome.runtime.connect({ name: 'korttisilta' });
    const close = () => {
      worker.disconnect();
      page.close();
    };
    page.onmessage = ({ data }) => {
      if (data?.korttisilta === 'close') return close();
      if (!isRequest(data)) return;
      if (JSON.stringify(data).length <= MAX_MESSAGE) return worker.postMessage(data);
      const error = { code: 1, message: 'The message is too large.', data: { name: 'TOO_LARGE', retry: false } };
      page.postMessage({ jsonrpc: '2.0', id: data.id ?? null, error });
    };
    worker.onMessage.addListener((message) => page.postMessage(message));
    worker.onDisconnect.addListener(() => {
      page.postMessage({ korttisilta: 'closed' });
      page.close();
    });
    page.postMessage({ korttisilta: 'connected', version: VERSION });
  }

  /** For webeid.js, which runs in this world too, out of the page's sight: one request to its answer. */
  Reflect.set(globalThis, 'korttisiltaWebEid', (/** @type {object} */ request, /** @type {AbortSignal} */ signal) =>
    new Promise((resolve, reject) => {
      const worker = chrome.runtime.connect({ name: 'web-eid' });
      worker.onMessage.addListener(resolve);
      worker.onDisconnect.addListener(() => reject(new Error('The extension has let the request go.')));
      signal.addEventListener('abort', () => worker.disconnect());
      worker.postMessage(request);
    }),
  );

  addEventListener('message', (event) => {
    const { source, data, ports } = event;
    if (source !== window || event.origin !== self.origin || data?.korttisilta !== 'connect') return;
    if (data.version === VERSION && ports.length === 1) relay(ports[0]);
  });
})();
