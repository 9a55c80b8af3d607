import { createNonceStore, TokenError, verifyAuthToken, verifyPdf, verifySignature } from 'korttisilta/server';
import { fullName } from './full_name.js';
import { ServiceError } from './service_error.js';
import { embedSignature, ROOM } from './signed_pdf.js';

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
     * @param {'raw' | 'pades-cms'} format
     * @param {{ content: Buffer, toSign: Buffer }} document the service's own bytes
     * @param {string} certificate base64 DER, from the page
     * @param {{ signature: string, signatureAlgorithm: object }} signed from the page
     * @returns {Promise<{ subject: object, content: Buffer }>} content: the document as it is to be kept, a PDF with the
     *   signature inside
     */
    async checkSignature(format, document, certificate, { signature, signatureAlgorithm }) {
      const request = { format, content: document.toSign, signature, signatureAlgorithm, certificate, trustedCertificates };
      const verified = await accept('SIGNATURE', verifySignature(request));
      if (verified.certificate !== certificate) throw new ServiceError(403, 'SIGNATURE');
      if (format === 'raw') return { subject: verified.subject, content: document.content };
      const signedData = Buffer.from(signature, 'base64');
      if (signedData.length > ROOM) throw new ServiceError(403, 'SIGNATURE');
      const pdf = await embedSignature(document.content, signedData);
      await accept('SIGNATURE', verifyPdf({ pdf, trustedCertificates })); // what is given out is what was verified
      return { subject: verified.subject, content: pdf };
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
