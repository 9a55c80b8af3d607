/* Readers with a PIN pad at the host's pipe, with the real window and the real pcscd: the PIN is typed on the reader, and
 * neither the window nor the signer has a field for it. The card counts the PINs that came to it. */
import assert from 'node:assert/strict';
import { createECDH, X509Certificate } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { createNonce, verifyAuthToken, verifySignature } from '../../js/server/index.js';
import { frame, Host } from './door_host.mjs';
import { enterPrivateNamespaces } from './namespaces.mjs';
import { ended, running } from './running.mjs';
import { Stage } from './stage.mjs';

await enterPrivateNamespaces();

const BUILD = process.env.KS_BUILD;
const ORIGIN = 'https://service.example';
const POLICY = '/etc/korttisilta/policy.d'; // of these namespaces
const AGENT = /^korttisilta-age/;
const PIN1 = '1234';
const PIN2 = '123456';

/** can_stop: the reader has the START features. refs: how the card's figures name the two PINs. */
const PADS = [
  { profile: 'fineid-v4', reader: 'pad', refs: ['11', '82'] },
  { profile: 'fineid-v4', reader: 'pad-start', refs: ['11', '82'], canStop: true },
  { profile: 'dvv-org', reader: 'pad', refs: ['03', '04'] },
  { profile: 'dvv-org', reader: 'pad-start', refs: ['03', '04'], canStop: true },
];
const FALSE_PADS = [
  { profile: 'fineid-v4', reader: 'false-pad', said: true },
  { profile: 'fineid-v4', reader: 'false-pad', readerName: 'OMNIKEY CardMan 3x21', said: false },
];

let stage;
let trustedCertificates;

before(async () => {
  putPolicy({ origins: { [ORIGIN]: { decrypt: true } } });
  stage = await Stage.open({ build: BUILD, profiles: [...PADS, ...FALSE_PADS] });
  trustedCertificates = [await readFile(join(stage.authority, 'ca.pem'), 'utf8')];
  for (const card of stage.cards) await card.command('remove');
});
after(() => stage?.close(join(BUILD, 'e2e', 'pad-log')));

/** The agent reads its files when it starts. */
function putPolicy(policy) {
  mkdirSync(POLICY, { recursive: true, mode: 0o755 });
  writeFileSync(join(POLICY, 'pad.json'), JSON.stringify(policy), { mode: 0o644 });
}

/** A request at the pipe of a host of its own. */
class Asking {
  constructor(method, params) {
    this.host = new Host({ env: stage.env });
    this.host.write(frame(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { ...params, lang: 'en' }, origin: ORIGIN })));
  }

  /** @returns {Promise<any>} the result */
  async result() {
    for (;;) {
      const message = await this.host.read();
      if (message.method === 'progress') continue;
      await this.host.close();
      if (message.error) throw new Error(message.error.data.name);
      return message.result;
    }
  }
}

function logIn() {
  const challengeNonce = createNonce();
  const asking = new Asking('authenticate', { challengeNonce });
  asking.verify = async () => verifyAuthToken(await asking.result(), { origin: ORIGIN, nonce: challengeNonce, trustedCertificates });
  return asking;
}

function sign(n) {
  const texts = Array.from({ length: n }, (_, i) => `This is document ${i + 1}.`);
  const asking = new Asking('sign', {
    documents: texts.map((text, i) => ({ name: `document-${i + 1}.txt`, mediaType: 'text/plain', content: Buffer.from(text).toString('base64') })),
    hashAlgorithm: 'SHA-256',
  });
  asking.verify = async (count = n) => {
    const { signatures, certificate } = await asking.result();
    assert.equal(signatures.length, count);
    for (const [i, { signature, signatureAlgorithm }] of signatures.entries()) {
      await verifySignature({ content: texts[i], signature, signatureAlgorithm, certificate, trustedCertificates });
    }
  };
  return asking;
}

