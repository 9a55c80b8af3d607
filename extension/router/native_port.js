const HOST = 'fi.korttisilta.host';
/** Texts of Chromium and Firefox when no manifest names the host. */
const NOT_INSTALLED = /not found|No such native application/;

/**
 * @typedef {object} Listener
 * @property {(message: any) => void} onMessage
 * @property {(pending: (string | number)[], name: 'HOST_NOT_INSTALLED' | 'HOST_FAILED', text: string) => void} onEnd
 *   the host is gone by itself; pending: ids without an answer
 */

/**
 * Starts the native host and keeps account of what it has not answered yet.
 * @param {Listener} listener
 */
export function openNativePort({ onMessage, onEnd }) {
  const port = chrome.runtime.connectNative(HOST);
  /** @type {Set<string | number>} */
  const pending = new Set();
  port.onMessage.addListener((message) => {
    pending.delete(message?.id);
    onMessage(message);
  });
  port.onDisconnect.addListener(() => {
    // Firefox says why in port.error, but not when the host ended; Chromium in lastError, and logs it unless it is read
    const text = /** @type {any} */ (port).error?.message ?? chrome.runtime.lastError?.message ?? '';
    onEnd([...pending], NOT_INSTALLED.test(text) ? 'HOST_NOT_INSTALLED' : 'HOST_FAILED', text || 'The native host has ended.');
  });
  return {
    /**
     * @param {object} message
     * @param {string | number | null} id null: a notification
     */
    send(message, id) {
      if (id !== null) pending.add(id);
      port.postMessage(message);
    },
    close: () => port.disconnect(),
  };
}
