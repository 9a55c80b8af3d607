import { createHash } from 'node:crypto';
import { ContentInfo, SignedData } from '@peculiar/asn1-cms';
import { AsnConvert } from '@peculiar/asn1-schema';
import * as asn1js from 'asn1js';
import { TokenError } from './token_error.js';

/** @typedef {import('./algorithm.js').Algorithm} Algorithm */
/** @typedef {import('@peculiar/asn1-cms').SignerInfo} SignerInfo */

const OID = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingTime: '1.2.840.113549.1.9.5',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  rsaEncryption: '1.2.840.113549.1.1.1',
  pss: '1.2.840.113549.1.1.10',
};
/** @type {Map<string, string>} */
const HASHES = new Map([
  ['2.16.840.1.101.3.4.2.1', 'sha256'],
  ['2.16.840.1.101.3.4.2.2', 'sha384'],
  ['2.16.840.1.101.3.4.2.3', 'sha512'],
  ['2.16.840.1.101.3.4.2.4', 'sha224'],
]);
/** Signature algorithms that name their hash: it must be the one of digestAlgorithm. @type {Map<string, Algorithm>} */
const WITH_HASH = new Map([
  ['1.2.840.10045.4.3.1', { scheme: 'ecdsa', hash: 'sha224' }],
  ['1.2.840.10045.4.3.2', { scheme: 'ecdsa', hash: 'sha256' }],
  ['1.2.840.10045.4.3.3', { scheme: 'ecdsa', hash: 'sha384' }],
  ['1.2.840.10045.4.3.4', { scheme: 'ecdsa', hash: 'sha512' }],
  ['1.2.840.113549.1.1.11', { scheme: 'pkcs1', hash: 'sha256' }],
  ['1.2.840.113549.1.1.12', { scheme: 'pkcs1', hash: 'sha384' }],
  ['1.2.840.113549.1.1.13', { scheme: 'pkcs1', hash: 'sha512' }],
  ['1.2.840.113549.1.1.14', { scheme: 'pkcs1', hash: 'sha224' }],
]);
const SET = 0x31;

/** @param {string} message @param {unknown} [cause] */
const malformed = (message, cause) => new TokenError('TOKEN_MALFORMED', message, { cause });

/**
 * CMS SignedData (RFC 5652) of one signer with signed attributes: what this project's formats cms, cades and pades-cms
 * are. Reading it says nothing of whether it holds.
 */
export class ReadSignedData {
  /** @param {Uint8Array} der zeros behind it, as in the /Contents of a PDF, don't count */
  constructor(der) {
    try {
      const trimmed = trim(der);
      const info = AsnConvert.parse(trimmed, ContentInfo);
      if (info.contentType !== OID.signedData) throw new Error('not SignedData');
      const data = AsnConvert.parse(info.content, SignedData);
      if (data.signerInfos.length !== 1) throw new Error(`${data.signerInfos.length} signers`);
      this.signer = data.signerInfos[0];
      this.contentType = data.encapContentInfo.eContentType;
      const content = data.encapContentInfo.eContent?.single ?? null;
      /** @type {Buffer | null} null when it is elsewhere */
      this.content = content && Buffer.from(content.buffer);
      /** DER, in the order in which they stand. */
      this.certificates = (data.certificates ?? []).flatMap(({ certificate }) =>
        certificate ? [Buffer.from(AsnConvert.serialize(certificate))] : [],
      );
      this.#attributes = readAttributes(this.signer);
      this.#signedBytes = attributesAsSigned(trimmed);
      const { issuerAndSerialNumber: wanted } = this.signer.sid;
      const found = wanted && this.certificates.find((certificate) => isNamed(certificate, wanted));
      if (!found) throw new Error("the signer's certificate is not in it");
      /** DER of the one among them that the signer names. @type {Buffer} */
      this.signerCertificate = found;
    } catch (cause) {
      throw malformed('The signature is not CMS SignedData of one signer with signed attributes and certificate.', cause);
    }
  }

  #attributes;
  #signedBytes;

  /** The bytes that the signature is over: the attributes as a SET OF (RFC 5652 §5.4). */
  get signedBytes() {
    return this.#signedBytes;
  }

