/* Operations as the doors see them, with the real signer and the real window on a private display, and nobody in front of
 * it: what starts when, what ends with what, and who gets which answer. No card and no pcscd are needed for that. */
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { Agent, Home, pidsOf } from './door_agent.mjs';
import { Host } from './door_host.mjs';
import { Page } from './door_page.mjs';
import { enterPrivateNamespaces } from './namespaces.mjs';
import { Processes } from './processes.mjs';

await enterPrivateNamespaces();

const ORIGIN = 'https://palvelu.example.fi';
const OTHER = 'https://toinen.example.fi';
const SIGNER = 'korttisilta-signer';
const PROMPT = 'korttisilta-prompt';
const ASK = { jsonrpc: '2.0', id: 1, method: 'getSigningCertificate' };
const LIMIT_MS = 20_000;

let home;
let processes;
let agent;
let pages = [];

function errorName(message) {
  return message.error?.data.name ?? JSON.stringify(message);
}

async function until(condition, what) {
  const limit = performance.now() + LIMIT_MS;
  while (!condition()) {
    assert.ok(performance.now() < limit, `${what}\n${agent.log}`);
    await new Promise(setImmediate);
  }
}

async function open(origin) {
  const page = await Page.open(origin);
  pages.push(page);
  return page;
}

function send(page, message) {
  page.socket.send(JSON.stringify({ ...ASK, ...message }));
}

/** The one window that is open, with its signer. */
async function oneWindow() {
  await until(() => pidsOf(PROMPT).length === 1 && pidsOf(SIGNER).length === 1, 'a window');
  return { prompt: pidsOf(PROMPT)[0], signer: pidsOf(SIGNER)[0] };
}

async function nextWindow(last) {
  await until(() => pidsOf(PROMPT).length === 1 && pidsOf(PROMPT)[0] !== last.prompt, 'the next window');
  return oneWindow();
}

async function noWindow() {
  await until(() => pidsOf(PROMPT).length === 0 && pidsOf(SIGNER).length === 0, 'no window');
}

function cancel(page, id = 1) {
  page.socket.send(JSON.stringify({ jsonrpc: '2.0', method: 'cancel', params: { id } }));
}

