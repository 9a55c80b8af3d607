import { createHash } from 'node:crypto';
import { fullName } from './full_name.js';
import { ServiceError } from './service_error.js';

const NODE_HASH = { 'SHA-224': 'sha224', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' };

/** @param {string} certificate base64 DER */
export function toPem(certificate) {
  const lines = certificate.match(/.{1,64}/g).join('\n');
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/**
 * Verifies every signature of the batch over the service's own bytes and writes the receipt.
 * @param {object} batch see batches.js
 * @param {{ serialNumber: string }} identity who logged in: nobody else may sign
 * @param {{ certificate: string, signatures: object[] }} answer from the page
 * @param {(document: object, certificate: string, signed: object) => Promise<{ subject: object }>} checkSignature
 */
export async function makeReceipt(batch, identity, answer, checkSignature) {
  const { certificate, signatures } = readAnswer(answer, batch.documents.length);
  const documents = [];
  let signer;
  for (const [i, document] of batch.documents.entries()) {
    const { subject } = await checkSignature(document, certificate, signatures[i]);
    if (subject.serialNumber !== identity.serialNumber) throw new ServiceError(403, 'OTHER_PERSON');
    signer = { ...subject, name: fullName(subject) };
    documents.push(describe(document, signatures[i]));
  }
  return {
    receipt: batch.id,
    receivedAt: new Date().toISOString(),
    purpose: batch.purpose,
    onBehalfOf: batch.onBehalfOf ?? null,
    signer,
    documents,
    certificate: toPem(certificate),
  };
}

/** Only the shape: whether the values are true is checkSignature's to say. */
function readAnswer(answer, count) {
  const { certificate, signatures } = answer ?? {};
  const fits = (row) => typeof row?.signature === 'string' && typeof row.signatureAlgorithm === 'object';
  if (typeof certificate !== 'string' || !Array.isArray(signatures) || signatures.length !== count || !signatures.every(fits)) {
    throw new ServiceError(400, 'REQUEST');
  }
  return { certificate, signatures };
}

function describe({ name, mediaType, url, content }, { signature, signatureAlgorithm }) {
  const { cryptoAlgorithm, hashFunction, paddingScheme } = signatureAlgorithm;
  return {
    name,
    mediaType,
    url,
    size: content.length,
    digest: createHash(NODE_HASH[hashFunction]).update(content).digest('base64'),
    algorithm: { cryptoAlgorithm, hashFunction, paddingScheme },
    signature,
  };
}
