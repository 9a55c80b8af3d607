/* Which certificate: several identities on one card, what the page accepts, what can't be used and why; at the host's
 * pipe with the real window. */
import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createNonce } from '../../js/server/index.js';
import { Asking } from './asking.mjs';
import { enterPrivateNamespaces } from './namespaces.mjs';
import { Stage } from './stage.mjs';

await enterPrivateNamespaces();

const BUILD = process.env.KS_BUILD;
const SHOTS = join(BUILD, 'e2e', 'certificates');
const HSA = /^SE2321000016-T\d+$/;
const PERSON = /^\d{12}$/;
const PIN1 = '123456';
const CA_FOLDER = '/etc/korttisilta/ca.d'; // of these namespaces

const [SITHS, RESERVE, ORGANISATION, EXPIRED, EARLY, CITIZEN, OWN_LIST, MARKED, E_LEGITIMATION] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
let stage;
before(async () => {
  stage = await Stage.open({
    build: BUILD,
    profiles: [
      { profile: 'siths-standin', options: [] },
      { profile: 'siths-standin', options: ['--certs', '2', '--days', '12'] },
      { profile: 'dvv-org', options: [] },
      { profile: 'fineid-v4', options: ['--not-after', '2025-01-31'] },
      { profile: 'fineid-v4', options: ['--not-before', '2033-01-31'] },
      { profile: 'fineid-v4', options: [] },
      { profile: 'pkcs15-a', options: [] },
      { profile: 'pkcs15-b', options: [] },
      { profile: 'siths-e-legitimation', options: [] },
    ],
  });
  for (const card of stage.cards) await card.command('remove');
  await mkdir(SHOTS, { recursive: true });
});
after(() => stage?.close(join(BUILD, 'e2e', 'certificates-log')));

/** @param {string} base64 @returns {string} the subject's serialNumber */
const holderOf = (base64) => new X509Certificate(Buffer.from(base64, 'base64')).subject.match(/serialNumber=(.*)/)[1];

/** What a screen reader says of each certificate, and whether it can be chosen. */
const rows = () => stage.prompt.parts.filter(({ role }) => role === 'list item');
const rowWith = (text) => rows().find(({ name }) => name.includes(text));

/** @param {object} params @param {string} [origin] @returns {Promise<Asking>} with the window up and the certificates in it */
async function authenticate(params, origin) {
  const asking = new Asking(stage.env, 'authenticate', { challengeNonce: createNonce(), ...params }, origin);
  await stage.prompt.appear();
  return asking;
}

/** The card that each test begins with, alone; nothing is left after it. */
function withCard(number) {
  before(() => stage.cards[number].renew());
  after(() => stage.cards[number].command('remove'));
}

async function finished() {
  await stage.prompt.gone();
  await stage.idle();
}

