/**
 * Stable names of what a verifier can find wrong.
 * @typedef {'TOKEN_MALFORMED' | 'FORMAT_UNSUPPORTED' | 'CERTIFICATE_MALFORMED' | 'CERTIFICATE_USAGE'
 *   | 'CERTIFICATE_POLICY' | 'CERTIFICATE_NOT_YET_VALID' | 'CERTIFICATE_EXPIRED' | 'CERTIFICATE_UNTRUSTED'
 *   | 'ALGORITHM_UNSUPPORTED' | 'ALGORITHM_MISMATCH' | 'SIGNATURE_INVALID' | 'CONTENT_ADDED'} TokenErrorCode
 */

/** A token or signature that must not be accepted. A wrong call is a TypeError instead. */
export class TokenError extends Error {
  /**
   * @param {TokenErrorCode} code
   * @param {string} message for developers and logs; holds nothing of the person
   * @param {{ cause?: unknown }} [options]
   */
  constructor(code, message, options) {
    super(message, options);
    this.name = 'TokenError';
    this.code = code;
  }
}
