/* Web eID's protocols: pages of web-eid.js over both doors, in Debian's Chromium with the real windows and virtual
 * cards; beside another extension that serves the same pages; and the native host as Web eID's own extension drives it,
 * frame by frame. Screenshots: build/e2e/webeid. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createNonce, verifyAuthToken, verifySignature } from '../../js/server/index.js';
import { openBrowser } from './browser.mjs';
import { HOLDER, PIN1, PIN2, REFERENCE } from './cards.mjs';
import { Agent, Home, pidsOf } from './door_agent.mjs';
import { frame, Host } from './door_host.mjs';
import { enterPrivateNamespaces } from './namespaces.mjs';
import { Stage } from './stage.mjs';
import { call, serveSite, standIn } from './webeid_page.mjs';

await enterPrivateNamespaces();

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUILD = process.env.KS_BUILD ?? join(ROOT, 'build');
const SITE = 'https://palvelu.example.fi';
const NONCE = '12345678123456781234567812345678912356789123';
const DIGEST = createHash('sha384').update('sopimus').digest();
const VERSION = '2.9.0+korttisilta';
/** The pattern of Semantic Versioning 2.0.0, which the extension applies. */
const SEMVER = /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;
/** What a person reads as the name of a well-known company, in Cyrillic letters. */
const LOOK_ALIKE = 'xn--80ak6aa92e.com';

/** How each browser starts the host for Web eID's extension. */
const CALLERS = [
  ['Chrome', ['chrome-extension://ncibgoaomkmdpilpocfeponihegamlic/']],
  ['Edge', ['chrome-extension://gnmckgbandlkacikdndelhfghdejfido/', '--parent-window=0']],
  ['Firefox', ['/usr/lib/mozilla/native-messaging-hosts/eu.webeid.json', '{e68418bc-f2b0-4459-a9ea-3e72b6751b07}']],
];
const [[, WEB_EID]] = CALLERS;

/* What a program sends to the card of 2024 to use the key that logs in (tests/replay/v4_auth_known.apdu). */
const SELECT = '00A4040C0CA000000063504B43532D3135';
const VERIFY_PIN1 = '002000110C313233340000000000000000';
const USE_KEY = ['002241B606800154840101', `002A90A0329030${'01'.repeat(48)}`, '002A9E9A60'];

const code = (answer) => answer.error?.code.replace('ERR_WEBEID_', '') ?? JSON.stringify(answer);
const ours = (answer) => answer.error?.message.split(':')[0];

