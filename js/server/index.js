export { createNonce, createNonceStore } from './nonce.js';
export { verifyAuthToken } from './token.js';
export { verifySignature, verifySignedData } from './signature.js';
export { TokenError } from './token_error.js';
