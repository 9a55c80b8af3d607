/**
 * Hears pages that use web-eid.js (docs/webeid.md). A classic script with two lives: a page without the extension names
 * it in one line; the extension runs it beside content.js, which leaves it a way to the worker. Who answers the page
 * before us is let be.
 */
(() => {
  if (!isSecureContext || self.origin === 'null') return;

  const REQUEST = /^web-eid:(status|authenticate|get-signing-certificate|sign)$/;
  const ANSWER = /-(ack|success|failure)$/;
  /** @type {((request: object, signal: AbortSignal) => Promise<any>) | undefined} */
  const extension = Reflect.get(globalThis, 'korttisiltaWebEid');
  /**
   * Posted messages to let pass before our ack. Web eID's extension posts its ack while it hears of the request: after
   * two it has come. Our own extension's comes one later, so the page's script waits for that.
   */
  const TURNS = extension ? 2 : 4;

  /** What runs for each action. @type {Map<string, AbortController>} */
  const jobs = new Map();
  /** Answers of ours on their way to the page. @type {string[]} */
  const sent = [];

  /** @param {{ action: string }} answer */
  function post(answer) {
    sent.push(answer.action);
    window.postMessage(answer, self.origin);
  }

  /** @returns {Promise<void>} when all that was posted before has come */
  const turn = () =>
    new Promise((resolve) => {
      const mark = crypto.randomUUID();
      addEventListener('message', function seen({ data }) {
        if (data?.korttisilta !== mark) return;
        removeEventListener('message', seen);
        resolve();
      });
      window.postMessage({ korttisilta: mark }, self.origin);
    });

  /** @param {object} request @param {AbortSignal} signal */
  const overWebsocket = async (request, signal) => (await import('./webeid_websocket.js')).ask(request, signal);

  /** @param {any} request */
  async function serve(request) {
    const { action } = request;
    const job = new AbortController();
    jobs.get(action)?.abort(); // the library asks again only when it has given up
    jobs.set(action, job);
    for (let i = 0; i < TURNS; i++) await turn();
    if (job.signal.aborted) return;
    post({ action: `${action}-ack` });
    const answer = await (extension ?? overWebsocket)(request, job.signal).catch(({ message }) => ({
      action: `${action}-failure`,
      error: { code: 'ERR_WEBEID_UNKNOWN_ERROR', message },
    }));
    if (job.signal.aborted) return;
    jobs.delete(action);
    post(answer);
  }

  addEventListener('message', ({ source, origin, data }) => {
    if (source !== window || origin !== self.origin || typeof data?.action !== 'string') return;
    const place = sent.indexOf(data.action);
    if (REQUEST.test(data.action)) serve(data);
    else if (place >= 0) sent.splice(place, 1);
    else if (ANSWER.test(data.action)) jobs.get(data.action.replace(ANSWER, ''))?.abort();
  });
})();
