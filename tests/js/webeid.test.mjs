import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, test } from 'node:test';
import vm from 'node:vm';
import { answerWebEid } from '../../js/webeid_answer.js';
import { makeChrome, portPair, senderOf } from './fake_chrome.mjs';
import { closePage, openPage } from './fake_page.mjs';

const ORIGIN = 'https://asiointi.example.fi';
const GREETING = { version: '2.9.0+korttisilta' };
const REPLY = { signature: 'AA==', signatureAlgorithm: { cryptoAlgorithm: 'ECC', hashFunction: 'SHA-384', paddingScheme: 'NONE' } };
const SIGN = { action: 'web-eid:sign', libraryVersion: '2.1.0-beta.2', certificate: 'REVS', hash: 'q83v', hashFunction: 'SHA-384', options: { lang: 'fi', userInteractionTimeout: 5000 } };
const STATUS = { action: 'web-eid:status', libraryVersion: '2.0.2' };
const script = new vm.Script(readFileSync(new URL('../../js/webeid.js', import.meta.url), 'utf8'));

const chrome = makeChrome();
globalThis.chrome = chrome;
const { route } = await import('../../extension/router/router.js');

const settled = async () => {
  for (let i = 0; i < 20; i++) await new Promise(setImmediate);
};

describe('a page of web-eid.js', () => {
  let window;
  let asked;

  beforeEach(() => {
    window = openPage({ origin: ORIGIN });
    asked = [];
  });
  afterEach(closePage);

  /** Runs the script as the extension does, or as the page does when there is no way to an extension. */
  function run(way, { secure = true, origin = ORIGIN } = {}) {
    const [addEventListener, removeEventListener] = ['addEventListener', 'removeEventListener'].map((name) => window[name].bind(window));
    const page = { self: { origin }, window, isSecureContext: secure, addEventListener, removeEventListener, crypto, AbortController };
    script.runInNewContext(way ? { ...page, korttisiltaWebEid: way } : page);
  }

  /** A way that the test answers. */
  const way = (request, signal) =>
    new Promise((resolve, reject) => {
      asked.push({ request, signal, answer: resolve, reject });
    });

  /** Web eID's extension: posts its ack while it hears of the request. */
  function runForeign(success = true) {
    window.addEventListener('message', ({ data }) => {
      if (!/^web-eid:[a-z-]+$/.test(data?.action) || /-(ack|success|failure)$/.test(data.action)) return;
      window.postMessage({ action: `${data.action}-ack` }, ORIGIN);
      if (success) setImmediate(() => window.postMessage({ action: `${data.action}-success`, foreign: true }, ORIGIN));
    });
  }

  /** Actions of what was posted to the page, marks left out. */
  const heard = () => window.posted.filter(({ data }) => data.action).map(({ data }) => data.action.replace('web-eid:', ''));

  test('gets the ack and then the answer, and nothing before it asks', async () => {
    run(way);
    await settled();
    assert.deepEqual(window.posted, []);
    window.postMessage(SIGN, ORIGIN);
    await settled();
    assert.deepEqual(heard(), ['sign', 'sign-ack']);
    assert.deepEqual(asked[0].request, SIGN);
    assert.deepEqual(structuredClone(window.posted.at(-1)), { data: { action: 'web-eid:sign-ack' }, target: ORIGIN });
    asked[0].answer({ action: 'web-eid:sign-success', ...REPLY });
    await settled();
    assert.deepEqual(window.posted.at(-1).data, { action: 'web-eid:sign-success', ...REPLY });
    assert.equal(asked[0].signal.aborted, false);
  });

  test('is told when the way to the program breaks', async () => {
    run(way);
    window.postMessage(SIGN, ORIGIN);
    await settled();
    asked[0].reject(new Error('gone'));
    await settled();
    assert.deepEqual(structuredClone(window.posted.at(-1).data), { action: 'web-eid:sign-failure', error: { code: 'ERR_WEBEID_UNKNOWN_ERROR', message: 'gone' } });
  });

  for (const order of ['before', 'after']) {
    test(`has one answer when Web eID's extension is there too, ${order} ours`, async () => {
      if (order === 'before') runForeign();
      run(way);
      if (order === 'after') runForeign();
      for (const request of [SIGN, STATUS]) window.postMessage(request, ORIGIN);
      await settled();
      assert.deepEqual(heard().sort(), ['sign', 'sign-ack', 'sign-success', 'status', 'status-ack', 'status-success']);
      assert.equal(asked.length, 0);
    });
  }

  test('has one answer when another one acknowledges after us: ours is given up', async () => {
    run(way);
    window.postMessage(SIGN, ORIGIN);
    await settled();
    window.postMessage({ action: 'web-eid:status-ack' }, ORIGIN); // of another action
    await settled();
    assert.equal(asked[0].signal.aborted, false);
    window.postMessage({ action: 'web-eid:sign-ack' }, ORIGIN);
    await settled();
    assert.equal(asked[0].signal.aborted, true);
    asked[0].answer({ action: 'web-eid:sign-success' });
    await settled();
    assert.deepEqual(heard(), ['sign', 'sign-ack', 'status-ack', 'sign-ack']);
  });

  for (const [title, first, second] of [['extension first', way, undefined], ['script first', undefined, way]]) {
    test(`that names the script too is served by the extension (${title})`, async () => {
      run(first);
      run(second);
      window.postMessage(SIGN, ORIGIN);
      await settled();
      assert.deepEqual(heard(), ['sign', 'sign-ack']);
      assert.equal(asked.length, 1);
    });
  }

  test('that asks again has its first request ended', async () => {
    run(way);
    window.postMessage(SIGN, ORIGIN);
    await settled();
    window.postMessage(SIGN, ORIGIN);
    await settled();
    assert.deepEqual(asked.map(({ signal }) => signal.aborted), [true, false]);
    asked[1].answer({ action: 'web-eid:sign-success' });
    await settled();
    assert.equal(heard().at(-1), 'sign-success');
  });

  test('may have different actions at once', async () => {
    run(way);
    for (const request of [SIGN, STATUS]) window.postMessage(request, ORIGIN);
    await settled();
    assert.deepEqual(asked.map(({ signal }) => signal.aborted), [false, false]);
  });

  test('is not heard through what is none of its messages', async () => {
    run(way);
    for (const data of [null, 'web-eid:sign', { action: 'web-eid:sing' }, { action: ['web-eid:sign'] }, { action: 'web-eid:sign-ack' }, { action: 'web-eid:warning', warnings: [] }]) {
      window.postMessage(data, ORIGIN);
    }
    const other = (members) => window.dispatchEvent(Object.assign(new Event('message'), { source: window, origin: ORIGIN, data: SIGN, ...members }));
    other({ source: {} });
    other({ origin: 'https://other.example' });
    await settled();
    assert.equal(asked.length, 0);
  });

  test('is not served when it is not secure or has no origin', async () => {
    run(way, { secure: false });
    run(way, { origin: 'null' });
    window.postMessage(SIGN, ORIGIN);
    await settled();
    assert.deepEqual([heard(), asked], [['sign'], []]);
  });
});

