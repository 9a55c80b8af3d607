/**
 * From one message of web-eid.js to its answer: the part that the extension's worker and the websocket have in common.
 * @typedef {object} Transport that of transport_extension.js; onclose may say why
 * @property {(command: { command: string, arguments: Record<string, unknown> }) => void} send
 * @property {() => void} close
 * @property {(message: any) => void} onmessage
 * @property {(why?: string) => void} onclose
 *
 * @typedef {{ version?: string, reply: any }} Conversation
 * @typedef {(accept: (transport: any) => Promise<Conversation>, signal: AbortSignal) => Promise<Conversation>} Open
 */

/** Action → the program's command, and the members of the page's message that are its arguments. */
const COMMANDS = new Map([
  ['web-eid:status', ['quit']],
  ['web-eid:authenticate', ['authenticate', 'challengeNonce']],
  ['web-eid:get-signing-certificate', ['get-signing-certificate']],
  ['web-eid:sign', ['sign', 'certificate', 'hash', 'hashFunction']],
]);
/** Of web-eid.js, and the longest that a timer takes. */
const USER_MS = 120_000;
const MAX_MS = 2 ** 31 - 1;
/** The program's own bound (src/base/limits.h, LIMIT_WEBEID). */
const MAX_COMMAND = 16384;

/** @param {string} code @param {string} message */
export const problem = (code, message) => ({ code: `ERR_WEBEID_${code}`, message });

/**
 * @param {any} request the page's message
 * @param {Open} open a way to the program for one conversation; rejects with what problem() gives
 * @param {AbortSignal} signal hangs up; the answer is then of no use
 * @returns {Promise<any>} the answer to post, undefined when it is no request
 */
export async function answerWebEid(request, open, signal) {
  const command = commandOf(request);
  if (!command) return undefined;
  const { action, libraryVersion: library } = request;
  /** @type {string | undefined} */
  let version;
  try {
    const conversation = await ask(command, open, signal, Number(request.options?.userInteractionTimeout) || USER_MS);
    version = conversation.version;
    const isStatus = command.command === 'quit';
    const error = conversation.reply?.error ?? (isStatus ? explain(undefined, library, version) : undefined);
    if (error) throw error;
    return { action: `${action}-success`, ...(isStatus ? { library, extension: version, nativeApp: version } : conversation.reply) };
  } catch (error) {
    return { action: `${action}-failure`, error: explain(error, library, version) };
  }
}

/** @param {any} request */
function commandOf(request) {
  const [command, ...names] = COMMANDS.get(request?.action) ?? [];
  if (!command) return undefined;
  const given = names.map((name) => [name, request[name]]);
  if (command !== 'quit' && request.options?.lang) given.push(['lang', request.options.lang]);
  return { command, arguments: Object.fromEntries(given) };
}

/**
 * @param {ReturnType<typeof commandOf> & {}} command
 * @param {Open} open
 * @param {AbortSignal} signal
 * @param {number} limit ms that the person has
 * @returns {Promise<Conversation>}
 */
function ask(command, open, signal, limit) {
  if (JSON.stringify(command).length > MAX_COMMAND) throw problem('NATIVE_INVALID_ARGUMENT', 'TOO_LARGE: The message is too large.');
  return new Promise((resolve, reject) => {
    /** @type {Transport | undefined} */
    let way;
    const hangUp = new AbortController();
    /** @param {() => void} settle */
    const end = (settle) => {
      clearTimeout(timer);
      hangUp.abort();
      way?.close();
      settle();
    };
    const timer = setTimeout(() => end(() => reject(problem('USER_TIMEOUT', 'The person did not answer in time.'))), Math.min(limit, MAX_MS));
    signal.addEventListener('abort', () => end(() => reject(problem('UNKNOWN_ERROR', 'The page is served by another extension.'))));
    const accept = (/** @type {Transport} */ transport) => {
      way = transport;
      return converse(transport, command);
    };
    open(accept, hangUp.signal).then((conversation) => end(() => resolve(conversation)), (error) => end(() => reject(error)));
  });
}

/**
 * Greeting, command, reply.
 * @param {Transport} transport
 * @param {ReturnType<typeof commandOf> & {}} command
 * @returns {Promise<Conversation>}
 */
function converse(transport, command) {
  return new Promise((resolve, reject) => {
    /** @type {string | undefined} */
    let version;
    transport.onmessage = (message) => {
      if (version === undefined && typeof message?.version === 'string') version = message.version;
      else resolve({ version, reply: message });
    };
    transport.onclose = (why = 'The program closed the connection before it answered.') =>
      reject(problem(version === undefined ? 'NATIVE_UNAVAILABLE' : 'UNKNOWN_ERROR', why));
    transport.send(command);
  });
}

/** @param {unknown} version @returns {number} */
const major = (version) => Number(/^(\d+)\.\d+\.\d+(?:$|[-+])/.exec(String(version))?.[1]);

/**
 * Web eID's rule: a page whose library is newer than the program is told that, whatever else is wrong.
 * @param {any} error
 * @param {unknown} library
 * @param {string} [version] ours
 */
function explain(error, library, version) {
  if (version === undefined || error?.code === 'ERR_WEBEID_USER_CANCELLED') return error;
  if (Number.isNaN(major(library))) return problem('VERSION_INVALID', 'The version of the page library is no SemVer text.');
  if (major(library) <= major(version)) return error;
  const versions = { library, extension: version, nativeApp: version };
  return { ...problem('VERSION_MISMATCH', 'The page library is newer than Korttisilta.'), ...versions, requiresUpdate: { extension: true, nativeApp: true } };
}