describe('eu.webeid, driven by a stand-in of the extension', () => {
  let home;
  let agent;

  before(async () => {
    home = new Home();
    agent = await Agent.start(home, ['--no-websocket']);
    assert.ok(agent.ready, agent.log);
  });
  after(async () => {
    assert.equal(await agent.end(), 0, agent.log);
    assert.doesNotMatch(agent.log, /ERROR|runtime error|Sanitizer/);
    home.remove();
  });

  /** Starts the host, hears its greeting, sends, and gives the one reply; the host must then end by itself. */
  async function talk(bytes, caller = WEB_EID) {
    const host = new Host(home, caller);
    assert.deepEqual(await host.read(), { version: VERSION });
    host.write(Buffer.isBuffer(bytes) ? bytes : frame(typeof bytes === 'string' ? bytes : JSON.stringify(bytes)));
    const reply = await host.read();
    assert.equal(await host.ended, 0);
    assert.equal(host.rest, 0);
    return reply;
  }

  const say = (command, args) => talk({ command, arguments: args });

  for (const [browser, caller] of CALLERS) {
    test(`greets the extension in ${browser} before it says anything, and answers quit`, async () => {
      assert.match(VERSION, SEMVER);
      assert.deepEqual(await talk({ command: 'quit', arguments: {} }, caller), {});
    });
  }

  test('greets nobody else', async () => {
    for (const caller of [[], ['chrome-extension://pbnckmfddpinlokilelmjmolkinnohma/'], ['/x/eu.webeid.json', 'korttisilta@korttisilta.fi'], ['chrome-extension://ncibgoaomkmdpilpocfeponihegamlic']]) {
      const host = new Host(home, caller);
      assert.ok((await host.ask({ jsonrpc: '2.0', id: 1, method: 'hello', origin: SITE })).result);
      assert.equal(await host.close(), 0);
    }
  });

  test('brings every command to the person', async () => {
    const sign = { certificate: 'REVS', hash: DIGEST.toString('base64'), hashFunction: 'SHA-384', origin: SITE };
    for (const [command, args] of [['authenticate', { challengeNonce: NONCE, origin: SITE, lang: 'fi' }], ['get-signing-certificate', { origin: SITE }], ['sign', { ...sign, lang: 'et' }]]) {
      const reply = await say(command, args); // there is no display here
      assert.deepEqual([code(reply), ours(reply)], ['NATIVE_FATAL', 'PROMPT_FAILED'], command);
    }
  });

  test('refuses every wrong request at once, with its code and the reason, and ends', async () => {
    const origin = SITE;
    const sign = { certificate: 'REVS', hash: DIGEST.toString('base64'), hashFunction: 'SHA-384', origin };
    const rows = [
      ['[]', 'REQUEST_INVALID'],
      ['null', 'REQUEST_INVALID'],
      ['{"command":', 'MALFORMED'],
      ['{"command":"quit","arguments":{},"arguments":{}}', 'MALFORMED'],
      [Buffer.from('7b22636f6d6d616e64223a22ff227d', 'hex').toString('latin1'), 'MALFORMED', 'latin1'],
      [{}, 'REQUEST_INVALID'],
      [{ command: 'quit' }, 'ARGUMENT'],
      [{ command: 'quit', arguments: { origin } }, 'ARGUMENT'],
      [{ command: 'quit', arguments: {}, version: 1 }, 'REQUEST_INVALID'],
      [{ jsonrpc: '2.0', id: 1, method: 'hello', origin }, 'REQUEST_INVALID'],
      [{ command: 'decrypt', arguments: { origin } }, 'METHOD_UNKNOWN'],
      [{ command: 'authenticate', arguments: { origin } }, 'ARGUMENT'],
      [{ command: 'authenticate', arguments: { challengeNonce: NONCE.slice(1), origin } }, 'ARGUMENT'],
      [{ command: 'authenticate', arguments: { challengeNonce: 'A'.repeat(129), origin } }, 'ARGUMENT'],
      [{ command: 'authenticate', arguments: { challengeNonce: NONCE, origin, extra: 1 } }, 'ARGUMENT'],
      [{ command: 'authenticate', arguments: { challengeNonce: NONCE } }, 'ARGUMENT'],
      [{ command: 'get-signing-certificate', arguments: { origin: 'http://palvelu.example.fi' } }, 'ORIGIN_INVALID'],
      [{ command: 'get-signing-certificate', arguments: { origin: `${SITE}/` } }, 'ORIGIN_INVALID'],
      [{ command: 'get-signing-certificate', arguments: { origin: 'https://user:pw@palvelu.example.fi' } }, 'ORIGIN_INVALID'],
      [{ command: 'get-signing-certificate', arguments: { origin: 'https://päiväkoti.example' } }, 'ORIGIN_INVALID'],
      [{ command: 'get-signing-certificate', arguments: { origin: `${SITE}:443` } }, 'ORIGIN_INVALID'],
      [{ command: 'sign', arguments: { ...sign, hash: undefined } }, 'ARGUMENT'],
      [{ command: 'sign', arguments: { ...sign, certificate: undefined } }, 'ARGUMENT'],
      [{ command: 'sign', arguments: { ...sign, hashFunction: undefined } }, 'ARGUMENT'],
      [{ command: 'sign', arguments: { ...sign, hashFunction: 'SHA-256' } }, 'ARGUMENT'],
      [{ command: 'sign', arguments: { ...sign, hashFunction: 'SHA3-384' } }, 'UNSUPPORTED'],
      [{ command: 'sign', arguments: { ...sign, certificate: 'A'.repeat(16384) } }, 'TOO_LARGE'],
    ];
    for (const [message, reason, encoding] of rows) {
      const reply = await talk(encoding ? frame(Buffer.from(message, encoding)) : message);
      assert.deepEqual([code(reply), ours(reply)], ['NATIVE_INVALID_ARGUMENT', reason], JSON.stringify(message).slice(0, 120));
    }
    assert.equal(pidsOf('korttisilta-signer').length, 0);
  });

  for (const [title, bytes, reason] of [['of length 0', frame('', 0), 'MALFORMED'], ['that is far too long', frame('{', 2 ** 31), 'TOO_LARGE']]) {
    test(`answers a frame ${title} and ends`, async () => {
      const reply = await talk(bytes);
      assert.deepEqual([code(reply), ours(reply)], ['NATIVE_INVALID_ARGUMENT', reason]);
    });
  }

  test('takes frames byte by byte', async () => {
    const host = new Host(home, WEB_EID);
    for (const byte of frame(JSON.stringify({ command: 'quit', arguments: {} }))) host.write(Buffer.from([byte]));
    assert.deepEqual([await host.read(), await host.read()], [{ version: VERSION }, {}]);
    assert.equal(await host.ended, 0);
  });

  test('ends with the browser at any time', async () => {
    const early = new Host(home, WEB_EID);
    await early.read();
    assert.equal(await early.close(), 0);
  });
});

