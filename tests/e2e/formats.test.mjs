/* Every format of signatures by every kind of key, at the host's pipe with the real window. Programs of others judge:
 * openssl cms, pdfsig, and the server package. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { makeContractToSign } from '../../demo/service/lib/documents.js';
import { TEXTS } from '../../demo/service/lib/languages.js';
import { embedSignature } from '../../demo/service/lib/signed_pdf.js';
import { verifyPdf, verifySignature, verifySignedData } from '../../js/server/index.js';
import { ReadSignedData } from '../../js/server/signed_data.js';
import { Asking, documents, signing } from './asking.mjs';
import { HOLDER, PIN2 } from './cards.mjs';
import { enterPrivateNamespaces } from './namespaces.mjs';
import { Stage } from './stage.mjs';

await enterPrivateNamespaces();

const BUILD = process.env.KS_BUILD;
const run = promisify(execFile);
const HASHES = ['SHA-256', 'SHA-384', 'SHA-512'];
/** Every hash with one kind of key, as answers and signatureAlgorithms name them. */
const all = (cryptoAlgorithm, paddingScheme, hashes = HASHES) => hashes.map((hashFunction) => ({ cryptoAlgorithm, hashFunction, paddingScheme }));
/** What the signature keys of each card can do (without SHA-224); fineid-v3.1 has two keys. */
const CARDS = [
  { profile: 'fineid-v4', keys: 'P-384', algorithms: all('ECC', 'NONE') },
  { profile: 'fineid-v3.1', keys: 'P-256 and RSA-3072', algorithms: [...all('ECC', 'NONE'), ...all('RSA', 'PKCS1.5'), ...all('RSA', 'PSS')] },
  { profile: 'dvv-org', keys: 'RSA-3072', algorithms: [...all('RSA', 'PKCS1.5'), ...all('RSA', 'PSS')] },
  { profile: 'pkcs15-b', keys: 'RSA-2048', algorithms: [...all('RSA', 'PKCS1.5', ['SHA-256', 'SHA-512']), ...all('RSA', 'PSS')] },
];
const FORMS = [
  { format: 'raw' },
  { format: 'cms' },
  { format: 'cms', attached: true },
  { format: 'cades' },
  { format: 'cades', attached: true, signingTime: true },
];
const nameOf = ({ cryptoAlgorithm, hashFunction, paddingScheme }) => `${cryptoAlgorithm} ${paddingScheme} ${hashFunction}`;
const BATCH = 200;
const TOOL = join(BUILD, 'bin', 'korttisilta');

let stage;
let folder;
let chain;
let trustedCertificates;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'formats-'));
  stage = await Stage.open({ build: BUILD, profiles: CARDS.map(({ profile }) => profile) });
  chain = join(stage.authority, 'chain.pem');
  trustedCertificates = [await readFile(join(stage.authority, 'ca.pem'), 'utf8')];
  for (const card of stage.cards) await card.command('remove');
});
after(async () => {
  await stage?.close(join(BUILD, 'e2e', 'formats-log'));
  await rm(folder, { recursive: true, force: true });
});

async function file(name, bytes) {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return path;
}

/** The signatures of these documents, by the card that is in. */
async function sign(files, more) {
  const asking = new Asking(stage.env, 'sign', { ...signing(files), ...more });
  await stage.prompt.enter(PIN2);
  const result = await asking.result();
  await stage.prompt.gone();
  assert.equal(result.signatures.length, files.length);
  return result;
}

/** ECDSA-Sig-Value (RFC 3279 §2.2.3) of r then s. */
function derOf(value) {
  const integer = (bytes) => {
    const short = bytes.subarray(bytes.findIndex((byte) => byte !== 0));
    const body = short[0] & 0x80 ? Buffer.concat([Buffer.of(0), short]) : short;
    return Buffer.concat([Buffer.of(2, body.length), body]);
  };
  const half = value.length / 2;
  const body = Buffer.concat([integer(value.subarray(0, half)), integer(value.subarray(half))]);
  return Buffer.concat([Buffer.of(0x30, body.length), body]);
}

/** A raw signature, as OpenSSL's own program sees it. */
async function opensslAcceptsRaw(signature, content, certificate, { cryptoAlgorithm, hashFunction, paddingScheme }) {
  const value = Buffer.from(signature, 'base64');
  const key = new X509Certificate(Buffer.from(certificate, 'base64')).publicKey.export({ type: 'spki', format: 'pem' });
  const pss = paddingScheme === 'PSS' ? ['-sigopt', 'rsa_padding_mode:pss', '-sigopt', 'rsa_pss_saltlen:digest'] : [];
  const { stdout } = await run('openssl', ['dgst', `-${hashFunction.replace('-', '').toLowerCase()}`, '-verify', await file('key.pem', key), ...pss,
    '-signature', await file('value', cryptoAlgorithm === 'ECC' ? derOf(value) : value), await file('content', content)]);
  assert.match(stdout, /Verified OK/);
}