describe('a card with two identities', () => {
  withCard(SITHS);

  const WORDS = {
    en: [/HSA-id: SE2321000016-T\d+/, /Employer: /, /Personal identity number: \d{12}/],
    sv: [/HSA-id: SE2321000016-T\d+/, /Arbetsgivare: /, /Personnummer: \d{12}/],
    fi: [/HSA-tunnus: SE2321000016-T\d+/, /Työnantaja: /, /Henkilönumero \(Ruotsi\): \d{12}/],
  };
  for (const [lang, words] of Object.entries(WORDS)) {
    test(`tells them apart in ${lang}`, async () => {
      // Three cancels in a row make an origin wait.
      const asking = await authenticate({ lang }, `https://${lang}.service.example`);
      await stage.prompt.ready();
      assert.equal(rows().length, 2, stage.prompt.text);
      for (const word of words) assert.match(stage.prompt.text, word);
      assert.match(rows()[0].name, words[0]);
      assert.match(rows()[0].name, words[1]);
      assert.match(rows()[1].name, words[2]);
      assert.doesNotMatch(rows()[1].name, words[1]);
      await stage.prompt.screenshot(join(SHOTS, `identities-${lang}.png`));
      await stage.prompt.cancel();
      await assert.rejects(asking.result(), /CANCELLED/);
      await finished();
    });
  }

  test('the second one is chosen by keyboard', async () => {
    const asking = await authenticate({});
    await stage.prompt.ready();
    await stage.prompt.press('shift+Tab');
    await stage.prompt.until('the first certificate in focus', (parts) => parts.some(({ role, focused, name }) => role === 'list item' && focused && /HSA-id/.test(name)));
    await stage.prompt.press('Down');
    await stage.prompt.until('the second certificate in focus', (parts) => parts.some(({ role, focused, name }) => role === 'list item' && focused && /Personal/.test(name)));
    await stage.prompt.press('Tab');
    await stage.prompt.enter(PIN1);
    assert.match(holderOf((await asking.result()).unverifiedCertificate), PERSON);
    await finished();
  });

  for (const [name, certificateFilter, other, wanted] of [
    ['issuer by its common name', { issuer: ['Korttisilta TEST stand-in Person ID 3 CA v1'] }, 'HSA-id', PERSON],
    ['issuer by its whole name', {
      issuer: ['CN=Korttisilta TEST stand-in Person ID 3 CA v1,OU=Testivarmenteet,O=Korttisilta – testivarmentaja TEST,C=SE', 'x'],
    }, 'HSA-id', PERSON],
    ['policy, key usage and issuer', {
      policy: ['1.2.3', '1.2.752.74.8.999.3'], keyUsage: ['keyEncipherment'], issuer: ['Korttisilta TEST stand-in Person HSA-id 3 CA v1'],
    }, 'Personal identity number', HSA],
  ]) {
    test(`${name}: only that one can be chosen, the other says why not`, async () => {
      const asking = await authenticate({ certificateFilter });
      await stage.prompt.ready();
      const refused = rowWith(other);
      assert.match(refused.name, /The service does not accept this certificate/);
      assert.equal(refused.sensitive, false);
      assert.equal(rows().filter(({ sensitive }) => sensitive).length, 1);
      await stage.prompt.enter(PIN1);
      assert.match(holderOf((await asking.result()).unverifiedCertificate), wanted);
      await finished();
    });
  }

  test('the holder decides which signing certificate is given', async () => {
    const first = await authenticate({});
    await stage.prompt.ready();
    const [personal] = rowWith('Personal').name.match(/\d{12}/);
    await stage.prompt.cancel();
    await assert.rejects(first.result(), /CANCELLED/);
    await finished();
    const asking = new Asking(stage.env, 'getSigningCertificate', { certificateFilter: { holder: personal } });
    await stage.prompt.appear();
    await stage.prompt.pressButton(/Give the certificate/);
    assert.equal(holderOf((await asking.result()).certificate), personal);
    await finished();
  });

  for (const [what, certificateFilter] of Object.entries({
    'nobody is the holder': { holder: 'SE2321000016-NOBODY' },
    'no issuer fits': { issuer: ['Korttisilta TEST stand-in'] },
    'no policy fits': { policy: ['1.2.752.74.8.999'] },
    'no key usage fits': { keyUsage: ['digitalSignature', 'nonRepudiation'] },
  })) {
    test(`${what}: the page hears nothing until the person reports it`, async () => {
      const asking = await authenticate({ certificateFilter });
      let answered = false;
      const heard = asking.result().finally(() => (answered = true));
      heard.catch(() => {}); // it is looked at below
      await stage.prompt.until('two reasons', () => rows().filter(({ name }) => /does not accept/.test(name)).length === 2);
      assert.ok(rows().every(({ sensitive }) => !sensitive));
      assert.equal(answered, false);
      await stage.prompt.screenshot(join(SHOTS, 'not-accepted.png'));
      await stage.prompt.pressButton(/Tell the service that the card can't be used/);
      await assert.rejects(heard, /CERT_NOT_FOUND/);
      await finished();
    });
  }
});

describe('an e-legitimation beside them', () => {
  withCard(E_LEGITIMATION);

  test('is told apart by its issuer, chosen by keyboard, and logs in', async () => {
    const asking = await authenticate({});
    await stage.prompt.ready();
    assert.deepEqual(rows().map(({ name }) => /HSA-id: /.test(name)), [true, false, false]);
    assert.match(rows()[1].name, /Person ID 3 CA v1/);
    assert.match(rows()[2].name, /Personal identity number: \d{12}.*e-legitimation CA v1/s);
    await stage.prompt.screenshot(join(SHOTS, 'e-legitimation.png'));
    await stage.prompt.press('shift+Tab');
    await stage.prompt.press('Down');
    await stage.prompt.press('Down');
    await stage.prompt.until('the e-legitimation in focus', (parts) => parts.some(({ role, focused, name }) => role === 'list item' && focused && /e-legitimation/.test(name)));
    await stage.prompt.press('Tab');
    await stage.prompt.enter(PIN1);
    const { issuer } = new X509Certificate(Buffer.from((await asking.result()).unverifiedCertificate, 'base64'));
    assert.match(issuer, /e-legitimation CA v1/);
    await finished();
  });

  test('a page that accepts it alone gets it', async () => {
    const asking = await authenticate({ certificateFilter: { issuer: ['Korttisilta TEST stand-in e-legitimation CA v1'] } });
    await stage.prompt.ready();
    assert.equal(rows().filter(({ sensitive }) => sensitive).length, 1);
    await stage.prompt.enter(PIN1);
    assert.match(new X509Certificate(Buffer.from((await asking.result()).unverifiedCertificate, 'base64')).issuer, /e-legitimation/);
    await finished();
  });

  test('signs nothing: the pairs are offered', async () => {
    const asking = new Asking(stage.env, 'getSigningCertificate', {});
    await stage.prompt.appear();
    await stage.prompt.until('certificates to give', () => rows().length > 0);
    assert.deepEqual(rows().filter(({ sensitive, name }) => sensitive && /e-legitimation/.test(name)), []);
    await stage.prompt.pressButton(/^Cancel/);
    await assert.rejects(asking.result(), /CANCELLED/);
    await finished();
  });
});

describe('the chain', () => {
  withCard(SITHS);
  const filter = { issuer: ['Korttisilta TEST stand-in Person ID 3 CA v1'] };

  async function given() {
    const asking = new Asking(stage.env, 'getSigningCertificate', { certificateFilter: filter });
    await stage.prompt.appear();
    await stage.prompt.pressButton(/Give the certificate/);
    const result = await asking.result();
    await finished();
    return { ...result, chain: result.chain.map((der) => new X509Certificate(Buffer.from(der, 'base64'))) };
  }

  test('is empty when the computer knows no issuer', async () => {
    assert.deepEqual((await given()).chain, []);
  });

  test("leads to the root by the administrator's CA folder", async () => {
    mkdirSync(CA_FOLDER, { recursive: true, mode: 0o755 });
    const pem = (family, name) => readFileSync(join(stage.authority, family, `${name}.pem`), 'utf8');
    writeFileSync(join(CA_FOLDER, 'all.pem'), pem('siths-hsa', 'ca') + pem('siths-hsa', 'root') + pem('siths-person', 'root'), { mode: 0o644 });
    writeFileSync(join(CA_FOLDER, 'person.der'), new X509Certificate(pem('siths-person', 'ca')).raw, { mode: 0o644 });
    const { certificate, chain: [issuer, root, ...more] } = await given();
    assert.deepEqual(more, []);
    assert.match(issuer.subject, /Person ID 3 CA v1/);
    assert.ok(new X509Certificate(Buffer.from(certificate, 'base64')).verify(issuer.publicKey));
    assert.ok(issuer.verify(root.publicKey));
    assert.ok(root.verify(root.publicKey));
  });
});

describe("the chain out of the card's own CA files, with an empty CA folder", () => {
  before(() => rmSync(CA_FOLDER, { recursive: true, force: true }));
  for (const [number, what, family] of [[CITIZEN, 'a citizen card', 'ec'], [ORGANISATION, 'an organisation card', 'org'], [OWN_LIST, 'a card whose directory of trusted certificates lists them', 'ec'], [MARKED, 'a card whose directory marks them', 'rsa']]) {
    describe(what, () => {
      withCard(number);
      test('an answer of sign leads to the root', async () => {
        const asking = new Asking(stage.env, 'sign', { documents: [{ name: 'a.txt', mediaType: 'text/plain', content: 'YWFh' }] });
        await stage.prompt.appear();
        await stage.prompt.ready();
        await stage.prompt.enter('123456');
        const result = await asking.result();
        await finished();
        const [leaf, issuer, root, ...more] = [result.certificate, ...result.chain].map((der) => new X509Certificate(Buffer.from(der, 'base64')));
        assert.deepEqual(more, []);
        assert.ok(leaf.verify(issuer.publicKey));
        assert.ok(issuer.verify(root.publicKey));
        assert.equal(root.fingerprint256, new X509Certificate(readFileSync(join(stage.authority, family, 'root.pem'))).fingerprint256);
      });
    });
  }

  describe('a card with rubbish in their place', () => {
    withCard(CITIZEN);
    for (const [what, content] of Object.entries({
      'no certificate': Buffer.from('not a certificate'),
      'nothing at all': Buffer.alloc(0),
      'a sequence of the greatest length': Buffer.concat([Buffer.from([0x30, 0x82, 0x1f, 0xfc]), Buffer.alloc(8188, 0x5a)]),
      'another certificate': null,
    })) {
      test(`${what}: the chain is empty and the certificate is given`, async () => {
        const bytes = content ?? (await stage.cards[CITIZEN].read('4331'));
        await stage.cards[CITIZEN].write({ 4336: bytes, 4334: bytes });
        const asking = new Asking(stage.env, 'getSigningCertificate', {});
        await stage.prompt.appear();
        await stage.prompt.pressButton(/Give the certificate/);
        assert.deepEqual((await asking.result()).chain, []);
        await finished();
      });
    }
  });
});

describe('a reserve card', () => {
  withCard(RESERVE);
  test('has one identity and says when it ends', async () => {
    const asking = await authenticate({});
    await stage.prompt.ready();
    assert.equal(rows().length, 1);
    assert.match(rows()[0].name, /HSA-id: SE2321000016-T\d+.*expires in 1[01] days/);
    await stage.prompt.enter(PIN1);
    assert.match(holderOf((await asking.result()).unverifiedCertificate), HSA);
    await finished();
  });
});

describe('an organisation card', () => {
  withCard(ORGANISATION);
  test('names the employer', async () => {
    const asking = await authenticate({});
    await stage.prompt.ready();
    assert.match(rows()[0].name, /Employer: Testiorganisaatio Oy, Testiyksikkö/);
    await stage.prompt.cancel();
    await assert.rejects(asking.result(), /CANCELLED/);
    await finished();
  });
});

for (const [number, what, reason] of [[EXPIRED, 'has expired', /The certificate has expired/], [EARLY, 'is not valid yet', /The certificate is not valid yet/]]) {
  describe(`a certificate that ${what}`, () => {
    withCard(number);
    for (const [method, params] of [['authenticate', { challengeNonce: 'n'.repeat(44) }], ['getSigningCertificate', {}]]) {
      test(`${method}: is shown with the reason and can't be used`, async () => {
        const asking = new Asking(stage.env, method, params);
        await stage.prompt.appear();
        await stage.prompt.until('the reason', () => rows().some(({ name }) => reason.test(name)));
        assert.ok(rows().every(({ sensitive }) => !sensitive));
        assert.ok(!stage.prompt.parts.some(({ role, name, sensitive }) => role === 'push button' && /Identify|Give/.test(name) && sensitive));
        await stage.prompt.pressButton(/Tell the service that the card can't be used/);
        await assert.rejects(asking.result(), /CERT_INVALID/);
        await finished();
      });
    }
  });
}