test('eu.webeid starts the agent when none runs', async () => {
  const home = new Home();
  const host = new Host(home, WEB_EID);
  assert.deepEqual(await host.read(), { version: VERSION });
  assert.deepEqual(await host.ask({ command: 'quit', arguments: {} }), {});
  assert.equal(await host.ended, 0);
  for (const pid of pidsOf('korttisilta-agent')) process.kill(pid);
  while (pidsOf('korttisilta-agent').length > 0) await new Promise(setImmediate);
  home.remove();
});

for (const door of ['extension', 'websocket']) {
  describe(`a page of web-eid.js over the ${door}`, () => pages(door));
}

function pages(door) {
  const pictures = join(BUILD, 'e2e', 'webeid', door);
  let stage;
  let card;
  let page;
  let trustedCertificates;
  /** Where pages are that name the script: the extension door needs none. */
  let sites;

  before(async () => {
    rmSync(pictures, { recursive: true, force: true });
    mkdirSync(pictures, { recursive: true });
    stage = await Stage.open({ door, build: BUILD, hosts: [LOOK_ALIKE] });
    [card] = stage.cards;
    trustedCertificates = [await readFile(join(stage.authority, 'ca.pem'), 'utf8')];
    sites = await Promise.all(['localhost', LOOK_ALIKE].map((host) => serveSite(host, join(stage.folder, `tls-${host}`))));
  });
  after(async () => {
    for (const site of sites ?? []) site.close();
    await stage?.close(join(pictures, 'log'));
  });
  beforeEach(async () => {
    await card.renew();
    page = await open(origins().plain);
  });

  /** The demo service's pages name no script of ours; those of the sites do. */
  const origins = (script = door === 'websocket') =>
    script ? { plain: sites[0].origin, lookAlike: sites[1].origin } : { plain: stage.origin, lookAlike: stage.origins[LOOK_ALIKE] };

  afterEach(async () => {
    for (const each of stage.browser.pages().slice(1)) await each.close();
    await stage.prompt.gone();
    await stage.idle();
  });

  async function open(origin) {
    const one = await stage.browser.newPage();
    await one.goto(`${origin}/en/`);
    return one;
  }

  const failure = async (...all) => {
    const { result, heard } = await call(page, ...all);
    assert.deepEqual(heard, ['ack', 'failure']);
    return result;
  };
  const names = ({ code: full, message }) => [full.replace('ERR_WEBEID_', ''), message.split(':')[0]];

  test('asks for the status: no window, and nothing of this computer in it', async () => {
    const { result, heard, ack } = await call(page, 'status');
    assert.deepEqual(result, { library: '2.1.0-beta.2', extension: VERSION, nativeApp: VERSION });
    assert.deepEqual([heard, ack], [['ack', 'success'], { action: 'web-eid:status-ack' }]);
    assert.equal(stage.prompt.count, 0);
  });

  test('logs a person in, and the server package verifies the token', async () => {
    const challengeNonce = createNonce();
    const answer = call(page, 'authenticate', { challengeNonce, options: { lang: 'en' } });
    await stage.prompt.ready();
    await stage.prompt.screenshot(join(pictures, 'login.png'));
    await stage.prompt.enter(PIN1);
    const { result, heard } = await answer;
    assert.deepEqual(heard, ['ack', 'success']);
    assert.deepEqual(Object.keys(result).sort(), ['algorithm', 'appVersion', 'format', 'signature', 'unverifiedCertificate']);
    assert.equal(result.format, 'web-eid:1.0');
    const { subject } = await verifyAuthToken(result, { origin: origins().plain, nonce: challengeNonce, trustedCertificates });
    assert.equal(subject.serialNumber, HOLDER.satu);
    await assert.rejects(verifyAuthToken(result, { origin: SITE, nonce: challengeNonce, trustedCertificates }));
  });

  test('leaves no verified PIN behind: another program can not use the key afterwards', async () => {
    const folder = await stage.save({ 'opensc.conf': 'app default { reader_driver pcsc { disconnect_action = leave; } }' });
    const env = { ...stage.env, OPENSC_CONF: join(folder, 'opensc.conf') };
    const statusOf = async (...commands) => {
      const { stdout } = await run('opensc-tool', ['-c', 'default', ...commands.flatMap((apdu) => ['-s', apdu])], { env });
      return [...stdout.matchAll(/SW1=0x(..), SW2=0x(..)/g)].map(([, sw1, sw2]) => sw1 + sw2).at(-1);
    };
    // A program that leaves the card as it is shows what the next one may do with it.
    assert.equal(await statusOf(SELECT, VERIFY_PIN1, ...USE_KEY), '9000');
    assert.equal(await statusOf(...USE_KEY), '9000');
    const answer = call(page, 'authenticate', { challengeNonce: NONCE });
    await stage.prompt.enter(PIN1);
    assert.ok((await answer).result.signature);
    await stage.idle();
    assert.notEqual(await statusOf(...USE_KEY), '9000');
    assert.equal(await statusOf(SELECT, ...USE_KEY), '6982');
  });

  test('signs: the certificate, then a hash that the window shows as one without a name', async () => {
    const asked = call(page, 'get-signing-certificate', { options: { lang: 'en' } });
    await stage.prompt.appear();
    await stage.prompt.pressButton(/^(Show|Give|Share|Allow|Use|OK|Continue)/i);
    const { result: { certificate, supportedSignatureAlgorithms }, heard } = await asked;
    assert.deepEqual(heard, ['ack', 'success']);
    assert.deepEqual(supportedSignatureAlgorithms[0], { cryptoAlgorithm: 'ECC', hashFunction: 'SHA-384', paddingScheme: 'NONE' });
    const members = { certificate, hash: DIGEST.toString('base64'), hashFunction: 'SHA-384', options: { lang: 'en' } };
    const signed = call(page, 'sign', members);
    await stage.prompt.ready();
    await stage.prompt.screenshot(join(pictures, 'sign.png'));
    assert.match(stage.prompt.text, /Document without a name/);
    assert.ok(stage.prompt.text.replace(/\s/g, '').toLowerCase().includes(DIGEST.toString('hex').slice(0, 8)), stage.prompt.text);
    await stage.prompt.enter(PIN2);
    const { result } = await signed;
    assert.deepEqual(Object.keys(result).sort(), ['signature', 'signatureAlgorithm']);
    await verifySignature({ ...result, digest: DIGEST, certificate, trustedCertificates });
    await verifySignature({ ...result, content: 'sopimus', certificate, trustedCertificates });
    const { verify_sent } = await card.stats();
    assert.deepEqual(verify_sent, { [REFERENCE.pin2]: 1 });
    const { stdout } = await run(join(BUILD, 'bin/korttisilta'), ['journal', 'export'], { env: stage.env });
    const line = stdout.trim().split('\n').at(-1);
    for (const part of ['sign', origins().plain, 'OK', DIGEST.toString('hex')]) assert.ok(line.split('\t').includes(part), line);
    await run(join(BUILD, 'bin/korttisilta'), ['journal', 'check'], { env: stage.env });
  });

  test('hears that the person cancelled', async () => {
    const answer = failure('authenticate', { challengeNonce: NONCE });
    await stage.prompt.cancel();
    assert.deepEqual(names(await answer), ['USER_CANCELLED', 'CANCELLED']);
  });

  test("hears that the person's time is over, and the window goes", async () => {
    const answer = failure('authenticate', { challengeNonce: NONCE, options: { userInteractionTimeout: 3000 } });
    await stage.prompt.appear();
    assert.equal((await answer).code, 'ERR_WEBEID_USER_TIMEOUT');
    await stage.prompt.gone();
  });

  test('hears what is wrong with its request, at once and without a window', async () => {
    const sign = { certificate: 'REVS', hash: DIGEST.toString('base64'), hashFunction: 'SHA-384' };
    for (const [action, members, reason] of [
      ['authenticate', {}, 'ARGUMENT'],
      ['authenticate', { challengeNonce: NONCE.slice(1) }, 'ARGUMENT'],
      ['authenticate', { challengeNonce: 7 }, 'ARGUMENT'],
      ['authenticate', { challengeNonce: NONCE, options: { lang: 7 } }, 'ARGUMENT'],
      ['sign', { ...sign, hash: undefined }, 'ARGUMENT'],
      ['sign', { ...sign, hashFunction: 'SHA-256' }, 'ARGUMENT'],
      ['sign', { ...sign, hashFunction: 'SHA3-384' }, 'UNSUPPORTED'],
      ['sign', { ...sign, certificate: 'A'.repeat(20_000) }, 'TOO_LARGE'],
    ]) {
      assert.deepEqual(names(await failure(action, members)), ['NATIVE_INVALID_ARGUMENT', reason], JSON.stringify(members).slice(0, 80));
    }
    assert.equal(stage.prompt.count, 0);
  });

  test('hears of a locked PIN when the person gives up, without a PIN sent', async () => {
    await card.command(`block ${REFERENCE.pin1}`);
    const answer = failure('authenticate', { challengeNonce: NONCE, options: { lang: 'en' } });
    await stage.prompt.appear();
    await stage.prompt.until('the locked PIN', (_parts, text) => /locked/i.test(text));
    await stage.prompt.screenshot(join(pictures, 'locked.png'));
    await stage.prompt.pressButton(/^(Close|Cancel|Back|Tell)/i);
    assert.deepEqual(names(await answer), ['NATIVE_FATAL', 'PIN_BLOCKED']);
    assert.deepEqual((await card.stats()).verify_sent, {});
  });

  test('whose library is of a later major version is told so, except when the person cancelled', async () => {
    const libraryVersion = '3.0.0';
    const mismatch = await failure('status', { libraryVersion });
    assert.equal(mismatch.code, 'ERR_WEBEID_VERSION_MISMATCH');
    assert.deepEqual(mismatch.requiresUpdate, { extension: true, nativeApp: true });
    assert.equal((await failure('authenticate', { libraryVersion })).code, 'ERR_WEBEID_VERSION_MISMATCH');
    assert.equal((await failure('status', { libraryVersion: 'newest' })).code, 'ERR_WEBEID_VERSION_INVALID');
    const answer = failure('authenticate', { libraryVersion, challengeNonce: NONCE });
    await stage.prompt.cancel();
    assert.equal((await answer).code, 'ERR_WEBEID_USER_CANCELLED');
  });

  test('has one window at a time, whatever it asks for; the next comes after it', async () => {
    const first = call(page, 'authenticate', { challengeNonce: NONCE });
    await stage.prompt.ready();
    const second = assert.rejects(call(page, 'get-signing-certificate'));
    assert.ok((await call(page, 'status')).result.nativeApp); // the agent has heard of both
    assert.equal(stage.prompt.count, 1);
    const { shownAt } = stage.prompt;
    await stage.prompt.enter(PIN1);
    assert.ok((await first).result.signature);
    await stage.prompt.until('the next question', () => stage.prompt.shownAt > shownAt);
    assert.equal(stage.prompt.count, 1);
    await page.close();
    await second;
    await stage.prompt.gone();
  });

  test('takes its window with it when it goes', async () => {
    const answer = call(page, 'authenticate', { challengeNonce: NONCE });
    await stage.prompt.ready();
    await Promise.all([page.close(), assert.rejects(answer)]);
    await stage.prompt.gone();
    await stage.idle();
  });

  test('with a look-alike name is shown by its ASCII name, and that is what is signed', async () => {
    const origin = origins().lookAlike;
    assert.ok(origin.includes(LOOK_ALIKE), origin);
    page = await open(origin);
    const challengeNonce = createNonce();
    const answer = call(page, 'authenticate', { challengeNonce, options: { lang: 'en' } });
    await stage.prompt.ready();
    await stage.prompt.screenshot(join(pictures, 'look-alike.png'));
    assert.ok(stage.prompt.text.includes(LOOK_ALIKE), stage.prompt.text);
    await stage.prompt.enter(PIN1);
    const { result } = await answer;
    await verifyAuthToken(result, { origin, nonce: challengeNonce, trustedCertificates });
  });

  test('that was cancelled three times in a row must wait: no window for the fourth', async () => {
    page = await open(origins().lookAlike);
    for (let round = 0; round < 3; round++) {
      const answer = failure('authenticate', { challengeNonce: NONCE });
      await stage.prompt.cancel();
      assert.equal((await answer).code, 'ERR_WEBEID_USER_CANCELLED');
      await stage.prompt.gone();
      await stage.prompt.until('nothing to say', (parts) => parts.length === 0); // or the next key would come too early
    }
    assert.deepEqual(names(await failure('authenticate', { challengeNonce: NONCE })), ['NATIVE_FATAL', 'BUSY']);
    assert.equal(stage.prompt.count, 0);
  });

  if (door === 'extension') {
    test('that also names the script has one answer and one window: the extension serves it', async () => {
      page = await open(origins(true).plain);
      const answer = call(page, 'authenticate', { challengeNonce: NONCE });
      await stage.prompt.ready();
      assert.equal(stage.prompt.count, 1);
      await stage.prompt.enter(PIN1);
      const { result, heard } = await answer;
      assert.deepEqual([result.format, heard], ['web-eid:1.0', ['ack', 'success']]);
      await stage.idle();
      assert.equal(stage.prompt.count, 0);
    });

    test('is not believed when it writes an origin of its own', async () => {
      const challengeNonce = createNonce();
      const answer = call(page, 'authenticate', { challengeNonce, origin: SITE, arguments: { origin: SITE } });
      await stage.prompt.ready();
      assert.ok(!stage.prompt.text.includes('palvelu.example.fi'), stage.prompt.text);
      await stage.prompt.enter(PIN1);
      await verifyAuthToken((await answer).result, { origin: origins().plain, nonce: challengeNonce, trustedCertificates });
    });

    describe('beside other extensions', () => beside(() => ({ stage, origin: origins(true).plain })));
  } else {
    test('without the script has no answer at all', async () => {
      const bare = await stage.browser.newPage();
      await bare.goto(`${stage.origin}/en/`);
      const { result, heard } = await call(bare, 'status', {}, { ackMs: 300 });
      assert.deepEqual([result, heard], [{ code: 'ERR_WEBEID_EXTENSION_UNAVAILABLE' }, []]);
    });
  }
}

