/* Every kind of card at the host's pipe, with the real window and the real pcscd: log in, sign, a batch under one PIN
 * entry, a wrong PIN, a stopped batch. The server package verifies what comes out; the card's own count says how often a
 * PIN was sent. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createNonce, verifyAuthToken } from '../../js/server/index.js';
import { Asking, documents, ORIGIN, signing, verifyAll } from './asking.mjs';
import { enterPrivateNamespaces } from './namespaces.mjs';
import { Stage } from './stage.mjs';

await enterPrivateNamespaces();

const BUILD = process.env.KS_BUILD;
const BATCH = 50;

/** pins: what the holder types. refs: how the card's figures name the two PINs. each: the PIN goes before each signature,
 * whether or not the card keeps it (VERIFY_EACH of card/profile.h). */
const CARDS = [
  { profile: 'fineid-v4', refs: ['11', '82'], each: true },
  { profile: 'fineid-v4.1', refs: ['11', '82'], each: true },
  { profile: 'fineid-v3.1', refs: ['11', '82'] },
  { profile: 'fineid-v3.0', refs: ['11', '82'] },
  { profile: 'dvv-org', refs: ['03', '04'] },
  { profile: 'dvv-health', refs: ['03', '04'] },
  { profile: 'siths-standin', pins: ['123456', '654321'], refs: ['11', '83'], identities: 2 },
  { profile: 'pkcs15-a', refs: ['81', '82'] },
  { profile: 'pkcs15-b', refs: ['01', '02'] },
];

let stage;
let trustedCertificates;

before(async () => {
  const profiles = CARDS.map(({ profile, pins }) => (pins ? { profile, options: [] } : profile));
  stage = await Stage.open({ build: BUILD, profiles });
  trustedCertificates = [await readFile(join(stage.authority, 'ca.pem'), 'utf8')];
  for (const card of stage.cards) await card.command('remove');
});
after(() => stage?.close(join(BUILD, 'e2e', 'cards-log')));

for (const [i, { profile, pins: [pin1, pin2] = ['1234', '123456'], refs: [ref1, ref2], identities = 1, each = false }] of CARDS.entries()) {
  describe(profile, () => {
    let card;
    before(async () => {
      card = stage.cards[i];
      await card.renew();
    });
    after(async () => {
      await card.command('remove');
      await stage.prompt.gone();
      await stage.idle();
    });

    const asked = (files) => new Asking(stage.env, 'sign', signing(files));

    test('a wrong PIN, then log in; one PIN is sent each time', async () => {
      const challengeNonce = createNonce();
      const asking = new Asking(stage.env, 'authenticate', { challengeNonce });
      await stage.prompt.ready();
      const holders = stage.prompt.parts.filter(({ name, text }) => /Issued by/.test(name) || /Issued by/.test(text));
      assert.ok(holders.length >= identities, stage.prompt.text);
      await stage.prompt.enter(pin1.replace(/./, '9'));
      await stage.prompt.until('word of the wrong PIN', (_parts, text) => /wrong/i.test(text));
      await stage.prompt.enter(pin1);
      const { subject } = await verifyAuthToken(await asking.result(), { origin: ORIGIN, nonce: challengeNonce, trustedCertificates });
      assert.match(subject.commonName, /Maija/);
      assert.deepEqual((await card.stats()).verify_sent, { [ref1]: 2 });
      await stage.prompt.gone();
    });

    test(`${BATCH} documents are signed under one consent and one PIN entry, and the page hears how far it is`, async () => {
      await card.command('stats-reset');
      const files = documents(BATCH);
      const asking = asked(files);
      await stage.prompt.enter(pin2);
      const result = await asking.result();
      assert.equal(result.complete, true);
      await verifyAll(result, files, trustedCertificates);
      assert.deepEqual(asking.progress, Array.from({ length: BATCH }, (_, n) => n + 1));
      const { cds, verify_sent: sent } = await card.stats();
      // PIN2 covers one signature here: where it is first taken to last, one attempt is refused.
      assert.equal(cds, BATCH + (each ? 0 : 1));
      assert.deepEqual(sent, { [ref2]: BATCH });
      await stage.prompt.gone();
    });

    test('of a card that keeps PIN2 it is asked once', async () => {
      await card.command('stats-reset');
      await card.command('pin2 persistent');
      const files = documents(5);
      const asking = asked(files);
      await stage.prompt.enter(pin2);
      await verifyAll(await asking.result(), files, trustedCertificates);
      const { cds, verify_sent: sent } = await card.stats();
      assert.equal(cds, 5);
      assert.deepEqual(sent, { [ref2]: each ? 5 : 1 });
      await card.command('pin2 oneshot');
      await stage.prompt.gone();
    });

    test('a batch that the person stops gives what was signed', async () => {
      await card.command('stats-reset');
      await card.command('delay 20');
      const files = documents(BATCH);
      const asking = asked(files);
      asking.onprogress = ({ done }) => done === 3 && stage.prompt.press('Escape');
      await stage.prompt.enter(pin2);
      const result = await asking.result();
      assert.equal(result.complete, false);
      assert.ok(result.signatures.length >= 3 && result.signatures.length < BATCH, String(result.signatures.length));
      await verifyAll(result, files.slice(0, result.signatures.length), trustedCertificates);
      assert.equal((await card.stats()).cds, result.signatures.length + (each ? 0 : 1));
      await card.command('delay 0');
      await stage.prompt.gone();
    });
  });
}
