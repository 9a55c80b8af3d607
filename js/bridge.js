import { encodeCryptogram, fromBase64 } from './cryptogram.js';
import { encodeDocuments } from './documents.js';

/** @typedef {import('./cryptogram.js').Cryptogram} Cryptogram */
/** @typedef {import('./documents.js').SignDocument} SignDocument */
/** @typedef {import('./rpc.js').Rpc} Rpc */

/**
 * Which certificates the site accepts; every member that is there must fit. Others are shown to the person with the
 * reason and can't be chosen.
 * @typedef {object} CertificateFilter
 * @property {string[]} [issuer] any of these: common name of the issuer, or its whole name as RFC 4514 writes it
 * @property {string[]} [policy] any of these certificate policies: object identifiers, dotted
 * @property {string} [holder] serialNumber of the subject, all of it
 * @property {KeyUsage[]} [keyUsage] all of these
 * @typedef {'digitalSignature' | 'nonRepudiation' | 'keyEncipherment' | 'dataEncipherment' | 'keyAgreement' |
 *   'keyCertSign' | 'cRLSign' | 'encipherOnly' | 'decipherOnly'} KeyUsage
 */

/**
 * What every request that asks the person takes.
 * @typedef {object} RequestOptions
 * @property {string} [purpose] why, in the site's words; at most 500 characters
 * @property {{ name: string, businessId?: string, mandate?: string }} [onBehalfOf]
 * @property {'fi' | 'sv' | 'en'} [lang] language of the window
 * @property {number} [timeoutMs] 5,000–600,000
 * @property {CertificateFilter} [certificateFilter] not for subscribe
 * @property {AbortSignal} [signal] cancels: the window closes and the promise rejects with ABORTED
 *
 * @typedef {object} SignExtras
 * @property {'raw' | 'cms' | 'cades' | 'pades-cms'} [format] what each signature is: the card's value, or CMS SignedData around
 *   it; "pades-cms" goes into the /Contents of a PDF (SubFilter ETSI.CAdES.detached)
 * @property {SignatureAlgorithm[]} [signatureAlgorithms] accepted, as getSigningCertificate() names them; the card uses one of these or the request fails with ALG_UNSUPPORTED
 * @property {boolean} [signingTime] cms, cades: the time of the person's computer goes under the signature
 * @property {boolean} [attached] cms, cades: the content, of at most 640 KiB, goes into the SignedData
 * @property {'SHA-224' | 'SHA-256' | 'SHA-384' | 'SHA-512'} [hashAlgorithm]
 * @property {string} [certificate] base64 DER that the card must hold
 * @property {(done: number, total: number) => void} [onProgress] after each signature of several
 * @typedef {SignExtras & RequestOptions} SignOptions
 * @typedef {{ cryptoAlgorithm: string, hashFunction: string, paddingScheme: string }} SignatureAlgorithm
 * @typedef {{ unverifiedCertificate: string, algorithm: string, signature: string, format: string, appVersion: string }} AuthToken
 * @typedef {{ certificate: string, chain: string[], supportedSignatureAlgorithms: SignatureAlgorithm[] }} SigningCertificate
 *   chain: base64 DER, issuer of the certificate first; empty when the computer does not know it
 * @typedef {{ name: string, digest: string, signature: string, signatureAlgorithm: SignatureAlgorithm }} DocumentSignature
 * @typedef {{ certificate: string, chain: string[], complete: boolean, signatures: DocumentSignature[] }} SignResult complete is false when
 *   the person stopped between two documents: the signatures are then those of the first ones
 * @typedef {{ certificate: string, plaintext: Uint8Array } | { certificate: string, sharedSecret: Uint8Array }} DecryptResult
 *   sharedSecret is the x-coordinate: the KDF (RFC 5753) is yours
 * @typedef {{ version: string, maxMessage: number }} Hello
 */

/** An open connection to the program, made by connect(). Every method rejects with KorttisiltaError. */
export class Bridge {
  #rpc;
  #hello;
  #lang;

  /**
   * @param {Rpc} rpc
   * @param {'extension' | 'websocket'} transport
   * @param {Hello} hello
   * @param {'fi' | 'sv' | 'en'} [lang]
   */
  constructor(rpc, transport, hello, lang) {
    this.#rpc = rpc;
    this.#hello = hello;
    this.#lang = lang;
    this.transport = transport;
  }

  /** Version of the program. */
  get version() {
    return this.#hello.version;
  }

  /**
   * Asks the person to prove who they are. Verify the token on the server: verifyAuthToken.
   * @param {string} challengeNonce from the server's createNonce
   * @param {RequestOptions} [options]
   * @returns {Promise<AuthToken>}
   */
  authenticate(challengeNonce, options) {
    return this.#ask('authenticate', { challengeNonce }, options);
  }

  /**
   * @param {RequestOptions} [options]
   * @returns {Promise<SigningCertificate>}
   */
  getSigningCertificate(options) {
    return this.#ask('getSigningCertificate', {}, options);
  }

  /**
   * Asks the person to sign all of the documents under one consent.
   * @param {SignDocument[]} documents 1–500
   * @param {SignOptions} [options]
   * @returns {Promise<SignResult>} signatures in the order of the documents
   */
  async sign(documents, options = {}) {
    const { format, attached, signingTime, signatureAlgorithms, hashAlgorithm, certificate, onProgress, ...common } = options;
    const encoded = await encodeDocuments(documents, hashAlgorithm, this.#hello.maxMessage, signatureAlgorithms?.[0]?.hashFunction);
    return this.#ask('sign', { ...encoded, signatureAlgorithms, format, attached, signingTime, certificate }, common, onProgress);
  }

  /**
   * Asks the person to decrypt the key of one message. Works for sites that the computer's administrator has named
   * (docs/policy.md); others get ORIGIN_DENIED.
   * @param {Cryptogram} cryptogram
   * @param {RequestOptions} [options]
   * @returns {Promise<DecryptResult>}
   */
  async decrypt(cryptogram, options) {
    const { certificate, plaintext, sharedSecret } = await this.#ask('decrypt', encodeCryptogram(cryptogram), options);
    return plaintext === undefined
      ? { certificate, sharedSecret: fromBase64(sharedSecret) }
      : { certificate, plaintext: fromBase64(plaintext) };
  }

  /**
   * Tells of cards put in and taken out, when the person lets this site know.
   * @param {(event: 'inserted' | 'removed') => void} listener
   * @param {RequestOptions} [options]
   */
  async subscribe(listener, options) {
    this.#rpc.onnotify = (method, params) => {
      if (method === 'card') listener(params?.event);
    };
    await this.#ask('subscribe', {}, options);
  }

  async unsubscribe() {
    await this.#rpc.call('unsubscribe', {});
    this.#rpc.onnotify = () => {};
  }

  /** Ends the connection; requests that wait reject with CLOSED. */
  close() {
    this.#rpc.close();
  }

  /**
   * @param {string} method
   * @param {object} params
   * @param {RequestOptions} [options]
   * @param {(done: number, total: number) => void} [onProgress]
   */
  #ask(method, params, { purpose, onBehalfOf, timeoutMs, lang = this.#lang, certificateFilter, signal } = {}, onProgress) {
    const all = { ...params, purpose, onBehalfOf, timeoutMs, lang, certificateFilter };
    const given = Object.entries(all).filter(([, value]) => value !== undefined);
    return this.#rpc.call(method, Object.fromEntries(given), signal, onProgress);
  }
}
