import { abortError, KorttisiltaError } from './korttisilta_error.js';
import { isDenied, loopbackPermission, mayBeAsking } from './permission.js';

/** @typedef {import('./transport_extension.js').Transport} Transport */

/** In the order in which agents take them when another user's agent holds the first. */
const PORTS = [53951, 23123, 8088];
const SUBPROTOCOL = 'korttisilta.v1';
/** A program that accepts the connection and then says nothing is not ours. */
const ANSWER_MS = 5000;
const nothing = () => {};

/**
 * Tries the ports in turn until `accept` is content with what answers there.
 * @template T
 * @param {(transport: Transport) => Promise<T>} accept rejects with PROTOCOL when the peer is not ours
 * @param {AbortSignal} [signal]
 * @returns {Promise<T>}
 */
export async function openWebsocket(accept, signal) {
  const permission = await loopbackPermission();
  if (isDenied(permission)) throw denied();
  for (const port of PORTS) {
    const transport = await openPort(port, permission, signal);
    if (!transport) continue;
    try {
      return await accept(transport);
    } catch (error) {
      transport.close();
      if (!(error instanceof KorttisiltaError && ['PROTOCOL', 'CLOSED'].includes(error.code))) throw error;
    }
  }
  if (isDenied(permission) || mayBeAsking(permission)) throw denied();
  throw new KorttisiltaError('NOT_INSTALLED', 'websocket', `No Korttisilta program answered on port ${PORTS.join(', ')}.`);
}

function denied() {
  const text = 'The browser does not let this page reach programs on this computer (a frame needs allow="loopback-network").';
  return new KorttisiltaError('PERMISSION_DENIED', 'permission', text);
}

/**
 * @param {number} port
 * @param {PermissionStatus | null} permission while it is 'prompt' the browser's question may be open
 * @param {AbortSignal} [signal]
 * @returns {Promise<Transport | null>} null when nothing of ours answers
 */
function openPort(port, permission, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(abortError(signal, 'websocket'));
    const socket = new WebSocket(`ws://127.0.0.1:${port}`, SUBPROTOCOL);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    let timer;
    /** @param {Transport | null} transport */
    const finish = (transport) => {
      clearTimeout(timer);
      permission?.removeEventListener('change', startTimer);
      signal?.removeEventListener('abort', abort);
      socket.onopen = null;
      if (!transport) socket.close();
      resolve(transport);
    };
    const startTimer = () => {
      clearTimeout(timer);
      if (!mayBeAsking(permission)) timer = setTimeout(finish, ANSWER_MS, null);
    };
    const abort = () => {
      reject(abortError(/** @type {AbortSignal} */ (signal), 'websocket'));
      finish(null);
    };
    socket.onopen = () => finish(wrap(socket));
    socket.onclose = () => finish(null);
    signal?.addEventListener('abort', abort);
    permission?.addEventListener('change', startTimer);
    startTimer();
  });
}

/**
 * @param {WebSocket} socket
 * @returns {Transport}
 */
function wrap(socket) {
  /** @type {Transport} */
  const transport = {
    name: 'websocket',
    send: (message) => socket.send(JSON.stringify(message)),
    close() {
      transport.onmessage = transport.onclose = nothing;
      socket.close();
    },
    onmessage: nothing,
    onclose: nothing,
  };
  socket.onmessage = ({ data }) => transport.onmessage(parse(data));
  socket.onclose = () => transport.onclose();
  return transport;
}

/**
 * @param {unknown} data
 * @returns {unknown} undefined, which no JSON text gives, when it is not JSON
 */
function parse(data) {
  try {
    return JSON.parse(/** @type {string} */ (data));
  } catch {
    return undefined;
  }
}
