import { timingSafeEqual } from 'node:crypto';
import { ServiceError } from './service_error.js';

/**
 * Every request that changes something must come from a page of this origin and know the session's token.
 * @param {string} origin
 */
export function requireOwnPage(origin) {
  return (req, _res, next) => {
    if (req.method === 'GET' || req.method === 'HEAD') return next();
    const given = Buffer.from(String(req.get('x-csrf-token') ?? req.body?.csrf ?? ''));
    const expected = Buffer.from(req.session.csrf);
    const known = given.length === expected.length && timingSafeEqual(given, expected);
    if (req.get('origin') !== origin || !known) throw new ServiceError(403, 'CSRF');
    next();
  };
}
