/* Has the card been revoked? The issuer's responder and list are OpenSSL's own programs behind a little HTTP server; the
 * person asks in the window or at the command line, or the administrator's policy asks every time. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { createNonce } from '../../js/server/index.js';
import { Asking, documents, signing } from './asking.mjs';
import { PIN1, REFERENCE } from './cards.mjs';
import { enterPrivateNamespaces } from './namespaces.mjs';
import { ended, running } from './running.mjs';
import { Stage } from './stage.mjs';

await enterPrivateNamespaces();

const run = promisify(execFile);
const BUILD = process.env.KS_BUILD;
const SHOTS = join(BUILD, 'e2e', 'revocation');
const PORT = 18_080; // of a private network
const CA_FOLDER = '/etc/korttisilta/ca.d'; // of these namespaces, as the next one
const POLICY = '/etc/korttisilta/policy.d';
const AGENT = /^korttisilta-age/;
const ASKS = /Ask the issuer if it has been revoked/;

let stage;
let card;
let issuer; // folder of its certificate and key
let work;

/** What the issuer's server does. */
class Issuer {
  /** @type {'good' | 'revoked' | 'absent'} what the responder says of the card, or that it has none */
  responder = 'good';
  /** @type {'good' | 'revoked' | 'absent'} the same for the list */
  list = 'absent';
  /** Keeps every question until it is set to false. */
  holds = false;
  asked = { ocsp: 0, list: 0 };
  #held = [];