describe('the answer', () => {
  /** A program that greets and replies. */
  const program = (reply, greeting = GREETING) => async (accept) => {
    const transport = {
      send(command) {
        transport.command = command;
        for (const message of [greeting, reply].filter(Boolean)) transport.onmessage(message);
        if (!reply) transport.onclose();
      },
      close() {},
    };
    program.transport = transport;
    return accept(transport);
  };
  const answer = (request, reply, greeting) => answerWebEid(request, program(reply, greeting), new AbortController().signal);
  const code = async (...all) => (await answer(...all)).error.code.replace('ERR_WEBEID_', '');

  test('has the members of the reply beside the action', async () => {
    assert.deepEqual(await answer(SIGN, REPLY), { action: 'web-eid:sign-success', ...REPLY });
    assert.deepEqual(program.transport.command, { command: 'sign', arguments: { certificate: 'REVS', hash: 'q83v', hashFunction: 'SHA-384', lang: 'fi' } });
    await answer({ action: 'web-eid:authenticate', challengeNonce: 'n', origin: 'https://bank.example', arguments: {}, options: {} }, {});
    assert.deepEqual(program.transport.command, { command: 'authenticate', arguments: { challengeNonce: 'n' } });
    await answer({ action: 'web-eid:get-signing-certificate' }, {});
    assert.deepEqual(program.transport.command, { command: 'get-signing-certificate', arguments: {} });
  });

  test('to status has versions that tell nothing of this computer', async () => {
    const versions = { library: '2.0.2', extension: '2.9.0+korttisilta', nativeApp: '2.9.0+korttisilta' };
    assert.deepEqual(await answer(STATUS, {}), { action: 'web-eid:status-success', ...versions });
    assert.deepEqual(program.transport.command, { command: 'quit', arguments: {} });
  });

  test('is none to what is no request', async () => {
    for (const request of [undefined, null, 'web-eid:sign', {}, { action: 'web-eid:decrypt' }, { action: 'toString' }]) {
      assert.equal(await answer(request, REPLY), undefined);
    }
  });

  test("has Web eID's code for every failure", async () => {
    const error = { code: 'ERR_WEBEID_NATIVE_FATAL', message: 'PIN_BLOCKED: …' };
    assert.deepEqual(await answer(SIGN, { error }), { action: 'web-eid:sign-failure', error });
    assert.equal(await code(SIGN, undefined), 'UNKNOWN_ERROR');
    assert.equal(await code(SIGN, undefined, null), 'NATIVE_UNAVAILABLE');
    assert.equal(await code({ ...SIGN, certificate: 'A'.repeat(16384) }, REPLY), 'NATIVE_INVALID_ARGUMENT');
    assert.equal(await code({ ...SIGN, libraryVersion: '3.0.0' }, { error }), 'VERSION_MISMATCH');
    assert.equal(await code({ ...STATUS, libraryVersion: '3.0.0-rc.1' }, {}), 'VERSION_MISMATCH');
    assert.equal(await code({ ...STATUS, libraryVersion: 'new' }, {}), 'VERSION_INVALID');
    assert.equal(await code({ ...STATUS, libraryVersion: undefined }, {}), 'VERSION_INVALID');
    assert.equal(await code({ ...SIGN, libraryVersion: '3.0.0' }, { error: { code: 'ERR_WEBEID_USER_CANCELLED' } }), 'USER_CANCELLED');
    assert.deepEqual((await answer({ ...SIGN, libraryVersion: '3.0.0' }, { error })).error.requiresUpdate, { extension: true, nativeApp: true });
    assert.equal((await answer({ ...SIGN, libraryVersion: '3.0.0' }, REPLY)).action, 'web-eid:sign-success');
  });

  test("comes when the person's time is over, and the program is let go", async () => {
    let closed = 0;
    const silent = (accept) => accept({ send() {}, close: () => closed++ });
    const late = await answerWebEid({ ...SIGN, options: { userInteractionTimeout: 5 } }, silent, new AbortController().signal);
    assert.equal(late.error.code, 'ERR_WEBEID_USER_TIMEOUT');
    assert.equal(closed, 1);
    const gone = new AbortController();
    const dropped = answerWebEid(SIGN, silent, gone.signal);
    gone.abort();
    await dropped;
    assert.equal(closed, 2);
  });
});

