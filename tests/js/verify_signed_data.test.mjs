/* CMS made by OpenSSL's own program, an independent signer, against the server package. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { TokenError, verifySignedData } from '../../js/server/index.js';
import { issue, issueCa, makeKey, makeRoot, NOW, Use } from './pki.js';

const CONTENT = Buffer.from('Sopimus lapsen varhaiskasvatuspaikasta, 1 sivu');
const KINDS = [
  ['p256', 'sha256'],
  ['p384', 'sha384'],
  ['p384', 'sha512'],
  ['p521', 'sha512'],
  ['rsa2048', 'sha256'],
  ['rsa3072', 'sha384', 'pss'],
  ['rsa3072', 'sha512', 'pss'],
  ['rsa2048', 'sha224'],
];

let folder;
let root;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cms-'));
  root = await makeRoot();
});
after(() => rmSync(folder, { recursive: true }));

let count = 0;
function file(bytes) {
  const path = join(folder, String(count++));
  writeFileSync(path, bytes);
  return path;
}

async function signer(kind, changes = {}) {
  const key = await makeKey(kind, 'signer');
  const certificate = await issue({ issuer: root, key, usage: Use.nonRepudiation, eku: null, ...changes });
  return { ...certificate, keyPem: key.privateKey.export({ type: 'pkcs8', format: 'pem' }) };
}

function openssl(args) {
  return execFileSync('openssl', ['cms', '-outform', 'DER', ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
}

/** DER of SignedData over CONTENT. */
function sign({ pem, keyPem }, { hash = 'sha256', pss, flags = ['-cades'], others = [], content = CONTENT } = {}) {
  const padding = pss ? ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', 'rsa_pss_saltlen:digest'] : [];
  const certfile = others.length > 0 ? ['-certfile', file(others.map((other) => other.pem).join('\n'))] : [];
  return openssl(['-sign', '-binary', '-in', file(content), '-signer', file(pem), '-inkey', file(keyPem), '-md', hash, ...padding, ...certfile, ...flags]);
}

const good = (signedData, more = {}) => ({ signedData, content: CONTENT, trustedCertificates: [root.pem], now: NOW, ...more });

