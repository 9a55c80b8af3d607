import * as x509 from '@peculiar/x509';
import { algorithmOfSignature, checkFits } from './algorithm.js';
import { decodeBase64 } from './base64.js';
import { checkNow, parseCertificate, parseConfigured } from './certificate.js';
import { buildChain } from './chain.js';
import { contentVerifies, digestLength, digestVerifies } from './check_signature.js';
import { TokenError } from './token_error.js';

/** @typedef {import('./certificate.js').Subject} Subject */
/** @typedef {{ cryptoAlgorithm: string, hashFunction: string, paddingScheme: string }} SignatureAlgorithm */

const MAX_SIGNATURE = 512; // RSA-4096

/**
 * Verifies one signature of bridge.sign(). Content and digest are the server's own: what the page
 * sends back says nothing of which document the person signed.
 * @param {object} options
 * @param {Uint8Array | string | AsyncIterable<Uint8Array>} [options.content] a string is UTF-8; a stream may be of any size
 * @param {Uint8Array} [options.digest] instead of content; of signatureAlgorithm's hash
 * @param {string} options.signature base64
 * @param {SignatureAlgorithm} options.signatureAlgorithm
 * @param {string} options.certificate base64 DER
 * @param {(string | Uint8Array)[]} options.trustedCertificates CAs that may issue, PEM or DER
 * @param {(string | Uint8Array)[]} [options.intermediateCertificates] may help to build the chain, are not trusted
 * @param {Date} [options.now] when the signature must have been valid
 * @returns {Promise<{ subject: Subject, certificate: string, signatureAlgorithm: SignatureAlgorithm }>} Rejects with TokenError
 */
export async function verifySignature(options) {
  const { content, digest, signature, signatureAlgorithm, trustedCertificates, intermediateCertificates = [], now = new Date() } = options;
  if ((content === undefined) === (digest === undefined)) throw new TypeError('content or digest: one of them');
  checkNow(now);
  const anchors = parseConfigured(trustedCertificates, 'trustedCertificates');
  const intermediates = parseConfigured(intermediateCertificates, 'intermediateCertificates');

  const bytes = decodeBase64(signature, MAX_SIGNATURE);
  if (!bytes) throw new TokenError('TOKEN_MALFORMED', 'The signature is not base64 of at most 512 bytes.');
  const certificate = parseCertificate(options.certificate);
  if (certificate.basicConstraints?.ca || !certificate.hasUsage(x509.KeyUsageFlags.nonRepudiation)) {
    throw new TokenError('CERTIFICATE_USAGE', 'The certificate is not one for signatures.');
  }
  certificate.checkValidity(now);
  buildChain(certificate, { anchors, intermediates, now });

  const algorithm = algorithmOfSignature(signatureAlgorithm);
  checkFits(algorithm, certificate.key, bytes);
  if (digest && digest.length !== digestLength(algorithm.hash)) {
    throw new TokenError('ALGORITHM_MISMATCH', "The digest is not of the signature algorithm's hash.");
  }
  const verifies = digest
    ? digestVerifies(algorithm, certificate.key, bytes, digest)
    : await contentVerifies(algorithm, certificate.key, bytes, pieces(content));
  if (!verifies) throw new TokenError('SIGNATURE_INVALID', 'The signature is not of this document by this certificate.');
  const { cryptoAlgorithm, hashFunction, paddingScheme } = signatureAlgorithm;
  return {
    subject: certificate.subject,
    certificate: certificate.raw.toString('base64'),
    signatureAlgorithm: { cryptoAlgorithm, hashFunction, paddingScheme },
  };
}

/**
 * @param {Uint8Array | string | AsyncIterable<Uint8Array> | undefined} content
 * @returns {Iterable<Uint8Array> | AsyncIterable<Uint8Array>}
 */
function pieces(content) {
  if (typeof content === 'string') return [Buffer.from(content)];
  if (content instanceof Uint8Array) return [content];
  if (content && Symbol.asyncIterator in content) return content;
  throw new TypeError('content: Uint8Array, string or a stream of Uint8Array');
}
