import { randomBytes } from 'node:crypto';

/** @returns {string} 256 random bits, base64url */
const randomToken = () => randomBytes(32).toString('base64url');

/**
 * Sessions in memory. What a browser holds is only the random id.
 * @param {{ idleMs?: number, max?: number, now?: () => number }} [options]
 */
export function createSessionStore({ idleMs = 15 * 60_000, max = 1000, now = Date.now } = {}) {
  // A Map keeps insertion order and every use re-inserts: the first entry is the one longest unused.
  const sessions = new Map();

  function dropOld() {
    for (const [id, session] of sessions) {
      if (sessions.size <= max && now() - session.usedAt <= idleMs) break;
      sessions.delete(id);
    }
  }

  function keep(session) {
    session.usedAt = now();
    sessions.delete(session.id);
    sessions.set(session.id, session);
    dropOld();
    return session;
  }

  return {
    create() {
      return keep({ id: randomToken(), csrf: randomToken(), identity: null, party: null, batches: new Map(), usedAt: 0 });
    },
    /** @param {string | undefined} id */
    find(id) {
      dropOld();
      const session = id === undefined ? undefined : sessions.get(id);
      return session && keep(session);
    },
    /** The id that the browser had before login is worth nothing after it (session fixation). */
    renew(session) {
      sessions.delete(session.id);
      session.id = randomToken();
      session.csrf = randomToken();
      return keep(session);
    },
    remove(session) {
      sessions.delete(session.id);
    },
  };
}
