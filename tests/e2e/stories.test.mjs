/* What people do with Korttisilta, played in Debian's Chromium with the real windows, the real pcscd and virtual cards,
 * the same over both doors. Every story ends with what the service verified on its server and with the card's own count
 * of PINs that it was sent. Screenshots: build/e2e/. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createNonce, verifyAuthToken, verifySignature } from '../../js/server/index.js';
import { HOLDER, PIN1, PIN2, REFERENCE } from './cards.mjs';
import { enterPrivateNamespaces } from './namespaces.mjs';
import { ServiceClient } from './service_client.mjs';
import { Stage } from './stage.mjs';
import { Visitor } from './visitor.mjs';

await enterPrivateNamespaces();

const run = promisify(execFile);
const BUILD = process.env.KS_BUILD ?? fileURLToPath(new URL('../../build', import.meta.url));
const CHECK = fileURLToPath(new URL('../../demo/check-signature', import.meta.url));
const NAME = `${HOLDER.given} ${HOLDER.surname}`;
const COMPANY = { name: 'Päiväkoti Peukaloinen Oy', businessId: '9123456-5' };
const WRONG_PIN = '9876';
const OTHER = 'toinen.test';
/** A name that the browser takes for a site of the public network. */
const PUBLIC = 'julkinen.test';
/** Left-to-right text whose bidirectional and control characters would make it read otherwise. */
const SLY = 'Lasku 10 €\u202E000 1\u202C\u200B maksu\u0007nyt\u2066 heti\u2069';
const SLY_SHOWN = 'Lasku 10 €000 1 maksu nyt heti';
const BARRED = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u200B-\u200F\u202A-\u202E\u2060-\u2069\uFEFF]/;

for (const door of ['extension', 'websocket']) {
  describe(`over the ${door} door`, () => stories(door));
}

