/* The extension in Debian's Firefox ESR, with the real program, window and virtual card: the demo service's pages, pages
 * of web-eid.js, and what the program is told. Driven over WebDriver BiDi. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import puppeteer from 'puppeteer-core';
import { createNonce, verifyAuthToken } from '../../js/server/index.js';
import { HOLDER, PIN1, PIN2 } from './cards.mjs';
import { enterPrivateNamespaces } from './namespaces.mjs';
import { ended, running } from './running.mjs';
import { byFetch, byXhr, findScs, scsJsSign } from './scs_clients.mjs';
import { Stage } from './stage.mjs';
import { call, serveSite } from './webeid_page.mjs';

await enterPrivateNamespaces();

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUILD = process.env.KS_BUILD ?? join(ROOT, 'build');
const HOST = join(BUILD, 'bin', 'korttisilta-host');
const ECHO = fileURLToPath(new URL('echo_host.mjs', import.meta.url));
const AGENT = /^korttisilta-age/;
const POLICY = '/etc/korttisilta/policy.d'; // of these namespaces
const NONCE = '12345678123456781234567812345678912356789123';

let stage;
let site;
let browser;
let log;

/** Trusted by the profile are the CAs of the stage's services; the extension is installed from its one file. */
async function openFirefox(host) {
  const profile = await mkdtemp(join(stage.folder, 'firefox-'));
  const database = ['-d', `sql:${profile}`];
  await run('certutil', [...database, '-N', '--empty-password']);
  await run('certutil', [...database, '-A', '-t', 'C,,', '-n', 'localhost', '-i', stage.tlsAuthority]);
  const manifests = join(stage.env.HOME, '.mozilla', 'native-messaging-hosts');
  await rm(manifests, { recursive: true, force: true });
  await mkdir(manifests, { recursive: true });
  if (host) {
    const out = join(manifests, 'fi.korttisilta.host.json');
    await run('cmake', ['-DBROWSER=firefox', `-DKS_HOST_PATH=${host}`, `-DOUT=${out}`, '-P', join(ROOT, 'installer/common/host_manifest.cmake')]);
  }
  await writeFile(log, '');
  browser = await puppeteer.launch({
    browser: 'firefox', executablePath: '/usr/bin/firefox-esr', headless: true, userDataDir: profile,
    env: { ...stage.env, ECHO_HOST_LOG: log, MOZ_HEADLESS: '1' },
  });
  await browser.installExtension(join(BUILD, 'extension', 'firefox.xpi'));
}

async function openPage(url) {
  const page = await browser.newPage();
  page.setDefaultTimeout(20_000);
  await page.goto(url);
  return page;
}

/** What the page library's handshake gives; a port of its own, as js/transport_extension.js has it. */
function hello(frame) {
  return frame.evaluate(
    () =>
      new Promise((resolve) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = ({ data }) => (data.result || data.error) && resolve(data.result?.version ?? data.error.data.name);
        window.postMessage({ korttisilta: 'connect', version: 1 }, '*', [port2]);
        port1.postMessage({ jsonrpc: '2.0', id: 1, method: 'hello', params: {}, origin: 'https://bank.example' });
        setTimeout(resolve, 3000, 'nothing');
      }),
  );
}

before(async () => {
  stage = await Stage.open({ build: BUILD });
  site = await serveSite('localhost', join(stage.folder, 'tls-localhost'));
  log = join(stage.folder, 'log', 'echo_host.log');
});
afterEach(async () => {
  await browser?.close();
  browser = undefined;
  await stage.prompt.gone();
  await stage.idle();
});
after(async () => {
  site?.close();
  await stage?.close(join(BUILD, 'e2e', 'firefox-log'));
});

