/** chrome as content script, worker and native host see it; each message is copied as JSON. */

export const ID = 'pbnckmfddpinlokilelmjmolkinnohma';

class FakeEvent {
  #listeners = [];
  addListener(listener) {
    this.#listeners.push(listener);
  }
  fire(...all) {
    for (const listener of this.#listeners) listener(...all);
  }
}

class FakePort {
  onMessage = new FakeEvent();
  onDisconnect = new FakeEvent();
  connected = true;
  /** @param {object} members name, sender */
  constructor(members) {
    Object.assign(this, members);
  }
  postMessage(message) {
    if (!this.connected) throw new Error('Attempting to use a disconnected port object');
    const text = JSON.stringify(message);
    queueMicrotask(() => this.other.connected && this.other.onMessage.fire(JSON.parse(text), this.other));
  }
  /** The other end hears of it, after what was sent before; this end does not. */
  disconnect() {
    if (!this.connected) return;
    this.connected = false;
    queueMicrotask(() => {
      if (!this.other.connected) return;
      this.other.connected = false;
      this.other.onDisconnect.fire(this.other);
    });
  }
}

export function portPair(near = {}, far = {}) {
  const pair = [new FakePort(near), new FakePort(far)];
  [pair[0].other, pair[1].other] = [pair[1], pair[0]];
  return pair;
}

/** One for the whole test file: the worker's modules keep the global they were loaded with. */
export function makeChrome() {
  const runtime = {
    id: ID,
    lastError: undefined,
    onConnect: new FakeEvent(),
    onInstalled: new FakeEvent(),
    onStartup: new FakeEvent(),
    /** What the browser says of the next page that connects. */
    sender: undefined,
    /** Called with the host's end of each native port. */
    onNative: () => {},
    connect({ name }) {
      const [content, worker] = portPair({ name }, { name, sender: runtime.sender });
      queueMicrotask(() => runtime.onConnect.fire(worker));
      return content;
    },
    connectNative(name) {
      const [worker, host] = portPair({ name }, { name });
      /** Ends the host as the browser reports it. */
      host.fail = (lastError, portError) => {
        queueMicrotask(() => {
          runtime.lastError = lastError && { message: lastError };
          if (portError) worker.error = { message: portError };
          host.disconnect();
          queueMicrotask(() => queueMicrotask(() => (runtime.lastError = undefined)));
        });
      };
      runtime.onNative(host);
      return worker;
    },
  };
  /** Nobody has listed a site. */
  const storage = { local: { get: async (defaults) => defaults } };
  return { runtime, storage };
}

export const senderOf = (origin, more = {}) => ({ id: ID, tab: { id: 1 }, frameId: 0, origin, url: `${origin}/page`, ...more });