/** @param {() => { stage: Stage, origin: string }} given display, and a site whose pages name the script as well */
function beside(given) {
  const log = join(mkdtempSync(join(tmpdir(), 'ks-webeid-')), 'echo_host.log');
  let browser;

  /** A browser with our extension, and perhaps one that does what Web eID's does. */
  async function start({ runAt, host }) {
    const { stage, origin } = given();
    const profile = await mkdtemp(join(stage.folder, 'profile-'));
    const extensions = [join(BUILD, 'extension', 'chromium')];
    if (runAt) {
      const other = await stage.save(standIn(runAt));
      extensions.push(other);
    }
    if (host) {
      await mkdir(join(profile, 'NativeMessagingHosts'));
      const out = join(profile, 'NativeMessagingHosts', 'fi.korttisilta.host.json');
      await run('cmake', ['-DBROWSER=chromium', `-DKS_HOST_PATH=${host}`, `-DOUT=${out}`, '-P', join(ROOT, 'installer/common/host_manifest.cmake')]);
    }
    await writeFile(log, '');
    browser = await openBrowser({ profile, env: { ...stage.env, ECHO_HOST_LOG: log }, extension: extensions.join(',') });
    browser.setDefaultTimeout(20_000);
    const page = await browser.newPage();
    await page.goto(`${origin}/`);
    return page;
  }

  afterEach(async () => {
    await browser?.close();
    browser = undefined;
  });
  after(() => rmSync(join(log, '..'), { recursive: true, force: true }));

  for (const runAt of ['document_start', 'document_end']) {
    test(`Web eID's extension, loaded at ${runAt}, answers alone: ours starts nothing`, async () => {
      const page = await start({ runAt, host: fileURLToPath(new URL('echo_host.mjs', import.meta.url)) });
      for (let round = 0; round < 10; round++) {
        for (const [action, members] of [['status', {}], ['authenticate', { challengeNonce: NONCE }]]) {
          const { result, heard } = await call(page, action, members);
          assert.deepEqual([result.foreign, heard], [true, ['ack', 'success']]);
        }
      }
      assert.equal(readFileSync(log, 'utf8'), '');
    });
  }

  test('without the program a page hears NATIVE_UNAVAILABLE', async () => {
    const page = await start({});
    for (const [action, members] of [['status', {}], ['authenticate', { challengeNonce: NONCE }]]) {
      const { result, heard } = await call(page, action, members);
      assert.deepEqual([result.code, heard], ['ERR_WEBEID_NATIVE_UNAVAILABLE', ['ack', 'failure']]);
      assert.match(result.message, /^HOST_NOT_INSTALLED: /);
    }
  });

  test('a program that ends at once is NATIVE_UNAVAILABLE too', async () => {
    const page = await start({ host: '/bin/false' });
    const { result } = await call(page, 'status');
    assert.equal(result.code, 'ERR_WEBEID_NATIVE_UNAVAILABLE');
    assert.match(result.message, /^HOST_FAILED: /);
  });

  test('a frame without an origin is not served', async () => {
    const page = await start({ host: fileURLToPath(new URL('echo_host.mjs', import.meta.url)) });
    await page.evaluate(async (src) => {
      const frame = document.createElement('iframe');
      frame.setAttribute('sandbox', 'allow-scripts');
      frame.src = src;
      const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
      document.body.append(frame);
      await loaded;
    }, '/frame');
    const { result } = await call(page.frames().at(-1), 'status', {}, { ackMs: 300 });
    assert.equal(await page.frames().at(-1).locator('h1').innerText(), 'Service');
    assert.deepEqual(result, { code: 'ERR_WEBEID_EXTENSION_UNAVAILABLE' });
    assert.equal(readFileSync(log, 'utf8'), '');
  });
}