/** As OpenSSL's own program sees it. */
async function opensslAccepts(signature, content, { cades, attached }) {
  const der = await file('signed.der', Buffer.from(signature, 'base64'));
  const input = attached ? [] : ['-content', await file('content', content)];
  const out = join(folder, 'out');
  await run('openssl', ['cms', '-verify', '-binary', '-inform', 'DER', '-in', der, ...input, '-CAfile', chain, '-purpose', 'any',
    ...(cades ? ['-cades'] : []), '-out', out]);
  assert.deepEqual(await readFile(out), Buffer.from(content));
}

/**
 * korttisilta verify, as a program calls it.
 * @returns {Promise<{ status: number, said: any }>} exit status (docs/man/korttisilta.1) and JSON
 */
async function toolSays(...words) {
  const { code = 0, stdout } = await run(TOOL, ['verify', '--json', '--ca', chain, ...words], { env: stage.env }).catch((error) => error);
  return { status: code, said: JSON.parse(stdout) };
}

async function toolAccepts(signature, content, { cades, attached, signatureAlgorithm }) {
  const signed = await file('signed.p7s', Buffer.from(signature, 'base64'));
  const beside = attached ? [] : [await file('content', content)];
  const { status, said } = await toolSays(signed, ...beside);
  assert.equal(status, 0, JSON.stringify(said));
  const [row, ...others] = said.signatures;
  assert.deepEqual(others, []);
  assert.equal(row.format, cades ? 'CAdES' : 'CMS');
  assert.deepEqual(row.signatureAlgorithm, signatureAlgorithm);
  assert.equal(row.covers, Buffer.byteLength(content));
  assert.equal(row.signer.serialNumber, HOLDER.satu);
  assert.equal((await toolSays(signed, await file('other', `${content}!`))).status, 4);
}

/** One document signed and judged by everybody. */
async function signAndJudge(algorithm, { format, attached = false, signingTime = false }) {
  const files = documents(1);
  const [{ text }] = files;
  const begun = Date.now();
  const extras = format === 'raw' ? {} : { attached, signingTime };
  const { certificate, signatures: [{ signature, signatureAlgorithm }] } = await sign(files, { hashAlgorithm: undefined, signatureAlgorithms: [algorithm], format, ...extras });
  assert.deepEqual(signatureAlgorithm, algorithm);
  const ours = { format, signature, signatureAlgorithm, certificate, trustedCertificates };
  const result = await verifySignature({ ...ours, content: text });
  assert.deepEqual(result.signatureAlgorithm, algorithm);
  assert.equal(result.content?.toString() ?? null, attached ? text : null);
  assert.equal(result.certificate, certificate);
  await assert.rejects(verifySignature({ ...ours, content: `${text}!` }), { code: 'SIGNATURE_INVALID' });
  if (format === 'raw') {
    await opensslAcceptsRaw(signature, text, certificate, algorithm);
    return;
  }
  const cades = format === 'cades';
  await opensslAccepts(signature, text, { cades, attached });
  await toolAccepts(signature, text, { cades, attached, signatureAlgorithm });
  assert.equal((await verifySignedData({ signedData: signature, content: text, trustedCertificates })).isCades, cades);
  const time = result.signingTime?.getTime() ?? null;
  if (signingTime) assert.ok(Math.abs(time - begun) < 60_000, String(time));
  else assert.equal(time, null);
}

/** A contract signed in a PDF. @returns {Promise<{ pdf: Buffer, signature: string, toSign: Buffer }>} */
async function signContract(algorithm) {
  const identity = { name: `${HOLDER.given} ${HOLDER.surname}`, serialNumber: HOLDER.satu };
  const { content, toSign, name, mediaType } = await makeContractToSign('fi', TEXTS.fi.paper, identity, { kind: 'self' });
  const asking = new Asking(stage.env, 'sign', {
    documents: [{ name, mediaType, content: toSign.toString('base64') }],
    signatureAlgorithms: [algorithm],
    format: 'pades-cms',
  });
  await stage.prompt.enter(PIN2);
  const { signatures: [{ signature, signatureAlgorithm }] } = await asking.result();
  await stage.prompt.gone();
  assert.deepEqual(signatureAlgorithm, algorithm);
  return { pdf: await embedSignature(content, Buffer.from(signature, 'base64')), signature, toSign };
}

