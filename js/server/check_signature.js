import { constants, createHash, createVerify, publicDecrypt } from 'node:crypto';
import { p256, p384, p521 } from '@noble/curves/nist';

/** @typedef {import('node:crypto').KeyObject} KeyObject */
/** @typedef {import('./algorithm.js').Algorithm} Algorithm */

const CURVES = new Map([
  ['prime256v1', p256],
  ['secp384r1', p384],
  ['secp521r1', p521],
]);
/** Length of the digest and last byte of the hash's OID, 2.16.840.1.101.3.4.2.x (RFC 8017 §9.2, note 1). */
const DIGESTS = new Map([
  ['sha224', { length: 28, oid: 4 }],
  ['sha256', { length: 32, oid: 1 }],
  ['sha384', { length: 48, oid: 2 }],
  ['sha512', { length: 64, oid: 3 }],
]);

/** @param {string} hash; @returns {number} bytes */
export function digestLength(hash) {
  return DIGESTS.get(hash)?.length ?? 0;
}

/**
 * @param {Algorithm} algorithm that fits the key (checkFits)
 * @param {KeyObject} key
 * @param {Uint8Array} signature ECDSA: r then s
 * @param {Iterable<Uint8Array> | AsyncIterable<Uint8Array>} content in pieces
 * @returns {Promise<boolean>}
 */
export async function contentVerifies(algorithm, key, signature, content) {
  const verify = createVerify(algorithm.hash);
  for await (const piece of content) verify.update(piece);
  switch (algorithm.scheme) {
    case 'ecdsa':
      return verify.verify({ key, dsaEncoding: 'ieee-p1363' }, signature);
    case 'pkcs1':
      return verify.verify({ key, padding: constants.RSA_PKCS1_PADDING }, signature);
    case 'pss':
      return verify.verify({ key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }, signature);
  }
}

/**
 * The same for who has only the digest; node:crypto can't verify over one.
 * @param {Algorithm} algorithm that fits the key (checkFits)
 * @param {KeyObject} key
 * @param {Uint8Array} signature
 * @param {Uint8Array} digest of the algorithm's hash
 */
export function digestVerifies(algorithm, key, signature, digest) {
  try {
    switch (algorithm.scheme) {
      case 'ecdsa':
        return ecdsaVerifies(key, signature, digest);
      case 'pkcs1':
        return publicDecrypt({ key, padding: constants.RSA_PKCS1_PADDING }, signature).equals(digestInfo(algorithm.hash, digest));
      case 'pss':
        return pssVerifies(algorithm.hash, key, signature, digest);
    }
  } catch {
    return false; // not a signature of this key at all: value out of range, bad padding
  }
}

/**
 * @param {KeyObject} key
 * @param {Uint8Array} signature
 * @param {Uint8Array} digest
 */
function ecdsaVerifies(key, signature, digest) {
  const curve = CURVES.get(key.asymmetricKeyDetails?.namedCurve ?? '');
  const { x = '', y = '' } = key.export({ format: 'jwk' });
  const point = Buffer.concat([Buffer.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
  return curve?.verify(signature, digest, point, { prehash: false, lowS: false, format: 'compact' }) ?? false;
}

/**
 * DER of DigestInfo (RFC 8017 §9.2).
 * @param {string} hash
 * @param {Uint8Array} digest
 */
function digestInfo(hash, digest) {
  const { length = 0, oid = 0 } = DIGESTS.get(hash) ?? {};
  const head = [0x30, 17 + length, 0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, oid, 5, 0, 4, length];
  return Buffer.concat([Buffer.from(head), digest]);
}

/**
 * EMSA-PSS-VERIFY with MGF1 and a salt as long as the digest (RFC 8017 §8.1.2, §9.1.2).
 * @param {string} hash
 * @param {KeyObject} key
 * @param {Uint8Array} signature
 * @param {Uint8Array} digest
 */
function pssVerifies(hash, key, signature, digest) {
  const bits = (key.asymmetricKeyDetails?.modulusLength ?? 0) - 1;
  const raw = publicDecrypt({ key, padding: constants.RSA_NO_PADDING }, signature);
  const length = Math.ceil(bits / 8);
  // a modulus of 8k+1 bits leaves one more octet, which must be zero
  if (raw.length - length === 1 && raw[0] !== 0) return false;
  const encoded = raw.subarray(raw.length - length);
  const size = digest.length;
  const dbLength = length - size - 1;
  if (dbLength < size + 1 || encoded[length - 1] !== 0xbc) return false;
  const masked = encoded.subarray(0, dbLength);
  const h = encoded.subarray(dbLength, dbLength + size);
  const topMask = 0xff >> (8 * length - bits);
  if ((masked[0] & ~topMask & 0xff) !== 0) return false;
  const mask = mgf1(hash, h, dbLength);
  const db = masked.map((byte, i) => byte ^ mask[i]);
  db[0] &= topMask;
  const separator = dbLength - size - 1;
  if (db.subarray(0, separator).some((byte) => byte !== 0) || db[separator] !== 1) return false;
  const salt = db.subarray(separator + 1);
  return createHash(hash).update(Buffer.alloc(8)).update(digest).update(salt).digest().equals(h);
}

/**
 * @param {string} hash
 * @param {Uint8Array} seed
 * @param {number} length
 */
function mgf1(hash, seed, length) {
  const blocks = [];
  for (let i = 0; i * digestLength(hash) < length; i++) {
    blocks.push(createHash(hash).update(seed).update(Buffer.of(i >>> 24, i >>> 16, i >>> 8, i)).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}