describe('the router', () => {
  let hosts;

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

  function openPort(origin = ORIGIN) {
    const [page, worker] = portPair({}, { name: 'web-eid', sender: senderOf(origin) });
    page.heard = [];
    page.gone = false;
    page.onMessage.addListener((message) => page.heard.push(message));
    page.onDisconnect.addListener(() => (page.gone = true));
    route(worker);
    return page;
  }

  async function ask(request, origin) {
    const page = openPort(origin);
    page.postMessage(request);
    await settled();
    return page;
  }

  test('adds the origin that the browser reports, and lets host and page go with the answer', async () => {
    const page = await ask({ ...SIGN, origin: 'https://bank.example', arguments: { origin: 'https://bank.example' } });
    assert.equal(hosts[0].name, 'fi.korttisilta.host');
    assert.equal(hosts[0].heard[0].arguments.origin, ORIGIN);
    assert.equal(JSON.stringify(hosts[0].heard).includes('bank.example'), false);
    page.postMessage(SIGN); // one request a port
    for (const message of [GREETING, REPLY]) hosts[0].postMessage(message);
    await settled();
    assert.deepEqual(page.heard, [{ action: 'web-eid:sign-success', ...REPLY }]);
    assert.deepEqual([page.gone, hosts[0].gone, hosts.length, hosts[0].heard.length], [true, true, 1, 1]);
  });

  test('names no origin where none is wanted', async () => {
    const page = await ask(STATUS);
    assert.deepEqual(hosts[0].heard, [{ command: 'quit', arguments: {} }]);
    page.disconnect();
    await settled();
    assert.equal(hosts[0].gone, true);
  });

  test('says NATIVE_UNAVAILABLE when there is no program, and UNKNOWN_ERROR when it ends in between', async () => {
    const page = await ask(SIGN);
    hosts[0].fail('Specified native messaging host not found.');
    await settled();
    assert.deepEqual(page.heard[0].error, { code: 'ERR_WEBEID_NATIVE_UNAVAILABLE', message: 'HOST_NOT_INSTALLED: Specified native messaging host not found.' });
    const other = await ask(SIGN);
    hosts[1].postMessage(GREETING);
    await settled();
    hosts[1].fail('Native host has exited.');
    await settled();
    assert.deepEqual(other.heard[0].error, { code: 'ERR_WEBEID_UNKNOWN_ERROR', message: 'HOST_FAILED: Native host has exited.' });
  });

  test('lets go of what is no request, and of pages that may not use the card', async () => {
    for (const page of [await ask({ action: 'web-eid:sing' }), await ask(null), await ask(SIGN, 'http://example.fi')]) {
      assert.deepEqual([page.gone, page.heard], [true, []]);
    }
    assert.deepEqual(hosts, []);
  });

  test('opens at most four hosts for an origin, and gives each place back once', async () => {
    const pages = [];
    for (let i = 0; i < 5; i++) pages.push(await ask(SIGN));
    assert.equal(pages[4].heard[0].error.code, 'ERR_WEBEID_NATIVE_FATAL');
    assert.match(pages[4].heard[0].error.message, /^BUSY: /);
    for (const message of [GREETING, REPLY]) hosts[0].postMessage(message);
    await settled();
    hosts[1].fail('Native host has exited.');
    await settled();
    pages.push(await ask(SIGN), await ask(SIGN));
    assert.equal(hosts.length, 6);
    assert.match((await ask(SIGN)).heard[0].error.message, /^BUSY: /);
    for (const page of pages) page.disconnect();
    await settled();
    assert.equal((await ask(SIGN)).heard.length, 0);
  });
});
