/**
 * At which sites scs_page.js runs: those that the person has listed, and those that the policy of the computer names,
 * which the program knows and is asked for when the browser starts. The browser keeps the registration, so a page
 * costs nothing here. Used by the worker and by sites.js.
 */
import { openNativePort } from './native_port.js';
import { isSecureOrigin } from './sender.js';

const SCRIPT = 'scs';
/** As many as a person can look over. */
export const MAX_SITES = 64;

/**
 * What the extension keeps.
 * @typedef {{ listed: string[], policy: string[] }} Sites
 * @returns {Promise<Sites>}
 */
export const readSites = async () => /** @type {Sites} */ (await chrome.storage.local.get({ listed: [], policy: [] }));

/** @param {string} origin @returns {Promise<true | undefined>} the person has listed it */
export const hasListed = async (origin) => (await readSites()).listed.includes(origin) || undefined;

/** @param {string} origin as isSecureOrigin() has it */
function patternOf(origin) {
  const { protocol, hostname, port } = new URL(origin);
  // Firefox knows no ports in patterns: the script runs at the host's other ports too, where the program refuses
  if (chrome.runtime.getURL('').startsWith('moz-')) return `${protocol}//${hostname}/*`;
  return `${protocol}//${hostname}:${port || (protocol === 'https:' ? 443 : 80)}/*`;
}

async function register() {
  const { listed, policy } = await readSites();
  const matches = [...new Set([...listed, ...policy].map(patternOf))];
  const [registered] = await chrome.scripting.getRegisteredContentScripts({ ids: [SCRIPT] });
  if (matches.length === 0) return registered && chrome.scripting.unregisterContentScripts({ ids: [SCRIPT] });
  const script = { id: SCRIPT, matches, js: ['scs_page.js'] };
  if (registered) return chrome.scripting.updateContentScripts([script]);
  await chrome.scripting.registerContentScripts([
    { ...script, world: 'MAIN', runAt: 'document_start', allFrames: true, persistAcrossSessions: true },
  ]);
}

/** @param {string} origin @returns {Promise<boolean>} false: there is no room */
export async function addSite(origin) {
  const { listed } = await readSites();
  if (listed.includes(origin)) return true;
  if (listed.length >= MAX_SITES) return false;
  await chrome.storage.local.set({ listed: [...listed, origin].sort() });
  await register();
  return true;
}

/** @param {string} origin */
export async function removeSite(origin) {
  const { listed } = await readSites();
  await chrome.storage.local.set({ listed: listed.filter((other) => other !== origin) });
  await register();
}

/** @returns {Promise<string[]>} none when there is no program, or an older one */
function askPolicy() {
  return new Promise((resolve) => {
    const native = openNativePort({
      onMessage({ result }) {
        native.close();
        resolve(result?.origins?.filter(isSecureOrigin) ?? []);
      },
      onEnd: () => resolve([]),
    });
    native.send({ jsonrpc: '2.0', id: 1, method: 'scsSites' }, 1);
  });
}

/** Asks the program for the policy's sites, and has the browser run the script where it should. */
export async function refreshSites() {
  // What a broken renderer could write would pass for the person's word. Firefox has no such setting.
  await chrome.storage.local.setAccessLevel?.({ accessLevel: 'TRUSTED_CONTEXTS' });
  await chrome.storage.local.set({ policy: await askPolicy() });
  await register();
}
