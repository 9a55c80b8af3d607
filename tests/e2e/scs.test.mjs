/* SCS over HTTPS in a real browser with a real window: the services of scs_clients.mjs, what a browser trusts before and
 * after "korttisilta trust install", and what becomes of requests that nobody waits for. */
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { request } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { verifySignedData } from '../../js/server/index.js';
import { PIN1, PIN2 } from './cards.mjs';
import { Host } from './door_host.mjs';
import { enterPrivateNamespaces } from './namespaces.mjs';
import { ended, running } from './running.mjs';
import { byFetch, byXhr, energy2025, pollCard, puumerkkiLogin, puumerkkiPdf, suomiFi } from './scs_clients.mjs';
import { SERVICES, trustedRoots, withPin as person } from './scs_services.mjs';
import { Stage } from './stage.mjs';
import { Visitor } from './visitor.mjs';

await enterPrivateNamespaces();

const run = promisify(execFile);
const BUILD = process.env.KS_BUILD;
const SHOTS = join(BUILD, 'e2e', 'scs');
const HOST = 'palvelu.example.fi';
const ADDRESS = 'https://localhost:53952';
const POLICY = '/etc/korttisilta/policy.d'; // of these namespaces
const AGENT = /^korttisilta-age/;
const READY_MS = 20_000;

let stage;
let card;
let page;
let agent;
let trusted;

const tool = (...words) => run(join(stage.bin, 'korttisilta'), words, { env: stage.env });
const stateFolder = () => join(stage.env.HOME, '.local', 'state', 'korttisilta');

/** @param {object} [policy] what the administrator says @param {object} [options] */
async function startAgent(policy, { args = [] } = {}) {
  rmSync(POLICY, { recursive: true, force: true });
  if (policy) {
    mkdirSync(POLICY, { recursive: true, mode: 0o755 });
    writeFileSync(join(POLICY, 'scs.json'), JSON.stringify(policy), { mode: 0o644 });
  }
  agent = await stage.processes.startAndSignal('agent', [join(stage.bin, 'korttisilta-agent'), '--ready-fd', '3', ...args], { env: stage.env });
}

async function endAgent() {
  for (const pid of running(AGENT)) process.kill(pid);
  await ended(AGENT, READY_MS);
}

/** A page of the service, without its own Content-Security-Policy, which names no SCS. */
async function openPage() {
  const opened = await stage.browser.newPage();
  const devtools = await stage.browser.newCDPSession(opened);
  await devtools.send('Page.setBypassCSP', { enabled: true });
  await opened.goto(`${stage.origins[HOST]}/en/`);
  return opened;
}

/** Waits until a later window than that one is there, and no other. @param {number} shownAt */
async function alone(shownAt) {
  const until = performance.now() + READY_MS;
  while (stage.prompt.count !== 1 || stage.prompt.shownAt === shownAt) {
    assert.ok(performance.now() < until, 'no second window');
    await new Promise((resolve) => setTimeout(resolve, 10)); // the X server's events come meanwhile
  }
}

const withPin = (promise, pin) => person(stage, promise, pin);

before(async () => {
  stage = await Stage.open({ build: BUILD, door: 'websocket', profiles: ['dvv-org'], hosts: [HOST] });
  [card] = stage.cards;
  trusted = trustedRoots(stage);
  await mkdir(SHOTS, { recursive: true });
  await endAgent();
  await startAgent();
});
after(() => stage?.close(join(BUILD, 'e2e', 'scs-log')));

