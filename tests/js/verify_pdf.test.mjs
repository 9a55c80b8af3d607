/* PDF files made here, with SignedData by OpenSSL's own program, against the server package. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findPdfSignatures } from '../../js/server/pdf_signature.js';
import { TokenError, verifyPdf, verifySignature } from '../../js/server/index.js';
import { issue, makeKey, makeRoot, NOW, Use } from './pki.js';

const CORPUS = fileURLToPath(new URL('../fuzz/corpus/fuzz_pdf_signature/', import.meta.url));
const BEGINNING = '%PDF-1.7\n1 0 obj <</Type/Catalog/Title(Sopimus)>> endobj\n';
const PLACE = '[0 0000000000 0000000000 0000000000]';
const ROOM = 6000;

let folder;
let root;
let who;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pdf-'));
  root = await makeRoot();
  who = await signer(root);
});
after(() => rmSync(folder, { recursive: true }));

async function signer(issuer, changes = {}) {
  const key = await makeKey('p384', 'signer');
  const certificate = await issue({ issuer, key, usage: Use.nonRepudiation, eku: null, ...changes });
  return { ...certificate, keyPem: key.privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}

let count = 0;
function file(bytes) {
  const path = join(folder, String(count++));
  writeFileSync(path, bytes);
  return path;
}

function signedData(content, { flags = ['-cades'], by = who } = {}) {
  const args = ['cms', '-sign', '-binary', '-outform', 'DER', '-in', file(content), '-signer', file(by.pem), '-inkey', file(by.keyPem), '-md', 'sha384', ...flags];
  return execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Adds a signature over the file so far and itself. */
function signPdf(text, { subFilter = 'ETSI.CAdES.detached', time = "/M (D:20260615140000+02'00')", ...how } = {}) {
  const begin = text.length + `\n2 0 obj <</Type/Sig/SubFilter/${subFilter}${time}/Contents`.length;
  const end = begin + 2 * ROOM + 2;
  const after = `/ByteRange${PLACE}>>endobj\ntrailer\n%%EOF\n`;
  const places = [begin, end, after.length].map((place) => String(place).padStart(10, '0'));
  const head = `${text}\n2 0 obj <</Type/Sig/SubFilter/${subFilter}${time}/Contents`;
  const tail = after.replace(PLACE, `[0 ${places.join(' ')}]`);
  const der = signedData(Buffer.from(head + tail, 'latin1'), how);
  assert.ok(der.length <= ROOM);
  return `${head}<${der.toString('hex').padEnd(2 * ROOM, '0')}>${tail}`;
}

const good = (text, more = {}) => ({ pdf: Buffer.from(text, 'latin1'), trustedCertificates: [root.pem], now: NOW, ...more });

