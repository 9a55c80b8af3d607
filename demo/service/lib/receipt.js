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
 * Verifies every signature of the batch over the service's own bytes, puts it where its format wants it, and writes the
 * receipt.
 * @param {object} batch see batches.js
 * @param {{ serialNumber: string }} identity who logged in: nobody else may sign
 * @param {{ certificate: string, signatures: object[] }} answer from the page
 * @param {(format: string, document: object, certificate: string, signature: object) =>
 *   Promise<{ subject: object, content: Buffer }>} checkSignature
 * @returns {Promise<{ receipt: object, signed: { name: string, mediaType: string, content: Buffer }[] }>} signed: the
 *   documents as they are to be kept
 */
export async function makeReceipt(batch, identity, answer, checkSignature) {
  const { certificate, signatures } = readAnswer(answer, batch.documents.length);
  const documents = [];
  const signed = [];
  let signer;
  for (const [i, document] of batch.documents.entries()) {
    const { subject, content } = await checkSignature(batch.format, document, certificate, signatures[i]);
    if (subject.serialNumber !== identity.serialNumber) throw new ServiceError(403, 'OTHER_PERSON');
    signer = { ...subject, name: fullName(subject) };
    const url = `/batches/${batch.id}/signed/${i}`;
    signed.push({ name: document.name, mediaType: document.mediaType, content });
    documents.push({ ...describe(document, signatures[i]), url, size: content.length, format: batch.format });
  }
  const receipt = {
    receipt: batch.id,
    receivedAt: new Date().toISOString(),
    purpose: batch.purpose,
    onBehalfOf: batch.onBehalfOf ?? null,
    signer,
    documents,
    certificate: toPem(certificate),
  };
  return { receipt, signed };
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

/** The digest is of what was signed, as the program's window showed it. */
function describe({ name, mediaType, toSign }, { signature, signatureAlgorithm }) {
  const { cryptoAlgorithm, hashFunction, paddingScheme } = signatureAlgorithm;
  return {
    name,
    mediaType,
    digest: createHash(NODE_HASH[hashFunction]).update(toSign).digest('base64'),
    algorithm: { cryptoAlgorithm, hashFunction, paddingScheme },
    signature,
  };
}
