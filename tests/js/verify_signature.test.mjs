import assert from 'node:assert/strict';
import { constants, createHash, privateEncrypt } from 'node:crypto';
import { before, describe, test } from 'node:test';
import { TokenError, verifySignature } from '../../js/server/index.js';
import { issue, makeKey, makeRoot, NOW, rawSign, Use } from './pki.js';

const CONTENT = Buffer.from('Sopimus lapsen varhaiskasvatuspaikasta, 1 sivu');
const NODE_HASH = { 'SHA-224': 'sha224', 'SHA-256': 'sha256', 'SHA-384': 'sha384', 'SHA-512': 'sha512' };

let root;
const digestOf = (hashFunction, content = CONTENT) => createHash(NODE_HASH[hashFunction]).update(content).digest();

/** Options of a good call: a signature of CONTENT by a key of this kind, as bridge.sign gives it. */
async function signed(kind, scheme, hashFunction, changes = {}) {
  const key = await makeKey(kind, 'signer');
  const certificate = await issue({ issuer: root, key, usage: Use.nonRepudiation, eku: null, ...changes });
  const padding = { ecdsa: 'NONE', pkcs1: 'PKCS1.5', pss: 'PSS' };
  return {
    content: CONTENT,
    signature: rawSign(key, scheme, NODE_HASH[hashFunction], CONTENT).toString('base64'),
    signatureAlgorithm: { cryptoAlgorithm: scheme === 'ecdsa' ? 'ECC' : 'RSA', hashFunction, paddingScheme: padding[scheme] },
    certificate: certificate.base64,
    trustedCertificates: [root.pem],
    now: NOW,
  };
}

const byDigest = ({ content, ...rest }) => ({ ...rest, digest: digestOf(rest.signatureAlgorithm.hashFunction, content) });

async function refused(code, options) {
  await assert.rejects(verifySignature(options), (error) => {
    assert.ok(error instanceof TokenError, String(error.stack));
    assert.equal(error.code, code, error.message);
    return true;
  });
}

before(async () => {
  root = await makeRoot();
});