async function refused(code, options, verify = verifyPdf) {
  await assert.rejects(verify(options), (error) => {
    assert.ok(error instanceof TokenError, String(error.stack));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

describe('a PDF', () => {
  test('is told with who signed it, when and what', async () => {
    const text = signPdf(BEGINNING);
    const { signatures } = await verifyPdf(good(text));
    assert.equal(signatures.length, 1);
    const [{ subject, certificate, signatureAlgorithm, ...rest }] = signatures;
    assert.equal(subject.serialNumber, '99900001K');
    assert.equal(certificate, who.base64);
    assert.deepEqual(signatureAlgorithm, { cryptoAlgorithm: 'ECC', hashFunction: 'SHA-384', paddingScheme: 'NONE' });
    assert.ok(rest.signingTime instanceof Date); // OpenSSL's attribute comes before M
    assert.deepEqual({ ...rest, signingTime: 0 }, { isPades: true, signingTime: 0, covers: text.length, addedAfter: 0 });
    assert.equal((await verifyPdf(good(signPdf(BEGINNING, { subFilter: 'adbe.pkcs7.detached', flags: [] })))).signatures[0].isPades, false);
  });

  test('of two signatures has both judged', async () => {
    const first = signPdf(BEGINNING);
    const both = signPdf(`${first}3 0 obj null endobj\n`);
    const { signatures } = await verifyPdf(good(both));
    assert.deepEqual(signatures.map(({ covers, addedAfter }) => [covers, addedAfter]), [[first.length, both.length - first.length], [both.length, 0]]);
    await refused('SIGNATURE_INVALID', good(both.replace('3 0 obj null', '3 0 obj true')));
    const stranger = await makeRoot('Other Root');
    const by = await signer(stranger);
    await refused('CERTIFICATE_UNTRUSTED', good(signPdf(signPdf(BEGINNING, { by }))));
  });

  test('that was changed is refused', async () => {
    const text = signPdf(BEGINNING);
    await refused('SIGNATURE_INVALID', good(text.replace('Sopimus', 'sopimus')));
    await refused('SIGNATURE_INVALID', good(text.replace('D:20260615', 'D:20260614')));
    await refused('CERTIFICATE_EXPIRED', good(text, { now: new Date('2031-01-01') }));
  });

  test('with something behind its last signature is taken when that is said to be right', async () => {
    const text = `${signPdf(BEGINNING)}3 0 obj null endobj\n`;
    await refused('CONTENT_ADDED', good(text));
    const { signatures: [{ addedAfter }] } = await verifyPdf(good(text, { allowAdditions: true }));
    assert.equal(addedAfter, 20);
  });

  test('without a signature that can be judged is refused', async () => {
    const text = signPdf(BEGINNING);
    for (const other of ['', 'text', BEGINNING, ` ${text}`, text.slice(0, -20), text.replace('/Contents<', '/Contents <'), text.replace('[0 0', '[1 0'), text.replace('/Type/Sig', '/ByteRange[0 1 2 3]'), `${text}${text.slice(text.indexOf('2 0 obj'))}`]) {
      await refused('TOKEN_MALFORMED', good(other, { allowAdditions: true }));
    }
    await refused('FORMAT_UNSUPPORTED', good(signPdf(BEGINNING, { subFilter: 'ETSI.RFC3161' })));
    await assert.rejects(verifyPdf(good(text, { pdf: text })), TypeError);
  });

  test('of the fuzzer is never more than it is: signed, Contents and added are the whole file', () => {
    for (const name of readdirSync(CORPUS)) {
      const bytes = readFileSync(join(CORPUS, name));
      for (const found of findPdfSignatures(bytes)) {
        if (found === 'unreadable') continue;
        const [before, after] = found.signed;
        assert.equal(before.length + 2 * found.contents.length + 2 + after.length + found.addedAfter, bytes.length, name);
        assert.deepEqual(before, bytes.subarray(0, before.length));
      }
    }
  });

  test('tells M with its time zone, and no other time', () => {
    const rows = [["(D:20260615140000+02'00')", '2026-06-15T12:00:00.000Z'], ["(D:20260615070000-05'00)", '2026-06-15T12:00:00.000Z'], ['(D:20260615120000Z)', '2026-06-15T12:00:00.000Z'],
      ['(D:20260615120000)', undefined], ['(D:20261315120000Z)', undefined], ['/D:20260615120000Z', undefined]];
    for (const [text, iso] of rows) {
      const [{ time }] = findPdfSignatures(Buffer.from(signPdf(BEGINNING, { time: `/M ${text}` }), 'latin1'));
      assert.equal(time?.toISOString(), iso, text);
    }
  });
});

describe('verifySignature of a format', () => {
  const CONTENT = Buffer.from('Sopimus');
  const options = (format, how, more = {}) => ({ format, signature: signedData(CONTENT, how).toString('base64'), content: CONTENT, trustedCertificates: [root.pem], now: NOW, ...more });

  test('says the same as of a raw one', async () => {
    for (const [format, flags] of [['cms', []], ['cms', ['-cades']], ['cades', ['-cades']], ['pades-cms', ['-cades']], ['cades', ['-cades', '-nodetach']]]) {
      const result = await verifySignature(options(format, { flags }));
      assert.deepEqual(Object.keys(result).sort(), ['certificate', 'content', 'format', 'signatureAlgorithm', 'signingTime', 'subject']);
      assert.equal(result.format, format);
      assert.equal(result.subject.serialNumber, '99900001K');
      assert.deepEqual(result.content, flags.includes('-nodetach') ? CONTENT : null);
    }
  });

  test('wants the certificate under the signature where the format has it', async () => {
    await refused('FORMAT_UNSUPPORTED', options('cades', { flags: [] }), verifySignature);
    await refused('FORMAT_UNSUPPORTED', options('pades-cms', { flags: [] }), verifySignature);
    await refused('SIGNATURE_INVALID', options('cades', {}, { content: 'another' }), verifySignature);
    await refused('TOKEN_MALFORMED', options('cades', {}, { signature: 'AAAA' }), verifySignature);
    await assert.rejects(verifySignature(options('xades')), TypeError);
  });
});
