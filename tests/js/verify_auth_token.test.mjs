import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { createNonce, TokenError, verifyAuthToken } from '../../js/server/index.js';
import { CLIENT_AUTH, issue, issueCa, makeKey, makeRoot, makeToken, NOW, rawSign, Use, x509 } from './pki.js';

const ORIGIN = 'https://asiointi.example.fi';
const NONCE = createNonce();
const DAY = 24 * 3600 * 1000;
const later = (days) => new Date(NOW.getTime() + days * DAY);

let root;
let options;
/** A certificate of a P-384 key under the root, unless `changes` says another thing. */
const leaf = async (changes = {}) => issue({ issuer: root, key: await makeKey('p384', 'holder'), ...changes });
const token = (certificate, algorithm = 'ES384') => makeToken(certificate, algorithm, ORIGIN, NONCE);

async function refused(code, given, changes = {}) {
  await assert.rejects(verifyAuthToken(given, { ...options, ...changes }), (error) => {
    assert.ok(error instanceof TokenError, String(error.stack));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

before(async () => {
  root = await makeRoot();
  options = { origin: ORIGIN, nonce: NONCE, trustedCertificates: [root.pem], now: NOW };
});

describe('a token is accepted', () => {
  const cases = [
    ['p256', 'ES256'],
    ['p384', 'ES384'],
    ['p521', 'ES512'],
    ['rsa2048', 'PS256'],
    ['rsa3072', 'PS256'],
    ['rsa3072', 'PS512'],
    ['rsa3072', 'RS256'],
    ['rsa3072', 'RS384'],
  ];
  for (const [kind, algorithm] of cases) {
    test(`made by ${algorithm} with ${kind}`, async () => {
      const certificate = await leaf({ key: await makeKey(kind, 'holder') });
      const result = await verifyAuthToken(token(certificate, algorithm), options);
      assert.deepEqual(result, {
        subject: { commonName: 'VIRTANEN MAIJA 99900001K', givenName: 'MAIJA', surname: 'VIRTANEN', serialNumber: '99900001K', country: 'FI' },
        certificate: certificate.base64,
        algorithm,
      });
    });
  }

  test('with letters beyond ASCII in the name', async () => {
    const certificate = await leaf({ subject: 'CN=ÅKERLÖF JÄRVI Åsa,SN=ÅKERLÖF,C=FI' });
    const { subject } = await verifyAuthToken(token(certificate), options);
    assert.deepEqual(subject, { commonName: 'ÅKERLÖF JÄRVI Åsa', surname: 'ÅKERLÖF', country: 'FI' });
  });

  test('without extended key usage', async () => {
    await verifyAuthToken(token(await leaf({ eku: null })), options);
  });

  test('with members that a later minor version may add', async () => {
    await verifyAuthToken({ ...token(await leaf()), supportedX: 1 }, options);
  });

  test('on the first and the last second of its validity', async () => {
    await verifyAuthToken(token(await leaf({ notBefore: NOW })), options);
    await verifyAuthToken(token(await leaf({ notAfter: NOW })), options);
  });

  test('for a loopback origin with http, as in development', async () => {
    const origin = 'http://localhost:8080';
    await verifyAuthToken(makeToken(await leaf(), 'ES384', origin, NONCE), { ...options, origin });
  });

  test('when the CA is given as DER, or among others in one PEM text', async () => {
    const given = token(await leaf());
    const other = await makeRoot('Other Root');
    await verifyAuthToken(given, { ...options, trustedCertificates: [new Uint8Array(root.der)] });
    await verifyAuthToken(given, { ...options, trustedCertificates: [`# CAs\n${other.pem}\n${root.pem}\n`] });
  });
});

describe('a token is refused', () => {
  test('when its nonce is another one', async () => {
    await refused('SIGNATURE_INVALID', token(await leaf()), { nonce: createNonce() });
  });

  test('when its origin is another one', async () => {
    const given = token(await leaf());
    await refused('SIGNATURE_INVALID', given, { origin: 'https://evil.example' });
    await refused('SIGNATURE_INVALID', given, { origin: `${ORIGIN}:8443` });
  });

  test('when origin and nonce are signed without being hashed apart', async () => {
    const certificate = await leaf();
    const signature = rawSign(certificate.key, 'ecdsa', 'sha384', Buffer.from(ORIGIN + NONCE)).toString('base64');
    await refused('SIGNATURE_INVALID', { ...token(certificate), signature });
  });

  test('when its certificate was swapped for one of another key', async () => {
    const other = await leaf({ key: await makeKey('p384', 'somebody else') });
    await refused('SIGNATURE_INVALID', { ...token(await leaf()), unverifiedCertificate: other.base64 });
  });

  test('when any bit of the signature was turned', async () => {
    const given = token(await leaf());
    for (const i of [0, 47, 48, 95]) {
      const bytes = Buffer.from(given.signature, 'base64');
      bytes[i] ^= 1;
      await refused('SIGNATURE_INVALID', { ...given, signature: bytes.toString('base64') });
    }
  });

  test('when the ECDSA signature is all zeros, or DER', async () => {
    const certificate = await leaf();
    const given = token(certificate);
    await refused('SIGNATURE_INVALID', { ...given, signature: Buffer.alloc(96).toString('base64') });
    const der = Buffer.concat([Buffer.from('3066023100', 'hex'), Buffer.from(given.signature, 'base64')]);
    await refused('SIGNATURE_INVALID', { ...given, signature: der.toString('base64') });
  });

  test('when the PSS salt is not as long as the digest', async () => {
    const certificate = await leaf({ key: await makeKey('rsa3072', 'holder') });
    const given = token(certificate, 'PS256');
    const { createHash } = await import('node:crypto');
    const data = Buffer.concat([ORIGIN, NONCE].map((text) => createHash('sha256').update(text).digest()));
    const signature = rawSign(certificate.key, 'pss', 'sha256', data, 20).toString('base64');
    await refused('SIGNATURE_INVALID', { ...given, signature });
  });

  const algorithms = [
    ['ES256', 'ALGORITHM_MISMATCH'],
    ['ES512', 'ALGORITHM_MISMATCH'],
    ['RS384', 'ALGORITHM_MISMATCH'],
    ['PS384', 'ALGORITHM_MISMATCH'],
    ['HS256', 'ALGORITHM_UNSUPPORTED'],
    ['none', 'ALGORITHM_UNSUPPORTED'],
    ['es384', 'ALGORITHM_UNSUPPORTED'],
    ['__proto__', 'ALGORITHM_UNSUPPORTED'],
  ];
  for (const [algorithm, code] of algorithms) {
    test(`when it names ${algorithm} for a P-384 signature`, async () => {
      await refused(code, { ...token(await leaf()), algorithm });
    });
  }

  test('when it names ES384 for an RSA key, or RS256 for a PSS signature', async () => {
    const certificate = await leaf({ key: await makeKey('rsa3072', 'holder') });
    const given = token(certificate, 'PS256');
    await refused('ALGORITHM_MISMATCH', { ...given, algorithm: 'ES384' });
    await refused('SIGNATURE_INVALID', { ...given, algorithm: 'RS256' });
  });

  const shapes = [
    ['null', () => null],
    ['a string', () => 'web-eid:1.0'],
    ['an array', () => []],
    ['an empty object', () => ({})],
    ['format 1.1', (t) => ({ ...t, format: 'web-eid:1.1' })],
    ['format 1', (t) => ({ ...t, format: 'web-eid:1' })],
    ['a number as format', (t) => ({ ...t, format: 1 })],
  ];
  for (const [what, make] of shapes) {
    test(`when it is or has ${what}`, async () => {
      const given = make(token(await leaf()));
      await refused(typeof given === 'object' && given !== null ? 'FORMAT_UNSUPPORTED' : 'TOKEN_MALFORMED', given);
    });
  }

  const malformed = [
    ['no signature', { signature: undefined }],
    ['an empty signature', { signature: '' }],
    ['a signature that is an array', { signature: ['AAAA'] }],
    ['a signature in base64url', { signature: '-_-_' }],
    ['a signature without padding', { signature: 'AAA' }],
    ['a signature with a blank', { signature: 'AAAA AAA' }],
    ['a signature of 513 bytes', { signature: Buffer.alloc(513).toString('base64') }],
    ['no algorithm', { algorithm: undefined }],
    ['an algorithm that is an object', { algorithm: { toString: () => 'ES384' } }],
    ['no appVersion', { appVersion: undefined }],
    ['an appVersion of 256 characters', { appVersion: 'x'.repeat(256) }],
    ['no certificate', { unverifiedCertificate: undefined }],
  ];
  for (const [what, change] of malformed) {
    test(`when it has ${what}`, async () => {
      await refused('TOKEN_MALFORMED', { ...token(await leaf()), ...change });
    });
  }

  const certificates = [
    ['empty', () => ''],
    ['not base64', () => '!!!!'],
    ['base64 with line ends', (c) => c.base64.replace(/(.{64})/g, '$1\n')],
    ['not a certificate', () => Buffer.from('hello').toString('base64')],
    ['cut short', (c) => c.der.subarray(0, -1).toString('base64')],
    ['followed by a byte', (c) => Buffer.concat([c.der, Buffer.of(0)]).toString('base64')],
    ['PEM in base64', (c) => Buffer.from(c.pem).toString('base64')],
    ['8,193 bytes', (c) => Buffer.concat([c.der, Buffer.alloc(8193 - c.der.length)]).toString('base64')],
  ];
  for (const [what, make] of certificates) {
    test(`when its certificate is ${what}`, async () => {
      const certificate = await leaf();
      await refused('CERTIFICATE_MALFORMED', { ...token(certificate), unverifiedCertificate: make(certificate) });
    });
  }

  const usages = [
    ['only non-repudiation', { usage: Use.nonRepudiation }],
    ['only key encipherment', { usage: Use.keyEncipherment }],
    ['no key usage', { usage: null }],
    ['only server authentication', { eku: ['1.3.6.1.5.5.7.3.1'] }],
    ['a CA', { ca: true }],
  ];
  for (const [what, change] of usages) {
    test(`when its certificate has or is ${what}`, async () => {
      await refused('CERTIFICATE_USAGE', token(await leaf(change)));
    });
  }

  test('when its certificate has a disallowed policy', async () => {
    const given = token(await leaf({ policies: ['1.2.246.517.1.10.1', '1.2.3.4'] }));
    await verifyAuthToken(given, { ...options, disallowedPolicies: ['1.2.3'] });
    await refused('CERTIFICATE_POLICY', given, { disallowedPolicies: ['1.2.3.4'] });
  });

  test('when its certificate has expired or is not yet valid', async () => {
    const certificate = await leaf({ notBefore: later(-1), notAfter: later(1) });
    await verifyAuthToken(token(certificate), options);
    await refused('CERTIFICATE_EXPIRED', token(certificate), { now: later(2) });
    await refused('CERTIFICATE_NOT_YET_VALID', token(certificate), { now: later(-2) });
  });

  test('when its certificate has an unknown critical extension', async () => {
    const extra = [new x509.Extension('1.2.3.4.5', true, Buffer.from('0500', 'hex'))];
    await refused('CERTIFICATE_MALFORMED', token(await leaf({ extra })));
    const tolerated = [new x509.Extension('1.2.3.4.5', false, Buffer.from('0500', 'hex'))];
    await verifyAuthToken(token(await leaf({ extra: tolerated })), options);
  });

  test('when its certificate has more than 8,192 bytes', async () => {
    const padded = (length) => leaf({ extra: [new x509.Extension('1.2.3.4.5', false, Buffer.alloc(length))] });
    await verifyAuthToken(token(await padded(7000)), options);
    await refused('CERTIFICATE_MALFORMED', token(await padded(8000)));
  });

  test('when its certificate has one extension twice', async () => {
    const extra = [new x509.KeyUsagesExtension(Use.digitalSignature, true)];
    await refused('CERTIFICATE_MALFORMED', token(await leaf({ extra })));
  });

  test("when its certificate's subject has two serial numbers", async () => {
    await refused('CERTIFICATE_MALFORMED', token(await leaf({ subject: 'CN=X,2.5.4.5=99900001K,2.5.4.5=99900002L' })));
  });

  test('when its key is RSA of 1,024 bits', async () => {
    await refused('CERTIFICATE_MALFORMED', token(await leaf({ key: await makeKey('rsa1024', 'holder') }), 'RS256'));
  });
});

describe('a chain', () => {
  const subCa = async (changes = {}) =>
    issueCa({ issuer: root, key: await makeKey('p384', 'Sub CA'), subject: 'CN=Sub CA,C=FI', pathlen: 0, ...changes });
  /** Verifies a token under an intermediate that is not trusted itself. */
  async function under(sub, changes = {}) {
    const given = token(await leaf({ issuer: sub }));
    return verifyAuthToken(given, { ...options, intermediateCertificates: [sub.pem], ...changes });
  }
  const untrusted = (promise) => assert.rejects(promise, (error) => error instanceof TokenError && error.code === 'CERTIFICATE_UNTRUSTED');

  test('with an intermediate is accepted', async () => {
    await under(await subCa());
  });

  test('may end at an intermediate that is itself trusted', async () => {
    const sub = await subCa();
    await verifyAuthToken(token(await leaf({ issuer: sub })), { ...options, trustedCertificates: [sub.der] });
  });

  test('to another CA is refused', async () => {
    await untrusted(under(await subCa(), { trustedCertificates: [(await makeRoot('Other Root')).pem] }));
    await untrusted(verifyAuthToken(token(await leaf()), { ...options, trustedCertificates: [] }));
  });

  test('to a CA of the same name and another key is refused', async () => {
    const impostor = await issueCa({ key: await makeKey('p384', 'impostor'), subject: root.subject });
    await untrusted(verifyAuthToken(token(await leaf({ issuer: impostor })), options));
  });

  test('to a CA of the same key and another name is refused', async () => {
    const renamed = await issueCa({ key: root.key, subject: 'CN=Renamed Root,C=FI' });
    await untrusted(verifyAuthToken(token(await leaf()), { ...options, trustedCertificates: [renamed.pem] }));
  });

  test('is refused when the intermediate is not given', async () => {
    await untrusted(under(await subCa(), { intermediateCertificates: [] }));
  });

  test('that ends at an intermediate which is not trusted is refused', async () => {
    const sub = await subCa();
    await untrusted(under(sub, { trustedCertificates: [] }));
  });

  const bad = [
    ['is not a CA', { ca: false, pathlen: undefined }],
    ['has no basic constraints', { ca: undefined }],
    ['has no key usage', { usage: null }],
    ['may not sign certificates', { usage: Use.cRLSign | Use.digitalSignature }],
    ['has expired', { notAfter: later(-1) }],
    ['is not yet valid', { notBefore: later(1) }],
    ['is for other purposes', { eku: ['1.3.6.1.5.5.7.3.4'] }],
    ['is signed with SHA-1', { hash: 'SHA-1' }],
  ];
  for (const [what, change] of bad) {
    test(`is refused when the intermediate ${what}`, async () => {
      await untrusted(under(await subCa(change)));
    });
    if (what !== 'is for other purposes' && what !== 'is signed with SHA-1') {
      test(`is refused when the trusted CA ${what}`, async () => {
        const anchor = await issueCa({ key: await makeKey('p384', 'Bad Root'), subject: 'CN=Bad Root', ...change });
        await untrusted(verifyAuthToken(token(await leaf({ issuer: anchor })), { ...options, trustedCertificates: [anchor.pem] }));
      });
    }
  }

  test('is accepted when the intermediate is for client authentication among others', async () => {
    await under(await subCa({ eku: ['1.3.6.1.5.5.7.3.4', CLIENT_AUTH] }));
  });

  test('is refused when a path length of 0 has an intermediate below', async () => {
    const first = await subCa();
    const second = await issueCa({ issuer: first, key: await makeKey('p384', 'Second CA'), subject: 'CN=Second CA', pathlen: 0 });
    const given = token(await leaf({ issuer: second }));
    const both = { ...options, intermediateCertificates: [first.pem, second.pem] };
    await untrusted(verifyAuthToken(given, both));
    const roomy = await subCa({ pathlen: 1, key: first.key });
    await verifyAuthToken(given, { ...options, intermediateCertificates: [roomy.pem, second.pem] });
  });

  test("is refused when the trusted CA's path length is too short", async () => {
    const anchor = await issueCa({ key: await makeKey('p384', 'Short Root'), subject: 'CN=Short Root', pathlen: 0 });
    const sub = await subCa({ issuer: anchor });
    await untrusted(under(sub, { trustedCertificates: [anchor.pem] }));
  });

  test('is refused when a person issued the certificate', async () => {
    const person = await leaf();
    const victim = await leaf({ issuer: person, key: await makeKey('p384', 'somebody else'), subject: 'CN=VICTIM' });
    await untrusted(verifyAuthToken(token(victim), { ...options, intermediateCertificates: [person.pem] }));
    await untrusted(verifyAuthToken(token(victim), { ...options, trustedCertificates: [root.pem, person.pem] }));
  });

  test('with a loop of cross certificates ends', async () => {
    const [a, b] = [await makeKey('p384', 'A'), await makeKey('p384', 'B')];
    const byB = await issueCa({ issuer: { key: b, subject: 'CN=B' }, key: a, subject: 'CN=A' });
    const byA = await issueCa({ issuer: { key: a, subject: 'CN=A' }, key: b, subject: 'CN=B' });
    const given = token(await leaf({ issuer: byB }));
    await untrusted(verifyAuthToken(given, { ...options, intermediateCertificates: [byB.pem, byA.pem] }));
  });

  test('is refused when it is longer than five', async () => {
    let issuer = root;
    const intermediates = [];
    for (let i = 0; i < 4; i++) {
      issuer = await issueCa({ issuer, key: await makeKey('p256', `Deep ${i}`), subject: `CN=Deep ${i}`, hash: 'SHA-256' });
      intermediates.push(issuer.pem);
      if (i === 2) await verifyAuthToken(token(await leaf({ issuer })), { ...options, intermediateCertificates: intermediates });
    }
    await untrusted(verifyAuthToken(token(await leaf({ issuer })), { ...options, intermediateCertificates: intermediates }));
  });

  test('of RSA is accepted', async () => {
    const anchor = await makeRoot('RSA Root', 'rsa3072');
    await verifyAuthToken(token(await leaf({ issuer: anchor, hash: 'SHA-256' })), { ...options, trustedCertificates: [anchor.pem] });
  });

  test('is refused when the certificate is its own issuer', async () => {
    const self = await issue({ key: await makeKey('p384', 'holder') });
    await untrusted(verifyAuthToken(token(self), options));
    await untrusted(verifyAuthToken(token(self), { ...options, trustedCertificates: [self.pem] }));
  });
});

describe('a wrong call is a TypeError', () => {
  const calls = [
    ['an origin with a slash', { origin: `${ORIGIN}/` }],
    ['an origin with its default port', { origin: `${ORIGIN}:443` }],
    ['an origin in capitals', { origin: 'https://EXAMPLE.fi' }],
    ['an origin with letters beyond ASCII', { origin: 'https://mäkinen.fi' }],
    ['an http origin', { origin: 'http://example.fi' }],
    ['the origin null', { origin: 'null' }],
    ['no origin', { origin: undefined }],
    ['no nonce', { nonce: undefined }],
    ['a short nonce', { nonce: 'A'.repeat(43) }],
    ['a long nonce', { nonce: 'A'.repeat(129) }],
    ['no CAs', { trustedCertificates: undefined }],
    ['a CA that is no certificate', { trustedCertificates: ['hello'] }],
    ['a CA that is broken DER', { trustedCertificates: [Buffer.from('hello')] }],
    ['a time that is a number', { now: 1 }],
    ['a time that is no time', { now: new Date('never') }],
  ];
  for (const [what, change] of calls) {
    test(`with ${what}`, async () => {
      await assert.rejects(verifyAuthToken(token(await leaf()), { ...options, ...change }), TypeError);
    });
  }
});
