import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import vm from 'node:vm';
import { connect, KorttisiltaError } from '../../js/index.js';
import { makeChrome, portPair, senderOf } from './fake_chrome.mjs';
import { closePage, HELLO, openPage } from './fake_page.mjs';

const ORIGIN = 'https://asiointi.example.fi';
const MAX_MESSAGE = 4 * 1024 * 1024;
const content = new vm.Script(readFileSync(new URL('../../extension/content.js', import.meta.url), 'utf8'));

const chrome = makeChrome();
globalThis.chrome = chrome;
const { route } = await import('../../extension/router/router.js');
const { originOf } = await import('../../extension/router/sender.js');
await import('../../extension/worker.js');

const settled = async () => {
  for (let i = 0; i < 5; i++) await new Promise(setImmediate);
};

async function until(holds) {
  for (let i = 0; i < 1000 && !holds(); i++) await settled();
  assert.ok(holds(), String(holds));
}

/** Runs the content script as a browser does in a page. */
function runContent(window, { secure = true, origin = window.origin } = {}) {
  const self = { origin };
  const addEventListener = window.addEventListener.bind(window);
  content.runInNewContext({ chrome, self, window, isSecureContext: secure, addEventListener, JSON });
}

describe('the origin of a sender', () => {
  const accepted = [
    'https://example.fi',
    'https://example.fi:8443',
    'https://xn--mkinen-bua.fi',
    'http://localhost',
    'http://localhost:8080',
    'http://127.0.0.1:3000',
  ];
  for (const origin of accepted) {
    test(`${origin} is itself`, () => assert.equal(originOf(senderOf(origin)), origin));
  }

  const refused = [
    'http://example.fi',
    'http://localhost.example.fi',
    'http://127.0.0.1.example.fi',
    'http://127.0.0.2',
    'null',
    '',
    undefined,
    5,
    ['https://example.fi'],
    'file://',
    'chrome-extension://abcdefghijklmnopabcdefghijklmnop',
    'moz-extension://abc',
    'https://example.fi/',
    'https://example.fi/path',
    'https://EXAMPLE.fi',
    'https://example.fi:443',
    'https://user@example.fi',
    'https://mäkinen.fi',
    ' https://example.fi',
    'https://',
    'data:text/html,x',
    'blob:https://example.fi/1',
    'javascript:alert(1)',
  ];
  for (const origin of refused) {
    test(`${JSON.stringify(origin)} is none`, () => assert.equal(originOf(senderOf(origin)), null));
  }

  test('is never taken from the url', () => {
    assert.equal(originOf(senderOf('null', { url: 'https://example.fi/sandboxed' })), null);
    assert.equal(originOf(senderOf(undefined, { url: 'https://example.fi/' })), null);
    assert.equal(originOf(senderOf('https://frame.example', { url: 'https://top.example/' })), 'https://frame.example');
  });

  test('is none for another extension, and for what is not in a tab', () => {
    assert.equal(originOf(senderOf(ORIGIN, { id: 'aaaabbbbccccddddeeeeffffgggghhhh' })), null);
    assert.equal(originOf(senderOf(ORIGIN, { tab: undefined })), null);
    assert.equal(originOf(undefined), null);
  });
});