  async open() {
    this.server = createServer((request, response) => this.#serve(request, response).catch((error) => response.destroy(error)));
    this.server.listen(PORT, '127.0.0.1');
    await once(this.server, 'listening');
  }

  reset() {
    Object.assign(this, { responder: 'good', list: 'absent', holds: false, asked: { ocsp: 0, list: 0 } });
    for (const response of this.#held.splice(0)) response.destroy();
  }

  async #serve(request, response) {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const what = request.url === '/ocsp' ? 'ocsp' : 'list';
    const state = what === 'ocsp' ? this.responder : this.list;
    this.asked[what]++;
    if (this.holds) {
      this.#held.push(response);
      return;
    }
    if (state === 'absent') {
      response.writeHead(404).end();
    } else if (what === 'ocsp') {
      response.writeHead(200, { 'content-type': 'application/ocsp-response' }).end(await respond(Buffer.concat(chunks), state));
    } else {
      response.writeHead(200, { 'content-type': 'application/pkix-crl' }).end(await list(state));
    }
  }

  close() {
    this.reset();
    this.server.close();
    this.server.closeAllConnections();
  }
}
const ca = new Issuer();

/** OpenSSL's database of a CA: every certificate of the card. */
async function database(state) {
  const certificates = ['4331', '5016/4332'].map((file) => new X509Certificate(readCertificate(file)));
  const rows = certificates.map(({ serialNumber }) => `${state === 'revoked' ? 'R' : 'V'}\t350101000000Z\t${state === 'revoked' ? '260102030405Z' : ''}\t${serialNumber}\tunknown\t/CN=holder`);
  writeFileSync(join(work, 'index.txt'), `${rows.join('\n')}\n`);
  writeFileSync(join(work, 'index.txt.attr'), 'unique_subject = no\n');
}

function readCertificate(file) {
  const bytes = readFileSync(join(stage.folder, 'cards', '0c', 'files', file));
  return bytes.subarray(0, 4 + bytes.readUInt16BE(2)); // files of cards are longer than what is in them
}

async function respond(request, state) {
  await database(state);
  writeFileSync(join(work, 'request'), request);
  await run('openssl', ['ocsp', '-index', join(work, 'index.txt'), '-CA', join(issuer, 'ca.pem'), '-rsigner', join(issuer, 'ca.pem'),
    '-rkey', join(issuer, 'ca.key'), '-reqin', join(work, 'request'), '-respout', join(work, 'response'), '-ndays', '1']);
  return readFileSync(join(work, 'response'));
}

async function list(state) {
  await database(state);
  writeFileSync(join(work, 'ca.cnf'), `[ca]\ndefault_ca=it\n[it]\ndatabase=${join(work, 'index.txt')}\ndefault_md=sha256\ndefault_crl_days=1\n`);
  await run('openssl', ['ca', '-gencrl', '-config', join(work, 'ca.cnf'), '-cert', join(issuer, 'ca.pem'), '-keyfile', join(issuer, 'ca.key'), '-out', join(work, 'list.pem')]);
  await run('openssl', ['crl', '-in', join(work, 'list.pem'), '-outform', 'DER', '-out', join(work, 'list.der')]);
  return readFileSync(join(work, 'list.der'));
}

before(async () => {
  const urls = ['--ocsp', `http://127.0.0.1:${PORT}/ocsp`, '--crl', `http://127.0.0.1:${PORT}/list.crl`];
  stage = await Stage.open({ build: BUILD, profiles: [{ profile: 'fineid-v4', options: ['--pin1', PIN1, '--pin2', '123456', ...urls] }] });
  [card] = stage.cards;
  const family = readdirSync(stage.authority, { withFileTypes: true }).find((entry) => entry.isDirectory()).name;
  issuer = join(stage.authority, family);
  work = await stage.save({});
  await mkdir(SHOTS, { recursive: true });
  mkdirSync(CA_FOLDER, { recursive: true, mode: 0o755 });
  writeFileSync(join(CA_FOLDER, 'all.pem'), readFileSync(join(issuer, 'ca.pem'), 'utf8') + readFileSync(join(issuer, 'root.pem'), 'utf8'), { mode: 0o644 });
  await ca.open();
});
after(async () => {
  ca.close();
  await stage?.close(join(BUILD, 'e2e', 'revocation-log'));
});
beforeEach(async () => {
  ca.reset();
  await card.renew();
});
afterEach(async () => {
  await stage.prompt.gone();
  await stage.idle();
});

/** The agent reads its files when it starts. */
async function policy(check) {
  for (const pid of running(AGENT)) process.kill(pid);
  await ended(AGENT, 20_000);
  rmSync(POLICY, { recursive: true, force: true });
  if (check) {
    mkdirSync(POLICY, { recursive: true, mode: 0o755 });
    writeFileSync(join(POLICY, 'check.json'), JSON.stringify({ revocationCheck: check }), { mode: 0o644 });
  }
}

let visits = 0;
/** An origin of its own each time: three cancels in a row make one wait. */
async function logIn(lang = 'en') {
  const asking = new Asking(stage.env, 'authenticate', { lang, challengeNonce: createNonce() }, `https://s${visits++}.example`);
  await stage.prompt.appear();
  return asking;
}

const sent = async () => (await card.stats()).verify_sent[REFERENCE.pin1] ?? 0;

describe('when the person asks', () => {
  before(() => policy(undefined));

  test('nobody is asked before that', async () => {
    const asking = await logIn();
    await stage.prompt.ready();
    await stage.prompt.enter(PIN1);
    await asking.result();
    assert.deepEqual(ca.asked, { ocsp: 0, list: 0 });
  });

  test('a good card is said to be good, and the log in goes on', async () => {
    const asking = await logIn();
    await stage.prompt.ready();
    await stage.prompt.screenshot(join(SHOTS, 'before.png'));
    await stage.prompt.pressButton(ASKS);
    await stage.prompt.until('the issuer’s word', (_parts, text) => text.includes('Not revoked, says the issuer now'));
    await stage.prompt.ready();
    await stage.prompt.screenshot(join(SHOTS, 'good.png'));
    assert.deepEqual(ca.asked, { ocsp: 1, list: 0 });
    await stage.prompt.enter(PIN1);
    assert.ok((await asking.result()).unverifiedCertificate);
    assert.equal(await sent(), 1);
  });

  for (const [lang, said, button, report] of [
    ['en', /The issuer has revoked the certificate/, ASKS, /Tell the service that the card can't be used/],
    ['fi', /on sulkenut/, /Kysy myöntäjältä/, /Ilmoita palveluun/],
    ['sv', /har spärrat/, /Fråga utfärdaren/, /Meddela tjänsten/],
  ]) {
    test(`a revoked card can't be used, in ${lang}; the page hears it when the person tells`, async () => {
      ca.responder = 'revoked';
      const asking = await logIn(lang);
      await stage.prompt.ready();
      await stage.prompt.pressButton(button);
      await stage.prompt.until('that it is revoked', () => said.test(stage.prompt.text) && stage.prompt.parts.every(({ role }) => role !== 'password text'));
      await stage.prompt.screenshot(join(SHOTS, `revoked-${lang}.png`));
      await stage.prompt.pressButton(report);
      await assert.rejects(asking.result(), /CERT_REVOKED/);
      assert.equal(await sent(), 0);
    });
  }

  for (const [what, set, want, asked] of [
    ['the list says it when the responder is gone', { responder: 'absent', list: 'good' }, /Not revoked/, { ocsp: 1, list: 1 }],
    ['nobody answers: it is said, and the person decides', { responder: 'absent', list: 'absent' }, /could not be (found out|asked)/, { ocsp: 1, list: 1 }],
  ]) {
    test(what, async () => {
      Object.assign(ca, set);
      const asking = await logIn();
      await stage.prompt.ready();
      await stage.prompt.pressButton(ASKS);
      await stage.prompt.until('the outcome', (_parts, text) => want.test(text));
      assert.deepEqual(ca.asked, asked);
      await stage.prompt.ready();
      await stage.prompt.enter(PIN1);
      assert.ok((await asking.result()).unverifiedCertificate);
    });
  }

  test('the list says that it is revoked', async () => {
    Object.assign(ca, { responder: 'absent', list: 'revoked' });
    const asking = await logIn();
    await stage.prompt.ready();
    await stage.prompt.pressButton(ASKS);
    await stage.prompt.pressButton(/Tell the service that the card can't be used/);
    await assert.rejects(asking.result(), /CERT_REVOKED/);
  });

  test('an issuer that does not answer is not waited for when the person cancels', async () => {
    ca.holds = true;
    const asking = await logIn();
    await stage.prompt.ready();
    await stage.prompt.pressButton(ASKS);
    await stage.prompt.until('that it is being asked', (_parts, text) => /Asking the issuer/.test(text));
    await stage.prompt.screenshot(join(SHOTS, 'asking.png'));
    await stage.prompt.pressButton(/^Cancel/);
    await assert.rejects(asking.result(), /CANCELLED/);
    await ended(/^korttisilta-rev/, 5_000);
  });

  test('at the command line', async () => {
    const check = async () => (await run(join(stage.bin, 'korttisilta'), ['cards', '--check'], { env: { ...stage.env, LC_ALL: 'C.UTF-8' } })).stdout;
    assert.equal((await check()).match(/Revoked: no, says the issuer now/g).length, 2);
    ca.responder = 'revoked';
    assert.equal((await check()).match(/Revoked: yes, since 2026-01-02/g).length, 2);
    ca.responder = 'absent';
    assert.equal((await check()).match(/Revoked: it could not be found out/g).length, 2);
  });
});

describe('of a file that somebody has signed', () => {
  /** What korttisilta verify finds by the computer's own CA folder. @returns {Promise<[number, string]>} exit status, trust */
  async function verify(...words) {
    const { code = 0, stdout } = await run(join(stage.bin, 'korttisilta'), ['verify', '--json', ...words], { env: stage.env }).catch((error) => error);
    return [code, JSON.parse(stdout).signatures[0].trust];
  }

  test('the issuer is asked only when the person wants it', async () => {
    await policy();
    const asking = new Asking(stage.env, 'sign', { ...signing(documents(1)), format: 'cades', attached: true });
    await stage.prompt.ready();
    await stage.prompt.enter('123456');
    const { signatures: [{ signature }] } = await asking.result();
    const signed = join(work, 'signed.p7m');
    writeFileSync(signed, Buffer.from(signature, 'base64'));
    assert.deepEqual(await verify(signed), [0, 'trusted']);
    assert.deepEqual(ca.asked, { ocsp: 0, list: 0 });
    assert.deepEqual(await verify('--check', signed), [0, 'trusted']);
    assert.deepEqual(ca.asked, { ocsp: 1, list: 0 });
    ca.responder = 'revoked';
    assert.deepEqual(await verify('--check', signed), [5, 'revoked']);
    ca.responder = 'absent';
    assert.deepEqual(await verify('--check', signed), [5, 'unchecked']);
    assert.deepEqual(await verify('--check', '--ca', join(issuer, 'root.pem'), signed), [5, 'unchecked']);
  });
});

describe('when the policy asks every time', () => {
  before(() => policy('always'));

  test('a good card logs in', async () => {
    const asking = await logIn();
    await stage.prompt.ready();
    await stage.prompt.enter(PIN1);
    assert.ok((await asking.result()).unverifiedCertificate);
    assert.deepEqual(ca.asked, { ocsp: 1, list: 0 });
  });

  for (const [what, state, error] of [['revoked card', 'revoked', /CERT_REVOKED/], ['card that nobody knows of', 'absent', /CERT_UNCHECKED/]]) {
    test(`a ${what} is refused before the PIN is sent, and the window explains it`, async () => {
      ca.responder = state;
      const asking = await logIn();
      await stage.prompt.ready();
      await stage.prompt.enter(PIN1);
      await assert.rejects(asking.result(), error);
      assert.equal(await sent(), 0);
      await stage.prompt.until('why', (_parts, text) => /revoked/.test(text) && /Close/.test(text));
      await stage.prompt.screenshot(join(SHOTS, `always-${state}.png`));
      await stage.prompt.pressButton(/Close/);
    });
  }
});

describe('when the policy never asks', () => {
  before(() => policy('never'));
  test('the window does not offer it', async () => {
    const asking = await logIn();
    await stage.prompt.ready();
    assert.ok(!stage.prompt.parts.some(({ name }) => ASKS.test(name)), stage.prompt.text);
    await stage.prompt.enter(PIN1);
    await asking.result();
    assert.deepEqual(ca.asked, { ocsp: 0, list: 0 });
  });
});