describe('korttisilta-webeid', () => {
  const tool = join(ROOT, 'installer/common/korttisilta-webeid');
  const folders = [['etc/chromium', 'chromium'], ['etc/opt/chrome', 'chromium'], ['etc/opt/edge', 'chromium'], ['etc/opt/brave', 'chromium'], ['etc/opt/vivaldi', 'chromium'], ['usr/lib/mozilla', 'firefox']];
  let root;

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'ks-register-'));
    for (const browser of ['chromium', 'firefox']) {
      await run('cmake', [`-DBROWSER=${browser}`, '-DNAME=eu.webeid', '-DKS_HOST_PATH=/usr/lib/korttisilta/korttisilta-host',
        `-DOUT=${join(root, `eu.webeid.${browser}.json`)}`, '-P', join(ROOT, 'installer/common/host_manifest.cmake')]);
    }
  });
  after(() => rmSync(root, { recursive: true, force: true }));

  const at = (folder) => join(root, folder, 'native-messaging-hosts', 'eu.webeid.json');
  const use = (action, ...more) => run(tool, [action, '--root', root, '--manifests', root, ...more]).then(() => 0, ({ code: status }) => status);
  const there = () => folders.filter(([folder]) => {
    try {
      return readFileSync(at(folder), 'utf8');
    } catch {
      return false;
    }
  }).map(([folder]) => folder);

  test('puts manifests that name Web eID\'s extensions where the browsers look, and takes them away', async () => {
    assert.equal(await use('register'), 0);
    for (const [folder, browser] of folders) {
      assert.deepEqual(readFileSync(at(folder)), readFileSync(join(root, `eu.webeid.${browser}.json`)));
    }
    const { allowed_origins } = JSON.parse(readFileSync(at('etc/chromium'), 'utf8'));
    assert.deepEqual(allowed_origins, CALLERS.slice(0, 2).map(([, [caller]]) => caller));
    const { name, type, allowed_extensions } = JSON.parse(readFileSync(at('usr/lib/mozilla'), 'utf8'));
    assert.deepEqual([name, type, allowed_extensions], ['eu.webeid', 'stdio', [CALLERS[2][1][1]]]);
    assert.equal(await use('register'), 0);
    assert.equal(await use('unregister'), 0);
    assert.deepEqual(there(), []);
  });

  test('writes nothing and removes nothing where another program is registered', async () => {
    const theirs = JSON.stringify({ name: 'eu.webeid', path: '/usr/bin/web-eid', type: 'stdio' });
    await mkdir(join(at('usr/lib/mozilla'), '..'), { recursive: true });
    await writeFile(at('usr/lib/mozilla'), theirs);
    assert.equal(await use('register'), 1);
    assert.deepEqual(there(), ['usr/lib/mozilla']);
    assert.equal(await use('unregister'), 0);
    assert.equal(readFileSync(at('usr/lib/mozilla'), 'utf8'), theirs);
    const { stdout } = await run(tool, ['show', '--root', root, '--manifests', root]);
    assert.match(stdout, /mozilla\/native-messaging-hosts\/eu\.webeid\.json: another program/);
  });

  test('says how it is called, and that manifests are missing', async () => {
    assert.equal(await use('install'), 2);
    assert.equal(await use('register', '--manifests'), 2);
    await cp(root, `${root}-bare`, { recursive: true, filter: (source) => !source.endsWith('.json') });
    assert.equal(await use('register', '--manifests', `${root}-bare`), 3);
    rmSync(`${root}-bare`, { recursive: true });
  });
});
