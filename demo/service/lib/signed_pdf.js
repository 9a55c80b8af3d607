import { createRequire } from 'node:module';
import { Signer, SUBFILTER_ETSI_CADES_DETACHED } from '@signpdf/utils';

const require = createRequire(import.meta.url);
const { pdfkitAddPlaceholder } = require('@signpdf/placeholder-pdfkit');
const { default: signpdf } = require('@signpdf/signpdf');

/** Room for the SignedData in /Contents, bytes: attributes, signature and a chain of three certificates take about 6,000. */
export const ROOM = 16384;

/** Takes the bytes that are to be signed, or gives the SignedData that was made over them. */
class CardSigner extends Signer {
  constructor(signedData = Buffer.alloc(0)) {
    super();
    this.signedData = signedData;
  }

  /** @param {Buffer} bytes */
  async sign(bytes) {
    this.bytes = bytes;
    return this.signedData;
  }
}

/**
 * An empty signature in a PDF that is being made (ETSI EN 319 142-1, SubFilter ETSI.CAdES.detached).
 * @param {import('pdfkit')} pdf not ended yet
 * @param {{ reason: string, name: string, location: string }} words
 */
export function addSignaturePlace(pdf, words) {
  pdfkitAddPlaceholder({ pdf, contactInfo: '', signatureLength: ROOM, subFilter: SUBFILTER_ETSI_CADES_DETACHED, ...words });
}

/**
 * @param {Buffer} pdf with an empty signature
 * @returns {Promise<Buffer>} what the signature covers: all of the file but its own place
 */
export async function bytesToSign(pdf) {
  const signer = new CardSigner();
  await signpdf.sign(pdf, signer);
  return signer.bytes;
}

/**
 * @param {Buffer} pdf with an empty signature
 * @param {Buffer} signedData DER, over bytesToSign(pdf)
 * @returns {Promise<Buffer>} the signed file
 */
export const embedSignature = (pdf, signedData) => signpdf.sign(pdf, new CardSigner(signedData));
