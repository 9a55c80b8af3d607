/** As the program's own bounds (src/base/limits.h): each native port is a process. */
const MAX_PORTS = 16;
const MAX_PER_ORIGIN = 4;

/**
 * Origins with a native port, one entry a port. It lives as long as the ports do: an open native
 * port keeps the worker alive.
 * @type {string[]}
 */
const inUse = [];

/**
 * @param {string} origin
 * @returns {boolean} false when no more may be opened; otherwise release() gives the place back
 */
export function reserve(origin) {
  if (inUse.length >= MAX_PORTS || inUse.filter((other) => other === origin).length >= MAX_PER_ORIGIN) return false;
  inUse.push(origin);
  return true;
}

/** @param {string} origin */
export function release(origin) {
  inUse.splice(inUse.indexOf(origin), 1);
}
