import { ERRORS, HELP } from './errors.js';

/** @typedef {'fi' | 'sv' | 'en'} Lang */
/** @typedef {'extension' | 'permission' | 'websocket' | 'request'} Step where it failed */

/** @param {string} [lang] language tag; the page's, then the browser's, when missing */
export function pageLang(lang) {
  const tag = lang || globalThis.document?.documentElement.lang || globalThis.navigator?.language || 'en';
  const short = tag.slice(0, 2).toLowerCase();
  return /** @type {Lang} */ (['fi', 'sv'].includes(short) ? short : 'en');
}

/** Every failure of this library. `code` is stable, `message` is English for developers. */
export class KorttisiltaError extends Error {
  /**
   * @param {string} code a key of ERRORS, or a name that a newer program knows
   * @param {Step} step
   * @param {string} message
   * @param {{ cause?: unknown, retry?: boolean, lang?: string }} [options]
   */
  constructor(code, step, message, { cause, retry, lang } = {}) {
    super(message, cause === undefined ? undefined : { cause });
    const known = Object.hasOwn(ERRORS, code) ? ERRORS[/** @type {keyof typeof ERRORS} */ (code)] : ERRORS.INTERNAL;
    this.name = 'KorttisiltaError';
    this.code = code;
    this.step = step;
    /** The same request may succeed when the person or the page tries again. */
    this.retry = retry ?? known[0] === 1;
    /** What the person should do next, in their language. */
    this.help = HELP[known[1]][pageLang(lang)];
  }
}

/**
 * @param {AbortSignal} signal
 * @param {Step} step
 */
export function abortError(signal, step) {
  return new KorttisiltaError('ABORTED', step, 'The page cancelled the request.', { cause: signal.reason });
}
