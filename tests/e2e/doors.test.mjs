/* Both doors from outside, without a browser: what a hostile page, a hostile local process and a bad network could send,
 * and how the host and the agent come and go. In namespaces of their own, so that ports and processes are the test's. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { Agent, exchange, Home, kilobytes, pidsOf, PORT, program } from './door_agent.mjs';
import { frame, Host } from './door_host.mjs';
import { Page, PROTOCOL } from './door_page.mjs';
import { ALLOWED_ORIGINS, REFUSED_HOSTS, REFUSED_ORIGINS, REFUSED_REQUESTS, REFUSED_TEXTS } from './door_rows.mjs';
import { enterPrivateNamespaces } from './namespaces.mjs';

await enterPrivateNamespaces();

const run = promisify(execFile);
const ORIGIN = 'https://palvelu.example.fi';
const OTHER = 'https://toinen.example.fi';
const SCS_PORT = 53952; // docs/scs.md
const MESSAGE_MAX = 4 * 1024 * 1024;
const HELLO = { jsonrpc: '2.0', id: 1, method: 'hello' };
/** Built without AddressSanitizer, whose own memory is larger than what is measured. */
const plain = !process.env.KS_SANITIZE;

let home;
let agent;

async function startAgent(...args) {
  agent = await Agent.start(home, ...args);
  assert.ok(agent.ready, agent.log);
}

async function endAgent() {
  const status = await agent.end();
  assert.equal(status, 0, agent.log);
  assert.doesNotMatch(agent.log, /ERROR|runtime error|Sanitizer/);
}

/** In a user namespace of one user there is nobody else to become. */
const alone = Number(readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/)[2]) < 65535 && 'needs root to become somebody else';

/** Runs a script as a user who is not the agent's. */
function runAsNobody(script) {
  return run('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e', script]);
}

/** The agent's log comes through a pipe: it may be read a moment later than what it tells of. */
async function logged(pattern) {
  const limit = performance.now() + 5000;
  while (!pattern.test(agent.log) && performance.now() < limit) await new Promise(setImmediate);
  assert.match(agent.log, pattern);
}

function errorName(message) {
  return message.error?.data.name ?? JSON.stringify(message);
}

/** A request as wide as it may be, and wider. */
function padded(length, origin) {
  const text = JSON.stringify({ ...HELLO, params: { library: '' }, ...(origin && { origin }) });
  return text.replace('"library":""', `"library":""${' '.repeat(length - text.length)}`);
}

