import { createNonceStore, TokenError, verifyAuthToken, verifySignature } from 'korttisilta/server';
import { fullName } from './full_name.js';
import { ServiceError } from './service_error.js';

/**
 * Everything that the service believes because a card said so passes through here.
 * @param {{ origin: string, trustedCertificates: string[] }} settings
 */
export function createCardIdentity({ origin, trustedCertificates }) {
  const nonces = createNonceStore();

  return {
    /** @param {string} sessionId */
    issueNonce: (sessionId) => nonces.issue(sessionId),

    /** @returns {Promise<{ name: string, serialNumber: string, country: string, algorithm: string }>} */
    async login(sessionId, token) {
      const nonce = nonces.take(sessionId);
      if (!nonce) throw new ServiceError(403, 'NONCE');
      const { subject, algorithm } = await accept('TOKEN', verifyAuthToken(token, { origin, nonce, trustedCertificates }));
      return { ...subject, name: fullName(subject), algorithm };
    },

    /**
     * @param {{ content: Buffer }} document the service's own bytes
     * @param {string} certificate base64 DER, from the page
     * @param {{ signature: string, signatureAlgorithm: object }} signed from the page
     */
    async checkSignature(document, certificate, { signature, signatureAlgorithm }) {
      const request = { content: document.content, signature, signatureAlgorithm, certificate, trustedCertificates };
      return accept('SIGNATURE', verifySignature(request));
    },
  };
}

/** What the verifier refuses is the sender's fault, not the service's. */
async function accept(code, verification) {
  try {
    return await verification;
  } catch (cause) {
    if (cause instanceof TokenError) throw new ServiceError(403, code, { cause });
    throw cause;
  }
}
