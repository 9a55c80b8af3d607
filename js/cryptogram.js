import { toBase64 } from './documents.js';

/**
 * One thing to decrypt with the card.
 * @typedef {object} Cryptogram
 * @property {'RSAES-PKCS1-v1_5' | 'RSA-OAEP' | 'ECDH'} algorithm
 * @property {'SHA-1' | 'SHA-224' | 'SHA-256' | 'SHA-384' | 'SHA-512'} [hashAlgorithm] of RSA-OAEP; SHA-1 when missing
 * @property {Uint8Array | ArrayBuffer | string} [ciphertext] with RSA, as long as the modulus; a string is base64
 * @property {Uint8Array | ArrayBuffer | string} [publicKey] with ECDH: the other side's uncompressed point
 * @property {string} [certificate] base64 DER that the card must hold
 */

/** @param {string} text base64 @returns {Uint8Array<ArrayBuffer>} */
export function fromBase64(text) {
  return Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
}

/** @param {Cryptogram['ciphertext']} bytes */
function encode(bytes) {
  return bytes === undefined || typeof bytes === 'string' ? bytes : toBase64(new Uint8Array(bytes));
}

/**
 * Turns it into the params of `decrypt`.
 * @param {Cryptogram} cryptogram
 */
export function encodeCryptogram({ algorithm, hashAlgorithm, ciphertext, publicKey, certificate }) {
  return { algorithm, hashAlgorithm, ciphertext: encode(ciphertext), publicKey: encode(publicKey), certificate };
}
