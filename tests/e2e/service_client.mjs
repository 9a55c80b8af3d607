import { once } from 'node:events';
import { request } from 'node:https';

/** A browser's share of talking with the service, without a browser: one cookie, the token of the last page. */
export class ServiceClient {
  cookie = '';
  csrf = '';

  /** @param {string} origin @param {Buffer} ca */
  constructor(origin, ca) {
    Object.assign(this, { origin, ca });
  }

  /** @param {{ body?: object | URLSearchParams | string, headers?: object }} [options] a string goes as it is */
  async ask(method, path, { body, headers = {} } = {}) {
    const form = body instanceof URLSearchParams;
    const text = form || typeof body === 'string' ? body.toString() : body && JSON.stringify(body);
    const type = text === undefined ? {} : { 'Content-Type': form ? 'application/x-www-form-urlencoded' : 'application/json' };
    const own = { Accept: form ? 'text/html' : '*/*', Cookie: this.cookie, Origin: this.origin, ...type, ...headers };
    const outgoing = request(`${this.origin}${path}`, { method, ca: this.ca, headers: own, agent: false });
    outgoing.end(text);
    const [response] = await once(outgoing, 'response');
    const chunks = [];
    for await (const chunk of response) chunks.push(chunk);
    const content = Buffer.concat(chunks);
    const cookie = response.headers['set-cookie']?.[0];
    if (cookie) this.cookie = cookie.split(';')[0];
    const token = content.toString().match(/name="csrf-token" content="([^"]+)"/)?.[1];
    if (token) this.csrf = token;
    return { status: response.statusCode, headers: response.headers, content, text: content.toString() };
  }

  get(path) {
    return this.ask('GET', path);
  }

  /** As the page's script does. */
  async call(path, body = {}) {
    const headers = { Accept: 'application/json', 'X-CSRF-Token': this.csrf };
    const { status, text } = await this.ask('POST', path, { body, headers });
    return { status, answer: JSON.parse(text) };
  }

  /** As a form of the page does. */
  submit(path, fields) {
    return this.ask('POST', path, { body: new URLSearchParams({ csrf: this.csrf, ...fields }) });
  }

  /** @param {{ token: (origin: string, nonce: string) => object }} person */
  async login(person) {
    await this.get('/en/');
    const { answer } = await this.call('/login/nonce');
    const result = await this.call('/login', { token: person.token(this.origin, answer.nonce) });
    if (result.status === 200) await this.get('/en/me');
    return result;
  }
}
