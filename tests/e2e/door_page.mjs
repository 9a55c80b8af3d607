import { once } from 'node:events';
import { WebSocket } from 'ws';
import { PORT } from './door_agent.mjs';

export const PROTOCOL = 'korttisilta.v1';

/** A page's connection to the websocket door, with its messages one by one. */
export class Page {
  #messages = [];
  #waiting = [];

  static async open(origin, { port = PORT, host = '127.0.0.1' } = {}) {
    const page = new Page();
    page.socket = new WebSocket(`ws://${host}:${port}`, PROTOCOL, { origin, perMessageDeflate: false });
    page.closed = once(page.socket, 'close').then(([code]) => code);
    page.socket.on('message', (data) => {
      const message = JSON.parse(data.toString());
      const waiter = page.#waiting.shift();
      waiter ? waiter(message) : page.#messages.push(message);
    });
    await once(page.socket, 'open');
    return page;
  }

  read() {
    if (this.#messages.length > 0) return Promise.resolve(this.#messages.shift());
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  ask(message) {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    return this.read();
  }

  close() {
    this.socket.close();
    return this.closed;
  }
}
