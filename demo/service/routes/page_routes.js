import { Router } from 'express';
import { makeBatch } from '../lib/batches.js';
import { DOCUMENT_KINDS } from '../lib/documents.js';
import { requireIdentity } from '../lib/require_identity.js';
import { ServiceError } from '../lib/service_error.js';
import { batchView } from '../views/batch_view.js';
import { meView } from '../views/me_view.js';
import { receiptView } from '../views/receipt_view.js';
import { startView } from '../views/start_view.js';
import { tasksView } from '../views/tasks_view.js';

/** The mandate without which nobody signs for a company. */
const SIGNING_MANDATE = 'sign-agreements';

const maySign = ({ party }) => party.kind === 'self' || party.mandates.includes(SIGNING_MANDATE);

function readParty(value, companies) {
  if (value === 'self') return { kind: 'self' };
  const company = companies.find(({ businessId }) => businessId === value);
  if (!company) throw new ServiceError(400, 'REQUEST');
  return { kind: 'company', ...company };
}

function requireParty(req, res, next) {
  if (!req.session.party) return res.redirect(303, `/${req.context.lang}/me`);
  next();
}

/**
 * The pages of one language.
 * @param {{ sessions: object, register: object }} service
 * @param {string} lang
 */
export function pageRoutes({ sessions, register }, lang) {
  const router = Router();
  const companies = (req) => register.companiesOf(req.session.identity.serialNumber);

  router.get('/', (req, res) => {
    res.send(startView(req.context));
  });

  router.post('/logout', (req, res) => {
    sessions.remove(req.session);
    res.redirect(303, `/${lang}/`);
  });

  router.get('/me', requireIdentity, (req, res) => {
    res.send(meView(req.context, companies(req)));
  });

  router.post('/party', requireIdentity, (req, res) => {
    req.session.party = readParty(req.body?.party, companies(req));
    res.redirect(303, `/${lang}/tasks`);
  });

  router.get('/tasks', requireIdentity, requireParty, (req, res) => {
    res.send(tasksView(req.context, maySign(req.session)));
  });

  router.post('/batches', requireIdentity, requireParty, async (req, res) => {
    const kind = req.body?.kind;
    if (!Object.hasOwn(DOCUMENT_KINDS, kind) || !maySign(req.session)) throw new ServiceError(400, 'REQUEST');
    const batch = await makeBatch(req.session, kind, lang);
    res.redirect(303, `/${lang}/batches/${batch.id}`);
  });

  router.get('/batches/:batch{/:page}', requireIdentity, (req, res) => {
    const batch = req.session.batches.get(req.params.batch);
    const receipt = req.params.page === 'receipt';
    if (!batch || (receipt && !batch.receipt) || (req.params.page && !receipt)) throw new ServiceError(404, 'NOT_FOUND');
    res.send(receipt ? receiptView(req.context, batch) : batchView(req.context, batch));
  });
  return router;
}
