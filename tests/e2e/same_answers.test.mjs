/* One operation, every door: the same certificate of the same card, a signature that means the same, and for the same
 * mishap the same reason, in the words of each door. */
import assert from 'node:assert/strict';
import { createHash, verify, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { createNonce, verifyAuthToken, verifySignature } from '../../js/server/index.js';
import { HOLDER, PIN1, PIN2, REFERENCE } from './cards.mjs';
import { frame, Host } from './door_host.mjs';
import { Page } from './door_page.mjs';
import { enterPrivateNamespaces } from './namespaces.mjs';
import { Stage } from './stage.mjs';
import { call } from './webeid_page.mjs';

await enterPrivateNamespaces();

const BUILD = process.env.KS_BUILD;
const WEB_EID = 'chrome-extension://ncibgoaomkmdpilpocfeponihegamlic/';
const CONTENT = 'Sopimus, jonka kaikki ovet allekirjoittavat.';
const HASH = 'SHA-384';
const GIVE = /Give the certificate/;

let stage;
let card;
let trustedCertificates;
let page;
const base64 = (bytes) => Buffer.from(bytes).toString('base64');
const digest = () => createHash('sha384').update(CONTENT).digest('base64');

/** The name of an error in a message of our own protocol, or of Web eID's, whose message begins with it. */
const reason = (error) => error.data?.name ?? error.message.split(':')[0];

class Refused extends Error {}

// ---- how a message gets to the program ----

/** One message at the pipe of a host as our extension has it. */
async function native(message) {
  const host = new Host({ env: stage.env });
  const { error, result } = await host.ask({ jsonrpc: '2.0', id: 1, origin: stage.origin, ...message });
  await host.close();
  if (error) throw new Refused(reason(error));
  return result;
}

async function websocket({ method, params }) {
  const socket = await Page.open(stage.origin);
  let answer = await socket.ask({ jsonrpc: '2.0', id: 1, method, params });
  while (answer.id === undefined) answer = await socket.read(); // progress
  await socket.close();
  if (answer.error) throw new Refused(reason(answer.error));
  return answer.result;
}

async function webEidPage(name, members) {
  const { result } = await call(page, name, { ...members, options: { lang: 'en' } });
  if (result.code) throw new Refused(reason(result));
  return result;
}

async function euWebEid(command, args) {
  const host = new Host({ env: stage.env }, [WEB_EID]);
  await host.read(); // its greeting
  host.write(frame(JSON.stringify({ command, arguments: { ...args, origin: stage.origin, lang: 'en' } })));
  const answer = await host.read();
  await host.close();
  if (answer.error) throw new Refused(reason(answer.error));
  return answer;
}

/** As a page's fetch would, without judging the certificate: tests/e2e/scs.test.mjs does. */
function https(body) {
  const options = {
    host: '127.0.0.1', port: 53952, path: '/sign', method: 'POST', rejectUnauthorized: false,
    headers: { origin: stage.origin, 'content-type': 'application/json' },
  };
  return new Promise((resolve, reject) => {
    request(options, async (response) => {
      const chunks = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve(Buffer.concat(chunks).toString());
    }).on('error', reject).end(body);
  });
}

async function scsInExtension(body) {
  return (await native({ method: 'scs', chosen: true, params: { method: 'POST', path: '/sign', body } })).body;
}

// ---- what each protocol calls the operations ----

const ours = (send) => ({
  authenticate: async (nonce) => tokenIsGood(await send({ method: 'authenticate', params: { lang: 'en', challengeNonce: nonce } }), nonce),
  certificate: async () => (await send({ method: 'getSigningCertificate', params: { lang: 'en' } })).certificate,
  sign: async () => {
    const documents = [{ name: 'sopimus.txt', mediaType: 'text/plain', content: base64(CONTENT) }];
    const { certificate, signatures: [signature] } = await send({ method: 'sign', params: { lang: 'en', documents, hashAlgorithm: HASH } });
    return signatureIsGood(signature, certificate);
  },
  wrong: () => send({ method: 'authenticate', params: { challengeNonce: 'short' } }),
});

const webEid = (send, names) => ({
  authenticate: async (nonce) => tokenIsGood(await send(names[0], { challengeNonce: nonce }), nonce),
  certificate: async () => (await send(names[1], {})).certificate,
  sign: async () => {
    const certificate = await leafFor(async () => (await send(names[1], {})).certificate);
    await stage.prompt.gone();
    return signatureIsGood(await send('sign', { certificate, hash: digest(), hashFunction: HASH }), certificate);
  },
  wrong: () => send(names[0], { challengeNonce: 'short' }),
});

const scs = (send) => {
  const sign = async (content, usage) => {
    const selector = { keyusages: [usage] };
    const asked = { version: '1.1', selector, content: base64(content), contentType: 'data', hashAlgorithm: 'SHA384', signatureType: 'signature' };
    const answer = JSON.parse(await send(JSON.stringify(asked)));
    if (answer.status !== 'ok') throw new Refused(answer.reasonCode);
    const leaf = new X509Certificate(Buffer.from(answer.chain[0], 'base64'));
    assert.equal(answer.signatureAlgorithm, 'SHA384withECDSA');
    assert.ok(verify('sha384', Buffer.from(content), { key: leaf.publicKey, dsaEncoding: encodingOf(answer.signature) }, Buffer.from(answer.signature, 'base64')));
    return leaf;
  };
  return {
    // Its nonces have 64 characters or more.
    authenticate: (nonce) => sign(`${stage.origin};${createHash('sha256').update(nonce).digest('hex')}`, 'digitalsignature'),
    sign: () => sign(CONTENT, 'nonrepudiation'),
    wrong: () => sign('', 'nonrepudiation'),
  };
};

/** @param {string} signature base64; two numbers of 48 bytes, or DER @returns {'ieee-p1363' | 'der'} */
function encodingOf(signature) {
  return Buffer.from(signature, 'base64').length === 96 ? 'ieee-p1363' : 'der';
}

async function tokenIsGood(token, nonce) {
  const { subject } = await verifyAuthToken(token, { origin: stage.origin, nonce, trustedCertificates });
  assert.equal(subject.serialNumber, HOLDER.satu);
  assert.equal(token.algorithm, 'ES384');
  return new X509Certificate(Buffer.from(token.unverifiedCertificate, 'base64'));
}

async function signatureIsGood({ signature, signatureAlgorithm }, certificate) {
  await verifySignature({ content: CONTENT, signature, signatureAlgorithm, certificate, trustedCertificates });
  assert.equal(signatureAlgorithm.hashFunction, HASH);
  return new X509Certificate(Buffer.from(certificate, 'base64'));
}

/** The person gives the certificate. */
async function leafFor(ask) {
  const asked = ask();
  await stage.prompt.appear();
  await stage.prompt.pressButton(GIVE);
  return asked;
}

/** Name, operations, and what each says when the person cancels, when the PIN is locked, and to a wrong request. */
const DOORS = [
  ['native messaging', ours(native), ['CANCELLED', 'PIN_BLOCKED', 'ARGUMENT']],
  ['the websocket', ours(websocket), ['CANCELLED', 'PIN_BLOCKED', 'ARGUMENT']],
  ['Web eID messages', webEid(webEidPage, ['authenticate', 'get-signing-certificate']), ['CANCELLED', 'PIN_BLOCKED', 'ARGUMENT']],
  ['eu.webeid', webEid(euWebEid, ['authenticate', 'get-signing-certificate']), ['CANCELLED', 'PIN_BLOCKED', 'ARGUMENT']],
  ['SCS', scs(https), [401, 401, 400]],
  ['SCS through the extension', scs(scsInExtension), [401, 401, 400]],
];

before(async () => {
  stage = await Stage.open({ build: BUILD });
  [card] = stage.cards;
  trustedCertificates = [await readFile(join(stage.authority, 'ca.pem'), 'utf8')];
  await native({ method: 'hello' }); // one agent serves every door, whoever has started it
  page = await stage.browser.newPage();
  await page.goto(`${stage.origin}/en/`);
});
after(() => stage?.close(join(BUILD, 'e2e', 'same_answers-log')));
beforeEach(() => card.renew());
afterEach(async () => {
  await stage.prompt.gone();
  await stage.idle();
});

/** The operation's outcome as the page has it. @param {Promise<any>} asked */
const outcome = (asked) => asked.then((value) => ({ value }), (error) => ({ error }));

/** What the first door said, which the others must say too. */
const said = new Map();
function sameAsBefore(what, leaf) {
  if (!said.has(what)) said.set(what, leaf.fingerprint256);
  assert.equal(leaf.fingerprint256, said.get(what));
}

for (const [door, operations, [cancelled, locked, wrong]] of DOORS) {
  describe(door, () => {
    test('logs in', async () => {
      const asked = operations.authenticate(createNonce());
      await stage.prompt.enter(PIN1);
      sameAsBefore('authentication', await asked);
      assert.deepEqual((await card.stats()).verify_sent, { [REFERENCE.pin1]: 1 });
    });

    if (operations.certificate) {
      test('gives the signing certificate', async () => {
        sameAsBefore('signature', new X509Certificate(Buffer.from(await leafFor(operations.certificate), 'base64')));
        assert.deepEqual((await card.stats()).verify_sent, {});
      });
    }

    test('signs', async () => {
      const asked = operations.sign();
      await stage.prompt.until('the PIN', (_parts, text) => /PIN2/.test(text));
      await stage.prompt.enter(PIN2);
      sameAsBefore('signature', await asked);
      assert.deepEqual((await card.stats()).verify_sent, { [REFERENCE.pin2]: 1 });
    });

    test('says that the person cancelled', async () => {
      const asked = outcome(operations.authenticate(createNonce()));
      await stage.prompt.cancel();
      assert.equal((await asked).error?.message, String(cancelled));
    });

    test('says that the PIN is locked when the person gives up, and sends none', async () => {
      await card.command(`block ${REFERENCE.pin1}`);
      const asked = outcome(operations.authenticate(createNonce()));
      await stage.prompt.until('the locked PIN', (_parts, text) => /locked/i.test(text));
      await stage.prompt.pressButton(/^Tell the service/);
      assert.equal((await asked).error?.message, String(locked));
      assert.deepEqual((await card.stats()).verify_sent, {});
    });

    test('refuses a wrong request without a window', async () => {
      assert.equal((await outcome(operations.wrong())).error?.message, String(wrong));
      assert.equal(stage.prompt.count, 0);
    });
  });
}
