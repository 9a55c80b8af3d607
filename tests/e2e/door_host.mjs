import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { endianness } from 'node:os';
import { program } from './door_agent.mjs';

const LITTLE = endianness() === 'LE';

function header(length) {
  const bytes = Buffer.alloc(4);
  LITTLE ? bytes.writeUInt32LE(length) : bytes.writeUInt32BE(length);
  return bytes;
}

/** A native-messaging frame; `length` lies about it where it is given. */
export function frame(text, length) {
  const body = Buffer.from(text);
  return Buffer.concat([header(length ?? body.length), body]);
}

/** A korttisilta-host as a browser starts it, and the frames that it sends. */
export class Host {
  #child;
  #bytes = Buffer.alloc(0);
  #frames = [];
  #waiting = [];
  errors = '';

  constructor(home, args = ['chrome-extension://abcdefghijklmnopabcdefghijklmnop/']) {
    this.#child = spawn(program('korttisilta-host'), args, { env: home.env, stdio: ['pipe', 'pipe', 'pipe'] });
    this.#child.stdout.on('data', (bytes) => this.#take(bytes));
    this.#child.stderr.on('data', (text) => (this.errors += text));
    this.#child.stdin.on('error', () => {}); // it may end while bytes are on their way
    this.ended = once(this.#child, 'close').then(([code, signal]) => {
      for (const { reject } of this.#waiting.splice(0)) reject(new Error(`the host ended: ${code ?? signal} ${this.errors}`));
      return code ?? signal;
    });
  }

  get pid() {
    return this.#child.pid;
  }

  #take(bytes) {
    this.#bytes = Buffer.concat([this.#bytes, bytes]);
    while (this.#bytes.length >= 4) {
      const length = LITTLE ? this.#bytes.readUInt32LE() : this.#bytes.readUInt32BE();
      if (this.#bytes.length < 4 + length) return;
      const message = JSON.parse(this.#bytes.subarray(4, 4 + length).toString());
      this.#bytes = this.#bytes.subarray(4 + length);
      const waiter = this.#waiting.shift();
      waiter ? waiter.resolve(message) : this.#frames.push(message);
    }
  }

  write(bytes) {
    this.#child.stdin.write(bytes);
  }

  read() {
    if (this.#frames.length > 0) return Promise.resolve(this.#frames.shift());
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** Sends the text and gives the next message. */
  async ask(text) {
    this.write(frame(typeof text === 'string' || Buffer.isBuffer(text) ? text : JSON.stringify(text)));
    return this.read();
  }

  /** Bytes that came and are no whole frame. */
  get rest() {
    return this.#bytes.length;
  }

  /** Ends its input, as a browser does. */
  close() {
    this.#child.stdin.end();
    return this.ended;
  }
}