describe('what the browser trusts', () => {
  test('a page hears nothing before the person has asked for trust', async () => {
    page = await openPage();
    await assert.rejects(byFetch(page)(`${ADDRESS}/version`), /Failed to fetch/);
    await assert.rejects(tool('trust', 'status'), ({ stdout }) => /Chromium: does not trust the local connection/.test(stdout));
    await page.close();
  });

  test('the certificates were made by the agent, for this user only', () => {
    const files = readdirSync(stateFolder());
    assert.equal(files.length, 63);
    for (const file of files) assert.equal(statSync(join(stateFolder(), file)).mode & 0o777, 0o600);
    const issuer = new X509Certificate(readFileSync(join(stateFolder(), 'localhost-issuer.pem')));
    assert.ok(issuer.ca && issuer.verify(issuer.publicKey));
    // Nothing on the disk can sign another certificate: no key there is the issuer's.
    for (const file of files.filter((name) => /^localhost-\d+/.test(name))) {
      const leaf = new X509Certificate(readFileSync(join(stateFolder(), file), 'utf8').match(/-----BEGIN CERTIFICATE-----[^]*?-----END CERTIFICATE-----/)[0]);
      assert.ok(leaf.verify(issuer.publicKey) && !leaf.ca);
      assert.notEqual(leaf.publicKey.export({ type: 'spki', format: 'pem' }), issuer.publicKey.export({ type: 'spki', format: 'pem' }));
    }
  });

  test('after trust install it hears the version; status says so, in Finnish and Swedish too', async () => {
    const { stdout } = await tool('trust', 'install');
    assert.match(stdout, /^\[ok\] Chromium: trusts the local connection of this user$/m);
    assert.match((await tool('trust', 'status')).stdout, /^\[ok\] Chromium: trusts/m);
    for (const [lang, word] of [['fi', /luottaa/], ['sv', /litar/]]) {
      const { stdout: said } = await run(join(stage.bin, 'korttisilta'), ['trust', 'status'], { env: { ...stage.env, LANGUAGE: lang } });
      assert.match(said, word);
    }
    await stage.restartBrowser();
    page = await openPage();
    for (const address of [ADDRESS, 'https://127.0.0.1:53952', 'https://[::1]:53952']) {
      const { status, text } = await byFetch(page)(`${address}/version`);
      assert.equal(status, 200);
      assert.equal(JSON.parse(text).version, '1.2');
    }
  });

  test('installing again changes nothing that the browser trusts', async () => {
    const issuer = readFileSync(join(stateFolder(), 'localhost-issuer.pem'), 'utf8');
    await tool('trust', 'install');
    assert.equal(readFileSync(join(stateFolder(), 'localhost-issuer.pem'), 'utf8'), issuer);
    const { stdout } = await run('certutil', ['-L', '-d', `sql:${join(stage.env.HOME, '.pki/nssdb')}`]);
    assert.equal(stdout.match(/Korttisilta localhost/g).length, 1);
    assert.match(stdout, /Korttisilta localhost\s+C,,/);
  });

  test("a Firefox profile gets it too, and another program's certificates stay", async () => {
    const firefox = join(stage.env.HOME, '.mozilla', 'firefox');
    mkdirSync(join(firefox, 'x.default'), { recursive: true });
    writeFileSync(join(firefox, 'profiles.ini'), '[Profile0]\nName=default\nIsRelative=1\nPath=x.default\n');
    await run('certutil', ['-N', '-d', `sql:${join(firefox, 'x.default')}`, '--empty-password']);
    await assert.rejects(tool('trust', 'status'), ({ stdout }) => /\[--\] Firefox, default: does not trust/.test(stdout) && /\[ok\] Chromium/.test(stdout));
    assert.match((await tool('trust', 'install')).stdout, /\[ok\] Firefox, default: trusts/);
    // Another issuer under the name is an old one.
    rmSync(join(stateFolder(), 'localhost-issuer.pem'));
    await tool('trust', 'renew');
    await assert.rejects(tool('trust', 'status'), ({ stdout }) => /\[!!\] Firefox, default: trusts an earlier one/.test(stdout));
    await tool('trust', 'install');
    await tool('trust', 'status');
    await tool('trust', 'remove');
    const { stdout } = await run('certutil', ['-L', '-d', `sql:${join(stage.env.HOME, '.pki/nssdb')}`]);
    assert.doesNotMatch(stdout, /Korttisilta/);
    assert.match(stdout, /localhost/); // the demo's own
    await tool('trust', 'install');
    rmSync(firefox, { recursive: true });
  });

  test('the agent serves with the new certificates at once', async () => {
    await stage.restartBrowser();
    page = await openPage();
    assert.equal((await byFetch(page)(`${ADDRESS}/version`)).status, 200);
  });
});

