import { X509Certificate as NodeCertificate } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import { decodeBase64 } from './base64.js';
import { TokenError } from './token_error.js';

/** The same bound as the program's own; the largest FINEID certificate seen has 1,664 bytes. */
const MAX_CERTIFICATE = 8192;
const CURVES = ['prime256v1', 'secp384r1', 'secp521r1'];
const MIN_RSA_BITS = 2048;
const OID = {
  keyUsage: '2.5.29.15',
  basicConstraints: '2.5.29.19',
  certificatePolicies: '2.5.29.32',
  extendedKeyUsage: '2.5.29.37',
};
/** Extensions that this verifier takes into account; another one that is critical is a refusal (RFC 5280 §4.2). */
const UNDERSTOOD = Object.values(OID);
const SUBJECT = {
  commonName: '2.5.4.3',
  givenName: '2.5.4.42',
  surname: '2.5.4.4',
  serialNumber: '2.5.4.5',
  country: '2.5.4.6',
};

/** @typedef {{ commonName?: string, givenName?: string, surname?: string, serialNumber?: string, country?: string }} Subject */

/** A certificate read once, by two libraries: fields by one, key and signature checks by OpenSSL. */
export class Certificate {
  /** @param {Uint8Array} der */
  constructor(der) {
    try {
      this.node = new NodeCertificate(der);
      this.fields = new x509.X509Certificate(new Uint8Array(der));
      // reading them now makes an extension that can't be read an error here and nowhere else
      this.keyUsage = this.fields.getExtension(x509.KeyUsagesExtension)?.usages ?? null;
      this.basicConstraints = this.fields.getExtension(x509.BasicConstraintsExtension);
      this.extendedKeyUsage = this.fields.getExtension(x509.ExtendedKeyUsageExtension)?.usages.map(String) ?? null;
      this.policies = this.fields.getExtension(x509.CertificatePolicyExtension)?.policies ?? [];
      this.key = this.node.publicKey;
      this.signatureHash = this.fields.signatureAlgorithm.hash?.name ?? '';
      this.subject = readSubject(this.fields.subjectName);
    } catch (cause) {
      throw new TokenError('CERTIFICATE_MALFORMED', 'The certificate can not be read.', { cause });
    }
    // OpenSSL also takes PEM and ignores what follows the certificate
    if (!this.node.raw.equals(der)) throw new TokenError('CERTIFICATE_MALFORMED', 'There is more than one certificate.');
    this.#checkExtensions();
    this.#checkKey();
  }

  /** DER. */
  get raw() {
    return this.node.raw;
  }

  get isSelfIssued() {
    return this.node.subject === this.node.issuer;
  }

  /** @param {x509.KeyUsageFlags} usage */
  hasUsage(usage) {
    return this.keyUsage !== null && (this.keyUsage & usage) !== 0;
  }

  /** @param {Date} now */
  checkValidity(now) {
    if (now < this.fields.notBefore) throw new TokenError('CERTIFICATE_NOT_YET_VALID', 'The certificate is not yet valid.');
    if (now > this.fields.notAfter) throw new TokenError('CERTIFICATE_EXPIRED', 'The certificate has expired.');
  }

  #checkExtensions() {
    const types = this.fields.extensions.map((extension) => extension.type);
    if (new Set(types).size !== types.length) {
      throw new TokenError('CERTIFICATE_MALFORMED', 'The certificate has an extension twice.');
    }
    const unknown = this.fields.extensions.find((extension) => extension.critical && !UNDERSTOOD.includes(extension.type));
    if (unknown) {
      throw new TokenError('CERTIFICATE_MALFORMED', `The certificate has an unknown critical extension, ${unknown.type}.`);
    }
  }

  #checkKey() {
    const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = this.key;
    const strong =
      type === 'ec'
        ? CURVES.includes(details.namedCurve ?? '')
        : type === 'rsa' && (details.modulusLength ?? 0) >= MIN_RSA_BITS;
    if (!strong) throw new TokenError('CERTIFICATE_MALFORMED', 'The kind or size of the key is not accepted.');
  }
}

/**
 * @param {x509.Name} name
 * @returns {Subject}
 */
function readSubject(name) {
  /** @type {Record<string, string>} */
  const subject = {};
  for (const [field, oid] of Object.entries(SUBJECT)) {
    const values = name.getField(oid);
    // two values would let a person be taken for another one
    if (values.length > 1) throw new Error(`${field} is there twice`);
    if (values.length === 1) subject[field] = values[0];
  }
  return subject;
}

/**
 * @param {unknown} given base64 of DER as in a message, or DER
 * @returns {Certificate}
 */
export function parseCertificate(given) {
  const der = given instanceof Uint8Array && given.length <= MAX_CERTIFICATE ? given : decodeBase64(given, MAX_CERTIFICATE);
  if (!der) throw new TokenError('CERTIFICATE_MALFORMED', 'The certificate is not base64 of at most 8192 bytes.');
  return new Certificate(der);
}

/**
 * @param {unknown} now
 * @returns {asserts now is Date} an invalid date would compare as neither before nor after anything
 */
export function checkNow(now) {
  if (!(now instanceof Date) || Number.isNaN(now.getTime())) throw new TypeError('now: a valid Date');
}

const PEM = /-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----/g;

/**
 * The caller's own certificates.
 * @param {(string | Uint8Array)[]} list each PEM, of one certificate or several, or DER
 * @param {string} what name of the option
 * @returns {Certificate[]}
 */
export function parseConfigured(list, what) {
  if (!Array.isArray(list)) throw new TypeError(`${what}: an array`);
  return list.flatMap((item, i) => {
    const ders = typeof item === 'string' ? [...item.matchAll(PEM)].map((match) => Buffer.from(match[1], 'base64')) : [item];
    if (ders.length === 0) throw new TypeError(`${what}[${i}]: no PEM certificate in the text`);
    try {
      return ders.map((der) => new Certificate(der));
    } catch (cause) {
      throw new TypeError(`${what}[${i}]: ${/** @type {Error} */ (cause).message}`, { cause });
    }
  });
}
