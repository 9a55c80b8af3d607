import { ServiceError } from './service_error.js';

/** Only for those whom a card has identified in this session. */
export function requireIdentity(req, _res, next) {
  if (!req.session.identity) throw new ServiceError(401, 'SESSION');
  next();
}
