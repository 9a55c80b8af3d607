import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { WebSocket, WebSocketServer } from 'ws';
import { connect, KorttisiltaError } from '../../js/index.js';
import { closePage, HELLO, holdTimers, openPage, permission, setWebSocket } from './fake_page.mjs';

const PORTS = [53951, 23123, 8088];
/** Real ports that stand for the fixed ones, so that an agent on this computer is left alone. */
let standIns;
let opened;
let servers;

/** A page whose sockets go to the stand-ins; a port without one refuses, as a free port does. */
function page(options) {
  const window = openPage(options);
  setWebSocket(class extends WebSocket {
    constructor(url, protocol) {
      assert.equal(protocol, 'korttisilta.v1');
      const { hostname, port } = new URL(url);
      assert.equal(hostname, '127.0.0.1');
      opened.push(Number(port));
      super(`ws://127.0.0.1:${standIns.get(Number(port)) ?? 1}`, protocol);
      this.on('error', () => {}); // what a browser puts on the console
    }
  });
  return window;
}

/** A program on one of the fixed ports. `answer` gives the members of the reply, or null for none. */
async function serve(port, answer, subprotocol = 'korttisilta.v1') {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, handleProtocols: () => subprotocol });
  await once(server, 'listening');
  server.received = [];
  server.on('connection', (socket) => {
    socket.on('message', (data) => {
      const request = JSON.parse(data);
      server.received.push(request);
      const reply = answer(request, socket);
      if (reply) socket.send(JSON.stringify({ jsonrpc: '2.0', id: request.id, ...reply }));
    });
  });
  standIns.set(port, server.address().port);
  servers.push(server);
  return server;
}

/** Something else on one of the fixed ports, that does this with each connection. */
async function serveForeign(port, treat) {
  const server = createServer((socket) => {
    server.sockets.push(socket.on('error', () => {}).resume());
    treat(socket);
  });
  server.sockets = [];
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  standIns.set(port, server.address().port);
  servers.push(server);
  return server;
}

const greet = ({ method }) => (method === 'hello' ? { result: HELLO } : null);
const websocket = { transports: ['websocket'] };

const rejects = (promise, code, step, more = {}) =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof KorttisiltaError, String(error.stack));
    assert.deepEqual([error.code, error.step], [code, step], error.message);
    for (const [name, value] of Object.entries(more)) assert.equal(error[name], value, name);
    return true;
  });

async function until(holds) {
  const end = performance.now() + 10_000;
  while (!holds() && performance.now() < end) await new Promise(setImmediate);
  assert.ok(holds(), String(holds));
}

beforeEach(() => {
  standIns = new Map();
  opened = [];
  servers = [];
});
afterEach(async () => {
  closePage();
  for (const server of servers) {
    for (const client of server.clients ?? []) client.terminate();
    for (const socket of server.sockets ?? []) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  }
});