describe('services', () => {
  beforeEach(async () => {
    await card.renew();
  });
  afterEach(async () => {
    await stage.prompt.gone();
    await stage.idle();
  });

  for (const [how, transportOf] of [['fetch', byFetch], ['XMLHttpRequest', byXhr]]) {
    describe(`by ${how}`, () => {
      let transport;
      before(async () => {
        await endAgent();
        await startAgent();
        transport = transportOf(page);
      });

      for (const [name, story] of SERVICES) test(name, () => story({ stage, transport, origin: stage.origins[HOST] }));

      test('F: a site that nobody has allowed hears of no card', async () => {
        assert.equal(await pollCard(transport), 'no card');
      });
    });
  }

  test('with the administrator’s word A logs in, F sees cards come and go, codes are strings', async () => {
    await endAgent();
    const origin = stage.origins[HOST];
    await startAgent({ scs: { randomBytes: [origin], cardPresence: [origin], reasonCodes: 'string' } });
    const transport = byFetch(page);
    const data = randomBytes(64);
    const { outcome, answer } = await withPin(suomiFi(transport, { data }), PIN1);
    assert.equal(outcome, 'identified', JSON.stringify(answer));
    assert.equal(answer.reasonCode, '200');
    const again = suomiFi(transport, { issuers: ['CN=nobody'] });
    await stage.prompt.appear();
    await stage.prompt.pressButton(/Tell the service that the card can't be used/);
    assert.equal((await again).outcome, 'again');
    await stage.prompt.gone();
    const seen = async (wanted) => {
      const until = performance.now() + READY_MS;
      let last;
      do last = await pollCard(transport); while (last !== wanted && performance.now() < until);
      assert.equal(last, wanted);
    };
    await seen('card');
    await card.command('remove');
    await seen('no card');
    await card.command('insert');
    await seen('card');
  });
});

/* What an extension sends and gets: the services that know one address, through the host's pipe. */
describe('at the native door', () => {
  let host;
  let transport;
  beforeEach(() => card.renew());
  before(async () => {
    await endAgent();
    await startAgent();
    const origin = stage.origins[HOST];
    let id = 0;
    host = new Host({ env: stage.env });
    transport = async (url, { method = 'GET', body } = {}) => {
      const params = { method, path: new URL(url).pathname, ...(body && { body }) };
      const { result, error } = await host.ask({ jsonrpc: '2.0', id: ++id, method: 'scs', params, origin, chosen: true });
      if (error) throw new Error(error.data.name);
      return { status: result.status, text: result.body };
    };
  });
  after(() => host.close());
  afterEach(() => stage.prompt.gone());

  test('C logs in and signs, A is refused, F sees the card of a site that the person chose', async () => {
    const { good, answer } = await withPin(puumerkkiLogin(transport, ADDRESS, { origin: stage.origins[HOST], trusted }), PIN1);
    assert.ok(good, JSON.stringify(answer));
    assert.ok((await withPin(puumerkkiPdf(transport, ADDRESS, { attributes: randomBytes(200), trusted }), PIN2)).good);
    assert.equal((await suomiFi(transport)).answer.reasonCode, 403);
    assert.equal(await pollCard(transport), 'card');
  });

  test('D signs a digest for a PDF', async () => {
    const content = Buffer.from('energiatodistus');
    const { signature } = await withPin(energy2025(transport, createHash('sha256').update(content).digest()), PIN2);
    assert.ok((await verifySignedData({ content, signedData: signature, trustedCertificates: trusted })).isCades);
  });

  test('a site that nobody chose is refused', async () => {
    const other = new Host({ env: stage.env });
    const { error } = await other.ask({ jsonrpc: '2.0', id: 1, method: 'scs', params: { method: 'GET', path: '/version' }, origin: 'https://other.example' });
    assert.equal(error.data.name, 'ORIGIN_DENIED');
    await other.close();
  });
});

describe('wrong and lost requests', () => {
  let transport;
  before(async () => {
    await card.renew();
    await endAgent();
    await startAgent();
    transport = byFetch(page);
  });
  afterEach(async () => {
    await stage.prompt.gone();
    await stage.idle();
  });

  const CONTENT = Buffer.from('content').toString('base64');
  for (const [what, body, code] of [
    ['no JSON', '{', 400],
    ['no object', '[]', 400],
    ['no content', '{}', 400],
    ['content that is no base64', '{"content":"***"}', 400],
    ['empty content', '{"content":""}', 400],
    ['a digest of the wrong length', `{"content":"${CONTENT}","contentType":"digest"}`, 400],
    ['an unknown content type', `{"content":"${CONTENT}","contentType":"text"}`, 400],
    ['SHA-1', `{"content":"${CONTENT}","hashAlgorithm":"SHA1"}`, 501],
    ['an unknown signature type', `{"content":"${CONTENT}","signatureType":"xml"}`, 501],
    ['a key usage that no key has', `{"content":"${CONTENT}","selector":{"keyusages":["keyencipherment"]}}`, 400],
    ['a selector that is no object', `{"content":"${CONTENT}","selector":[]}`, 400],
    ['a log in with a digest', `{"content":"${Buffer.alloc(32).toString('base64')}","contentType":"digest","selector":{"keyusages":["digitalsignature"]}}`, 403],
  ]) {
    test(`${what}: ${code}, without a window`, async () => {
      const { status, text } = await transport(`${ADDRESS}/sign`, { method: 'POST', body });
      assert.equal(status, 200);
      const answer = JSON.parse(text);
      assert.equal(answer.status, 'failed');
      assert.equal(answer.reasonCode, code);
      assert.deepEqual(Object.keys(answer).sort(), ['reasonCode', 'reasonText', 'status', 'version']);
      assert.equal(stage.prompt.count, 0);
    });
  }

  test('parts of the selector that are null are not there', async () => {
    const body = JSON.stringify({ content: CONTENT, version: null, selector: { issuers: null, akis: null, keyusages: null, keyalgorithms: [] } });
    const { text } = await withPin(transport(`${ADDRESS}/sign`, { method: 'POST', body }), PIN2);
    assert.equal(JSON.parse(text).status, 'ok');
  });

  test('who closes the window says no: 401', async () => {
    const asked = transport(`${ADDRESS}/sign`, { method: 'POST', body: JSON.stringify({ content: CONTENT }) });
    await stage.prompt.ready();
    assert.match(stage.prompt.text, new RegExp(HOST));
    await stage.prompt.screenshot(join(SHOTS, 'sign.png'));
    await stage.prompt.cancel();
    assert.equal(JSON.parse((await asked).text).reasonCode, 401);
  });

  test('a page that goes away takes its window with it, and no PIN is used', async () => {
    const other = await openPage();
    const lost = byFetch(other)(`${ADDRESS}/sign`, { method: 'POST', body: JSON.stringify({ content: CONTENT }) }).catch(() => {});
    await stage.prompt.ready();
    await other.close();
    await stage.prompt.gone();
    await lost;
  });

  test('an aborted request does too', async () => {
    const aborted = page.evaluate(async ([url, body]) => {
      const controller = new AbortController();
      globalThis.stopIt = () => controller.abort();
      return fetch(url, { method: 'POST', body, signal: controller.signal }).then(() => 'answered', ({ name }) => name);
    }, [`${ADDRESS}/sign`, JSON.stringify({ content: CONTENT })]);
    await stage.prompt.ready();
    await page.evaluate(() => globalThis.stopIt());
    await stage.prompt.gone();
    assert.equal(await aborted, 'AbortError');
  });

  test('the person may take their time', async () => {
    const asked = transport(`${ADDRESS}/sign`, { method: 'POST', body: JSON.stringify({ content: CONTENT }) });
    await stage.prompt.ready();
    await new Promise((resolve) => setTimeout(resolve, 12_000)); // longer than a request may take to come
    await stage.prompt.enter(PIN2);
    assert.equal(JSON.parse((await asked).text).status, 'ok');
  });

  test('two at once: the second waits for its turn', async () => {
    const body = JSON.stringify({ content: CONTENT });
    const both = [1, 2].map(() => transport(`${ADDRESS}/sign`, { method: 'POST', body }));
    let done = 0;
    for (const one of both) one.then(() => done++);
    await stage.prompt.ready();
    const firstAt = stage.prompt.shownAt;
    await stage.prompt.enter(PIN2);
    await Promise.race(both);
    assert.equal(done, 1);
    await alone(firstAt);
    await stage.prompt.enter(PIN2);
    for (const { text } of await Promise.all(both)) assert.equal(JSON.parse(text).status, 'ok');
  });
});

describe('the page for people', () => {
  const WORDS = {
    en: { button: 'Sign a test', card: 'A card is in.', none: 'No card is in.', ok: 'It works: the card has signed the test.', no: 'You cancelled, or the PIN was not accepted.' },
    fi: { button: 'Allekirjoita testi', card: 'Kortti on lukijassa.', none: 'Lukijassa ei ole korttia.', ok: 'Toimii: kortti allekirjoitti testin.', no: 'Peruutit, tai tunnuslukua ei hyväksytty.' },
    sv: { button: 'Underteckna ett test', card: 'Ett kort sitter i läsaren.', none: 'Det finns inget kort i läsaren.', ok: 'Det fungerar: kortet har undertecknat testet.', no: 'Du avbröt, eller så godkändes inte PIN-koden.' },
  };
  let visitor;
  let complaints;
  before(async () => {
    await card.renew();
    await endAgent();
    await startAgent();
  });
  beforeEach(async () => {
    complaints = [];
    const opened = await stage.browser.newPage();
    opened.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    opened.on('pageerror', (error) => complaints.push(error.message));
    visitor = new Visitor(stage, opened);
  });
  afterEach(async () => {
    await visitor.page.close();
    await stage.prompt.gone();
    await stage.idle();
  });

  const said = (id, words) => visitor.page.locator(`#${id}`, { hasText: words }).waitFor();

  for (const [lang, words] of Object.entries(WORDS)) {
    test(`${lang}: says how it is, signs a test, has no barrier`, async () => {
      await visitor.page.goto(`${ADDRESS}/?lang=${lang}`);
      assert.equal(await visitor.page.getAttribute('html', 'lang'), lang);
      await said('interface', '1.2');
      await said('card', words.card);
      assert.equal(await visitor.text('#try'), words.button);
      assert.deepEqual(await visitor.accessibilityProblems(), []);
      await visitor.press('#try');
      await stage.prompt.ready();
      assert.match(stage.prompt.text, /localhost:53952/);
      await stage.prompt.enter(PIN1);
      await said('result', words.ok);
      assert.deepEqual(await visitor.accessibilityProblems(), []);
      await visitor.page.screenshot({ path: join(SHOTS, `page-${lang}.png`) });
      await visitor.press('#try');
      await stage.prompt.cancel();
      await said('result', words.no);
      assert.deepEqual(complaints, []);
    });
  }

  test('follows the card, and the switch', async () => {
    await visitor.page.goto('https://127.0.0.1:53952/');
    await said('card', WORDS.en.card);
    await card.command('remove');
    await said('card', WORDS.en.none);
    await visitor.page.locator('a[lang=fi]').press('Enter');
    await said('card', WORDS.fi.none);
    await card.command('insert');
    await said('card', WORDS.fi.card);
    assert.equal(await visitor.page.locator('a[aria-current]').innerText(), 'Suomi');
  });

  test("its words do not change the language of the person's windows", async () => {
    await visitor.page.goto(`${ADDRESS}/?lang=fi`);
    await said('card', WORDS.fi.card);
    await visitor.press('#try');
    await stage.prompt.ready();
    assert.match(stage.prompt.text, /Cancel/);
    await stage.prompt.cancel();
    await said('result', WORDS.fi.no);
  });
});

describe('the listener', () => {
  const ca = () => readFileSync(join(stateFolder(), 'localhost-issuer.pem'));

  /** A request of a program that is no browser. */
  async function ask({ path = '/version', method = 'GET', headers = {}, body, port = 53952, host = 'localhost' } = {}) {
    const asked = request({ host, port, path, method, headers: { Origin: 'https://a.example', ...headers }, ca: ca(), servername: 'localhost', agent: false });
    asked.end(body);
    const [response] = await once(asked, 'response');
    let text = '';
    for await (const chunk of response) text += chunk;
    return { status: response.statusCode, headers: response.headers, text };
  }

  for (const path of ['/', '/version', '/sign', '/anything']) {
    test(`OPTIONS ${path} lets a page ask`, async () => {
      const { status, headers, text } = await ask({ path, method: 'OPTIONS', headers: { 'Access-Control-Request-Private-Network': 'true', 'Access-Control-Request-Method': 'POST' } });
      assert.equal(status, 200);
      assert.equal(text, '');
      assert.equal(headers['access-control-allow-origin'], 'https://a.example');
      assert.equal(headers['access-control-allow-methods'], 'GET, POST');
      assert.equal(headers['access-control-allow-headers'], 'Accept, Content-Type');
      assert.equal(headers['access-control-allow-private-network'], 'true');
      assert.equal(headers.vary, 'Origin');
    });
  }

  for (const [what, options, status] of [
    ['another path', { path: '/signature' }, 404],
    ['another method', { method: 'DELETE' }, 405],
    ['another host: DNS rebinding', { headers: { Host: 'evil.example:53952' } }, 421],
    ['an insecure origin', { headers: { Origin: 'http://a.example' } }, 403],
    ['an opaque origin', { headers: { Origin: 'null' } }, 403],
    ['a chunked body', { path: '/sign', method: 'POST', headers: { 'Transfer-Encoding': 'chunked' }, body: 'x' }, 411],
    ['a body over the limit', { path: '/sign', method: 'POST', headers: { 'Content-Length': String(5 * 1024 * 1024) }, body: Buffer.alloc(5 * 1024 * 1024) }, 413],
  ]) {
    test(`${what}: ${status}`, async () => assert.equal((await ask(options)).status, status));
  }

  test('listens on loopback only', async () => {
    const { stdout } = await run('ss', ['-ltnH', 'sport = :53952']);
    assert.deepEqual(stdout.trim().split('\n').map((line) => line.split(/\s+/)[3]).sort(), ['127.0.0.1:53952', '[::1]:53952']);
  });

  test('who sends nothing, or never ends, is dropped; a page is served meanwhile', async () => {
    const slow = Array.from({ length: 40 }, (_, i) => {
      const socket = connectTls({ host: '127.0.0.1', port: 53952, ca: ca(), servername: 'localhost' });
      socket.on('error', () => {});
      if (i % 2 === 0) socket.on('secureConnect', () => socket.write('GET /version HTTP/1.1\r\nHost: loc'));
      return socket;
    });
    const closed = slow.map((socket) => new Promise((resolve) => socket.on('close', resolve)));
    assert.equal((await ask()).status, 200);
    await Promise.all(closed);
  });

  test('speaks TLS 1.2 and 1.3 with strong suites only', async () => {
    const { stdout } = await run('sslscan', ['--no-colour', '--show-certificate', '127.0.0.1:53952']);
    writeFileSync(join(SHOTS, 'sslscan.txt'), stdout);
    for (const old of ['SSLv2', 'SSLv3', 'TLSv1.0', 'TLSv1.1']) assert.match(stdout, new RegExp(`${old.replace('.', '\\.')}\\s+disabled`));
    for (const good of ['TLSv1.2', 'TLSv1.3']) assert.match(stdout, new RegExp(`${good.replace('.', '\\.')}\\s+enabled`));
    const suites = [...stdout.matchAll(/^(?:Preferred|Accepted)\s+(\S+)\s+(\d+) bits\s+(\S+)/gm)];
    assert.ok(suites.length >= 6, stdout);
    for (const [, , bits, suite] of suites) {
      assert.ok(Number(bits) >= 128);
      assert.match(suite, /^(TLS_(AES|CHACHA20)|ECDHE-ECDSA-(AES|CHACHA20)).*(GCM|POLY1305)/);
    }
    assert.match(stdout, /not vulnerable to heartbleed/);
    assert.match(stdout, /Compression disabled|does not support compression/);
    assert.match(stdout, /Altnames:\s+DNS:localhost, IP Address:127\.0\.0\.1/);
  });

  test('another user can not come in', async (t) => {
    if (Number(readFileSync('/proc/self/uid_map', 'utf8').trim().split(/\s+/)[2]) < 65535) return t.skip('needs root to become somebody else');
    const script = 'const s = require("net").connect(53952, "127.0.0.1", () => s.write("x".repeat(9))); s.on("error", () => {}); s.on("close", () => console.log("closed"));';
    const { stdout } = await run('setpriv', ['--reuid=65534', '--regid=65534', '--clear-groups', process.execPath, '-e', script],
      { env: { ...process.env, OPENSSL_CONF: '/dev/null' } }); // /etc is the test's own and hides from others
    assert.equal(stdout, 'closed\n');
  });

  test('a taken port is told by name, and the next one serves; doctor says it too', async () => {
    await endAgent();
    const script = 'require("net").createServer().listen(53952, "127.0.0.1", () => console.log("taken"))';
    const squatter = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(squatter.stdout, 'data');
    await startAgent();
    assert.equal((await ask({ port: 23124 })).status, 200);
    const log = readFileSync(join(stage.folder, 'log', 'agent.log'), 'utf8');
    assert.match(log, new RegExp(`port 53952 is taken by (node|MainThread) \\(pid ${squatter.pid}\\)`));
    const { stdout } = await tool('doctor').catch((error) => error);
    assert.match(stdout, new RegExp(`\\[!!\\] .*53952.*(node|MainThread).*${squatter.pid}`));
    squatter.kill();
    await once(squatter, 'exit');
    await endAgent();
    await startAgent();
    assert.match((await tool('doctor').catch((error) => error)).stdout, /\[ok\] .*53952/);
  });

  test('can be turned off, and moved', async () => {
    await endAgent();
    await startAgent({ scs: { enabled: false } });
    await assert.rejects(ask(), /ECONNREFUSED/);
    await endAgent();
    await startAgent({ scs: { ports: [40_404] } });
    assert.equal((await ask({ port: 40_404 })).status, 200);
  });

  test('a free port is needed by nobody: all taken, the other doors serve', async () => {
    await endAgent();
    const taken = await Promise.all([53952, 23124, 8089].map(async (port) => {
      const server = createServer();
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }));
    await startAgent();
    assert.match(readFileSync(join(stage.folder, 'log', 'agent.log'), 'utf8'), /no port is free for SCS/);
    for (const server of taken) server.close();
  });

  test('an agent whose certificates are gone makes them anew when a page knocks', async () => {
    await endAgent();
    rmSync(stateFolder(), { recursive: true });
    await startAgent();
    assert.ok(!existsSync(stateFolder()));
    const knock = connectTls({ host: '127.0.0.1', port: 53952, servername: 'localhost', rejectUnauthorized: false });
    await once(knock, 'secureConnect');
    knock.destroy();
    assert.equal((await ask()).status, 200);
    assert.equal(agent.exitCode, null);
  });
});