  get signature() {
    return Buffer.from(this.signer.signature.buffer);
  }

  /** @returns {Algorithm} */
  get algorithm() {
    const hash = HASHES.get(this.signer.digestAlgorithm.algorithm);
    const { algorithm: oid, parameters } = this.signer.signatureAlgorithm;
    const named = WITH_HASH.get(oid);
    if (hash && named?.hash === hash) return named;
    if (hash && oid === OID.rsaEncryption) return { scheme: 'pkcs1', hash };
    if (hash && oid === OID.pss && pssHash(parameters) === hash) return { scheme: 'pss', hash };
    throw new TokenError('ALGORITHM_UNSUPPORTED', 'The algorithms of the SignedData are not known or do not fit together.');
  }

  /** @returns {Date | null} what the signer's clock said, under the signature */
  get signingTime() {
    const value = this.#attributes.get(OID.signingTime);
    if (!value) return null;
    const time = asn1js.fromBER(value).result;
    if (time instanceof asn1js.UTCTime || time instanceof asn1js.GeneralizedTime) return time.toDate();
    throw malformed('The signing time is not a time.');
  }

  /** True for CAdES (EN 319 122-1): the certificate is under the signature. */
  get isCades() {
    return this.#attributes.has(OID.signingCertificateV2);
  }

