import { createHash } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { algorithmOfSignature, checkFits, FIELD_BYTES, nameOfAlgorithm } from './algorithm.js';
import { decodeBase64 } from './base64.js';
import { checkNow, parseCertificate, parseConfigured } from './certificate.js';
import { buildChain } from './chain.js';
import { contentVerifies, digestLength, digestVerifies } from './check_signature.js';
import { findPdfSignatures } from './pdf_signature.js';
import { ecdsaValue, ReadSignedData } from './signed_data.js';
import { TokenError } from './token_error.js';

/** @typedef {import('./certificate.js').Certificate} Certificate */
/** @typedef {import('./certificate.js').Subject} Subject */
/** @typedef {{ cryptoAlgorithm: string, hashFunction: string, paddingScheme: string }} SignatureAlgorithm */

const MAX_SIGNATURE = 512; // RSA-4096
const MAX_SIGNED_DATA = 4 * 1024 * 1024;
const MAX_HELPERS = 8; // certificates beside the signer's own

/**
 * @typedef {object} TrustOptions
 * @property {(string | Uint8Array)[]} trustedCertificates CAs that may issue, PEM or DER
 * @property {(string | Uint8Array)[]} [intermediateCertificates] may help to build the chain, are not trusted
 * @property {Date} [now] when the signature must have been valid
 *
 * @typedef {object} Content one of the two, of the server's own: what the page sends back says nothing of which document
 *   the person signed
 * @property {Uint8Array | string | AsyncIterable<Uint8Array>} [content] a string is UTF-8; a stream may be of any size
 * @property {Uint8Array} [digest] of the signature's hash
 */

/** @typedef {'raw' | 'cms' | 'cades' | 'pades-cms'} Format as bridge.sign() has it */

/**
 * What was found out, the same for every format.
 * @typedef {object} Verified
 * @property {Subject} subject who signed
 * @property {string} certificate base64 DER
 * @property {SignatureAlgorithm} signatureAlgorithm
 * @property {Format} format
 * @property {Date | null} signingTime by the signer's clock, which nobody vouches for; null when none is under the signature
 * @property {Buffer | null} content what was inside; null when it was elsewhere
 */

/**
 * Verifies one signature of bridge.sign(), in the format that was asked for there.
 * @param {Content & TrustOptions & { format?: Format, signature: string | Uint8Array, signatureAlgorithm?: SignatureAlgorithm,
 *   certificate?: string }} options signature: base64, or DER of SignedData; signatureAlgorithm and certificate (base64 DER)
 *   are for format "raw", which it is when none is named: the others hold them. "pades-cms": content is the bytes of the
 *   file's ByteRange; a whole file is for verifyPdf
 * @returns {Promise<Verified>} Rejects with TokenError
 */
export async function verifySignature(options) {
  const { format = 'raw', signature, ...others } = options;
  if (format === 'raw') return verifyRaw(/** @type {RawOptions} */ (options));
  if (!['cms', 'cades', 'pades-cms'].includes(format)) throw new TypeError('format: raw, cms, cades or pades-cms');
  const { isCades, ...result } = await verifySignedData({ ...others, signedData: signature });
  if (!isCades && format !== 'cms') throw new TokenError('FORMAT_UNSUPPORTED', 'The certificate is not under the signature: it is not CAdES.');
  return { ...result, format };
}

/**
 * @typedef {Content & TrustOptions & { signature: string, signatureAlgorithm: SignatureAlgorithm, certificate: string }} RawOptions
 * @param {RawOptions} options
 * @returns {Promise<Verified>}
 */
async function verifyRaw(options) {
  const { content, digest, signature, signatureAlgorithm } = options;
  if ((content === undefined) === (digest === undefined)) throw new TypeError('content or digest: one of them');
  const check = openTrust(options);
  const bytes = decodeBase64(signature, MAX_SIGNATURE);
  if (!bytes) throw new TokenError('TOKEN_MALFORMED', 'The signature is not base64 of at most 512 bytes.');
  const certificate = parseCertificate(options.certificate);
  check(certificate);

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
    format: 'raw',
    signingTime: null,
    content: null,
  };
}

/**
 * Verifies one signature of bridge.sign() in format "cms", "cades" or "pades-cms".
 * @param {Content & TrustOptions & { signedData: string | Uint8Array }} options signedData: base64 or DER. Content and
 *   digest may both be missing when the content is inside; when one is there, what is inside must be the same
 * @returns {Promise<{ subject: Subject, certificate: string, signatureAlgorithm: SignatureAlgorithm, isCades: boolean,
 *   signingTime: Date | null, content: Buffer | null }>} content: what was inside. Rejects with TokenError
 */