async function refused(code, options) {
  await assert.rejects(verifySignedData(options), (error) => {
    assert.ok(error instanceof TokenError, String(error.stack));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

describe('SignedData', () => {
  for (const [kind, hash, pss] of KINDS) {
    test(`by ${kind} ${pss ?? ''} with ${hash} is accepted, attached and detached, as CMS and as CAdES`, async () => {
      const who = await signer(kind);
      for (const cades of [false, true]) {
        for (const attached of [false, true]) {
          const flags = [...(cades ? ['-cades'] : []), ...(attached ? ['-nodetach'] : [])];
          const der = sign(who, { hash, pss, flags });
          const result = await verifySignedData(good(der));
          assert.equal(result.subject.serialNumber, '99900001K');
          assert.equal(result.certificate, who.base64);
          assert.equal(result.isCades, cades);
          assert.deepEqual(result.content, attached ? CONTENT : null);
          assert.equal(result.signatureAlgorithm.hashFunction, hash.replace('sha', 'SHA-'));
          assert.equal(result.signatureAlgorithm.paddingScheme, pss ? 'PSS' : kind.startsWith('p') ? 'NONE' : 'PKCS1.5');
          await verifySignedData(good(der.toString('base64'), { content: undefined, digest: createHash(hash).update(CONTENT).digest() }));
          await refused('SIGNATURE_INVALID', good(der, { content: Buffer.concat([CONTENT, Buffer.from('.')]) }));
        }
      }
    });
  }

  test('with the content inside needs no other', async () => {
    const der = sign(await signer('p384'), { flags: ['-nodetach'] });
    assert.deepEqual((await verifySignedData(good(der, { content: undefined }))).content, CONTENT);
  });

  test('without the content inside needs one', async () => {
    const der = sign(await signer('p384'));
    await assert.rejects(verifySignedData(good(der, { content: undefined })), TypeError);
  });

  test('tells the time that stands under the signature', async () => {
    const { signingTime } = await verifySignedData(good(sign(await signer('p256'))));
    assert.ok(Math.abs(signingTime.getTime() - Date.now()) < 3600e3, String(signingTime));
  });

  test('may bring the certificates between its own and the trusted one', async () => {
    const middle = await issueCa({ issuer: root, key: await makeKey('p384', 'middle'), subject: 'CN=Middle,C=FI' });
    const who = await signer('p256', { issuer: middle });
    await verifySignedData(good(sign(who, { others: [middle] })));
    await refused('CERTIFICATE_UNTRUSTED', good(sign(who)));
    await verifySignedData(good(sign(who), { intermediateCertificates: [middle.pem] }));
  });

  test('is as good with the zeros behind it that a PDF has', async () => {
    const der = sign(await signer('p256'));
    await verifySignedData(good(Buffer.concat([der, Buffer.alloc(100)])));
    await refused('TOKEN_MALFORMED', good(Buffer.concat([der, Buffer.from([1])])));
  });
});

describe('SignedData is refused', () => {
  test('whichever byte of attributes, signature and certificate is turned', async () => {
    const who = await signer('p256');
    const der = sign(who, { flags: ['-cades', '-nodetach'] });
    let refusals = 0;
    for (let i = 0; i < der.length; i += 3) {
      const turned = Buffer.from(der);
      turned[i] ^= 0x04;
      await verifySignedData(good(turned)).then(
        ({ certificate }) => assert.equal(certificate, who.base64, `byte ${i}`),
        (error) => {
          assert.ok(error instanceof TokenError, `byte ${i}: ${error.stack}`);
          refusals++;
        },
      );
    }
    // what is outside the signature and not looked at (versions, the order of sets) is small
    assert.ok(refusals > der.length / 3 - 12, `${refusals} of ${der.length / 3}`);
  });

  test('by a certificate that is not for signatures, is expired, or leads nowhere', async () => {
    const login = await signer('p256', { usage: Use.digitalSignature });
    await refused('CERTIFICATE_USAGE', good(sign(login)));
    await refused('CERTIFICATE_EXPIRED', good(sign(await signer('p256')), { now: new Date('2040-01-01') }));
    const other = await makeRoot('Other Root');
    await refused('CERTIFICATE_UNTRUSTED', good(sign(await signer('p256', { issuer: other }))));
  });

  test('without signed attributes, with two signers, without the certificate', async () => {
    const who = await signer('p256');
    await refused('TOKEN_MALFORMED', good(sign(who, { flags: ['-noattr'] })));
    await refused('TOKEN_MALFORMED', good(sign(who, { flags: ['-nocerts'] })));
    const second = await signer('p384');
    const one = file(sign(who));
    const two = openssl(['-resign', '-inform', 'DER', '-in', one, '-signer', file(second.pem), '-inkey', file(second.keyPem)]);
    await refused('TOKEN_MALFORMED', good(two));
  });

  test('when it is something else altogether', async () => {
    for (const [bytes, code] of [[Buffer.from('no DER'), 'TOKEN_MALFORMED'], [Buffer.from([0x30, 0]), 'TOKEN_MALFORMED'], ['', 'TOKEN_MALFORMED'], ['@@', 'TOKEN_MALFORMED'], [undefined, 'TOKEN_MALFORMED']]) {
      await refused(code, good(bytes));
    }
    const encrypted = openssl(['-encrypt', '-binary', '-in', file(CONTENT), file((await signer('rsa2048', { usage: Use.keyEncipherment })).pem)]);
    await refused('TOKEN_MALFORMED', good(encrypted));
  });

  test('with PSS parameters that this project does not make', async () => {
    const who = await signer('rsa2048');
    const pss = (salt) => ['-keyopt', 'rsa_padding_mode:pss', '-keyopt', `rsa_pss_saltlen:${salt}`];
    await refused('ALGORITHM_UNSUPPORTED', good(sign(who, { flags: ['-cades', ...pss(20)] })));
  });

  test('over another content type', async () => {
    const who = await signer('p256');
    await refused('TOKEN_MALFORMED', good(sign(who, { flags: ['-econtent_type', '1.2.3.4', '-nodetach'] })));
  });
});
