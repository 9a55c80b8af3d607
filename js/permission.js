/** Chromium 145 split the permission in two; older versions know only the second name. */
const NAMES = ['loopback-network', 'local-network-access'];

/**
 * What the browser says of this page's right to reach programs on the same computer. Null when it
 * has no such permission, or needs none because the page itself came from this computer.
 * @returns {Promise<PermissionStatus | null>}
 */
export async function loopbackPermission() {
  const host = globalThis.location?.hostname ?? '';
  if (['localhost', '127.0.0.1', '[::1]'].includes(host)) return null;
  for (const name of NAMES) {
    try {
      return await navigator.permissions.query({ name: /** @type {PermissionName} */ (name) });
    } catch {
      // TypeError: this browser does not know the name
    }
  }
  return null;
}

/** @param {PermissionStatus | null} permission */
export function isDenied(permission) {
  return permission?.state === 'denied';
}

/**
 * Whether the browser's question may be open, or was left without an answer. Firefox (153) has the
 * permission too, but asks for fetch only: of a socket its 'prompt' tells nothing.
 * @param {PermissionStatus | null} permission
 */
export function mayBeAsking(permission) {
  return permission?.state === 'prompt' && 'userAgentData' in navigator; // only Chromium has that
}