export async function verifySignedData(options) {
  const { content, digest, signedData, intermediateCertificates = [] } = options;
  if (content !== undefined && digest !== undefined) throw new TypeError('content or digest: not both');
  const der = signedData instanceof Uint8Array && signedData.length <= MAX_SIGNED_DATA ? signedData : decodeBase64(signedData, MAX_SIGNED_DATA);
  if (!der) throw new TokenError('TOKEN_MALFORMED', 'The SignedData is not base64 of at most 4 MiB.');
  const read = new ReadSignedData(der);
  const certificate = parseCertificate(read.signerCertificate);
  openTrust({ ...options, intermediateCertificates: [...intermediateCertificates, ...helpers(read, certificate)] })(certificate);

  const { algorithm } = read;
  const width = FIELD_BYTES.get(certificate.key.asymmetricKeyDetails?.namedCurve ?? '') ?? 0;
  const value = algorithm.scheme === 'ecdsa' ? ecdsaValue(read.signature, width) : read.signature;
  checkFits(algorithm, certificate.key, value);
  const digests = await Promise.all([content, read.content ?? undefined].map((part) => hashOf(algorithm.hash, part)));
  const [first, ...others] = [digest, ...digests].filter((known) => known !== undefined);
  if (!first) throw new TypeError('content or digest: one of them, the SignedData has no content inside');
  for (const known of [first, ...others]) read.checkAttributes(known, certificate.raw);
  if (!(await contentVerifies(algorithm, certificate.key, value, [read.signedBytes]))) {
    throw new TokenError('SIGNATURE_INVALID', 'The signature is not of this document by this certificate.');
  }
  return {
    subject: certificate.subject,
    certificate: certificate.raw.toString('base64'),
    signatureAlgorithm: nameOfAlgorithm(algorithm),
    isCades: read.isCades,
    signingTime: read.signingTime,
    content: read.content,
  };
}

const PDF_FORMS = ['ETSI.CAdES.detached', 'adbe.pkcs7.detached'];

/**
 * Verifies every signature in a PDF file. What later signatures or additions changed in what an earlier one covers is not
 * looked into: each tells how many bytes came after it.
 * @param {TrustOptions & { pdf: Uint8Array, allowAdditions?: boolean }} options allowAdditions: bytes may stand behind what
 *   the last signature covers; else that is CONTENT_ADDED
 * @returns {Promise<{ signatures: { subject: Subject, certificate: string, signatureAlgorithm: SignatureAlgorithm,
 *   isPades: boolean, signingTime: Date | null, covers: number, addedAfter: number }[] }>} at least one, in the order of the
 *   file; covers and addedAfter: bytes. Rejects with TokenError when one does not hold or can't be judged
 */
export async function verifyPdf(options) {
  const { pdf, allowAdditions = false, ...trust } = options;
  if (!(pdf instanceof Uint8Array)) throw new TypeError('pdf: Uint8Array');
  const file = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.length);
  const found = file.subarray(0, 5).equals(Buffer.from('%PDF-')) ? findPdfSignatures(file) : [];
  if (found.length === 0) throw new TokenError('TOKEN_MALFORMED', 'There is no signature in the file, or it is no PDF.');
  const signatures = [];
  for (const signature of found) {
    if (signature === 'unreadable') throw new TokenError('TOKEN_MALFORMED', 'A signature of the PDF can not be judged.');
    const { subFilter, contents, signed, time, addedAfter } = signature;
    if (!PDF_FORMS.includes(subFilter)) throw new TokenError('FORMAT_UNSUPPORTED', 'A signature of the PDF is of another form.');
    const { subject, certificate, signatureAlgorithm, isCades, signingTime } = await verifySignedData({ ...trust, signedData: contents, content: inTurn(signed) });
    const isPades = isCades && subFilter === PDF_FORMS[0];
    signatures.push({ subject, certificate, signatureAlgorithm, isPades, signingTime: signingTime ?? time, covers: file.length - addedAfter, addedAfter });
  }
  if (!allowAdditions && signatures.every(({ addedAfter }) => addedAfter > 0)) {
    throw new TokenError('CONTENT_ADDED', 'Something was added to the PDF after its last signature.');
  }
  return { signatures };
}

/** @param {Uint8Array[]} parts */
async function* inTurn(parts) {
  yield* parts;
}

/**
 * @param {TrustOptions} options
 * @returns {(certificate: Certificate) => void} throws unless it is one for signatures that leads to an anchor
 */
function openTrust({ trustedCertificates, intermediateCertificates = [], now = new Date() }) {
  checkNow(now);
  const anchors = parseConfigured(trustedCertificates, 'trustedCertificates');
  const intermediates = parseConfigured(intermediateCertificates, 'intermediateCertificates');
  return (certificate) => {
    if (certificate.basicConstraints?.ca || !certificate.hasUsage(x509.KeyUsageFlags.nonRepudiation)) {
      throw new TokenError('CERTIFICATE_USAGE', 'The certificate is not one for signatures.');
    }
    certificate.checkValidity(now);
    buildChain(certificate, { anchors, intermediates, now });
  };
}

/**
 * Certificates that came along and can be read: what can't helps nobody, and is no reason to refuse.
 * @param {ReadSignedData} read
 * @param {Certificate} signer
 * @returns {Uint8Array[]}
 */
function helpers({ certificates }, signer) {
  return certificates.slice(0, MAX_HELPERS).filter((der) => {
    try {
      return !der.equals(signer.raw) && Boolean(parseCertificate(der));
    } catch {
      return false;
    }
  });
}

/**
 * @param {string} hash
 * @param {Uint8Array | string | AsyncIterable<Uint8Array> | undefined} content
 * @returns {Promise<Buffer | undefined>}
 */
async function hashOf(hash, content) {
  if (content === undefined) return undefined;
  const state = createHash(hash);
  for await (const piece of pieces(content)) state.update(piece);
  return state.digest();
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