describe('the router', () => {
  let hosts;

  /** The content script's end of a port that the router has. */
  function openPort(sender = senderOf(ORIGIN), name = 'korttisilta') {
    const [page, worker] = portPair({}, { name, sender });
    page.heard = [];
    page.gone = false;
    page.onMessage.addListener((message) => page.heard.push(message));
    page.onDisconnect.addListener(() => (page.gone = true));
    route(worker);
    return page;
  }

  beforeEach(() => {
    hosts = [];
    chrome.runtime.onNative = (host) => {
      host.heard = [];
      host.gone = false;
      host.onMessage.addListener((message) => host.heard.push(message));
      host.onDisconnect.addListener(() => (host.gone = true));
      hosts.push(host);
    };
  });

  const hello = (id = 1) => ({ jsonrpc: '2.0', id, method: 'hello', params: {} });
  const nameOf = ({ id, error }) => [id, error.data.name];

  test('starts no host before the first message', async () => {
    const page = openPort();
    await settled();
    assert.deepEqual(hosts, []);
    page.disconnect();
    await settled();
  });

  test('adds the origin that the browser reports in place of what the message says, and lets no page say what is chosen', async () => {
    const page = openPort();
    page.postMessage({ ...hello(), origin: 'https://bank.example', chosen: true });
    await settled();
    assert.equal(hosts[0].name, 'fi.korttisilta.host');
    assert.deepEqual(hosts[0].heard, [{ ...hello(), origin: ORIGIN }]);
    page.disconnect();
    await settled();
  });

  test("gives a frame its own origin, not its top page's", async () => {
    const page = openPort(senderOf('https://frame.example', { frameId: 7, url: 'https://frame.example/x' }));
    page.postMessage(hello());
    await settled();
    assert.equal(hosts[0].heard[0].origin, 'https://frame.example');
    page.disconnect();
    await settled();
  });

  test('relays answers and notifications unchanged', async () => {
    const page = openPort();
    page.postMessage(hello());
    await settled();
    const answers = [{ jsonrpc: '2.0', id: 1, result: HELLO }, { jsonrpc: '2.0', method: 'card', params: { event: 'removed' } }];
    for (const answer of answers) hosts[0].postMessage(answer);
    await settled();
    assert.deepEqual(page.heard, answers);
    page.disconnect();
    await settled();
  });

  test('opens one host for each page port and uses it for all of its messages', async () => {
    const pages = [openPort(), openPort()];
    for (const page of pages) for (const id of [1, 2]) page.postMessage(hello(id));
    await settled();
    assert.deepEqual(hosts.map((host) => host.heard.length), [2, 2]);
    for (const page of pages) page.disconnect();
    await settled();
  });

  test('closes the host when the page goes', async () => {
    const page = openPort();
    page.postMessage(hello());
    await settled();
    page.disconnect();
    await settled();
    assert.equal(hosts[0].gone, true);
  });

  test('lets go of a page whose origin may not use the card, and of a port of another name', async () => {
    for (const page of [openPort(senderOf('http://example.fi')), openPort(senderOf('null')), openPort(senderOf(ORIGIN), 'other')]) {
      page.connected && page.postMessage(hello());
      await settled();
      assert.equal(page.gone, true);
    }
    assert.deepEqual(hosts, []);
  });

  const ends = [
    ['Specified native messaging host not found.', undefined, 'HOST_NOT_INSTALLED'],
    ['Access to the specified native messaging host is forbidden.', undefined, 'HOST_FAILED'],
    ['Native host has exited.', undefined, 'HOST_FAILED'],
    ['Error when communicating with the native messaging host.', undefined, 'HOST_FAILED'],
    [undefined, 'No such native application fi.korttisilta.host', 'HOST_NOT_INSTALLED'],
    [undefined, 'An unexpected error occurred', 'HOST_FAILED'],
    [undefined, undefined, 'HOST_FAILED'],
  ];
  for (const [lastError, portError, name] of ends) {
    test(`answers all that waits with ${name} when the host ends with ${lastError ?? portError ?? 'no text, silent'}`, async () => {
      const page = openPort();
      page.postMessage(hello(1));
      page.postMessage(hello('two'));
      page.postMessage({ jsonrpc: '2.0', method: 'cancel', params: { id: 9 } });
      await settled();
      hosts[0].fail(lastError, portError);
      await settled();
      assert.deepEqual(page.heard.map(nameOf), [[1, name], ['two', name]]);
      assert.equal(page.heard[0].error.code, -1);
      if (lastError) assert.equal(page.heard[0].error.message, lastError);
      assert.equal(page.gone, true);
    });
  }

  test('answers only what the host has not answered', async () => {
    const page = openPort();
    page.postMessage(hello(1));
    page.postMessage(hello(2));
    await settled();
    hosts[0].postMessage({ jsonrpc: '2.0', id: 1, result: {} });
    await settled();
    hosts[0].fail();
    await settled();
    assert.deepEqual(page.heard.slice(1).map(nameOf), [[2, 'HOST_FAILED']]);
  });

  test('answers TOO_LARGE for what is over the limit in bytes and relays what is at it', async () => {
    const page = openPort();
    const empty = JSON.stringify({ ...hello(), params: { x: '' } }).length;
    page.postMessage({ ...hello(), params: { x: 'a'.repeat(MAX_MESSAGE - empty) } });
    page.postMessage({ ...hello(2), params: { x: 'ä'.repeat((MAX_MESSAGE - empty) / 2 + 1) } });
    page.postMessage({ jsonrpc: '2.0', method: 'cancel', params: { x: 'a'.repeat(MAX_MESSAGE) } });
    await settled();
    assert.deepEqual(hosts[0].heard.map(({ id }) => id), [1]);
    assert.deepEqual(page.heard.map(nameOf), [[2, 'TOO_LARGE']]);
    page.disconnect();
    await settled();
  });

  test('ignores what is not a JSON-RPC object', async () => {
    const page = openPort();
    for (const message of [null, 5, 'hello', [], {}, { jsonrpc: '1.0', id: 1 }]) page.postMessage(message);
    await settled();
    assert.deepEqual([hosts, page.heard], [[], []]);
    page.disconnect();
    await settled();
  });

  test('opens at most four hosts for an origin and sixteen in all, and gives places back', async () => {
    const pages = [];
    const open = async (origin) => {
      const page = openPort(senderOf(origin));
      page.postMessage(hello());
      await settled();
      pages.push(page);
      return page;
    };
    for (const n of [1, 2, 3, 4]) for (let i = 0; i < 4; i++) await open(`https://site${n}.example`);
    assert.equal(hosts.length, 16);
    assert.deepEqual((await open('https://site1.example')).heard.map(nameOf), [[1, 'BUSY']]);
    assert.deepEqual((await open('https://site5.example')).heard.map(nameOf), [[1, 'BUSY']]);
    pages[0].disconnect();
    hosts[1].fail('Native host has exited.');
    await settled();
    assert.deepEqual((await open('https://site5.example')).heard, []);
    assert.deepEqual((await open('https://site1.example')).heard, []);
    assert.deepEqual((await open('https://site6.example')).heard.map(nameOf), [[1, 'BUSY']]);
    assert.equal(hosts.length, 18);
    for (const page of pages) page.disconnect();
    await settled();
  });

  test('gives no place back for a page that had none', async () => {
    const pages = [];
    for (let i = 0; i < 5; i++) {
      pages.push(openPort());
      pages[i].postMessage(hello());
      await settled();
    }
    pages[4].disconnect();
    await settled();
    const page = openPort();
    page.postMessage(hello());
    await settled();
    assert.deepEqual(page.heard.map(nameOf), [[1, 'BUSY']]);
    for (const each of [...pages, page]) each.disconnect();
    await settled();
  });
});