/** The x-coordinate that the card's key agrees on with a key of the sender's. */
async function decrypt(card) {
  const cert = await card.read('4331');
  const { x, y } = new X509Certificate(cert).publicKey.export({ format: 'jwk' });
  const sender = createECDH('secp384r1');
  const publicKey = sender.generateKeys('base64');
  const asking = new Asking('decrypt', { algorithm: 'ECDH', publicKey });
  asking.verify = async () => {
    const { sharedSecret } = await asking.result();
    const point = Buffer.concat([Buffer.from([4]), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')]);
    assert.equal(sharedSecret, sender.computeSecret(point).toString('base64'));
  };
  return asking;
}

const says = (what) => stage.prompt.until(String(what), (_parts, text) => what.test(text));

/** Nothing that a PIN could be typed into is on the screen. */
function assertNoField() {
  assert.deepEqual(stage.prompt.parts.filter(({ role }) => role === 'password text'), []);
}

/** The person agrees in the window; then the reader waits. */
async function confirm() {
  await stage.prompt.appear();
  await stage.prompt.pressButton(/type the PIN on the reader/);
  await says(/Type PIN\d .* on the card reader|: type PIN\d .* on the card reader/);
  assertNoField();
}

async function waits(card) {
  for (;;) if (/^waiting/.test(await card.command('pinpad state'))) return;
}

for (const [i, { profile, reader, refs: [ref1, ref2], canStop }] of PADS.entries()) {
  describe(`${profile} in a reader of kind ${reader}`, () => {
    let card;
    before(async () => {
      card = stage.cards[i];
      await card.renew();
    });
    beforeEach(() => card.command('stats-reset'));
    afterEach(async () => {
      await stage.prompt.gone();
      await card.command('clear');
    });
    after(async () => {
      await card.command('remove');
      await stage.idle();
    });
    const sent = async () => {
      const { verify_sent: verified, from_pad: fromPad } = await card.stats();
      assert.equal(fromPad, Object.values(verified).reduce((sum, n) => sum + n, 0)); // none of them from this computer
      return verified;
    };

    test('log in, after a wrong PIN', async () => {
      const asking = logIn();
      await stage.prompt.appear();
      await says(/typed on the card reader · 5 tries left/);
      assertNoField();
      await confirm();
      await card.command('pinpad type 9999');
      await says(/was wrong/);
      await says(/4 tries left/);
      await confirm();
      await card.command(`pinpad type ${PIN1}`);
      const { subject } = await asking.verify();
      assert.match(subject.commonName, /Maija/);
      assert.deepEqual(await sent(), { [ref1]: 2 });
    });

    test('too few digits, nobody who types, then a signature', async () => {
      const asking = sign(1);
      await confirm();
      await card.command('pinpad type 123');
      await says(/wrong number of digits/);
      await confirm();
      await card.command('pinpad timeout');
      await says(/not typed on the card reader in time/);
      assert.deepEqual(await sent(), {});
      await confirm();
      await card.command(`pinpad type ${PIN2}`);
      await asking.verify();
      assert.deepEqual(await sent(), { [ref2]: 1 });
    });

    test('a batch: the reader asks again where the card does not keep the PIN, and the window says for which document', async () => {
      const asking = sign(3);
      await confirm();
      for (const n of [1, 2, 3]) {
        await says(new RegExp(`Document ${n} of 3: type PIN2`));
        await card.command(`pinpad type ${PIN2}`);
      }
      await asking.verify();
      assert.deepEqual(await sent(), { [ref2]: 3 });
    });

    test('a batch under one entry where the card keeps the PIN', async () => {
      await card.command('pin2 persistent');
      const asking = sign(5);
      await confirm();
      await card.command(`pinpad type ${PIN2}`);
      await asking.verify();
      assert.deepEqual(await sent(), { [ref2]: 1 });
      await card.command('pin2 oneshot');
    });

    test('cancelled on the reader: the page hears CANCELLED; in the middle of a batch it gets what was signed', async () => {
      const asking = logIn();
      await confirm();
      await card.command('pinpad cancel');
      await assert.rejects(asking.result(), /^Error: CANCELLED$/);
      assert.deepEqual(await sent(), {});
      await stage.prompt.gone();
      const batch = sign(3);
      await confirm();
      await card.command(`pinpad type ${PIN2}`);
      await says(/Document 2 of 3/);
      await card.command('pinpad cancel');
      await batch.verify(1);
    });

    test('the card is pulled while the reader waits', async () => {
      const asking = logIn();
      await confirm();
      await card.command('pinpad remove');
      await assert.rejects(asking.result(), /^Error: CARD_REMOVED$/);
      assert.deepEqual(await sent(), {});
      await stage.prompt.pressButton(/Close/);
      await card.command('insert');
    });

    test(canStop ? 'the window cancels at once' : 'the window says where to cancel, and does not pretend to', async () => {
      const asking = logIn();
      await confirm();
      await waits(card);
      if (!canStop) {
        await says(/press the cancel key of the reader/);
        assert.equal(stage.prompt.parts.find(({ name }) => name === 'Cancel').sensitive, false);
        await stage.prompt.press('Escape');
        await card.command(`pinpad type ${PIN1}`);
        await asking.verify();
        return;
      }
      await stage.prompt.press('Escape');
      await assert.rejects(asking.result(), /^Error: CANCELLED$/);
      assert.match(await card.command('pinpad state'), /^idle/);
      assert.deepEqual(await sent(), {});
    });

    test(canStop ? 'a page that goes away ends the entry' : 'a page that goes away ends it when the reader returns', async () => {
      const asking = logIn();
      await confirm();
      await waits(card);
      await asking.host.close();
      if (!canStop) await card.command('pinpad timeout');
      await stage.prompt.gone();
      await stage.idle();
      assert.match(await card.command('pinpad state'), /^idle/);
      assert.deepEqual(await sent(), {});
    });

    if (profile === 'fineid-v4') {
      test('decrypt, after nobody has typed', async () => {
        const asking = await decrypt(card);
        await confirm();
        await card.command('pinpad timeout');
        await says(/not typed on the card reader in time/);
        await confirm();
        await card.command(`pinpad type ${PIN1}`);
        await asking.verify();
        const { verify_sent: verified, decipher } = await card.stats();
        assert.deepEqual([verified, decipher], [{ [ref1]: 1 }, 1]);
      });
    }

    test('the last try is asked for in the window', async () => {
      await card.command(`tries ${ref1} 1`);
      const asking = logIn();
      await stage.prompt.appear();
      await says(/1 try left/);
      assert.ok(!stage.prompt.parts.some(({ name, sensitive }) => /type the PIN on the reader/.test(name) && sensitive));
      await stage.prompt.until('a box to agree in', (parts) => parts.some(({ role, sensitive }) => role === 'check box' && sensitive));
      await stage.prompt.until('focus on the box', (parts) => parts.some(({ role, focused }) => role === 'check box' && focused));
      await stage.prompt.press('space');
      await confirm();
      await card.command(`pinpad type ${PIN1}`);
      await asking.verify();
      assert.deepEqual(await sent(), { [ref1]: 1 });
    });
  });
}

for (const [i, { profile, reader, readerName, said }] of FALSE_PADS.entries()) {
  describe(`${profile} in a reader that only claims a pad, ${readerName ?? 'of a name that nobody knows'}`, () => {
    let card;
    before(async () => {
      card = stage.cards[PADS.length + i];
      await card.renew();
    });
    after(async () => {
      await card.command('remove');
      await stage.idle();
    });

    test(`the PIN is typed in the window${said ? ', which says why' : ''}; no try is used`, async () => {
      const asking = logIn();
      await stage.prompt.appear();
      if (said) {
        await stage.prompt.pressButton(/type the PIN on the reader/);
        await says(/keypad of the card reader does not work/);
      }
      await stage.prompt.ready();
      await says(/5 tries left/);
      await stage.prompt.enter(PIN1);
      await asking.verify();
      assert.deepEqual((await card.stats()).verify_sent, { 11: 1 });
      await stage.prompt.gone();
    });
  });
}

describe('when the policy has readers with a PIN pad used without it', () => {
  let card;
  const restart = async () => {
    for (const pid of running(AGENT)) process.kill(pid);
    await ended(AGENT, 20_000);
  };
  before(async () => {
    putPolicy({ pinPad: false });
    await restart();
    [card] = stage.cards;
    await card.renew();
  });
  after(async () => {
    rmSync(POLICY, { recursive: true });
    await restart();
    await card.command('remove');
    await stage.idle();
  });

  test('the PIN is typed in the window, and the reader asks for nothing', async () => {
    const before = await card.command('pinpad state');
    const asking = logIn();
    await stage.prompt.ready();
    await says(/5 tries left/);
    assert.ok(!stage.prompt.parts.some(({ name }) => /card reader/.test(name)));
    await stage.prompt.enter(PIN1);
    await asking.verify();
    assert.deepEqual((await card.stats()).verify_sent, { 11: 1 });
    assert.equal(await card.command('pinpad state'), before);
    await stage.prompt.gone();
  });
});
