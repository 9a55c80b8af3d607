/** A refusal whose code is a key of texts `errors`. */
export class ServiceError extends Error {
  /**
   * @param {number} status HTTP status
   * @param {string} code
   * @param {{ cause?: unknown }} [options]
   */
  constructor(status, code, options) {
    super(code, options);
    this.name = 'ServiceError';
    this.status = status;
    this.code = code;
  }
}
