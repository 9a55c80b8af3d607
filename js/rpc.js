import { abortError, KorttisiltaError } from './korttisilta_error.js';

/** @typedef {import('./transport_extension.js').Transport} Transport */
/** @typedef {(done: number, total: number) => void} OnProgress */
/** @typedef {{ resolve: (result: any) => void, reject: (error: KorttisiltaError) => void, onProgress?: OnProgress,
 *   signatures: object[] }} Waiting signatures: those of a large answer come before it */

/** What the extension says of a program that it could not start, or that ended. */
const HOST_CODES = new Map([
  ['HOST_NOT_INSTALLED', 'NOT_INSTALLED'],
  ['HOST_FAILED', 'AGENT_DOWN'],
]);

/** JSON-RPC 2.0 over a transport: every call settles exactly once, whatever the other end does. */
export class Rpc {
  /** @type {Map<number, Waiting>} */
  #waiting = new Map();
  #lastId = 0;
  #closed = false;
  #transport;
  #lang;
  /** Called with the method and params of each notification. @type {(method: string, params: any) => void} */
  onnotify = () => {};

  /**
   * @param {Transport} transport
   * @param {string} [lang] of the errors' help
   */
  constructor(transport, lang) {
    this.#transport = transport;
    this.#lang = lang;
    transport.onmessage = (message) => this.#receive(message);
    transport.onclose = () => this.#end('CLOSED', 'The other end closed the connection.');
  }

  /**
   * @param {string} method
   * @param {object} params
   * @param {AbortSignal} [signal]
   * @param {OnProgress} [onProgress]
   * @returns {Promise<any>} the result member
   */
  async call(method, params, signal, onProgress) {
    if (signal?.aborted) throw abortError(signal, 'request');
    if (this.#closed) throw this.#error('CLOSED', 'The connection is closed.');
    const id = ++this.#lastId;
    const abort = () => {
      this.#transport.send({ jsonrpc: '2.0', method: 'cancel', params: { id } });
      this.#waiting.get(id)?.reject(abortError(/** @type {AbortSignal} */ (signal), 'request'));
    };
    try {
      return await new Promise((resolve, reject) => {
        this.#waiting.set(id, { resolve, reject, onProgress, signatures: [] });
        signal?.addEventListener('abort', abort);
        this.#transport.send({ jsonrpc: '2.0', id, method, params });
      });
    } finally {
      this.#waiting.delete(id);
      signal?.removeEventListener('abort', abort);
    }
  }

  close() {
    this.#end('CLOSED', 'The page closed the connection.');
  }

  /**
   * @param {string} code
   * @param {string} message
   * @param {boolean} [retry]
   */
  #error(code, message, retry) {
    return new KorttisiltaError(code, 'request', message, { retry, lang: this.#lang });
  }

  /**
   * @param {string} code
   * @param {string} text
   */
  #end(code, text) {
    if (this.#closed) return;
    this.#closed = true;
    this.#transport.close();
    for (const { reject } of this.#waiting.values()) reject(this.#error(code, text));
  }

  /** @param {any} params */
  #progress(params) {
    this.#waiting.get(params?.id)?.onProgress?.(Number(params.done), Number(params.total));
  }

  /** @param {any} params */
  #signatures(params) {
    if (Array.isArray(params?.signatures)) this.#waiting.get(params.id)?.signatures.push(...params.signatures);
  }

  /** @param {any} message */
  #receive(message) {
    if (message?.jsonrpc !== '2.0') return this.#end('PROTOCOL', 'The other end does not speak JSON-RPC 2.0.');
    if (message.method === 'progress') return this.#progress(message.params);
    if (message.method === 'signatures') return this.#signatures(message.params);
    if (typeof message.method === 'string') return this.onnotify(message.method, message.params);
    const { id, error, result } = message;
    const wireName = error?.data?.name;
    const name = HOST_CODES.get(wireName) ?? wireName;
    if (error && typeof name !== 'string') return this.#end('PROTOCOL', 'The other end sent an error without a name.');
    // id null: the other end could not read a request of ours, and all wait for an answer of it
    if (error && id === null) return this.#end(name, String(error.message));
    const waiting = this.#waiting.get(id);
    if (!waiting) return; // the answer to a request that was aborted
    if (error) waiting.reject(this.#error(name, String(error.message), error.data.retry === true));
    else if (result !== null && typeof result === 'object') waiting.resolve(withPieces(result, waiting.signatures));
    else waiting.reject(this.#error('PROTOCOL', 'The answer has no result.'));
  }
}

/**
 * @param {any} result
 * @param {object[]} first
 */
function withPieces(result, first) {
  return first.length > 0 && Array.isArray(result.signatures) ? { ...result, signatures: [...first, ...result.signatures] } : result;
}