describe('a signature', () => {
  const kinds = [
    ['p256', 'ecdsa'],
    ['p384', 'ecdsa'],
    ['p521', 'ecdsa'],
    ['rsa2048', 'pss'],
    ['rsa2049', 'pss'],
    ['rsa3072', 'pkcs1'],
    ['rsa3072', 'pss'],
  ];
  for (const [kind, scheme] of kinds) {
    for (const hash of Object.keys(NODE_HASH)) {
      test(`by ${kind} ${scheme} with ${hash} is accepted over content and digest, and refused over others`, async () => {
        const good = await signed(kind, scheme, hash);
        const { subject, signatureAlgorithm, certificate } = await verifySignature(good);
        assert.equal(subject.serialNumber, '99900001K');
        assert.deepEqual(signatureAlgorithm, good.signatureAlgorithm);
        assert.equal(certificate, good.certificate);
        await verifySignature(byDigest(good));

        const content = Buffer.concat([CONTENT, Buffer.from('.')]);
        await refused('SIGNATURE_INVALID', { ...good, content });
        await refused('SIGNATURE_INVALID', byDigest({ ...good, content }));
        const bytes = Buffer.from(good.signature, 'base64');
        for (const i of [0, bytes.length >> 1, bytes.length - 1]) {
          const turned = Buffer.from(bytes);
          turned[i] ^= 1;
          await refused('SIGNATURE_INVALID', { ...good, signature: turned.toString('base64') });
          await refused('SIGNATURE_INVALID', byDigest({ ...good, signature: turned.toString('base64') }));
        }
      });
    }
  }

  test('over text and over a stream is accepted', async () => {
    const good = await signed('p384', 'ecdsa', 'SHA-384');
    await verifySignature({ ...good, content: CONTENT.toString() });
    async function* stream() {
      yield CONTENT.subarray(0, 5);
      yield CONTENT.subarray(5);
    }
    await verifySignature({ ...good, content: stream() });
  });

  test('with another PSS salt length is refused over content and digest', async () => {
    const good = await signed('rsa2048', 'pss', 'SHA-256');
    for (const salt of [0, 20, 64]) {
      const signature = rawSign(await makeKey('rsa2048', 'signer'), 'pss', 'sha256', CONTENT, salt).toString('base64');
      await refused('SIGNATURE_INVALID', { ...good, signature });
      await refused('SIGNATURE_INVALID', byDigest({ ...good, signature }));
    }
  });

  /** What only the holder of the key can make: a signature whose encoded message is this. */
  const encrypt = async (encoded, kind = 'rsa2048') =>
    privateEncrypt({ key: (await makeKey(kind, 'signer')).privateKey, padding: constants.RSA_NO_PADDING }, encoded).toString('base64');
  const sha256 = (...parts) => createHash('sha256').update(Buffer.concat(parts)).digest();

  /** EMSA-PSS of RFC 8017 for SHA-256 and 2,048 bits, with what the test spoils. */
  function encodePss({ db: spoilDb = () => {}, encoded: spoilEncoded = () => {}, fill = 7 } = {}) {
    const salt = Buffer.alloc(32, fill);
    const h = sha256(Buffer.alloc(8), sha256(CONTENT), salt);
    const db = Buffer.concat([Buffer.alloc(190), Buffer.of(1), salt]);
    spoilDb(db);
    const mask = Buffer.concat([0, 1, 2, 3, 4, 5, 6].map((i) => sha256(h, Buffer.of(0, 0, 0, i)))).subarray(0, db.length);
    const encoded = Buffer.concat([db.map((byte, i) => byte ^ mask[i]), h, Buffer.of(0xbc)]);
    encoded[0] &= 0x7f;
    spoilEncoded(encoded);
    return encoded;
  }

  const spoiltPss = [
    ['another trailer', { encoded: (encoded) => (encoded[255] = 0xcc) }],
    ['a padding that is not zero', { db: (db) => (db[100] = 1) }],
    ['a separator that is not 1', { db: (db) => (db[190] = 2) }],
    ['a separator that is one byte early', { db: (db) => (db[189] = 1) }],
  ];
  test('with a hand-made PSS encoding is accepted', async () => {
    const good = await signed('rsa2048', 'pss', 'SHA-256');
    const signature = await encrypt(encodePss());
    await verifySignature({ ...good, signature });
    await verifySignature(byDigest({ ...good, signature }));
  });
  for (const [what, spoil] of spoiltPss) {
    test(`with a PSS encoding that has ${what} is refused`, async () => {
      const good = await signed('rsa2048', 'pss', 'SHA-256');
      const signature = await encrypt(encodePss(spoil));
      await refused('SIGNATURE_INVALID', { ...good, signature });
      await refused('SIGNATURE_INVALID', byDigest({ ...good, signature }));
    });
  }

  test('with a PSS encoding whose top bit is set is refused', async () => {
    const good = await signed('rsa2048', 'pss', 'SHA-256');
    // the smallest of many, to be below the modulus: a larger one the key can't make
    const fills = Array.from({ length: 256 }, (_, i) => i);
    const fill = fills.reduce((best, i) => (Buffer.compare(encodePss({ fill: i }), encodePss({ fill: best })) < 0 ? i : best));
    const signature = await encrypt(encodePss({ fill, encoded: (encoded) => (encoded[0] |= 0x80) }));
    await verifySignature({ ...good, signature: await encrypt(encodePss({ fill })) });
    await refused('SIGNATURE_INVALID', { ...good, signature });
    await refused('SIGNATURE_INVALID', byDigest({ ...good, signature }));
  });

  const INFO = Buffer.from('3031300d060960864801650304020105000420', 'hex');
  const pkcs1 = [
    ['short padding and bytes behind', () => [Buffer.of(0, 1), Buffer.alloc(8, 255), Buffer.of(0), INFO, sha256(CONTENT), Buffer.alloc(194, 9)]],
    ['another block type', () => [Buffer.of(0, 2), Buffer.alloc(202, 255), Buffer.of(0), INFO, sha256(CONTENT)]],
    ['padding that is not all ones', () => [Buffer.of(0, 1), Buffer.alloc(202, 254), Buffer.of(0), INFO, sha256(CONTENT)]],
    ['only the digest, without its algorithm', () => [Buffer.of(0, 1), Buffer.alloc(221, 255), Buffer.of(0), sha256(CONTENT)]],
  ];
  for (const [what, make] of pkcs1) {
    test(`with a PKCS #1 encoding that has ${what} is refused`, async () => {
      const good = await signed('rsa2048', 'pkcs1', 'SHA-256');
      const encoded = Buffer.concat(make());
      assert.equal(encoded.length, 256);
      const signature = await encrypt(encoded);
      await refused('SIGNATURE_INVALID', { ...good, signature });
      await refused('SIGNATURE_INVALID', byDigest({ ...good, signature }));
    });
  }

  test('of the other RSA padding is refused', async () => {
    const pss = await signed('rsa3072', 'pss', 'SHA-256');
    const pkcs1 = await signed('rsa3072', 'pkcs1', 'SHA-256');
    for (const [one, other] of [[pss, pkcs1], [pkcs1, pss]]) {
      const mixed = { ...one, signatureAlgorithm: other.signatureAlgorithm };
      await refused('SIGNATURE_INVALID', mixed);
      await refused('SIGNATURE_INVALID', byDigest(mixed));
    }
  });

  test('of all zeros or ones, or above the modulus, is refused over content and digest', async () => {
    for (const [kind, scheme] of [['p384', 'ecdsa'], ['rsa2048', 'pss'], ['rsa2048', 'pkcs1']]) {
      const good = await signed(kind, scheme, 'SHA-256');
      const length = Buffer.from(good.signature, 'base64').length;
      for (const fill of [0, 1, 255]) {
        const bad = { ...good, signature: Buffer.alloc(length, fill).toString('base64') };
        await refused('SIGNATURE_INVALID', bad);
        await refused('SIGNATURE_INVALID', byDigest(bad));
      }
    }
  });

  test('of another width is refused', async () => {
    const good = await signed('p384', 'ecdsa', 'SHA-384');
    const bytes = Buffer.from(good.signature, 'base64');
    await refused('SIGNATURE_INVALID', { ...good, signature: bytes.subarray(1).toString('base64') });
    await refused('SIGNATURE_INVALID', { ...good, signature: Buffer.concat([Buffer.of(0), bytes]).toString('base64') });
  });

  test('that is not base64, or too long, is refused', async () => {
    const good = await signed('p384', 'ecdsa', 'SHA-384');
    for (const signature of ['', '###', undefined, 5, Buffer.alloc(513).toString('base64')]) {
      await refused('TOKEN_MALFORMED', { ...good, signature });
    }
  });

  const algorithms = [
    ['ALGORITHM_MISMATCH', { cryptoAlgorithm: 'RSA', hashFunction: 'SHA-384', paddingScheme: 'PSS' }],
    ['ALGORITHM_UNSUPPORTED', { cryptoAlgorithm: 'ECC', hashFunction: 'SHA-384', paddingScheme: 'PSS' }],
    ['ALGORITHM_UNSUPPORTED', { cryptoAlgorithm: 'ECC', hashFunction: 'SHA-1', paddingScheme: 'NONE' }],
    ['ALGORITHM_UNSUPPORTED', { cryptoAlgorithm: 'ECC', hashFunction: 'constructor', paddingScheme: 'NONE' }],
    ['ALGORITHM_UNSUPPORTED', 'ES384'],
    ['ALGORITHM_UNSUPPORTED', undefined],
    ['SIGNATURE_INVALID', { cryptoAlgorithm: 'ECC', hashFunction: 'SHA-512', paddingScheme: 'NONE' }],
  ];
  for (const [code, signatureAlgorithm] of algorithms) {
    test(`by P-384 with SHA-384 that claims ${JSON.stringify(signatureAlgorithm)} is refused`, async () => {
      await refused(code, { ...(await signed('p384', 'ecdsa', 'SHA-384')), signatureAlgorithm });
    });
  }

  test('by a certificate that is not for signatures is refused', async () => {
    await refused('CERTIFICATE_USAGE', await signed('p384', 'ecdsa', 'SHA-384', { usage: Use.digitalSignature }));
    await refused('CERTIFICATE_USAGE', await signed('p384', 'ecdsa', 'SHA-384', { usage: null }));
    await refused('CERTIFICATE_USAGE', await signed('p384', 'ecdsa', 'SHA-384', { ca: true }));
  });

  test('by an expired, too early or untrusted certificate is refused', async () => {
    const good = await signed('p384', 'ecdsa', 'SHA-384');
    await refused('CERTIFICATE_EXPIRED', { ...good, now: new Date('2030-01-01') });
    await refused('CERTIFICATE_NOT_YET_VALID', { ...good, now: new Date('2020-01-01') });
    await refused('CERTIFICATE_UNTRUSTED', { ...good, trustedCertificates: [(await makeRoot('Other Root')).pem] });
  });

  test('with a digest of another length is refused', async () => {
    const good = byDigest(await signed('p384', 'ecdsa', 'SHA-384'));
    await refused('ALGORITHM_MISMATCH', { ...good, digest: good.digest.subarray(0, 32) });
  });

  test('call with neither or both of content and digest, or a wrong content, is a TypeError', async () => {
    const good = await signed('p384', 'ecdsa', 'SHA-384');
    await assert.rejects(verifySignature({ ...good, content: undefined }), TypeError);
    await assert.rejects(verifySignature({ ...good, digest: digestOf('SHA-384') }), TypeError);
    await assert.rejects(verifySignature({ ...good, content: 5 }), TypeError);
    await assert.rejects(verifySignature({ ...good, now: 0 }), TypeError);
  });
});
