import { KorttisiltaError } from './korttisilta_error.js';
import { openWebsocket } from './transport_websocket.js';
import { answerWebEid, problem } from './webeid_answer.js';

/**
 * Asks the program over the websocket, for a page of web-eid.js without an extension.
 * @param {object} request the page's message
 * @param {AbortSignal} signal
 * @returns {Promise<any>} the answer to post
 */
export function ask(request, signal) {
  return answerWebEid(request, open, signal);
}

/** @type {import('./webeid_answer.js').Open} */
async function open(accept, signal) {
  try {
    return await openWebsocket(accept, signal);
  } catch (error) {
    throw error instanceof KorttisiltaError ? problem('NATIVE_UNAVAILABLE', `${error.code}: ${error.message}`) : error;
  }
}
