import { KorttisiltaError } from './korttisilta_error.js';

/**
 * A document to sign: its content, or its size and digest.
 * @typedef {object} SignDocument
 * @property {string} name file name or title that the person sees
 * @property {string} mediaType such as "application/pdf"
 * @property {Uint8Array | ArrayBuffer | Blob | string} [content] a string is signed as UTF-8
 * @property {number} [size] bytes; with digest
 * @property {Uint8Array | string} [digest] a string is base64
 */

/** Room for the members around the documents: texts at their longest, a certificate, JSON's own. */
const OVERHEAD = 32 * 1024;
/** The same around one document: name and media type, every character escaped, and a digest. */
const PER_DOCUMENT = 2048;
const DEFAULT_HASH = 'SHA-256';

/** @param {Uint8Array<ArrayBuffer>} bytes */
export function toBase64(bytes) {
  let text = '';
  for (let i = 0; i < bytes.length; i += 8192) text += String.fromCharCode(...bytes.subarray(i, i + 8192));
  return btoa(text);
}

/**
 * @param {NonNullable<SignDocument['content']>} content
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function toBytes(content) {
  if (typeof content === 'string') return new TextEncoder().encode(content);
  return new Uint8Array(content instanceof Blob ? await content.arrayBuffer() : content);
}

/**
 * Turns documents into the params of `sign`. Contents that do not fit one message together are
 * hashed here and go as digests.
 * @param {SignDocument[]} documents
 * @param {string | undefined} hashAlgorithm
 * @param {number} maxMessage bytes
 * @param {string} [hashOfDigests] for contents that go as digests where hashAlgorithm does not say
 */
export async function encodeDocuments(documents, hashAlgorithm, maxMessage, hashOfDigests = DEFAULT_HASH) {
  const sizes = documents.map((doc) => contentSize(doc.content));
  const room = maxMessage - OVERHEAD - PER_DOCUMENT * documents.length;
  const fits = sizes.reduce((sum, size) => sum + 4 * Math.ceil(size / 3), 0) <= room;
  if (!fits) hashAlgorithm ??= hashOfDigests;
  const encoded = [];
  // one after another: two large documents need not be in memory at once
  for (const { name, mediaType, content, size, digest } of documents) {
    if (content === undefined) {
      encoded.push({ name, mediaType, size, digest: typeof digest === 'string' ? digest : digest && toBase64(new Uint8Array(digest)) });
      continue;
    }
    const bytes = await toBytes(content);
    if (fits) encoded.push({ name, mediaType, content: toBase64(bytes) });
    else encoded.push({ name, mediaType, size: bytes.length, digest: await hash(bytes, /** @type {string} */ (hashAlgorithm)) });
  }
  return { documents: encoded, hashAlgorithm };
}

/**
 * At most: a UTF-16 code unit is three bytes of UTF-8 or less.
 * @param {SignDocument['content']} content
 */
function contentSize(content) {
  if (content === undefined) return 0;
  if (typeof content === 'string') return content.length * 3;
  return content instanceof Blob ? content.size : content.byteLength;
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string} algorithm
 */
async function hash(bytes, algorithm) {
  try {
    return toBase64(new Uint8Array(await crypto.subtle.digest(algorithm, bytes)));
  } catch (cause) {
    throw new KorttisiltaError('UNSUPPORTED', 'request', `Too large to send, and browsers can not hash with ${algorithm}.`, { cause });
  }
}