describe('the websocket', () => {
  test('is greeted on the first port and carries requests and answers', async () => {
    const server = await serve(PORTS[0], (request) => greet(request) ?? { result: { format: 'web-eid:1.0' } });
    page();
    const bridge = await connect(websocket);
    assert.equal(bridge.transport, 'websocket');
    assert.equal(bridge.version, '0.1.0');
    assert.deepEqual(await bridge.authenticate('N'.repeat(44)), { format: 'web-eid:1.0' });
    assert.deepEqual(server.received.map(({ method }) => method), ['hello', 'authenticate']);
    assert.deepEqual(opened, [PORTS[0]]);
    bridge.close();
    await once([...server.clients][0] ?? server, 'close');
  });

  test('is tried on the next ports when the first refuse', async () => {
    await serve(PORTS[2], greet);
    page();
    (await connect(websocket)).close();
    assert.deepEqual(opened, PORTS);
  });

  const foreign = [
    ['speaks another subprotocol', () => serve(PORTS[0], greet, 'other.v1')],
    ['says it is another product', () => serve(PORTS[0], () => ({ result: { ...HELLO, product: 'other' } }))],
    ['speaks protocol 2', () => serve(PORTS[0], () => ({ result: { ...HELLO, protocol: 2 } }))],
    ['gives no largest message', () => serve(PORTS[0], () => ({ result: { ...HELLO, maxMessage: undefined } }))],
    ['answers what is not JSON', () => serve(PORTS[0], (_, socket) => void socket.send('hello'))],
    ['hangs up instead of an answer', () => serve(PORTS[0], (_, socket) => void socket.close())],
    ['is not a websocket', () => serveForeign(PORTS[0], (socket) => socket.end('SSH-2.0-x\r\n'))],
  ];
  for (const [what, start] of foreign) {
    test(`skips a port whose program ${what}`, async () => {
      await start();
      await serve(PORTS[1], greet);
      page();
      (await connect(websocket)).close();
      assert.deepEqual(opened, PORTS.slice(0, 2));
    });
  }

  test('skips a port that accepts and then says nothing', async () => {
    const { sockets } = await serveForeign(PORTS[0], () => {});
    await serve(PORTS[1], greet);
    page();
    const fire = holdTimers(5000);
    const connecting = connect(websocket);
    await until(() => sockets.length > 0);
    assert.equal(fire(), 1);
    (await connecting).close();
  });

  test('skips a port whose program never says hello', async () => {
    const silent = await serve(PORTS[0], () => null);
    await serve(PORTS[1], greet);
    page();
    const fire = holdTimers(10000);
    const connecting = connect(websocket);
    await until(() => silent.received.length > 0);
    assert.equal(fire(), 1);
    (await connecting).close();
  });

  test('ends the search with the error that the program itself gives', async () => {
    await serve(PORTS[0], () => ({ error: { code: 11, message: 'No.', data: { name: 'ORIGIN_DENIED', retry: false } } }));
    page();
    await rejects(connect(websocket), 'ORIGIN_DENIED', 'request', { retry: false });
    assert.deepEqual(opened, [PORTS[0]]);
  });

  test('that nobody serves is NOT_INSTALLED', async () => {
    page();
    await rejects(connect(websocket), 'NOT_INSTALLED', 'websocket', {
      retry: true,
      help: 'Asenna Korttisilta-ohjelma ja sen selainlaajennus ja yritä uudelleen.',
    });
  });

  test('that is cut while a request waits rejects it as CLOSED', async () => {
    await serve(PORTS[0], (request, socket) => greet(request) ?? void socket.terminate());
    page();
    const bridge = await connect({ ...websocket, lang: 'en' });
    await rejects(bridge.authenticate('n'), 'CLOSED', 'request');
    await rejects(bridge.authenticate('n'), 'CLOSED', 'request');
  });

  test('stops its search at an abort', async () => {
    const abort = new AbortController();
    await serveForeign(PORTS[0], () => abort.abort('enough'));
    page();
    await rejects(connect({ ...websocket, signal: abort.signal }), 'ABORTED', 'websocket', { cause: 'enough' });
    assert.deepEqual(opened, [PORTS[0]]);
  });

  test('is not opened when the signal is aborted already', async () => {
    page();
    await rejects(connect({ ...websocket, signal: AbortSignal.abort() }), 'ABORTED', 'websocket');
    assert.deepEqual(opened, []);
  });
});

