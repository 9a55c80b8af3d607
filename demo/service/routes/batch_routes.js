import { Router } from 'express';
import { requireIdentity } from '../lib/require_identity.js';
import { makeReceipt } from '../lib/receipt.js';
import { ServiceError } from '../lib/service_error.js';

function findBatch(req) {
  const batch = req.session.batches.get(req.params.batch);
  if (!batch) throw new ServiceError(404, 'NOT_FOUND');
  return batch;
}

function findSigned(req) {
  const batch = findBatch(req);
  if (!batch.receipt) throw new ServiceError(404, 'NOT_FOUND');
  return batch;
}

function findRow(rows, req) {
  const row = /^\d{1,3}$/.test(req.params.index) ? rows[Number(req.params.index)] : undefined;
  if (!row) throw new ServiceError(404, 'NOT_FOUND');
  return row;
}

/**
 * Documents, signatures and receipts of the session's own batches: the same in every language.
 * @param {{ cards: object }} service
 */
export function batchRoutes({ cards }) {
  const router = Router();
  router.use('/batches', requireIdentity);

  router.get('/batches/:batch', (req, res) => {
    const { purpose, onBehalfOf, format, documents } = findBatch(req);
    const rows = documents.map(({ name, mediaType, url, toSignUrl }) => ({ name, mediaType, url, toSignUrl }));
    res.json({ purpose, onBehalfOf, format, documents: rows });
  });

  router.get('/batches/:batch/documents/:index', (req, res) => {
    const { name, mediaType, content } = findRow(findBatch(req).documents, req);
    // Shown in our own frame; the browser's PDF viewer does not work under the pages' policy.
    res.set('Content-Security-Policy', "frame-ancestors 'self'");
    res.type(mediaType).set('Content-Disposition', `inline; filename="${name}"`).send(content);
  });

  router.get('/batches/:batch/documents/:index/to-sign', (req, res) => {
    res.type('application/octet-stream').send(findRow(findBatch(req).documents, req).toSign);
  });

  router.post('/batches/:batch/signatures', async (req, res) => {
    const batch = findBatch(req);
    Object.assign(batch, await makeReceipt(batch, req.session.identity, req.body, cards.checkSignature));
    res.json({ next: `batches/${batch.id}/receipt` });
  });

  router.get('/batches/:batch/signed/:index', (req, res) => {
    const { name, mediaType, content } = findRow(findSigned(req).signed, req);
    res.attachment(name).type(mediaType).send(content);
  });

  router.get('/batches/:batch/signatures/:index', (req, res) => {
    const { name, format, signature } = findRow(findSigned(req).receipt.documents, req);
    res.attachment(format === 'raw' ? `${name}.sig` : `${name}.p7s`).type('application/octet-stream').send(Buffer.from(signature, 'base64'));
  });

  router.get('/batches/:batch/certificate.pem', (req, res) => {
    res.attachment('certificate.pem').type('application/x-pem-file').send(findSigned(req).receipt.certificate);
  });

  router.get('/batches/:batch/receipt.json', (req, res) => {
    res.attachment('receipt.json').json(findSigned(req).receipt);
  });
  return router;
}
