/* What the services of scs_clients.mjs do with a card and a person, whichever way their requests go. */
import assert from 'node:assert/strict';
import { createHash, randomBytes, X509Certificate } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { verifySignedData } from '../../js/server/index.js';
import { PIN1, PIN2 } from './cards.mjs';
import { energy2020, energy2025, findScs, meikaId, puumerkkiLogin, puumerkkiPdf, puumerkkiVersion, scsJsSign, suomiFi } from './scs_clients.mjs';

const ADDRESS = 'https://localhost:53952';

/** The folder of the issuer's certificates. @param {import('./stage.mjs').Stage} stage */
const familyOf = (stage) => join(stage.authority, readdirSync(stage.authority, { withFileTypes: true }).find((entry) => entry.isDirectory()).name);

/** @param {import('./stage.mjs').Stage} stage @returns {string[]} roots that a service trusts, PEM */
export const trustedRoots = (stage) => [readFileSync(join(familyOf(stage), 'root.pem'), 'utf8')];

/** Does what the promise needs the person for. @param {Promise<T>} promise @param {string} pin @returns {Promise<T>} */
export async function withPin(stage, promise, pin) {
  const seen = promise.then((value) => ({ value }), (error) => ({ error }));
  const first = await Promise.race([seen, stage.prompt.appear().then(() => null)]);
  if (first === null) await stage.prompt.enter(pin);
  const { value, error } = await seen;
  if (error) throw error;
  await stage.prompt.gone();
  return value;
}

/**
 * @typedef {{ stage: import('./stage.mjs').Stage, transport: import('./scs_clients.mjs').Transport, origin: string }} Visit
 * @type {[string, (visit: Visit) => Promise<void>][]} each with a fresh card, and no window before and after
 */
export const SERVICES = [
  ['B: scs.js finds the program, and signs with the least that it can say', async ({ stage, transport }) => {
    const address = await findScs(transport);
    assert.match(address, /^https:\/\/(localhost|127\.0\.0\.1):53952$/);
    const content = randomBytes(40);
    const answer = await withPin(stage, scsJsSign(transport, address, { content: content.toString('base64') }), PIN2);
    assert.equal(answer.status, 'ok');
    assert.equal(answer.reasonCode, 200);
    assert.equal(answer.signatureAlgorithm, 'SHA256withRSA');
  }],
  ['A: random bytes are refused without a window, and the page falls back', async ({ stage, transport }) => {
    const { outcome, answer } = await suomiFi(transport);
    assert.equal(outcome, 'fallback');
    assert.equal(answer.reasonCode, 403);
    assert.equal(stage.prompt.count, 0);
  }],
  ['C: puumerkki logs in with what is bound to its origin', async ({ stage, transport, origin }) => {
    const version = await puumerkkiVersion(transport, ADDRESS);
    assert.equal(version.selectorAvailable, true);
    const { answer, good, leaf } = await withPin(stage, puumerkkiLogin(transport, ADDRESS, { origin, trusted: trustedRoots(stage) }), PIN1);
    assert.ok(good, JSON.stringify(answer));
    assert.match(leaf.subject, /^GN=Maija$/m);
    assert.deepEqual(Object.values((await stage.cards[0].stats()).verify_sent), [1]);
  }],
  ["C: another site's challenge is refused without a window", async ({ stage, transport }) => {
    const { answer } = await puumerkkiLogin(transport, ADDRESS, { origin: 'https://bank.example', trusted: trustedRoots(stage) });
    assert.equal(answer.reasonCode, 403);
    assert.equal(stage.prompt.count, 0);
  }],
  ['C: puumerkki signs the attributes of a PDF', async ({ stage, transport }) => {
    const { good } = await withPin(stage, puumerkkiPdf(transport, ADDRESS, { attributes: randomBytes(200), trusted: trustedRoots(stage) }), PIN2);
    assert.ok(good);
  }],
  ['D: energy certificates, first generation', async ({ stage, transport }) => {
    const { chain } = await withPin(stage, energy2020(transport, randomBytes(180)), PIN2);
    assert.equal(chain.length, 3);
  }],
  ['D: energy certificates, second generation: two languages, one after the other', async ({ stage, transport }) => {
    for (const lang of ['fi', 'sv']) {
      const content = Buffer.from(`energiatodistus ${lang}`);
      const digest = createHash('sha256').update(content).digest();
      const { signature } = await withPin(stage, energy2025(transport, digest), PIN2);
      const { isCades } = await verifySignedData({ content, signedData: signature, trustedCertificates: trustedRoots(stage) });
      assert.ok(isCades);
    }
  }],
  ['E: meika-id names the issuer in its own order and wants a chain of three', async ({ stage, transport }) => {
    const ca = new X509Certificate(readFileSync(join(familyOf(stage), 'ca.pem')));
    const issuer = ca.subject.split('\n').reverse().join(', ');
    const { answer, good } = await withPin(stage, meikaId(transport, { issuer, text: 'I am me' }), PIN2);
    assert.ok(good, JSON.stringify(answer));
  }],
];