describe("the browser's permission", () => {
  test('is not opened against: denied opens no socket', async () => {
    page({ permissions: { 'loopback-network': permission('denied') } });
    await rejects(connect({ ...websocket, lang: 'en' }), 'PERMISSION_DENIED', 'permission', {
      help: "Allow this site to access apps on this device in the browser's site settings, then try again.",
    });
    assert.deepEqual(opened, []);
  });

  test('is asked by its older name where the new one is not known', async () => {
    page({ permissions: { 'local-network-access': permission('denied') } });
    await rejects(connect(websocket), 'PERMISSION_DENIED', 'permission');
  });

  test('that is still not given when all sockets have failed is what failed', async () => {
    for (const state of ['prompt', 'denied']) {
      const status = permission('prompt');
      page({ permissions: { 'loopback-network': status } });
      const connecting = connect(websocket);
      await new Promise(setImmediate);
      status.state = state;
      await rejects(connecting, 'PERMISSION_DENIED', 'permission');
    }
  });

  test('that was given leaves NOT_INSTALLED when nobody serves', async () => {
    page({ permissions: { 'loopback-network': permission('granted') } });
    await rejects(connect(websocket), 'NOT_INSTALLED', 'websocket');
  });

  test("that Firefox would ask for, but not for a socket, is not what failed", async () => {
    page({ chromium: false, permissions: { 'loopback-network': permission('prompt') } });
    await rejects(connect(websocket), 'NOT_INSTALLED', 'websocket');
    page({ chromium: false, permissions: { 'loopback-network': permission('denied') } });
    await rejects(connect(websocket), 'PERMISSION_DENIED', 'permission');
  });

  test('is not needed by a page of this computer', async () => {
    page({ origin: 'http://localhost:8080', permissions: { 'loopback-network': permission('prompt') } });
    await rejects(connect(websocket), 'NOT_INSTALLED', 'websocket');
  });

  test('may be thought about for long: the clock runs from the answer on', async () => {
    const status = permission('prompt');
    const { sockets } = await serveForeign(PORTS[0], () => {});
    await serve(PORTS[1], greet);
    page({ permissions: { 'loopback-network': status } });
    const fire = holdTimers(5000);
    const connecting = connect(websocket);
    await until(() => sockets.length > 0);
    assert.equal(fire(), 0);
    assert.deepEqual(opened, [PORTS[0]]);
    status.state = 'granted';
    status.dispatchEvent(new Event('change'));
    assert.equal(fire(), 1);
    (await connecting).close();
  });
});

describe('connect', () => {
  test('refuses a page that is not secure before it does anything', async () => {
    const window = page({ origin: 'http://example.fi', secure: false });
    await rejects(connect(), 'INSECURE_CONTEXT', 'request', { retry: false, help: 'Avaa palvelu osoitteesta, joka alkaa https://.' });
    assert.deepEqual([window.posted, opened], [[], []]);
  });

  test('says NOT_INSTALLED of the extension when nothing is there, with the reasons of both ways', async () => {
    page();
    await rejects(connect(), 'NOT_INSTALLED', 'extension');
    const error = await connect().catch((reason) => reason);
    assert.deepEqual(error.cause.errors.map(({ step }) => step), ['extension', 'websocket']);
  });

  test('says PERMISSION_DENIED when there is no extension and the socket is not allowed', async () => {
    page({ permissions: { 'loopback-network': permission('denied') } });
    await rejects(connect(), 'PERMISSION_DENIED', 'permission');
  });

  test('uses the websocket when there is no extension', async () => {
    await serve(PORTS[0], greet);
    page();
    const bridge = await connect();
    assert.equal(bridge.transport, 'websocket');
    bridge.close();
  });

  test('knocks at the extension with its own origin as the target', async () => {
    const window = page();
    await connect({ transports: ['extension'] }).catch(() => {});
    assert.deepEqual(window.posted, [{ data: { korttisilta: 'connect', version: 1 }, target: 'https://asiointi.example.fi' }]);
    assert.deepEqual(opened, []);
  });

  test('with no way that it knows is a TypeError', async () => {
    page();
    await assert.rejects(connect({ transports: [] }), TypeError);
    await assert.rejects(connect({ transports: ['http'] }), TypeError);
  });

  test('import opens nothing', async () => {
    page();
    for (const file of ['index', 'connect', 'transport_extension', 'transport_websocket', 'permission']) {
      await import(`../../js/${file}.js?anew`);
    }
    assert.deepEqual(opened, []);
  });
});

describe('the help of an error', () => {
  const cases = [
    [{ lang: 'sv-FI' }, undefined, /^Installera/],
    [{ lang: 'fi' }, 'en', /^Install the/],
    [{ lang: 'et' }, undefined, /^Install the/],
    [{ lang: '' }, undefined, /^Install the/],
  ];
  for (const [options, lang, expected] of cases) {
    test(`is in the right language for a page in '${options.lang}' and lang ${lang}`, async () => {
      page(options);
      await assert.rejects(connect({ transports: ['extension'], lang }), ({ help }) => expected.test(help));
    });
  }
});
