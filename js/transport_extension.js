import { KorttisiltaError } from './korttisilta_error.js';

/**
 * A way to the program: JSON-RPC objects go out by send and come in by onmessage; onclose is called
 * at most once, and not after close().
 * @typedef {object} Transport
 * @property {'extension' | 'websocket'} name
 * @property {(message: object) => void} send
 * @property {() => void} close
 * @property {(message: unknown) => void} onmessage
 * @property {() => void} onclose
 */

/** The content script is there before the page's own scripts, so it answers within one task. */
const ANSWER_MS = 300;
const nothing = () => {};

/**
 * Knocks at the extension. NOT_INSTALLED when none answers.
 * @returns {Promise<Transport>}
 */
export function openExtension() {
  const { port1: port, port2 } = new MessageChannel();
  /** @type {Transport} */
  const transport = {
    name: 'extension',
    send: (message) => port.postMessage(message),
    close() {
      transport.onmessage = transport.onclose = nothing;
      port.postMessage({ korttisilta: 'close' });
      port.close();
    },
    onmessage: nothing,
    onclose: nothing,
  };
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      port.close();
      reject(new KorttisiltaError('NOT_INSTALLED', 'extension', 'No Korttisilta extension answered in this page.'));
    }, ANSWER_MS);
    port.onmessage = ({ data }) => {
      if (data?.korttisilta === 'connected') {
        clearTimeout(timer);
        resolve(transport);
      } else if (data?.korttisilta === 'closed') {
        port.close();
        transport.onclose();
      } else {
        transport.onmessage(data);
      }
    };
    window.postMessage({ korttisilta: 'connect', version: 1 }, location.origin, [port2]);
  });
}