for (const [i, { profile, keys, algorithms }] of CARDS.entries()) {
  describe(`${keys}, ${profile}`, () => {
    before(() => stage.cards[i].renew());
    after(async () => {
      await stage.cards[i].command('remove');
      await stage.idle();
    });

    for (const algorithm of algorithms) {
      for (const form of FORMS) {
        const { format, attached, signingTime } = form;
        test(`${nameOf(algorithm)}, ${format}${attached ? ' with the content inside' : ''}${signingTime ? ' and the time' : ''}`, () => signAndJudge(algorithm, form));
      }

      test(`${nameOf(algorithm)}, pades-cms: a PDF that others call valid`, async () => {
        const { pdf, signature, toSign } = await signContract(algorithm);
        const words = await pdfsig(await file('contract.pdf', pdf));
        assert.match(words, /Signature is Valid/);
        assert.match(words, /ETSI\.CAdES\.detached/);
        assert.match(words, /Total document signed/);
        assert.match(words, new RegExp(HOLDER.surname.toUpperCase(), 'i'));
        assert.match(await nssSays(pemOfSigner(signature)), /Chain is good/);
        await opensslAccepts(signature, toSign, { cades: true });
        await verifySignature({ format: 'pades-cms', signature, content: toSign, trustedCertificates });
        const { signatures: [verified] } = await verifyPdf({ pdf, trustedCertificates });
        assert.deepEqual([verified.subject.serialNumber, verified.isPades, verified.covers], [HOLDER.satu, true, pdf.length]);
        const { status, said } = await toolSays(await file('contract.pdf', pdf));
        assert.equal(status, 0, JSON.stringify(said));
        assert.deepEqual(said.signatures.map(({ format, trust, covers }) => ({ format, trust, covers })), [{ format: 'PAdES', trust: 'trusted', covers: pdf.length }]);
      });
    }

    test('a PDF that was changed is valid to nobody, and one that grew is told', async () => {
      const { pdf } = await signContract(algorithms[0]);
      const changed = Buffer.from(pdf);
      changed[changed.indexOf('/Title') + 10] ^= 1;
      assert.doesNotMatch(await pdfsig(await file('changed.pdf', changed)), /Signature is Valid/);
      assert.equal((await toolSays(await file('changed.pdf', changed))).status, 4);
      await assert.rejects(verifyPdf({ pdf: changed, trustedCertificates }), { code: 'SIGNATURE_INVALID' });
      const grown = Buffer.concat([pdf, Buffer.from('%more\n')]);
      const { status, said: { result, signatures: [row] } } = await toolSays(await file('grown.pdf', grown));
      assert.deepEqual([status, result, row.addedAfter], [6, 'added-to-file', 6]);
      await assert.rejects(verifyPdf({ pdf: grown, trustedCertificates }), { code: 'CONTENT_ADDED' });
    });

    const known = algorithms.map(nameOf);
    const others = [...all('ECC', 'NONE'), ...all('RSA', 'PKCS1.5'), ...all('RSA', 'PSS')].filter((algorithm) => !known.includes(nameOf(algorithm)));
    if (others.length === 0) return;
    test('what the keys can not do is refused before a PIN is asked', async () => {
      await stage.cards[i].command('stats-reset');
      for (const signatureAlgorithms of [...others.map((algorithm) => [algorithm]), others]) {
        const asking = new Asking(stage.env, 'sign', { ...signing(documents(1)), hashAlgorithm: undefined, signatureAlgorithms });
        await stage.prompt.appear();
        await stage.prompt.pressButton(/Tell the service that the card can't be used/);
        await assert.rejects(asking.result(), /ALG_UNSUPPORTED/);
        await stage.prompt.gone();
      }
      assert.deepEqual((await stage.cards[i].stats()).verify_sent, {});
    });
  });
}

/** PEM of the signer's certificate. */
function pemOfSigner(signature) {
  const { signerCertificate } = new ReadSignedData(Buffer.from(signature, 'base64'));
  return new X509Certificate(signerCertificate).toString();
}

/**
 * What NSS says of the certificate as one of an e-mail's signer, as pdfsig asks it. pdfsig's own words are not asked for:
 * version 22.12 judges by NSS's last error even when NSS has found the chain good, and says "Unknown issue" when a
 * certificate lacks an extension that NSS looked for (-8157) or the responder's name can't be resolved (-5973).
 */
async function nssSays(pem) {
  const store = `sql:${await mkdtemp(join(folder, 'nss-'))}`;
  await run('certutil', ['-d', store, '-N', '--empty-password']);
  const authorities = (await readFile(chain, 'utf8')).match(/-----BEGIN[^]*?-----END CERTIFICATE-----/g);
  for (const [n, authority] of authorities.entries()) {
    await run('certutil', ['-d', store, '-A', '-t', ',C,', '-n', `authority ${n}`, '-a', '-i', await file('authority.pem', authority)]);
  }
  const { stderr } = await run('vfychain', ['-d', store, '-pp', '-u', '4', '-a', await file('signer.pem', pem)]);
  return stderr;
}

describe('korttisilta verify', () => {
  const LANGUAGES = {
    en: { holds: /The signature holds/, trusted: /Trusted: yes/, untrusted: /leads to no CA/ },
    fi: { holds: /Allekirjoitus pitää/, trusted: /Luotettu: kyllä/, untrusted: /ei johda mihinkään varmentajaan/ },
    sv: { holds: /Underskriften håller/, trusted: /Betrott: ja/, untrusted: /leder inte till någon utfärdare/ },
  };
  let signed;

  before(async () => {
    await stage.cards[0].renew();
    const [{ name, text }] = documents(1);
    const { signatures: [{ signature }] } = await sign([{ name, text }], { format: 'cades', attached: true, hashAlgorithm: 'SHA-256' });
    const lines = signature.match(/.{1,64}/g).join('\n');
    signed = await file('signed.p7m', `-----BEGIN CMS-----\n${lines}\n-----END CMS-----\n`);
  });

  for (const [language, words] of Object.entries(LANGUAGES)) {
    test(`says it to a person: ${language}`, async () => {
      const env = { ...stage.env, LANG: 'C.UTF-8', LANGUAGE: language, LC_ALL: 'C.UTF-8' };
      const { stdout } = await run(TOOL, ['verify', '--ca', chain, signed], { env });
      for (const pattern of [words.holds, words.trusted, new RegExp(HOLDER.satu), /CAdES, ECC, SHA-256/]) assert.match(stdout, pattern);
      const { code, stdout: without } = await run(TOOL, ['verify', signed], { env }).catch((error) => error);
      assert.equal(code, 5);
      assert.match(without, words.untrusted);
    });
  }

  test('ends with the status that the manual says', async () => {
    const text = await file('text', 'nothing');
    const rows = [[1, ['/nonexistent']], [1, ['--ca', text, signed]], [2, []], [2, ['--unknown', signed]], [2, [signed, text, text]], [3, [text]], [4, [signed, text]]];
    for (const [status, words] of rows) {
      const { code, stderr } = await run(TOOL, ['verify', '--ca', chain, ...words], { env: stage.env }).catch((error) => error);
      assert.equal(code, status, words.join(' '));
      assert.equal(stderr !== '', status < 3, stderr);
    }
  });
});

/** @returns {Promise<string>} what poppler's program says */
async function pdfsig(path) {
  return run('pdfsig', ['-nocert', path]).then(({ stdout }) => stdout, ({ stdout }) => stdout);
}

describe('many documents', () => {
  before(() => stage.cards[0].renew());

  test(`${BATCH} SignedData are more than one message holds: they come in pieces, in order`, async () => {
    const files = documents(BATCH).map(({ name, text }) => ({ name, text: text.repeat(200) }));
    const asking = new Asking(stage.env, 'sign', { ...signing(files), format: 'cades', attached: true });
    await stage.prompt.enter(PIN2);
    const result = await asking.result();
    assert.ok(asking.pieces > 0, String(asking.pieces));
    assert.deepEqual(result.signatures.map(({ name }) => name), files.map(({ name }) => name));
    for (const [n, { signature }] of result.signatures.entries()) {
      await verifySignedData({ signedData: signature, content: files[n].text, trustedCertificates });
    }
  });

  test('a list whose answer could never be carried is refused before a PIN is sent', async () => {
    await stage.cards[0].command('stats-reset');
    const files = documents(500).map(({ name }) => ({ name, text: 'x'.repeat(5_700) }));
    const asking = new Asking(stage.env, 'sign', { ...signing(files), format: 'cades', attached: true });
    await stage.prompt.enter(PIN2);
    await assert.rejects(asking.result(), /TOO_LARGE/);
    const { cds = 0, verify_sent: sent } = await stage.cards[0].stats();
    assert.equal(cds, 0);
    assert.deepEqual(sent, {});
  });
});