describe('the native door', () => {
  let host;

  before(async () => {
    home = new Home();
    await startAgent(['--no-websocket']);
  });
  beforeEach(() => {
    host = new Host(home);
  });
  afterEach(() => host.close());
  after(async () => {
    await endAgent();
    home.remove();
  });

  const hello = { ...HELLO, origin: ORIGIN };
  const good = JSON.stringify(hello).slice(1, -1);

  test('answers hello', async () => {
    const { id, result } = await host.ask(hello);
    assert.equal(id, 1);
    assert.equal(result.product, 'korttisilta');
    assert.equal(result.maxMessage, MESSAGE_MAX);
  });

  test('names the error of every text that is not a request, and goes on', async () => {
    for (const [text, name] of REFUSED_TEXTS.filter(([row]) => row.length > 0)) {
      assert.equal(errorName(await host.ask(text.replaceAll('@', good))), name, text.slice(0, 80));
    }
    assert.ok((await host.ask(hello)).result);
  });

  test('names the error of every request that is wrong, and goes on', async () => {
    for (const [members, name] of REFUSED_REQUESTS) {
      assert.equal(errorName(await host.ask({ ...hello, ...members })), name, JSON.stringify(members).slice(0, 80));
    }
    assert.ok((await host.ask(hello)).result);
  });

  test('takes any bytes that are not UTF-8 for what they are', async () => {
    for (const bytes of [[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]]) {
      const text = Buffer.concat([Buffer.from(`{${good},"x":"`), Buffer.from(bytes), Buffer.from('"}')]);
      assert.equal(errorName(await host.ask(text)), 'MALFORMED');
    }
  });

  test('answers with the id of the request that was wrong, or null', async () => {
    assert.equal((await host.ask({ ...hello, id: 'abc', method: 'x' })).id, 'abc');
    assert.equal((await host.ask('{')).id, null);
    assert.equal((await host.ask({ ...hello, id: [] })).id, null);
  });

  test('refuses every origin that is not a secure page', async () => {
    for (const origin of REFUSED_ORIGINS) {
      const name = errorName(await host.ask({ ...hello, origin }));
      assert.match(name, origin.length === 0 || origin.length > 255 ? /REQUEST_INVALID/ : /ORIGIN_INVALID/, origin);
    }
    for (const origin of [undefined, null, 1, [ORIGIN], { origin: ORIGIN }]) {
      assert.equal(errorName(await host.ask({ ...hello, origin })), 'REQUEST_INVALID');
    }
  });

  test('lets every secure page in', async () => {
    for (const origin of ALLOWED_ORIGINS) {
      const page = new Host(home);
      assert.ok((await page.ask({ ...hello, origin })).result, origin);
      await page.close();
    }
  });

  test('keeps the origin of the first message', async () => {
    assert.ok((await host.ask(hello)).result);
    assert.equal(errorName(await host.ask({ ...hello, origin: OTHER })), 'ORIGIN_DENIED');
    assert.ok((await host.ask(hello)).result);
  });

  for (const [title, bytes, name] of [
    ['of length 0', frame('', 0), 'MALFORMED'],
    ['one byte longer than allowed', frame('{', MESSAGE_MAX + 1), 'TOO_LARGE'],
    ['of length 2^31', frame('{', 2 ** 31), 'TOO_LARGE'],
    ['of length 2^32-1', frame('{', 2 ** 32 - 1), 'TOO_LARGE'],
  ]) {
    test(`ends after a frame ${title}, with its error`, async () => {
      host.write(bytes);
      host.write(frame(JSON.stringify(hello)));
      const answer = await host.read();
      assert.equal(answer.id, null);
      assert.equal(errorName(answer), name);
      assert.equal(await host.ended, 0);
      assert.equal(host.rest, 0);
    });
  }

  test('answers what came before a bad frame', async () => {
    host.write(Buffer.concat([frame(JSON.stringify(hello)), frame('', 0)]));
    assert.ok((await host.read()).result);
    assert.equal(errorName(await host.read()), 'MALFORMED');
    assert.equal(await host.ended, 0);
  });

  test('takes a frame of 4 bytes', async () => {
    assert.equal(errorName(await host.ask('null')), 'REQUEST_INVALID');
  });

  test('takes frames byte by byte, and many at once', async () => {
    for (const byte of frame(JSON.stringify(hello))) host.write(Buffer.from([byte]));
    assert.ok((await host.read()).result);
    host.write(Buffer.concat(Array.from({ length: 100 }, (_, id) => frame(JSON.stringify({ ...hello, id })))));
    for (let id = 0; id < 100; id++) assert.equal((await host.read()).id, id);
  });

  test('carries the largest message, and the host stays small', async () => {
    const answer = await host.ask(padded(MESSAGE_MAX, ORIGIN));
    assert.equal(errorName(answer), 'ARGUMENT'); // an empty library version: it was read to its end
    if (plain) assert.ok(kilobytes(host.pid, 'status', 'VmHWM') <= 2048);
  });

  test('starts the signer for what needs the person', async () => {
    const answer = await host.ask({ ...hello, method: 'getSigningCertificate', id: 'c' });
    assert.equal(answer.id, 'c');
    assert.equal(errorName(answer), 'PROMPT_FAILED'); // there is no display here
  });

  test('lets a page have 4 connections and everybody 16', async () => {
    const pages = Array.from({ length: 4 }, () => new Host(home));
    for (const page of pages) assert.ok((await page.ask({ ...hello, origin: OTHER })).result);
    assert.equal(errorName(await host.ask({ ...hello, origin: OTHER })), 'BUSY');
    const others = Array.from({ length: 11 }, () => new Host(home));
    for (const [i, page] of others.entries()) assert.ok((await page.ask({ ...hello, origin: `https://s${i}.example` })).result);
    const late = new Host(home);
    assert.equal(errorName(await late.read()), 'BUSY');
    await late.ended;
    await Promise.all([...pages, ...others].map((page) => page.close()));
    assert.ok((await host.ask(hello)).result);
  });

  test('is closed to other users', { skip: alone }, async () => {
    await run('chmod', ['0755', tmpdir(), home.folder, join(home.folder, 'korttisilta')]); // all private to this test
    await run('chmod', ['0666', join(home.folder, 'korttisilta', 'agent.sock')]);
    const script = `const s = require('net').connect('${join(home.folder, 'korttisilta', 'agent.sock')}');
      s.on('connect', () => console.log('connected')); s.on('close', () => console.log('closed')); s.on('error', () => {})`;
    const { stdout } = await runAsNobody(script);
    assert.equal(stdout, 'connected\nclosed\n');
    await logged(/another user was refused/);
  });
});

