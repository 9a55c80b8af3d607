export { createNonce, createNonceStore } from './nonce.js';
export { verifyAuthToken } from './token.js';
export { verifySignature } from './signature.js';
export { TokenError } from './token_error.js';