describe('in Firefox', () => {
  test('a person logs in at the demo service, and the service verifies it', async () => {
    await stage.cards[0].renew();
    await openFirefox(HOST);
    const page = await openPage(`${stage.origin}/en/`);
    const button = await page.waitForSelector('#identify:not([aria-disabled=true])');
    await button.click();
    await stage.prompt.enter(PIN1);
    const serial = await page.waitForSelector('#serial');
    assert.equal(await serial.evaluate((element) => element.innerText), HOLDER.satu);
  });

  test('a page of web-eid.js has its status, a token that the server package verifies, and its errors', async () => {
    await stage.cards[0].renew();
    await openFirefox(HOST);
    const page = await openPage(`${stage.origin}/en/`);
    const { result: versions, heard } = await call(page, 'status');
    assert.deepEqual([versions.nativeApp, heard], ['2.9.0+korttisilta', ['ack', 'success']]);
    const challengeNonce = createNonce();
    const answer = call(page, 'authenticate', { challengeNonce });
    await stage.prompt.enter(PIN1);
    const trustedCertificates = [await readFile(join(stage.authority, 'ca.pem'), 'utf8')];
    const { subject } = await verifyAuthToken((await answer).result, { origin: stage.origin, nonce: challengeNonce, trustedCertificates });
    assert.equal(subject.serialNumber, HOLDER.satu);
    assert.equal((await call(page, 'authenticate', { challengeNonce: 'short' })).result.code, 'ERR_WEBEID_NATIVE_INVALID_ARGUMENT');
  });

  test('a page that names the script too has one answer', async () => {
    await stage.cards[0].renew();
    await openFirefox(HOST);
    const page = await openPage(`${site.origin}/`);
    for (let round = 0; round < 5; round++) {
      const { result, heard } = await call(page, 'status');
      assert.deepEqual([result.nativeApp, heard], ['2.9.0+korttisilta', ['ack', 'success']]);
    }
    const answer = call(page, 'authenticate', { challengeNonce: NONCE });
    await stage.prompt.ready();
    assert.equal(stage.prompt.count, 1);
    await stage.prompt.cancel();
    const { result, heard } = await answer;
    assert.deepEqual([result.code, heard], ['ERR_WEBEID_USER_CANCELLED', ['ack', 'failure']]);
  });

  test('the window goes with its page', async () => {
    await stage.cards[0].renew();
    await openFirefox(HOST);
    const page = await openPage(`${stage.origin}/en/`);
    const answer = assert.rejects(call(page, 'authenticate', { challengeNonce: NONCE }));
    await stage.prompt.ready();
    await page.close();
    await answer;
    await stage.prompt.gone();
  });

  test('the program is told the origin that the browser reports, of a frame its own or none', async () => {
    await openFirefox(ECHO);
    const page = await openPage(`${site.origin}/`);
    assert.equal(await hello(page), site.origin);
    await page.evaluate(async () => {
      const frame = document.createElement('iframe');
      frame.setAttribute('sandbox', 'allow-scripts');
      frame.src = '/frame';
      const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
      document.body.append(frame);
      await loaded;
    });
    const frame = page.frames().find((one) => one !== page.mainFrame());
    assert.equal(await frame.evaluate(() => document.querySelector('h1').innerText), 'Service');
    assert.equal(await hello(frame), 'nothing');
    assert.equal((await readFile(log, 'utf8')).match(/start/g).length, 1);
  });

  test('without the program a page is told so', async () => {
    await openFirefox();
    const page = await openPage(`${stage.origin}/en/`);
    assert.equal(await hello(page), 'HOST_NOT_INSTALLED');
    const { result } = await call(page, 'status');
    assert.equal(result.code, 'ERR_WEBEID_NATIVE_UNAVAILABLE');
    assert.match(result.message, /^HOST_NOT_INSTALLED: /);
  });

  test('a site of the policy has its SCS requests answered in the page; others have not', async () => {
    await stage.cards[0].renew();
    await mkdir(POLICY, { recursive: true, mode: 0o755 });
    await writeFile(join(POLICY, 'scs.json'), JSON.stringify({ scs: { enabled: false, extensionOrigins: [stage.origin] } }), { mode: 0o644 });
    for (const pid of running(AGENT)) process.kill(pid);
    await ended(AGENT, 20_000);
    await openFirefox(HOST);
    const page = await openPage(`${stage.origin}/en/`);
    const until = performance.now() + 20_000;
    let address;
    // The extension asks the program while the browser starts; a page that was there before is not changed.
    while (!(address = await findScs(byXhr(page)))) {
      assert.ok(performance.now() < until, 'nobody answers');
      await page.reload();
    }
    assert.match(address, /:53952$/);
    const signed = scsJsSign(byFetch(page), address, { content: Buffer.from('content').toString('base64') });
    await stage.prompt.enter(PIN2);
    assert.equal((await signed).status, 'ok');
    // Of the same host at another port: the script may run there, the program refuses it.
    const other = await openPage(`${site.origin}/`);
    await assert.rejects(byFetch(other)(`${address}/version`));
    await rm(POLICY, { recursive: true });
  });
});