/* ---- the websocket ---- */

const GOOD_HEADERS = {
  Host: `127.0.0.1:${PORT}`, Upgrade: 'websocket', Connection: 'Upgrade', Origin: ORIGIN,
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Protocol': PROTOCOL,
};

/** A request head; `undefined` leaves a header out. */
function head(headers = {}, line = 'GET / HTTP/1.1') {
  const fields = Object.entries({ ...GOOD_HEADERS, ...headers }).filter(([, value]) => value !== undefined);
  return Buffer.from(`${line}\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`, 'latin1');
}

async function statusOf(bytes, options) {
  return Number((await exchange(bytes, options)).match(/^HTTP\/1\.1 (\d{3}) /)?.[1]);
}

describe('the websocket door', () => {
  before(async () => {
    home = new Home();
    await startAgent();
  });
  after(async () => {
    await endAgent();
    home.remove();
  });

  const good = JSON.stringify(HELLO).slice(1, -1);

  test('listens on loopback only', async () => {
    const { stdout } = await run('ss', ['-Hltn']);
    const addresses = stdout.trim().split('\n').map((line) => line.split(/\s+/)[3]).sort();
    assert.deepEqual(addresses, ['127.0.0.1', '[::1]'].flatMap((host) => [PORT, SCS_PORT].map((port) => `${host}:${port}`)));
  });

  test('answers hello on both addresses and by name', async () => {
    for (const host of ['127.0.0.1', '[::1]', 'localhost']) {
      const page = await Page.open(ORIGIN, { host });
      assert.equal(page.socket.protocol, PROTOCOL);
      assert.equal(page.socket.extensions, '');
      assert.equal((await page.ask(HELLO)).result.product, 'korttisilta');
      await page.close();
    }
  });

  test('refuses every origin that is not a secure page before the upgrade', async () => {
    for (const origin of REFUSED_ORIGINS) assert.equal(await statusOf(head({ Origin: origin })), 403, origin);
    assert.equal(await statusOf(head({ Origin: undefined })), 403);
  });

  test('lets every secure page in', async () => {
    for (const origin of ALLOWED_ORIGINS) {
      const page = await Page.open(origin);
      await page.close();
    }
  });

  test('refuses every Host but its own', async () => {
    for (const host of REFUSED_HOSTS) assert.equal(await statusOf(head({ Host: host })), 421, host);
    assert.equal(await statusOf(head({ Host: undefined })), 421);
  });

  test('refuses what stands there twice', async () => {
    for (const [name, value] of Object.entries(GOOD_HEADERS)) {
      assert.equal(await statusOf(head({ [name.toUpperCase()]: value })), 400, name);
    }
    assert.equal(await statusOf(head({ ORIGIN: 'https://evil.example' })), 400);
  });

  test('wants its subprotocol, by its exact name', async () => {
    for (const protocol of [undefined, '', 'other', 'KORTTISILTA.V1', `${PROTOCOL}, other`, 'nothing', 'watch']) {
      assert.equal(await statusOf(head({ 'Sec-WebSocket-Protocol': protocol })), 400, protocol);
    }
  });

  test('says nothing to any other request', async () => {
    const host = `Host: 127.0.0.1:${PORT}\r\n`;
    for (const request of [
      `GET / HTTP/1.1\r\n${host}\r\n`, `GET /version HTTP/1.1\r\n${host}\r\n`, `HEAD / HTTP/1.1\r\n${host}\r\n`,
      `OPTIONS / HTTP/1.1\r\n${host}Origin: ${ORIGIN}\r\nAccess-Control-Request-Private-Network: true\r\n\r\n`,
      `POST / HTTP/1.1\r\n${host}Content-Length: 2\r\n\r\n{}`, `CONNECT 127.0.0.1:22 HTTP/1.1\r\n${host}\r\n`,
      `GET / HTTP/1.1\r\n${host}Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n\r\n`,
    ]) {
      const answer = await exchange(request);
      assert.match(answer, /^HTTP\/1\.1 404 Not Found\r\n/, request);
      assert.match(answer, /\r\n\r\n$/, request);
      assert.doesNotMatch(answer, /korttisilta|lws|Access-Control|Server/i, request);
    }
  });

  test('closes on what is no HTTP', async () => {
    const tls = Buffer.from([0x16, 3, 1, 0, 5]);
    for (const bytes of [tls, 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'x'.repeat(20000), '\r\n\r\n', 'GET\n\n']) {
      assert.match(await exchange(bytes), /^HTTP\/1\.1 4(00|21) /);
    }
  });

  test('takes a handshake byte by byte', async () => {
    const socket = connect(PORT, '127.0.0.1');
    socket.setNoDelay();
    for (const byte of head()) socket.write(Buffer.from([byte]));
    const [answer] = await once(socket, 'data');
    assert.match(answer.toString(), /^HTTP\/1\.1 101 .*Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/s);
    socket.destroy();
  });

  test('names the error of every text and request that is wrong, and goes on', async () => {
    const page = await Page.open(ORIGIN);
    for (const [text, name] of REFUSED_TEXTS) {
      assert.equal(errorName(await page.ask(text.replaceAll('@', good))), name, text.slice(0, 80));
    }
    for (const [members, name] of REFUSED_REQUESTS) {
      assert.equal(errorName(await page.ask({ ...HELLO, ...members })), name, JSON.stringify(members).slice(0, 80));
    }
    assert.equal(errorName(await page.ask({ ...HELLO, origin: ORIGIN })), 'REQUEST_INVALID');
    assert.ok((await page.ask(HELLO)).result);
    await page.close();
  });

  test('joins fragments', async () => {
    const page = await Page.open(ORIGIN);
    const text = JSON.stringify(HELLO);
    for (const [i, letter] of [...text].entries()) page.socket.send(letter, { binary: false, fin: i === text.length - 1 });
    assert.ok((await page.read()).result);
    await page.close();
  });

  test('carries the largest message', async () => {
    const page = await Page.open(ORIGIN);
    assert.equal(errorName(await page.ask(padded(MESSAGE_MAX))), 'ARGUMENT');
    assert.ok((await page.ask(HELLO)).result);
    await page.close();
  });

  test('answers a message that is too large, then closes with 1009', async () => {
    for (const length of [MESSAGE_MAX + 1, 2 * MESSAGE_MAX]) {
      const page = await Page.open(ORIGIN);
      const answer = await page.ask(padded(length));
      assert.equal(answer.id, null);
      assert.equal(errorName(answer), 'TOO_LARGE');
      assert.equal(await page.closed, 1009);
    }
  });

  test('refuses binary messages with 1003', async () => {
    const page = await Page.open(ORIGIN);
    page.socket.send(Buffer.from(JSON.stringify(HELLO)), { binary: true });
    assert.equal(errorName(await page.read()), 'MALFORMED');
    assert.equal(await page.closed, 1003);
  });

  test('survives frames that break the websocket protocol', async () => {
    for (const bytes of [
      [0x81, 0x02, 0x7b, 0x7d], [0xf1, 0x80, 0, 0, 0, 0], [0x83, 0x80, 0, 0, 0, 0], [0x80, 0x80, 0, 0, 0, 0],
      [0x89, 0xfe, 0xff, 0xff, 0, 0, 0, 0], [0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0],
      [0x88, 0x81, 0, 0, 0, 0, 1], [0x01, 0x80, 0, 0, 0, 0, 0x81, 0x80, 0, 0, 0, 0],
    ]) {
      const socket = connect(PORT, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(head());
      await once(socket, 'data');
      socket.write(Buffer.from(bytes));
      socket.end();
      socket.resume();
      await once(socket, 'close');
    }
    const page = await Page.open(ORIGIN);
    assert.ok((await page.ask(HELLO)).result);
    await page.close();
  });

  test('starts the signer for what needs the person', async () => {
    const page = await Page.open(ORIGIN);
    const answer = await page.ask({ ...HELLO, id: 'c', method: 'authenticate', params: { challengeNonce: 'x'.repeat(44) } });
    await page.close();
    assert.equal(answer.id, 'c');
    assert.equal(errorName(answer), 'PROMPT_FAILED'); // there is no display here
  });

  test('lets a page have 4 connections and everybody 16', async () => {
    const pages = await Promise.all(Array.from({ length: 4 }, () => Page.open(OTHER)));
    assert.equal(await statusOf(head({ Origin: OTHER })), 503);
    for (let i = 0; i < 12; i++) pages.push(await Page.open(`https://s${i}.example`));
    assert.equal(await statusOf(head({ Origin: 'https://late.example' })), 503);
    await Promise.all(pages.map((page) => page.close()));
    assert.equal(await statusOf(head({ Origin: 'null' })), 403);
  });

  test('serves a page while 500 sockets are half open', async () => {
    const idle = Array.from({ length: 500 }, () => {
      const socket = connect(PORT, '127.0.0.1');
      socket.on('error', () => {});
      socket.write('GET / HTTP/1.1\r\n');
      return socket;
    });
    await Promise.all(idle.map((socket) => socket.readyState === 'open' || once(socket, 'connect')));
    const begun = performance.now();
    const page = await Page.open(ORIGIN);
    assert.ok((await page.ask(HELLO)).result);
    assert.ok(performance.now() - begun < 1000);
    await page.close();
    for (const socket of idle) socket.destroy();
  });

  test('closes a page that asks and does not read', async () => {
    const greedy = connect(PORT, '127.0.0.1');
    greedy.on('error', () => {});
    greedy.write(head());
    await once(greedy, 'readable'); // and nothing is read from now on
    const text = Buffer.from(JSON.stringify(HELLO));
    const one = Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), text]);
    const many = Buffer.concat(Array.from({ length: 1000 }, () => one));
    const closed = new Promise((resolve) => greedy.on('close', resolve));
    while (!greedy.destroyed) {
      await Promise.race([new Promise((resolve) => greedy.write(many, resolve)), closed]);
      const page = await Page.open(ORIGIN);
      assert.ok((await page.ask(HELLO)).result);
      await page.close();
    }
    if (plain) assert.ok(kilobytes(agent.pid, 'status', 'VmHWM') < 32 * 1024);
  });

  test('gives a handshake a time', async () => {
    const answers = await Promise.all(['', 'GET / HTTP/1.1\r\n', head().subarray(0, -1)].map((bytes) => exchange(bytes)));
    assert.deepEqual(answers, ['', '', '']);
  });

  test('is closed to other users', { skip: alone }, async () => {
    const script = `const s = require('net').connect(${PORT}, '127.0.0.1', () => s.write(${JSON.stringify(head().toString())}));
      let n = 0; s.on('data', (d) => n += d.length); s.on('error', () => {}); s.on('close', () => console.log(n))`;
    const { stdout } = await runAsNobody(script);
    assert.equal(stdout, '0\n');
    await logged(/not this user's/);
  });

  test('does not care who came first', async () => {
    const first = await Page.open(ORIGIN);
    const second = await Page.open(ORIGIN);
    first.socket.terminate();
    assert.ok((await second.ask(HELLO)).result);
    await second.close();
  });
});