describe('operations', () => {
  before(async () => {
    home = new Home();
    const logs = join(home.folder, 'logs');
    mkdirSync(logs);
    processes = new Processes(logs);
    const command = ['Xvfb', '-displayfd', '1', '-screen', '0', '1024x768x24', '-nolisten', 'tcp'];
    const { match } = await processes.startAndRead('xvfb', command, /^(\d+)$/);
    Object.assign(home.env, { DISPLAY: `:${match[1]}`, NO_AT_BRIDGE: '1' });
  });
  beforeEach(async () => {
    agent = await Agent.start(home);
    assert.ok(agent.ready, agent.log);
  });
  afterEach(async () => {
    for (const page of pages.splice(0)) page.socket.terminate();
    if ((await agent.end()) !== 0) assert.equal(agent.killed, true, agent.log);
    await noWindow();
    assert.doesNotMatch(agent.log, /runtime error|Sanitizer/);
  });
  after(async () => {
    await processes.endAll();
    home.remove();
  });

  test('a page that cancels gets ABORTED, and the window goes', async () => {
    const page = await open(ORIGIN);
    send(page, {});
    await oneWindow();
    cancel(page);
    assert.equal(errorName(await page.read()), 'ABORTED');
    await noWindow();
  });

  test('the window goes with its page, over both doors', async () => {
    const page = await open(ORIGIN);
    send(page, {});
    await oneWindow();
    page.socket.terminate();
    await noWindow();
    const host = new Host(home);
    const answer = host.ask({ ...ASK, origin: ORIGIN });
    await oneWindow();
    await Promise.all([host.close(), assert.rejects(answer)]);
    await noWindow();
  });

  test('one window at a time; the others wait in order', async () => {
    const first = await open(ORIGIN);
    const second = await open(OTHER);
    const third = await open(ORIGIN);
    send(first, {});
    let window = await oneWindow();
    send(second, {});
    assert.ok((await second.ask({ ...ASK, id: 2, method: 'hello' })).result);
    send(third, {});
    assert.ok((await third.ask({ ...ASK, id: 2, method: 'hello' })).result);
    assert.deepEqual(pidsOf(PROMPT), [window.prompt]);
    cancel(first);
    window = await nextWindow(window);
    cancel(third); // it waits, and goes without a window
    assert.equal(errorName(await third.read()), 'ABORTED');
    cancel(second);
    assert.equal(errorName(await second.read()), 'ABORTED');
    await noWindow();
  });

  test('100 requests open one window, and each gets one answer', async () => {
    const senders = await Promise.all(Array.from({ length: 16 }, (_, i) => open(`https://s${i % 4}.example`)));
    const answers = senders.map(() => []);
    senders.forEach((page, i) => page.socket.on('message', (data) => answers[i].push(JSON.parse(data))));
    for (let id = 0; id < 100; id++) send(senders[id % 16], { id });
    await until(() => answers.flat().length === 91, 'one runs, eight wait, the others are told');
    await oneWindow();
    for (const answer of answers.flat()) assert.equal(errorName(answer), 'BUSY');
    senders.forEach((page, i) => {
      for (let id = i; id < 100; id += 16) cancel(page, id);
    });
    await until(() => answers.flat().length === 100, 'all are answered');
    assert.equal(answers.flat().filter((answer) => errorName(answer) === 'ABORTED').length, 9);
    answers.forEach((list) => assert.equal(new Set(list.map(({ id }) => id)).size, list.length));
  });

  test('a page has one request at a time, and an id is used once', async () => {
    const page = await open(ORIGIN);
    send(page, { id: 'a' });
    await oneWindow();
    assert.equal(errorName(await page.ask({ ...ASK, id: 'b' })), 'BUSY');
    assert.equal(errorName(await page.ask({ ...ASK, id: 'a' })), 'REQUEST_INVALID');
  });

  test('a time is kept by the one that runs and the one that waits', async () => {
    const page = await open(ORIGIN);
    const waiting = await open(OTHER);
    send(page, { params: { timeoutMs: 6000 } });
    await oneWindow();
    send(waiting, { params: { timeoutMs: 5000 } });
    assert.equal(errorName(await waiting.read()), 'TIMED_OUT');
    assert.equal(errorName(await page.read()), 'TIMED_OUT');
  });

  test('a signer that dies is an internal error, and the next one works', async () => {
    const page = await open(ORIGIN);
    send(page, {});
    const window = await oneWindow();
    process.kill(window.signer, 'SIGKILL');
    assert.equal(errorName(await page.read()), 'INTERNAL');
    await noWindow();
    await until(() => /signer ended with status 265/.test(agent.log), 'its status in the log');
    send(page, { id: 2 });
    await oneWindow();
  });

  test('a signer that does not listen holds up nobody but the next in turn', async () => {
    const page = await open(ORIGIN);
    const next = await open(OTHER);
    send(page, {});
    const window = await oneWindow();
    process.kill(window.signer, 'SIGSTOP');
    cancel(page);
    assert.equal(errorName(await page.read()), 'ABORTED');
    send(next, {});
    assert.ok((await next.ask({ ...ASK, id: 2, method: 'hello' })).result);
    assert.deepEqual(pidsOf(SIGNER), [window.signer]);
    process.kill(window.signer, 'SIGCONT');
    await nextWindow(window);
  });

  test('the largest request reaches the signer', async () => {
    const page = await open(ORIGIN);
    const content = 'A'.repeat(4 * 1024 * 1024 - 1024);
    const document = { name: 'suuri.bin', mediaType: 'application/octet-stream', content };
    send(page, { method: 'sign', params: { documents: [document] } });
    await oneWindow();
    cancel(page);
    assert.equal(errorName(await page.read()), 'ABORTED');
  });

  test('the window dies with the agent', async () => {
    const page = await open(ORIGIN);
    send(page, {});
    await oneWindow();
    agent.killed = true;
    assert.equal(await agent.end('SIGKILL'), 'SIGKILL');
    await noWindow();
  });

  test('nothing that has ended is left behind', async () => {
    const page = await open(ORIGIN);
    for (let id = 1; id <= 5; id++) {
      send(page, { id });
      await oneWindow();
      cancel(page, id);
      assert.equal(errorName(await page.read()), 'ABORTED');
      await noWindow();
    }
    await until(() => pidsOf('korttisilta-sig Z').length === 0, 'no zombie');
  });
});
