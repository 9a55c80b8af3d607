import { Bridge } from './bridge.js';
import { KorttisiltaError } from './korttisilta_error.js';
import { Rpc } from './rpc.js';
import { openExtension } from './transport_extension.js';
import { openWebsocket } from './transport_websocket.js';

/** @typedef {import('./transport_extension.js').Transport} Transport */

/** Time in which the program must say hello: it may have to be started from a cold disk. */
const HELLO_MS = 10000;
/** Failures of one way after which the next way is tried. */
const NEXT = ['NOT_INSTALLED', 'PERMISSION_DENIED', 'AGENT_DOWN', 'PROTOCOL', 'CLOSED'];

/**
 * Finds the program and says hello. Call it inside a click: the browser may ask the person whether
 * this site may reach programs on the computer. Nothing is opened before the call.
 * @param {object} [options]
 * @param {'fi' | 'sv' | 'en'} [options.lang] language of the windows and of the errors' help
 * @param {('extension' | 'websocket')[]} [options.transports] ways to try, in order
 * @param {AbortSignal} [options.signal]
 * @returns {Promise<Bridge>}
 */
export async function connect({ lang, transports = ['extension', 'websocket'], signal } = {}) {
  if (!globalThis.isSecureContext) {
    throw new KorttisiltaError('INSECURE_CONTEXT', 'request', 'The page is not a secure context.', { lang });
  }
  /** @param {Transport} transport */
  const greet = (transport) => hello(transport, lang, signal);
  /** @type {KorttisiltaError[]} */
  const failures = [];
  for (const name of transports) {
    try {
      if (name === 'extension') return await greet(await openExtension());
      if (name === 'websocket') return await openWebsocket(greet, signal);
    } catch (cause) {
      const error = /** @type {KorttisiltaError} */ (cause);
      if (!NEXT.includes(error.code)) throw error;
      failures.push(error);
    }
  }
  if (failures.length === 0) throw new TypeError("transports: 'extension', 'websocket' or both");
  // what the person can do something about tells more than that one of the ways is not there
  const { code, step, message } = failures.find((error) => error.code !== 'NOT_INSTALLED') ?? failures[0];
  throw new KorttisiltaError(code, step, message, { lang, cause: new AggregateError(failures) });
}

/**
 * @param {Transport} transport
 * @param {'fi' | 'sv' | 'en'} [lang]
 * @param {AbortSignal} [signal]
 */
async function hello(transport, lang, signal) {
  const rpc = new Rpc(transport, lang);
  const timer = setTimeout(() => rpc.close(), HELLO_MS);
  try {
    const answer = await rpc.call('hello', {}, signal);
    if (answer.product === 'korttisilta' && answer.protocol === 1 && answer.maxMessage > 0) {
      return new Bridge(rpc, transport.name, answer, lang);
    }
    throw new KorttisiltaError('PROTOCOL', transport.name, 'What answered is not Korttisilta with protocol 1.');
  } catch (cause) {
    rpc.close();
    const { code, message } = /** @type {KorttisiltaError} */ (cause);
    if (!NEXT.includes(code)) throw cause;
    throw new KorttisiltaError(code, transport.name, message, { cause });
  } finally {
    clearTimeout(timer);
  }
}