describe('the content script', () => {
  let window;
  let connected;
  const originalConnect = chrome.runtime.connect;

  beforeEach(() => {
    window = openPage({ origin: ORIGIN });
    connected = 0;
    chrome.runtime.sender = senderOf(ORIGIN);
    chrome.runtime.connect = (info) => {
      connected++;
      return originalConnect(info);
    };
  });
  afterEach(() => {
    chrome.runtime.connect = originalConnect;
    closePage();
  });

  const post = (event) => window.dispatchEvent(Object.assign(new Event('message'), event));
  const knock = { korttisilta: 'connect', version: 1 };

  const ignored = [
    ['from another window', { source: {} }],
    ['from no window', { source: null }],
    ['of another origin', { origin: 'https://other.example' }],
    ['without a port', { ports: [] }],
    ['with two ports', () => ({ ports: [new MessageChannel().port1, new MessageChannel().port1] })],
    ['of another version', { data: { ...knock, version: 2 } }],
    ['that is something else', { data: { korttisilta: 'hello', version: 1 } }],
    ['that is null', { data: null }],
    ['that is text', { data: 'connect' }],
  ];
  for (const [what, change] of ignored) {
    test(`does nothing at a message ${what}`, async () => {
      runContent(window);
      const { port1, port2 } = new MessageChannel();
      const more = typeof change === 'function' ? change() : change;
      post({ source: window, origin: ORIGIN, data: knock, ports: [port2], ...more });
      await settled();
      for (const port of [port1, port2, ...(more.ports ?? [])]) port.close();
      assert.equal(connected, 0);
    });
  }

  test('does nothing in a page that is not secure or has no origin', async () => {
    runContent(window, { secure: false });
    runContent(window, { origin: 'null' });
    await assert.rejects(connect({ transports: ['extension'] }), { code: 'NOT_INSTALLED', step: 'extension' });
    assert.equal(connected, 0);
  });

  test('does nothing at a message of a sandboxed frame, whose origin is null like its own', async () => {
    runContent(window, { origin: 'null' });
    const { port1, port2 } = new MessageChannel();
    post({ source: window, origin: 'null', data: knock, ports: [port2] });
    await settled();
    for (const port of [port1, port2]) port.close();
    assert.equal(connected, 0);
  });

  test('adds nothing to the page and sends it nothing before it asks', async () => {
    const before = Object.keys(window);
    runContent(window);
    await settled();
    assert.deepEqual(Object.keys(window), before);
    assert.deepEqual([window.posted, connected], [[], 0]);
  });

  /** Library, content script, worker and a host that answers. */
  async function bridgeTo(answer) {
    let host;
    chrome.runtime.onNative = (end) => {
      host = end;
      host.heard = [];
      host.onMessage.addListener((message) => {
        host.heard.push(message);
        const reply = message.method === 'hello' ? { result: HELLO } : answer?.(message);
        if (reply) host.postMessage({ jsonrpc: '2.0', id: message.id, ...reply });
      });
    };
    runContent(window);
    const bridge = await connect({ transports: ['extension'] });
    return { bridge, host };
  }

  test('carries a whole conversation', async () => {
    const { bridge, host } = await bridgeTo(() => ({ result: { format: 'web-eid:1.0' } }));
    assert.equal(bridge.transport, 'extension');
    assert.deepEqual(await bridge.authenticate('n'.repeat(44)), { format: 'web-eid:1.0' });
    assert.deepEqual(host.heard.map(({ origin }) => origin), [ORIGIN, ORIGIN]);
    bridge.close();
    await until(() => !host.connected);
  });

  test('tells the page when the host ends, in the error of each request and of later ones', async () => {
    const { bridge, host } = await bridgeTo();
    const call = bridge.authenticate('n');
    await until(() => host.heard.length === 2);
    host.fail('Native host has exited.');
    await assert.rejects(call, { code: 'AGENT_DOWN', step: 'request' });
    await assert.rejects(bridge.authenticate('n'), (error) => {
      assert.ok(error instanceof KorttisiltaError);
      assert.equal(error.code, 'CLOSED');
      return true;
    });
  });

  test('answers TOO_LARGE itself', async () => {
    const { bridge, host } = await bridgeTo();
    await assert.rejects(bridge.authenticate('n'.repeat(MAX_MESSAGE)), { code: 'TOO_LARGE' });
    assert.equal(host.heard.length, 1);
    bridge.close();
    await until(() => !host.connected);
  });

  const missing = [
    ['Specified native messaging host not found.', 'NOT_INSTALLED'],
    ['Native host has exited.', 'AGENT_DOWN'],
  ];
  for (const [text, code] of missing) {
    test(`makes connect say ${code} when the browser says '${text}'`, async () => {
      chrome.runtime.onNative = (host) => host.fail(text);
      runContent(window);
      await assert.rejects(connect({ transports: ['extension'] }), { code, step: 'extension', message: text });
    });
  }

  test('makes connect say CLOSED when the worker does not take the page', async () => {
    chrome.runtime.sender = senderOf('http://example.fi');
    runContent(window);
    await assert.rejects(connect({ transports: ['extension'] }), { code: 'CLOSED', step: 'extension' });
  });
});
