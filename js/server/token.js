import { createHash } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { algorithmOfToken, checkFits } from './algorithm.js';
import { decodeBase64 } from './base64.js';
import { checkNow, parseCertificate, parseConfigured } from './certificate.js';
import { buildChain } from './chain.js';
import { contentVerifies } from './check_signature.js';
import { TokenError } from './token_error.js';

/** @typedef {import('./certificate.js').Subject} Subject */
/** @typedef {import('./certificate.js').Certificate} Certificate */

const FORMAT = 'web-eid:1.0';
const CLIENT_AUTHENTICATION = '1.3.6.1.5.5.7.3.2';
const MAX_SIGNATURE = 512; // RSA-4096
const MAX_TEXT = 255; // algorithm, appVersion
const NONCE = /^[\x21-\x7e]{44,128}$/;
const LOOPBACK = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Verifies what bridge.authenticate() gave. The nonce must be one that this server made for this
 * session, taken from its store before the call so that it can't be used again.
 * @param {unknown} token the object that the page sent
 * @param {object} options
 * @param {string} options.origin of the service's pages, such as "https://example.fi"
 * @param {string} options.nonce
 * @param {(string | Uint8Array)[]} options.trustedCertificates CAs that may issue, PEM or DER
 * @param {(string | Uint8Array)[]} [options.intermediateCertificates] may help to build the chain, are not trusted
 * @param {string[]} [options.disallowedPolicies] OIDs
 * @param {Date} [options.now]
 * @returns {Promise<{ subject: Subject, certificate: string, algorithm: string }>} certificate: base64 DER.
 *   Rejects with TokenError
 */
export async function verifyAuthToken(token, options) {
  const { origin, nonce, trustedCertificates, intermediateCertificates = [], disallowedPolicies = [], now = new Date() } = options;
  checkOrigin(origin);
  if (typeof nonce !== 'string' || !NONCE.test(nonce)) throw new TypeError('nonce: 44–128 printable ASCII characters');
  checkNow(now);
  const anchors = parseConfigured(trustedCertificates, 'trustedCertificates');
  const intermediates = parseConfigured(intermediateCertificates, 'intermediateCertificates');

  const fields = readToken(token);
  const certificate = parseCertificate(fields.unverifiedCertificate);
  checkUse(certificate, disallowedPolicies);
  certificate.checkValidity(now);
  buildChain(certificate, { anchors, intermediates, now, purpose: CLIENT_AUTHENTICATION });

  const algorithm = algorithmOfToken(fields.algorithm);
  checkFits(algorithm, certificate.key, fields.signature);
  // hashing each first keeps the two apart
  const content = [origin, nonce].map((text) => createHash(algorithm.hash).update(text).digest());
  if (!(await contentVerifies(algorithm, certificate.key, fields.signature, content))) {
    throw new TokenError('SIGNATURE_INVALID', 'The signature is not of this origin and nonce by this certificate.');
  }
  return { subject: certificate.subject, certificate: certificate.raw.toString('base64'), algorithm: fields.algorithm };
}

/** @param {unknown} origin; an origin spelt in another way would never verify, so it is the caller's mistake */
function checkOrigin(origin) {
  const url = typeof origin === 'string' && URL.canParse(origin) ? new URL(origin) : null;
  const secure = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.includes(url.hostname));
  if (!url || !secure || url.origin !== origin) {
    throw new TypeError('origin: as browsers report it, such as "https://example.fi", without a path');
  }
}

/** @param {any} token */
function readToken(token) {
  if (token === null || typeof token !== 'object') throw new TokenError('TOKEN_MALFORMED', 'The token is not an object.');
  if (token.format !== FORMAT) throw new TokenError('FORMAT_UNSUPPORTED', `The format is not ${FORMAT}.`);
  const signature = decodeBase64(token.signature, MAX_SIGNATURE);
  const { unverifiedCertificate, algorithm, appVersion } = token;
  const texts = [algorithm, appVersion].every((text) => typeof text === 'string' && text !== '' && text.length <= MAX_TEXT);
  if (!signature || !texts || typeof unverifiedCertificate !== 'string') {
    throw new TokenError('TOKEN_MALFORMED', 'A member of the token is missing, or has the wrong type or size.');
  }
  return { unverifiedCertificate, /** @type {string} */ algorithm, signature };
}

/**
 * @param {Certificate} certificate
 * @param {string[]} disallowedPolicies
 */
function checkUse(certificate, disallowedPolicies) {
  const { extendedKeyUsage: usages } = certificate;
  if (
    certificate.basicConstraints?.ca ||
    !certificate.hasUsage(x509.KeyUsageFlags.digitalSignature) ||
    (usages && !usages.includes(CLIENT_AUTHENTICATION))
  ) {
    throw new TokenError('CERTIFICATE_USAGE', 'The certificate is not one for authentication.');
  }
  if (certificate.policies.some((policy) => disallowedPolicies.includes(policy))) {
    throw new TokenError('CERTIFICATE_POLICY', 'The certificate has a policy that is not allowed.');
  }
}