function stories(door) {
  const pictures = join(BUILD, 'e2e', door);
  let stage;
  let v4;
  let v31;

  before(async () => {
    rmSync(pictures, { recursive: true, force: true });
    mkdirSync(pictures, { recursive: true });
    stage = await Stage.open({ door, build: BUILD, profiles: ['fineid-v4', 'fineid-v3.1'], hosts: [OTHER, PUBLIC], publicHosts: [PUBLIC] });
    [v4, v31] = stage.cards;
  });

  after(() => stage?.close(join(pictures, 'log')));

  beforeEach(async () => {
    await v4.renew();
    await v31.renew();
    await v31.command('remove');
    await stage.browser.clearCookies();
  });

  afterEach(async () => {
    for (const page of stage.browser.pages().slice(1)) await page.close();
    await stage.prompt.gone();
    await stage.idle();
  });

  /** A test that says what was on the screen when it fails. */
  function story(name, play) {
    test(name, async (t) => {
      try {
        await play(t);
      } catch (error) {
        await picture(`failed-${name.replace(/\W+/g, '-')}`);
        const pages = await Promise.all(stage.browser.pages().slice(1).map((page) => page.locator('main').innerText()));
        error.message += `\n--- window:\n${stage.prompt.text}\n--- pages:\n${pages.join('\n---\n')}`;
        throw error;
      }
    });
  }

  const picture = (name) => stage.prompt.screenshot(join(pictures, `${name}.png`));

  /** Exactly these PINs were sent to the card, and no others. */
  async function assertSent(card, sent) {
    assert.deepEqual((await card.stats()).verify_sent, sent);
  }

  /** What a server of `origin` would verify. */
  async function verify(token, origin, nonce) {
    const trustedCertificates = [await readFile(join(stage.authority, 'ca.pem'), 'utf8')];
    return verifyAuthToken(token, { origin, nonce, trustedCertificates });
  }

  async function loggedIn(lang = 'en') {
    const visitor = await Visitor.arrive(stage, lang);
    await visitor.identify(PIN1);
    return visitor;
  }

  story('a person logs in with a card of 2024', async () => {
    const visitor = await Visitor.arrive(stage, 'fi');
    await visitor.askToIdentify();
    await stage.prompt.ready();
    await picture('login');
    await stage.prompt.enter(PIN1);
    assert.deepEqual(await visitor.identity(), { name: NAME, serial: HOLDER.satu, algorithm: 'ES384' });
    await picture('login-identity');
    await assertSent(v4, { [REFERENCE.pin1]: 1 });
  });

  story('a person logs in with an older card', async () => {
    await v4.command('remove');
    await v31.renew();
    const visitor = await Visitor.arrive(stage, 'sv');
    const identity = await visitor.identify(PIN1);
    assert.equal(identity.serial, HOLDER.satu);
    assert.match(identity.algorithm, /^(RS|PS)256$/);
    await assertSent(v31, { [REFERENCE.pin1]: 1 });
  });

  story('a person signs a contract for a company', async () => {
    const visitor = await loggedIn('fi');
    await visitor.open('contract', COMPANY.businessId);
    await visitor.askToSign();
    await stage.prompt.ready();
    for (const shown of [stage.origin, COMPANY.name, COMPANY.businessId, 'palvelusopimus.pdf']) {
      assert.ok(stage.prompt.text.includes(shown), `${shown} is not in the window:\n${stage.prompt.text}`);
    }
    await picture('sign');
    await stage.prompt.enter(PIN2);
    const { signer, onBehalfOf, documents } = await visitor.receipt();
    await picture('sign-receipt');
    assert.equal(signer.serialNumber, HOLDER.satu);
    assert.equal(onBehalfOf.businessId, COMPANY.businessId);
    assert.equal(documents.length, 1);
    await assertSent(v4, { [REFERENCE.pin1]: 1, [REFERENCE.pin2]: 1 });
  });

  story('a person signs three attachments under one consent', async () => {
    const visitor = await loggedIn();
    await visitor.open('attachments');
    const before = await v4.stats();
    await visitor.askToSign();
    await stage.prompt.ready();
    await picture('sign-three');
    await stage.prompt.enter(PIN2);
    const { documents } = await visitor.receipt();
    assert.equal(documents.length, 3);
    assert.equal(new Set(documents.map(({ signature }) => signature)).size, 3);
    const { cds, verify_sent: sent } = await v4.stats();
    assert.equal(cds - before.cds, 3);
    // The signature key wants its PIN before each use: three are needed, a fourth would be one too many.
    assert.deepEqual(sent, { [REFERENCE.pin1]: 1, [REFERENCE.pin2]: 3 });
  });

  story('a person cancels, and can begin again', async () => {
    const visitor = await Visitor.arrive(stage, 'en');
    await visitor.askToIdentify();
    await stage.prompt.cancel();
    assert.equal((await visitor.problem()).code, 'CANCELLED');
    await picture('cancel');
    await assertSent(v4, {});
    assert.equal((await visitor.identify(PIN1)).serial, HOLDER.satu);
  });

  story('the page stops its own request, and the window goes', async () => {
    const visitor = await Visitor.arrive(stage, 'en');
    await visitor.askToIdentify();
    await stage.prompt.ready();
    await visitor.press('#stop');
    assert.equal((await visitor.problem()).code, 'ABORTED');
    await stage.prompt.gone();
    await assertSent(v4, {});
  });

  story('a wrong PIN is told in the same window, and the right one works', async () => {
    const visitor = await Visitor.arrive(stage, 'en');
    await visitor.askToIdentify();
    await stage.prompt.enter(WRONG_PIN);
    await stage.prompt.until('the tries left', (_parts, text) => /wrong/i.test(text) && /\b4\b/.test(text));
    await picture('wrong-pin');
    await stage.prompt.enter(PIN1);
    assert.equal((await visitor.identity()).serial, HOLDER.satu);
    await assertSent(v4, { [REFERENCE.pin1]: 2 });
  });

  story('a locked PIN is explained in the window and told to the page, and no PIN is sent', async () => {
    await v4.command(`block ${REFERENCE.pin1}`);
    const visitor = await Visitor.arrive(stage, 'en');
    await visitor.askToIdentify();
    await stage.prompt.appear();
    await stage.prompt.until('an explanation', (_parts, text) => /PIN1 .* is locked/.test(text));
    await picture('blocked');
    // Another card would do as well: the person says that there is none.
    await stage.prompt.pressButton(/can't be used/);
    const { code, help } = await visitor.problem();
    assert.equal(code, 'PIN_BLOCKED');
    assert.match(help, /PUK/);
    await stage.prompt.gone();
    await assertSent(v4, {});
  });

  story('a person without a card in puts it in while the window waits', async () => {
    await v4.command('remove');
    const visitor = await Visitor.arrive(stage, 'en');
    await visitor.askToIdentify();
    await stage.prompt.appear();
    await stage.prompt.until('a request for the card', (_parts, text) => /card/i.test(text) && /reader/i.test(text));
    await picture('no-card');
    await v4.command('insert');
    await stage.prompt.enter(PIN1);
    assert.equal((await visitor.identity()).serial, HOLDER.satu);
    await assertSent(v4, { [REFERENCE.pin1]: 1 });
  });

  story('a card that is pulled out while it signs ends the request; nothing was signed, and the next try works', async () => {
    const visitor = await loggedIn();
    await visitor.open('contract');
    await visitor.askToSign();
    await stage.prompt.ready();
    const exchanges = await exchangesOfSigning();
    await visitor.page.goBack();
    await visitor.askToSign();
    await stage.prompt.ready();
    // The last exchange is the one that brings the signature: the PIN has been accepted by then.
    await v4.command(`remove-at ${exchanges}`);
    const before = await v4.stats();
    await stage.prompt.enter(PIN2);
    assert.equal((await visitor.problem()).code, 'CARD_REMOVED');
    await picture('pulled');
    await assertSent(v4, { ...before.verify_sent, [REFERENCE.pin2]: before.verify_sent[REFERENCE.pin2] + 1 });
    await v4.command('insert');
    await visitor.askToSign();
    await stage.prompt.enter(PIN2);
    assert.equal((await visitor.receipt()).documents.length, 1);
    await assertSent(v4, { ...before.verify_sent, [REFERENCE.pin2]: before.verify_sent[REFERENCE.pin2] + 2 });

    async function exchangesOfSigning() {
      const { exchanges: ready } = await v4.stats();
      await stage.prompt.enter(PIN2);
      await visitor.receipt();
      return (await v4.stats()).exchanges - ready;
    }
  });

  story('two tabs are served one after the other, never with two windows', async () => {
    const [one, two] = [await Visitor.arrive(stage, 'en'), await Visitor.arrive(stage, 'en')];
    await one.page.bringToFront();
    await one.askToIdentify();
    await stage.prompt.ready();
    const nonce = createNonce();
    const asked = two.call('authenticate', nonce);
    await two.hasAsked();
    assert.equal(stage.prompt.count, 1);
    await stage.prompt.enter(PIN1);
    assert.equal((await one.identity()).serial, HOLDER.satu);
    await stage.prompt.enter(PIN1);
    const { subject } = await verify(await asked, stage.origin, nonce);
    assert.equal(subject.serialNumber, HOLDER.satu);
    await assertSent(v4, { [REFERENCE.pin1]: 2 });
  });

  story('a page that is closed takes its window with it, and leaves no process behind', async (t) => {
    const visitor = await Visitor.arrive(stage, 'en');
    await visitor.askToIdentify();
    await stage.prompt.ready();
    const closed = performance.now();
    const gone = stage.prompt.gone();
    await visitor.page.close();
    const took = (await gone) - closed;
    t.diagnostic(`window gone ${took.toFixed(0)} ms after the page was told to close`);
    await stage.idle();
    await assertSent(v4, {});
  });

  story('a page of another origin cannot use what it gets at the first one', async () => {
    const other = stage.origins[OTHER];
    const mallila = new ServiceClient(stage.origin, await readFile(stage.tlsAuthority));
    await mallila.get('/en/');
    const { answer } = await mallila.call('/login/nonce');

    const visitor = await Visitor.arrive(stage, 'en', other);
    const asked = visitor.call('authenticate', answer.nonce, { purpose: 'Log in to Mallila' });
    await stage.prompt.ready();
    assert.ok(stage.prompt.text.includes(OTHER), stage.prompt.text);
    assert.ok(!stage.prompt.text.includes(stage.origin), stage.prompt.text);
    await stage.prompt.enter(PIN1);
    const token = await asked;

    // It is a good token of the origin that the browser told, and worth nothing at the other.
    const { subject } = await verify(token, other, answer.nonce);
    assert.equal(subject.serialNumber, HOLDER.satu);
    const { status, answer: refusal } = await mallila.call('/login', { token });
    assert.deepEqual([status, refusal.code], [403, 'TOKEN']);
    // The nonce has been used up by the attempt.
    assert.equal((await mallila.call('/login', { token })).answer.code, 'NONCE');
  });

  story('what a site says is shown without characters that make it read otherwise', async () => {
    const visitor = await Visitor.arrive(stage, 'en');
    const asked = visitor.call('authenticate', createNonce(), { purpose: SLY, onBehalfOf: { name: `\u202E${COMPANY.name}` } });
    await stage.prompt.ready();
    const { text } = stage.prompt;
    await picture('sly-text');
    assert.ok(text.includes(SLY_SHOWN), text);
    assert.ok(text.includes(COMPANY.name), text);
    assert.doesNotMatch(text, BARRED);
    await stage.prompt.press('Escape');
    assert.deepEqual(await asked, { code: 'CANCELLED', retry: true });
  });

  story('a page gets the signing certificate without a PIN, and a digest is signed with that very certificate', async () => {
    const visitor = await Visitor.arrive(stage, 'en');
    const given = visitor.call('getSigningCertificate', { purpose: 'Prepare the document' });
    await stage.prompt.appear();
    await stage.prompt.until('the holder', (_parts, text) => text.includes(HOLDER.satu));
    assert.ok(!stage.prompt.parts.some(({ role }) => role === 'password text'), stage.prompt.text);
    await stage.prompt.pressButton(/^Give the certificate/);
    const { certificate, supportedSignatureAlgorithms } = await given;
    assert.deepEqual(supportedSignatureAlgorithms[0], { cryptoAlgorithm: 'ECC', hashFunction: 'SHA-384', paddingScheme: 'NONE' });
    await assertSent(v4, {});

    const digest = createHash('sha256').update('a long report').digest();
    const document = { name: 'report.pdf', mediaType: 'application/pdf', size: 13, digest: digest.toString('base64') };
    const asked = visitor.call('sign', [document], { hashAlgorithm: 'SHA-256', certificate });
    await stage.prompt.ready();
    assert.match(stage.prompt.text, /has not seen the content/);
    await picture('sign-digest');
    await stage.prompt.enter(PIN2);
    const { signatures: [{ signature, signatureAlgorithm }] } = await asked;
    const trustedCertificates = [await readFile(join(stage.authority, 'ca.pem'), 'utf8')];
    const { subject } = await verifySignature({ digest, signature, signatureAlgorithm, certificate, trustedCertificates });
    assert.equal(subject.serialNumber, HOLDER.satu);
    await assertSent(v4, { [REFERENCE.pin2]: 1 });
  });

  story('a site hears of cards when the person lets it, and asks only once', async () => {
    const visitor = await Visitor.arrive(stage, 'en');
    const subscribed = visitor.listenToCards();
    await stage.prompt.appear();
    await stage.prompt.pressButton(/^Allow/);
    await subscribed;
    await v4.command('remove');
    await visitor.hears('removed');
    await v4.command('insert');
    await visitor.hears('removed inserted');
    const again = await Visitor.arrive(stage, 'en');
    await again.listenToCards();
    assert.equal(stage.prompt.count, 0);
    await assertSent(v4, {});
  });

  story('the signed PDF that the service gives verifies with OpenSSL alone', async () => {
    const visitor = await loggedIn();
    await visitor.open('contract');
    await visitor.askToSign();
    await stage.prompt.enter(PIN2);
    const { documents: [{ format, size }] } = await visitor.receipt();
    assert.equal(format, 'pades-cms');
    const pdf = await visitor.download('#document-0');
    assert.equal(pdf.length, size);
    const folder = await stage.save({ pdf });
    const { stdout } = await run(CHECK, [join(folder, 'pdf'), join(stage.authority, 'chain.pem')]);
    assert.match(stdout, new RegExp(HOLDER.satu));
    assert.match(stdout, /Verified OK \(CAdES\)/);
    assert.match(stdout, /certificate.pem: OK/);
    pdf[pdf.indexOf('/Title') + 10] ^= 1;
    const changed = await stage.save({ pdf });
    await assert.rejects(run(CHECK, [join(changed, 'pdf'), join(stage.authority, 'chain.pem')]));
  });

  story('a raw signature that the service gives verifies with OpenSSL alone', async () => {
    const visitor = await loggedIn();
    await visitor.open('attachments');
    await visitor.askToSign();
    await stage.prompt.enter(PIN2);
    const { documents: [{ algorithm }] } = await visitor.receipt();
    const folder = await stage.save({
      document: await visitor.download('#document-0'),
      signature: await visitor.download('#signature-0'),
      certificate: await visitor.download('#certificate'),
    });
    const { stdout } = await run(CHECK, [
      join(folder, 'document'), join(folder, 'signature'), join(folder, 'certificate'), join(stage.authority, 'chain.pem'), algorithm.hashFunction]);
    assert.match(stdout, /Verified OK/);
    assert.match(stdout, /certificate: OK/);
  });

  if (door === 'extension') {
    story('a public site needs no permission of the browser through the extension', async () => {
      const visitor = await Visitor.arrive(stage, 'en', stage.origins[PUBLIC]);
      assert.equal((await visitor.identify(PIN1)).serial, HOLDER.satu);
      assert.equal(await visitor.permission(), 'prompt');
    });

    story('every page is usable by the rules of WCAG 2.2 AA that a program can check', async () => {
      const visitor = await Visitor.arrive(stage, 'en');
      const check = async () => assert.deepEqual(await visitor.accessibilityProblems(), [], visitor.page.url());
      await check();
      await visitor.page.goto(`${stage.origin}/sv/nowhere`);
      await check();
      await visitor.page.goto(`${stage.origin}/fi/`);
      await visitor.askToIdentify();
      await stage.prompt.ready();
      await check();
      await stage.prompt.cancel();
      await visitor.problem();
      await check();
      await visitor.identify(PIN1);
      await check();
      await visitor.open('attachments', '9123456-5');
      await check();
      await visitor.askToSign();
      await stage.prompt.enter(PIN2);
      await visitor.receipt();
      await check();
      await visitor.page.goto(`${stage.origin}/fi/tasks`);
      await check();
    });
  } else {
    story('a public site asks the browser first: refused, the page says what to do; granted, the login works', async () => {
      const visitor = await Visitor.arrive(stage, 'en', stage.origins[PUBLIC]);
      await stage.setPermission(stage.origins[PUBLIC], 'denied');
      await visitor.askToIdentify();
      const { code, help } = await visitor.problem();
      assert.equal(code, 'PERMISSION_DENIED');
      assert.ok(help.length > 0);
      await picture('permission-denied');
      assert.equal(stage.prompt.count, 0);
      await stage.setPermission(stage.origins[PUBLIC], 'granted');
      assert.equal((await visitor.identify(PIN1)).serial, HOLDER.satu);
      await assertSent(v4, { [REFERENCE.pin1]: 1 });
    });
  }
}