/* ---- coming and going ---- */

describe('the host and the agent', () => {
  beforeEach(() => {
    home = new Home();
  });
  afterEach(async () => {
    for (const pid of pidsOf('korttisilta-agent')) process.kill(pid);
    while (pidsOf('korttisilta-agent').length > 0) await new Promise(setImmediate);
    home.remove();
  });

  const hello = { ...HELLO, origin: ORIGIN };

  test('say their version', async () => {
    for (const name of ['korttisilta-host', 'korttisilta-agent']) {
      const { stdout } = await run(program(name), ['--version']);
      assert.match(stdout, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\\n$`));
    }
    await assert.rejects(run(program('korttisilta-agent'), ['--unknown']), { code: 2 });
  });

  test('hosts that start together start one agent', async () => {
    const hosts = Array.from({ length: 8 }, () => new Host(home));
    const answers = hosts.map((host, i) => host.ask({ ...hello, origin: `https://s${i}.example` }));
    for (const answer of await Promise.all(answers)) assert.ok(answer.result);
    assert.equal(pidsOf('korttisilta-agent').length, 1);
    await Promise.all(hosts.map((host) => host.close()));
    assert.equal(pidsOf('korttisilta-agent').length, 1);
  });

  test('a host needs no arguments and looks at none', async () => {
    for (const args of [[], ['--help'], ['/path/manifest.json', 'korttisilta@example'], ['x'.repeat(10000)]]) {
      const host = new Host(home, args);
      assert.ok((await host.ask(hello)).result);
      assert.equal(await host.close(), 0);
      assert.equal(host.errors, '');
    }
  });

  test('a host ends with its input, whatever is on its way', async () => {
    for (const bytes of ['', frame('{', 1000), frame('x'.repeat(1000))]) {
      const host = new Host(home);
      await host.ask(hello);
      host.write(bytes);
      assert.equal(await host.close(), 0);
    }
  });

  test('a host ends with the agent', async () => {
    const host = new Host(home);
    await host.ask(hello);
    process.kill(pidsOf('korttisilta-agent')[0], 'SIGKILL');
    assert.equal(await host.ended, 0);
    const next = new Host(home);
    assert.ok((await next.ask(hello)).result);
    await next.close();
  });

  test('a host says why when there can be no agent', async () => {
    writeFileSync(join(home.folder, 'korttisilta'), 'not a folder');
    const host = new Host(home);
    assert.equal(await host.ended, 1);
    assert.match(host.errors, /korttisilta-host: error: no agent/);
  });

  test('an agent that a host started keeps its streams to itself', async () => {
    const host = new Host(home);
    await host.ask(hello);
    await host.close(); // 'close' comes when nobody holds the streams any more
    assert.equal(pidsOf('korttisilta-agent').length, 1);
    assert.equal(home.log(), '');
  });

  test('SIGTERM ends the agent in order', async () => {
    await startAgent();
    const page = await Page.open(ORIGIN);
    const host = new Host(home);
    await host.ask({ ...hello, origin: OTHER });
    assert.ok(existsSync(join(home.folder, 'korttisilta', 'agent.sock')));
    await endAgent();
    assert.deepEqual(home.files(), ['agent.lock']);
    await page.closed;
    assert.equal(await host.ended, 0);
  });

  test('a second agent gives way', async () => {
    await startAgent();
    const second = await Agent.start(home);
    assert.equal(second.ready, false);
    assert.deepEqual(await second.ended, [75, null]);
    const page = await Page.open(ORIGIN);
    await page.close();
  });

  test('an agent that nobody needs ends', async () => {
    await startAgent(['--idle-exit', '1']);
    const host = new Host(home);
    await host.ask(hello);
    await host.close();
    assert.deepEqual(await agent.ended, [0, null]);
    assert.deepEqual(home.files(), ['agent.lock']);
  });

  test('a host that comes while an agent is ending gets a new one, on the same port', async () => {
    for (let i = 0; i < 20; i++) {
      const host = new Host(home);
      assert.ok((await host.ask(hello)).result);
      await host.close();
      const page = await Page.open(ORIGIN);
      page.socket.terminate();
      process.kill(pidsOf('korttisilta-agent')[0]);
      while (existsSync(join(home.folder, 'korttisilta', 'agent.sock'))) await new Promise(setImmediate);
    }
    assert.doesNotMatch(home.log(), /error|warn/);
  });

  test('a port that is taken is left alone and the next one serves', async () => {
    const others = [];
    for (const [host, port] of [['127.0.0.1', PORT], ['::1', 23123]]) {
      const server = createServer().listen(port, host);
      await once(server, 'listening');
      others.push(server);
    }
    await startAgent();
    const { stdout } = await run('ss', ['-Hltn']);
    assert.match(stdout, /127\.0\.0\.1:8088\s/);
    const page = await Page.open(ORIGIN, { port: 8088 });
    assert.ok((await page.ask(HELLO)).result);
    await page.close();
    await logged(new RegExp(`port 53951 is taken by .* \\(pid ${process.pid}\\)`));
    for (const server of others) server.close();
  });

  test('without any port the native door serves alone', async () => {
    const others = [PORT, 23123, 8088].map((port) => createServer().listen(port, '127.0.0.1'));
    await Promise.all(others.map((server) => once(server, 'listening')));
    await startAgent();
    const host = new Host(home);
    assert.ok((await host.ask(hello)).result);
    await host.close();
    for (const server of others) server.close();
  });

  test('sockets of systemd serve instead of our own', async () => {
    const server = createServer().listen(45321, '127.0.0.1');
    await once(server, 'listening');
    const child = spawn('/bin/sh', ['-c', 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0" --ready-fd 4', program('korttisilta-agent')],
      { env: home.env, stdio: ['ignore', 'ignore', 'inherit', server._handle, 'pipe'] });
    await once(child.stdio[4], 'data');
    server._handle.close();
    const { stdout } = await run('ss', ['-Hltn', `sport != :${SCS_PORT}`]); // that door was given none
    assert.match(stdout, /^[^\n]*127\.0\.0\.1:45321\s[^\n]*\n$/);
    const page = await Page.open(ORIGIN, { port: 45321 });
    assert.ok((await page.ask(HELLO)).result);
    await page.close();
    child.kill();
    await once(child, 'exit');
  });

  test('a socket of systemd that is open to the network is not served', async () => {
    const server = createServer().listen(45321, '0.0.0.0');
    await once(server, 'listening');
    const child = spawn('/bin/sh', ['-c', 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$0"', program('korttisilta-agent')],
      { env: home.env, stdio: ['ignore', 'ignore', 'ignore', server._handle] });
    const [code] = await once(child, 'exit');
    assert.equal(code, 1);
    server.close();
  });

  test('an idle agent sleeps, and is small', { skip: !plain && 'the sanitizer has threads and memory of its own' }, async () => {
    await startAgent();
    const page = await Page.open(ORIGIN);
    await page.ask(HELLO);
    await page.close();
    const file = join(home.folder, 'calls');
    const traced = spawn('strace', ['-f', '-qq', '-o', file, '-p', String(agent.pid)], { stdio: 'inherit' });
    await new Promise((resolve) => setTimeout(resolve, 5000)); // the time that is looked at
    traced.kill('SIGINT');
    await once(traced, 'close');
    assert.match(readFileSync(file, 'utf8'), /^\d+ +(restart_syscall|poll)\([^\n]*\n?$/);
    const memory = ['Private_Clean', 'Private_Dirty'].map((name) => kilobytes(agent.pid, 'smaps_rollup', name));
    assert.ok(memory[0] + memory[1] <= 4096, `${memory} kB`);
  });
});

describe('the policy of the administrator', () => {
  const FOLDER = '/etc/korttisilta/policy.d'; // of these namespaces
  const put = (name, content) => writeFileSync(join(FOLDER, name), content, { mode: 0o644 });

  beforeEach(() => {
    home = new Home();
    mkdirSync(FOLDER, { mode: 0o755 });
  });
  afterEach(() => {
    rmSync(FOLDER, { recursive: true });
    home.remove();
  });

  /** What two programs say of the files. */
  async function judged() {
    const check = await run(program('korttisilta-agent'), ['--check-policy'], { env: home.env }).catch((error) => error);
    const doctor = await run(program('korttisilta'), ['doctor'], { env: home.env }).catch((error) => error);
    return { code: check.code ?? 0, why: check.stderr, doctor: doctor.stdout };
  }

  test('without a file there is nothing to say against it', async () => {
    rmSync(FOLDER, { recursive: true });
    const { code, why, doctor } = await judged();
    mkdirSync(FOLDER);
    assert.deepEqual([code, why], [0, '']);
    assert.match(doctor, /^\[ok\] The administrator's policy can be used/m);
  });

  test('good files are used', async () => {
    put('10-mail.json', JSON.stringify({ origins: { [ORIGIN]: { decrypt: true } } }));
    put('20-revocation.json', '{ "revocationCheck": "never" }');
    const { code, why } = await judged();
    assert.deepEqual([code, why], [0, '']);
  });

  test('a file with a flaw is named with the reason, and doctor says that there is one', async () => {
    put('10-mail.json', JSON.stringify({ origins: { [ORIGIN]: { decrypt: true } } }));
    put('20-mistake.json', '{ "revocationChek": "always" }');
    const { code, why, doctor } = await judged();
    assert.equal(code, 1);
    assert.match(why, /policy\.d\/20-mistake\.json is not used: it has a member that is not known\n$/);
    assert.doesNotMatch(why, /10-mail/);
    assert.match(doctor, /^\[!!\] A part of the administrator's policy is not used$/m);
    await startAgent();
    await logged(/20-mistake\.json is not used/);
    assert.equal(await agent.end(), 0);
  });

  test('what others may write to is not read', async () => {
    put('10-mail.json', '{}');
    chmodSync(join(FOLDER, '10-mail.json'), 0o666);
    const { code, why } = await judged();
    assert.equal(code, 1);
    assert.match(why, /10-mail\.json: not read/);
  });
});
