import { TokenError } from './token_error.js';

/** @typedef {import('node:crypto').KeyObject} KeyObject */
/** @typedef {{ scheme: 'ecdsa' | 'pkcs1' | 'pss', hash: string, curve?: string }} Algorithm hash as node:crypto spells it */

/** RFC 7518 §3.1, where ES binds curve and hash together. @type {Map<unknown, Algorithm>} */
const JWA = new Map([
  ['ES256', { scheme: 'ecdsa', hash: 'sha256', curve: 'prime256v1' }],
  ['ES384', { scheme: 'ecdsa', hash: 'sha384', curve: 'secp384r1' }],
  ['ES512', { scheme: 'ecdsa', hash: 'sha512', curve: 'secp521r1' }],
  ['PS256', { scheme: 'pss', hash: 'sha256' }],
  ['PS384', { scheme: 'pss', hash: 'sha384' }],
  ['PS512', { scheme: 'pss', hash: 'sha512' }],
  ['RS256', { scheme: 'pkcs1', hash: 'sha256' }],
  ['RS384', { scheme: 'pkcs1', hash: 'sha384' }],
  ['RS512', { scheme: 'pkcs1', hash: 'sha512' }],
]);

/** @type {Map<string, Algorithm['scheme']>} */
const SCHEMES = new Map([
  ['ECC NONE', 'ecdsa'],
  ['RSA PKCS1.5', 'pkcs1'],
  ['RSA PSS', 'pss'],
]);
const HASHES = new Map([
  ['SHA-224', 'sha224'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
]);
/** Curve → bytes of r and of s. */
export const FIELD_BYTES = new Map([
  ['prime256v1', 32],
  ['secp384r1', 48],
  ['secp521r1', 66],
]);

/** @param {unknown} name of a token; @returns {Algorithm} */
export function algorithmOfToken(name) {
  const algorithm = JWA.get(name);
  if (!algorithm) throw new TokenError('ALGORITHM_UNSUPPORTED', 'The algorithm is not one of RFC 7518 ES, PS and RS.');
  return algorithm;
}

/**
 * @param {any} given { cryptoAlgorithm, hashFunction, paddingScheme }
 * @returns {Algorithm}
 */
export function algorithmOfSignature(given) {
  const scheme = SCHEMES.get(`${given?.cryptoAlgorithm} ${given?.paddingScheme}`);
  const hash = HASHES.get(given?.hashFunction);
  if (!scheme || !hash) throw new TokenError('ALGORITHM_UNSUPPORTED', 'The signature algorithm is not known.');
  return { scheme, hash };
}

/**
 * @param {Algorithm} algorithm
 * @returns {{ cryptoAlgorithm: string, hashFunction: string, paddingScheme: string }} the inverse of algorithmOfSignature
 */
export function nameOfAlgorithm({ scheme, hash }) {
  const [names = ''] = [...SCHEMES].find(([, known]) => known === scheme) ?? [];
  const [hashFunction = ''] = [...HASHES].find(([, known]) => known === hash) ?? [];
  const [cryptoAlgorithm, paddingScheme] = names.split(' ');
  return { cryptoAlgorithm, hashFunction, paddingScheme };
}

/**
 * Refuses an algorithm that is not of the key, and a signature that is not as wide as the key's are.
 * @param {Algorithm} algorithm
 * @param {KeyObject} key
 * @param {Uint8Array} signature
 */
export function checkFits({ scheme, curve }, key, signature) {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {};
  const type = key.asymmetricKeyType;
  const fits = scheme === 'ecdsa' ? type === 'ec' && (!curve || curve === namedCurve) : type === 'rsa';
  if (!fits) throw new TokenError('ALGORITHM_MISMATCH', "The algorithm does not fit the certificate's key.");
  const width = scheme === 'ecdsa' ? 2 * (FIELD_BYTES.get(namedCurve) ?? 0) : Math.ceil(modulusLength / 8);
  if (signature.length !== width) throw new TokenError('SIGNATURE_INVALID', "The signature is not as wide as the key's are.");
}