  /**
   * Refuses when the attributes are not about this content and this certificate.
   * @param {Uint8Array} digest of the content
   * @param {Uint8Array} certificate DER
   */
  checkAttributes(digest, certificate) {
    const type = asn1js.fromBER(this.#required(OID.contentType)).result;
    if (!(type instanceof asn1js.ObjectIdentifier) || type.valueBlock.toString() !== this.contentType || this.contentType !== OID.data) {
      throw malformed('The content type of the SignedData is not data, or not the one under the signature.');
    }
    const said = asn1js.fromBER(this.#required(OID.messageDigest)).result;
    if (!(said instanceof asn1js.OctetString) || !Buffer.from(said.getValue()).equals(digest)) {
      throw new TokenError('SIGNATURE_INVALID', 'The signature is not of this document.');
    }
    const ess = this.#attributes.get(OID.signingCertificateV2);
    if (ess && !namesCertificate(ess, certificate)) {
      throw new TokenError('SIGNATURE_INVALID', 'The signing certificate under the signature is another one.');
    }
  }

  /** @param {string} oid */
  #required(oid) {
    const value = this.#attributes.get(oid);
    if (!value) throw malformed(`The signed attribute ${oid} is missing.`);
    return value;
  }
}

/**
 * One DER element, and behind it nothing but zeros.
 * @param {Uint8Array} der
 */
function trim(der) {
  const { offset, result } = asn1js.fromBER(der);
  if (offset <= 0 || result.error) throw new Error(result.error || 'not DER');
  if (der.subarray(offset).some((byte) => byte !== 0)) throw new Error('bytes behind the SignedData');
  return der.subarray(0, offset);
}

/**
 * The attributes of the one signer as they stand there, with the tag of a SET OF in place of their own.
 * @param {Uint8Array} der of a ContentInfo that was read already
 */
function attributesAsSigned(der) {
  /** @param {any} node */
  const children = (node) => node.valueBlock.value;
  const [, explicit] = children(asn1js.fromBER(der).result);
  const signerInfos = children(children(explicit)[0]).at(-1);
  const attributes = children(children(signerInfos)[0]).find((/** @type {any} */ { idBlock }) => idBlock.tagClass === 3 && idBlock.tagNumber === 0);
  const bytes = Buffer.from(attributes.valueBeforeDecodeView);
  bytes[0] = SET;
  return bytes;
}

/**
 * @param {SignerInfo} signer
 * @returns {Map<string, ArrayBuffer>} OID → its one value
 */
function readAttributes({ signedAttrs }) {
  if (!signedAttrs?.length) throw new Error('no signed attributes');
  const map = new Map();
  for (const { attrType, attrValues } of signedAttrs) {
    // two of a kind would let one be checked and the other be believed (RFC 5652 §5.3)
    if (map.has(attrType) || attrValues.length !== 1) throw new Error(`${attrType} is not there once`);
    map.set(attrType, attrValues[0]);
  }
  return map;
}

/**
 * RSASSA-PSS-params (RFC 8017 §A.2.3) as this project's programs make them: MGF1 with the same hash, salt as long.
 * @param {ArrayBuffer | null | undefined} parameters
 * @returns {string | undefined} hash
 */
function pssHash(parameters) {
  const sequence = parameters && asn1js.fromBER(parameters).result;
  if (!(sequence instanceof asn1js.Sequence)) return undefined;
  /** @param {number} tag */
  const field = (tag) => sequence.valueBlock.value.find((row) => row.idBlock.tagNumber === tag && row instanceof asn1js.Constructed);
  const [hashAlgorithm, mask, salt] = [0, 1, 2].map((tag) => /** @type {any} */ (field(tag))?.valueBlock.value[0]);
  const hash = HASHES.get(oidOf(hashAlgorithm));
  const isMgf1 = oidOf(mask) === '1.2.840.113549.1.1.8' && HASHES.get(oidOf(mask?.valueBlock.value[1])) === hash;
  const length = hash && createHash(hash).digest().length;
  return isMgf1 && salt instanceof asn1js.Integer && salt.valueBlock.valueDec === length ? hash : undefined;
}

/** @param {any} identifier AlgorithmIdentifier; @returns {string} */
const oidOf = (identifier) => identifier?.valueBlock?.value?.[0]?.valueBlock?.toString() ?? '';

/**
 * SigningCertificateV2 (RFC 5035 §3): the first entry is the signer's certificate.
 * @param {ArrayBuffer} value
 * @param {Uint8Array} certificate DER
 */
function namesCertificate(value, certificate) {
  const root = /** @type {any} */ (asn1js.fromBER(value).result);
  const [first, second] = root.valueBlock?.value?.[0]?.valueBlock?.value?.[0]?.valueBlock?.value ?? [];
  const hasHash = first instanceof asn1js.Sequence;
  const hash = hasHash ? HASHES.get(oidOf(first)) : 'sha256';
  const said = hasHash ? second : first;
  return (
    hash !== undefined &&
    said instanceof asn1js.OctetString &&
    createHash(hash).update(certificate).digest().equals(Buffer.from(said.getValue()))
  );
}

/**
 * @param {Buffer} der certificate
 * @param {import('@peculiar/asn1-cms').IssuerAndSerialNumber} wanted
 */
function isNamed(der, wanted) {
  const fields = /** @type {any} */ (asn1js.fromBER(der).result).valueBlock.value[0].valueBlock.value;
  const at = fields[0].idBlock.tagClass === 3 ? 1 : 0; // the version may be left out
  const serial = Buffer.from(fields[at].valueBlock.valueHexView);
  const issuer = Buffer.from(fields[at + 2].valueBeforeDecodeView);
  return serial.equals(Buffer.from(wanted.serialNumber)) && issuer.equals(Buffer.from(AsnConvert.serialize(wanted.issuer)));
}

/**
 * ECDSA-Sig-Value (RFC 3279 §2.2.3) to r then s.
 * @param {Uint8Array} der
 * @param {number} width of each, bytes
 * @returns {Buffer}
 */
export function ecdsaValue(der, width) {
  const { offset, result } = asn1js.fromBER(der);
  const [r, s] = /** @type {any} */ (result).valueBlock?.value ?? [];
  if (offset !== der.length || !(r instanceof asn1js.Integer) || !(s instanceof asn1js.Integer)) {
    throw new TokenError('SIGNATURE_INVALID', 'The ECDSA signature is not a pair of integers.');
  }
  const parts = [r, s].map(({ valueBlock }) => {
    const bytes = Buffer.from(valueBlock.valueHexView);
    const short = bytes[0] === 0 ? bytes.subarray(1) : bytes;
    if (short.length > width || (bytes[0] & 0x80) !== 0) {
      throw new TokenError('SIGNATURE_INVALID', "The ECDSA signature is not as wide as the key's are.");
    }
    return Buffer.concat([Buffer.alloc(width - short.length), short]);
  });
  return Buffer.concat(parts);
}
