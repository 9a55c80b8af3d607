import { randomBytes } from 'node:crypto';
import { performance } from 'node:perf_hooks';

/** 256 bits as 44 characters of base64: the least that the token format allows. */
export function createNonce() {
  return randomBytes(32).toString('base64');
}

/**
 * Nonces in the memory of one process, each bound to a session, good once and for a while.
 * @param {object} [options]
 * @param {number} [options.lifetimeMs]
 * @param {number} [options.max] nonces kept; past it the oldest goes
 * @param {() => number} [options.clock] milliseconds that never go back
 */
export function createNonceStore({ lifetimeMs = 300_000, max = 100_000, clock = () => performance.now() } = {}) {
  /** Insertion order is age, because issue() inserts anew. @type {Map<string, { nonce: string, expires: number }>} */
  const nonces = new Map();
  return {
    /**
     * A new nonce for the session, which loses the one it had.
     * @param {string} sessionId
     */
    issue(sessionId) {
      if (typeof sessionId !== 'string' || sessionId === '') throw new TypeError('sessionId: a string that is not empty');
      const now = clock();
      nonces.delete(sessionId);
      for (const [id, { expires }] of nonces) {
        if (expires > now && nonces.size < max) break;
        nonces.delete(id);
      }
      const nonce = createNonce();
      nonces.set(sessionId, { nonce, expires: now + lifetimeMs });
      return nonce;
    },
    /**
     * The session's nonce, once; null when it has none or it is too old.
     * @param {string} sessionId
     */
    take(sessionId) {
      const entry = nonces.get(sessionId);
      nonces.delete(sessionId);
      return entry && entry.expires > clock() ? entry.nonce : null;
    },
  };
}
