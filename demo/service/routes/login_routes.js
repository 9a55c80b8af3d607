import { Router } from 'express';
import { sendSessionCookie } from '../lib/session_cookie.js';

/**
 * What the identify page's script calls.
 * @param {{ sessions: object, cards: object }} service
 */
export function loginRoutes({ sessions, cards }) {
  const router = Router();

  router.post('/login/nonce', (req, res) => {
    res.json({ nonce: cards.issueNonce(req.session.id) });
  });

  router.post('/login', async (req, res) => {
    const identity = await cards.login(req.session.id, req.body?.token);
    req.session.identity = identity;
    req.session.party = null;
    req.session.batches.clear();
    sendSessionCookie(res, sessions.renew(req.session));
    res.json({ next: 'me' });
  });
  return router;
}
