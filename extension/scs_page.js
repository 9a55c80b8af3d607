/**
 * Runs in the page's own world, at sites that the person has listed or the policy names and nowhere else (docs/scs.md):
 * what such a page asks of the SCS listener, by fetch or XMLHttpRequest, goes over content.js to the program instead,
 * and the page hears what the browser would have told it. Everything else goes to the browser as it came. It gives
 * the page nothing that it could not ask content.js by itself.
 */
(() => {
  if (!isSecureContext || self.origin === 'null') return;

  const LISTENERS = /^https:\/\/(?:localhost|127\.0\.0\.1):(?:53952|23124|8089)$/;
  /** Our listener has one port; at the others nobody is. */
  const PORT = '53952';
  /** What the listener's preflight lets a page send, and what needs none. */
  const METHODS = ['GET', 'HEAD', 'POST'];
  const HEADERS = ['accept', 'accept-language', 'content-language', 'content-type'];
  const REASONS = new Map([[200, 'OK'], [404, 'Not Found'], [405, 'Method Not Allowed']]);
  /** content.js is there before the page's own scripts, unless the extension has just been removed or replaced. */
  const CONNECT_MS = 1000;
  const { fetch: network, Request, Response, Headers, URL, MessageChannel, AbortController, XMLHttpRequest, ProgressEvent, Event } = self;

  /** @param {unknown} address @returns {URL | null} null: not for us */
  function listenerUrl(address) {
    try {
      const url = new URL(String(address), document.baseURI);
      return LISTENERS.test(url.origin) ? url : null;
    } catch {
      return null; // the browser says what is wrong with it
    }
  }

  const refused = () => new TypeError('Failed to fetch');

  /**
   * One request to the program, on a connection of its own.
   * @param {{ method: string, path: string, body?: string }} params
   * @param {AbortSignal} signal ends the connection, and with it the person's window
   * @returns {Promise<{ status: number, body: string }>}
   */
  function exchange(params, signal) {
    return new Promise((resolve, reject) => {
      const { port1, port2 } = new MessageChannel();
      /** @param {() => void} settle */
      const end = (settle) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        port1.postMessage({ korttisilta: 'close' });
        port1.close();
        settle();
      };
      const onAbort = () => end(() => reject(signal.reason));
      const timer = setTimeout(() => end(() => reject(refused())), CONNECT_MS);
      signal.addEventListener('abort', onAbort);
      port1.onmessage = ({ data }) => {
        if (data?.korttisilta === 'connected') {
          clearTimeout(timer);
          port1.postMessage({ jsonrpc: '2.0', id: 1, method: 'scs', params });
        } else if (data?.result) {
          end(() => resolve(data.result));
        } else {
          end(() => reject(refused()));
        }
      };
      self.postMessage({ korttisilta: 'connect', version: 1 }, self.origin, [port2]);
    });
  }

  /** @param {Request} request of CORS mode, to a listener @returns {Promise<{ status: number, statusText: string, headers: Headers, body: string }>} */
  async function ask(request) {
    const { signal, method } = request;
    const url = new URL(request.url);
    signal.throwIfAborted();
    const passes = METHODS.includes(method) && [...request.headers.keys()].every((name) => HEADERS.includes(name));
    if (url.port !== PORT || !passes || request.credentials === 'include') throw refused();
    const sent = await request.text();
    signal.throwIfAborted();
    const { status, body } = await exchange({ method, path: url.pathname + url.search, ...(sent && { body: sent }) }, signal);
    const length = String(new TextEncoder().encode(body).length);
    const headers = new Headers({ 'cache-control': 'no-store', 'content-length': length });
    if (body) headers.set('content-type', 'application/json');
    return { status, statusText: REASONS.get(status) ?? '', headers, body };
  }

  /** @param {RequestInfo | URL} input @param {RequestInit} [init] */
  async function answerFetch(input, init) {
    const request = new Request(input, init);
    const { body, ...head } = await ask(request);
    const response = new Response(body || null, head);
    return Object.defineProperties(response, { url: { value: request.url.replace(/#.*/, '') }, type: { value: 'cors' } });
  }

  self.fetch = new Proxy(network, {
    apply(target, receiver, args) {
      const [input, init] = args;
      const isRequest = input instanceof Request;
      const mode = init?.mode ?? (isRequest ? input.mode : 'cors');
      return mode === 'cors' && listenerUrl(isRequest ? input.url : input) ? answerFetch(input, init) : Reflect.apply(target, receiver, args);
    },
  });

  /* ---- XMLHttpRequest: until send() the browser's own object has the state, from then on the job ---- */

  const DONE = 4;
  /**
   * @typedef {object} Job
   * @property {string} method
   * @property {URL} url
   * @property {Headers} headers
   * @property {AbortController} hangUp
   * @property {boolean} isSent
   * @property {number} state readyState
   * @property {Awaited<ReturnType<typeof ask>> | null} answer
   * @property {any} [response] made once, of responseType
   * @property {ReturnType<typeof setTimeout>} [timer]
   */
  /** @type {WeakMap<XMLHttpRequest, Job>} */
  const jobs = new WeakMap();

  /** @param {XMLHttpRequest} xhr @param {string} type @param {number} [loaded] bytes */
  const progress = (xhr, type, loaded = 0) =>
    xhr.dispatchEvent(new ProgressEvent(type, { lengthComputable: loaded > 0, loaded, total: loaded }));

  /** @param {XMLHttpRequest} xhr @param {Job} job @param {number} state @returns {boolean} false: its handler has ended it */
  function enter(xhr, job, state) {
    job.state = state;
    xhr.dispatchEvent(new Event('readystatechange'));
    return jobs.get(xhr) === job && job.state === state;
  }

  /**
   * @param {XMLHttpRequest} xhr
   * @param {Job} job
   * @param {'load' | 'error' | 'abort' | 'timeout'} how
   */
  function finish(xhr, job, how) {
    if (jobs.get(xhr) !== job || job.state === DONE) return;
    clearTimeout(job.timer);
    const loaded = Number(job.answer?.headers.get('content-length') ?? 0);
    if (how === 'load') {
      if (!enter(xhr, job, 2) || !enter(xhr, job, 3)) return;
      progress(xhr, 'progress', loaded);
      if (jobs.get(xhr) !== job || job.state !== 3) return;
    } else {
      job.answer = null;
      job.hangUp.abort();
    }
    if (!enter(xhr, job, DONE)) return;
    progress(xhr, how, loaded);
    if (jobs.get(xhr) === job && job.state === DONE) progress(xhr, 'loadend', loaded);
  }

  /** @param {XMLHttpRequest} xhr @param {Job} job */
  function responseOf(xhr, { answer }) {
    if (!answer) return null;
    const { body, headers } = answer;
    switch (xhr.responseType) {
      case 'json':
        try {
          return JSON.parse(body);
        } catch {
          return null;
        }
      case 'arraybuffer':
        return new TextEncoder().encode(body).buffer;
      case 'blob':
        return new Blob([body], { type: headers.get('content-type') ?? '' });
      default:
        return null;
    }
  }

  /** @param {XMLHttpRequest} xhr */
  const isText = (xhr) => xhr.responseType === '' || xhr.responseType === 'text';

  /** @param {XMLHttpRequest} xhr @param {Job} job @param {any} body */
  async function run(xhr, job, body) {
    const { url, method, headers, hangUp } = job;
    const hasBody = method !== 'GET' && method !== 'HEAD';
    const credentials = xhr.withCredentials ? 'include' : 'same-origin';
    try {
      job.answer = await ask(new Request(url, { method, headers, body: hasBody ? body : null, credentials, signal: hangUp.signal }));
    } catch {
      if (!hangUp.signal.aborted) finish(xhr, job, 'error');
      return;
    }
    if (!hangUp.signal.aborted) finish(xhr, job, 'load');
  }

  /** @type {Record<string, (xhr: XMLHttpRequest, args: any[], browser: () => any) => any>} */
  const METHODS_OF_XHR = {
    open(xhr, args, browser) {
      const old = jobs.get(xhr);
      jobs.delete(xhr);
      clearTimeout(old?.timer);
      old?.hangUp.abort();
      browser(); // it throws for what can't be opened
      const url = listenerUrl(args[1]);
      if (!url || (args.length > 2 && !args[2])) return;
      const method = String(args[0]);
      const upper = method.toUpperCase();
      jobs.set(xhr, {
        method: METHODS.includes(upper) ? upper : method,
        url, headers: new Headers(), hangUp: new AbortController(), isSent: false, state: 1, answer: null,
      });
    },
    setRequestHeader(xhr, args, browser) {
      const job = jobs.get(xhr);
      if (job?.isSent) throw new DOMException("The object's state must be OPENED.", 'InvalidStateError');
      browser();
      job?.headers.append(args[0], args[1]);
    },
    send(xhr, args, browser) {
      const job = jobs.get(xhr);
      if (!job) return browser();
      if (job.isSent) throw new DOMException("The object's state must be OPENED.", 'InvalidStateError');
      job.isSent = true;
      if (xhr.timeout > 0) job.timer = setTimeout(finish, xhr.timeout, xhr, job, 'timeout');
      progress(xhr, 'loadstart');
      if (jobs.get(xhr) === job && job.state === 1) run(xhr, job, args[0]);
    },
    abort(xhr, args, browser) {
      const job = jobs.get(xhr);
      if (!job?.isSent) return browser();
      if (job.state !== 0) finish(xhr, job, 'abort');
      job.answer = null;
      if (job.state === DONE) job.state = 0;
    },
    getResponseHeader(xhr, args, browser) {
      const job = jobs.get(xhr);
      return job?.isSent ? (job.answer && job.state > 1 ? job.answer.headers.get(args[0]) : null) : browser();
    },
    getAllResponseHeaders(xhr, args, browser) {
      const job = jobs.get(xhr);
      if (!job?.isSent) return browser();
      return job.answer && job.state > 1 ? [...job.answer.headers].map(([name, value]) => `${name}: ${value}\r\n`).join('') : '';
    },
  };

  /** @type {Record<string, (xhr: XMLHttpRequest, job: Job, browser: () => any) => any>} answer is there from state 2 on */
  const GETTERS_OF_XHR = {
    readyState: (xhr, job) => job.state,
    status: (xhr, { state, answer }) => (answer && state > 1 ? answer.status : 0),
    statusText: (xhr, { state, answer }) => (answer && state > 1 ? answer.statusText : ''),
    responseURL: (xhr, { state, answer, url }) => (answer && state > 1 ? url.href.replace(/#.*/, '') : ''),
    responseText: (xhr, { state, answer }, browser) => (isText(xhr) ? (answer && state > 2 ? answer.body : '') : browser()),
    response(xhr, job) {
      if (isText(xhr)) return job.answer && job.state > 2 ? job.answer.body : '';
      if (job.state !== DONE) return null;
      if (job.response === undefined) job.response = responseOf(xhr, job);
      return job.response;
    },
  };

  const prototype = /** @type {any} */ (XMLHttpRequest.prototype);
  for (const [name, method] of Object.entries(METHODS_OF_XHR)) {
    prototype[name] = new Proxy(prototype[name], {
      apply: (target, xhr, args) => method(xhr, args, () => Reflect.apply(target, xhr, args)),
    });
  }
  for (const [name, getter] of Object.entries(GETTERS_OF_XHR)) {
    const property = /** @type {Required<PropertyDescriptor>} */ (Object.getOwnPropertyDescriptor(prototype, name));
    property.get = new Proxy(property.get, {
      apply(target, xhr, args) {
        const job = jobs.get(xhr);
        const browser = () => Reflect.apply(target, xhr, args);
        return job?.isSent ? getter(xhr, job, browser) : browser();
      },
    });
    Object.defineProperty(prototype, name, property);
  }
})();
