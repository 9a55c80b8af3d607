/** The browser's globals that the page library uses, as much of them as it uses. */
import { webcrypto } from 'node:crypto';

const saved = new Map();

function set(name, value) {
  if (!saved.has(name)) saved.set(name, Object.getOwnPropertyDescriptor(globalThis, name));
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
}

/**
 * @param {object} page
 * @param {string} [page.origin]
 * @param {boolean} [page.secure]
 * @param {string} [page.lang] of the document
 * @param {boolean} [page.chromium]
 * @param {Record<string, EventTarget & { state: string }>} [page.permissions] that the browser knows
 */
export function openPage({ origin = 'https://asiointi.example.fi', secure = true, lang = 'fi', chromium = true, permissions = {} } = {}) {
  const window = new EventTarget();
  window.origin = origin;
  window.posted = [];
  window.postMessage = (data, target, ports = []) => {
    window.posted.push({ data, target });
    if (target !== origin) return;
    setImmediate(() => {
      const event = new Event('message');
      window.dispatchEvent(Object.assign(event, { source: window, origin, data, ports }));
    });
  };
  set('window', window);
  set('location', new URL(origin));
  set('isSecureContext', secure);
  set('document', { documentElement: { lang } });
  set('crypto', webcrypto);
  const query = async ({ name }) => {
    if (!Object.hasOwn(permissions, name)) throw new TypeError(`unknown permission ${name}`);
    return permissions[name];
  };
  set('navigator', { language: 'en-GB', permissions: { query }, ...(chromium && { userAgentData: {} }) });
  set('WebSocket', class {
    constructor() {
      throw new Error('this page must not open a socket');
    }
  });
  return window;
}

export function setWebSocket(constructor) {
  set('WebSocket', constructor);
}

/**
 * Holds timers of this length until the test lets them go; all others run as they are.
 * @returns {() => number} fires those that were not cleared, and tells how many they were
 */
export function holdTimers(ms) {
  const held = new Map();
  const { setTimeout: real, clearTimeout: realClear } = globalThis;
  set('setTimeout', (callback, delay, ...rest) => {
    if (delay !== ms) return real(callback, delay, ...rest);
    const timer = {};
    held.set(timer, () => callback(...rest));
    return timer;
  });
  set('clearTimeout', (timer) => held.delete(timer) || realClear(timer));
  return () => {
    const due = [...held.values()];
    held.clear();
    for (const fire of due) fire();
    return due.length;
  };
}

export function closePage() {
  for (const [name, descriptor] of saved) {
    if (descriptor) Object.defineProperty(globalThis, name, descriptor);
    else delete globalThis[name];
  }
  saved.clear();
}

export function permission(state) {
  return Object.assign(new EventTarget(), { state });
}

export const HELLO = {
  product: 'korttisilta',
  version: '0.1.0',
  protocol: 1,
  methods: ['authenticate', 'sign'],
  formats: ['raw'],
  hashAlgorithms: ['SHA-256'],
  maxMessage: 4 * 1024 * 1024,
};
