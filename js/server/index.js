export { createNonce, createNonceStore } from './nonce.js';
export { verifyAuthToken } from './token.js';
export { verifyPdf, verifySignature, verifySignedData } from './signature.js';
export { TokenError } from './token_error.js';
