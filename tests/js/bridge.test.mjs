import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { Bridge } from '../../js/bridge.js';
import { closePage, HELLO, openPage } from './fake_page.mjs';

/** Stands for Rpc: keeps the calls and answers with what the test set. */
class FakeRpc {
  calls = [];
  result = {};
  onnotify = () => {};
  async call(method, params, signal) {
    this.calls.push({ method, params, signal });
    return this.result;
  }
  close() {
    this.closed = true;
  }
}

let rpc;
let bridge;
const MAX = 100_000;

beforeEach(() => {
  openPage();
  rpc = new FakeRpc();
  bridge = new Bridge(rpc, 'extension', { ...HELLO, maxMessage: MAX }, undefined);
});
afterEach(closePage);

test('a bridge tells its way and the version of the program', () => {
  assert.equal(bridge.transport, 'extension');
  assert.equal(bridge.version, '0.1.0');
});

test('authenticate sends the nonce and nothing that was not given', async () => {
  rpc.result = { format: 'web-eid:1.0' };
  assert.equal(await bridge.authenticate('N'.repeat(44)), rpc.result);
  assert.deepEqual(rpc.calls, [{ method: 'authenticate', params: { challengeNonce: 'N'.repeat(44) }, signal: undefined }]);
});

test('the common options go along and the signal does not', async () => {
  const { signal } = new AbortController();
  const onBehalfOf = { name: 'Yritys Oy', businessId: '0000000-0' };
  await bridge.getSigningCertificate({ purpose: 'Test', onBehalfOf, lang: 'sv', timeoutMs: 60000, signal });
  const params = { purpose: 'Test', onBehalfOf, lang: 'sv', timeoutMs: 60000 };
  assert.deepEqual(rpc.calls, [{ method: 'getSigningCertificate', params, signal }]);
});

test('a certificate filter goes along as it is', async () => {
  const certificateFilter = { issuer: ['Test CA'], policy: ['1.2.3'], holder: '99900335E', keyUsage: ['nonRepudiation'] };
  await bridge.sign([{ name: 'a', mediaType: 'text/plain', content: 'a' }], { certificateFilter });
  assert.deepEqual(rpc.calls[0].params.certificateFilter, certificateFilter);
  await bridge.authenticate('n', { certificateFilter });
  assert.deepEqual(rpc.calls[1].params, { challengeNonce: 'n', certificateFilter });
});

test("connect's language is that of every request, unless one says another", async () => {
  bridge = new Bridge(rpc, 'extension', HELLO, 'fi');
  await bridge.authenticate('n');
  await bridge.authenticate('n', { lang: 'en' });
  assert.deepEqual(rpc.calls.map((call) => call.params.lang), ['fi', 'en']);
});

test('card events reach the listener until unsubscribe', async () => {
  const heard = [];
  await bridge.subscribe((event) => heard.push(event), { purpose: 'Test' });
  assert.deepEqual(rpc.calls[0], { method: 'subscribe', params: { purpose: 'Test' }, signal: undefined });
  rpc.onnotify('card', { event: 'inserted' });
  rpc.onnotify('something new', {});
  await bridge.unsubscribe();
  rpc.onnotify('card', { event: 'removed' });
  assert.deepEqual(heard, ['inserted']);
});

test('close closes', () => {
  bridge.close();
  assert.equal(rpc.closed, true);
});

describe('decrypt', () => {
  const certificate = 'MIIB';

  test('sends bytes as base64 and gives bytes back', async () => {
    rpc.result = { certificate, plaintext: 'AAEC/w==' };
    const ciphertext = new Uint8Array(384).fill(7);
    const result = await bridge.decrypt({ algorithm: 'RSA-OAEP', hashAlgorithm: 'SHA-256', ciphertext }, { purpose: 'Mail' });
    assert.deepEqual(result, { certificate, plaintext: new Uint8Array([0, 1, 2, 255]) });
    const params = { algorithm: 'RSA-OAEP', hashAlgorithm: 'SHA-256', ciphertext: Buffer.from(ciphertext).toString('base64'), purpose: 'Mail' };
    assert.deepEqual(rpc.calls, [{ method: 'decrypt', params, signal: undefined }]);
  });

  test('a key agreement has a point and a shared secret', async () => {
    rpc.result = { certificate, sharedSecret: '/w==' };
    const result = await bridge.decrypt({ algorithm: 'ECDH', publicKey: 'BAAA', certificate });
    assert.deepEqual(result, { certificate, sharedSecret: new Uint8Array([255]) });
    assert.deepEqual(rpc.calls[0].params, { algorithm: 'ECDH', publicKey: 'BAAA', certificate });
  });
});

describe('sign', () => {
  const doc = (content, more = {}) => ({ name: 'sopimus.pdf', mediaType: 'application/pdf', content, ...more });
  const sha = (hash, content) => createHash(hash).update(content).digest('base64');

  test('sends contents of every type as base64', async () => {
    const text = 'Hyvää päivää';
    const bytes = Buffer.from(text);
    const types = [text, new Uint8Array(bytes), new Uint8Array(bytes).buffer, new Blob([text])];
    await bridge.sign(types.map((content) => doc(content)), { format: 'raw', certificate: 'AAAA', purpose: 'Test' });
    const { method, params } = rpc.calls[0];
    assert.equal(method, 'sign');
    const same = { name: 'sopimus.pdf', mediaType: 'application/pdf', content: bytes.toString('base64') };
    assert.deepEqual(params, { documents: [same, same, same, same], format: 'raw', certificate: 'AAAA', purpose: 'Test' });
  });

  test('encodes every byte value and a length that is no multiple of its step', async () => {
    const content = Uint8Array.from({ length: 20_001 }, (_, i) => i * 7);
    await bridge.sign([doc(content)]);
    assert.equal(rpc.calls[0].params.documents[0].content, Buffer.from(content).toString('base64'));
  });

  test('sends only the bytes of a view, not of its buffer', async () => {
    await bridge.sign([doc(new Uint8Array([1, 2, 3, 4]).subarray(1, 3))]);
    assert.equal(rpc.calls[0].params.documents[0].content, Buffer.from([2, 3]).toString('base64'));
  });

  test('sends digests as they were given', async () => {
    const digest = createHash('sha384').update('x').digest();
    const given = { name: 'a', mediaType: 'text/plain', size: 1 };
    await bridge.sign([{ ...given, digest: new Uint8Array(digest) }, { ...given, digest: digest.toString('base64') }], { hashAlgorithm: 'SHA-384' });
    const sent = { ...given, digest: digest.toString('base64') };
    assert.deepEqual(rpc.calls[0].params, { documents: [sent, sent], hashAlgorithm: 'SHA-384' });
  });

  test('says which algorithms are accepted, and hashes large contents with the first', async () => {
    const signatureAlgorithms = [{ cryptoAlgorithm: 'RSA', hashFunction: 'SHA-512', paddingScheme: 'PSS' }, { cryptoAlgorithm: 'ECC', hashFunction: 'SHA-384', paddingScheme: 'NONE' }];
    await bridge.sign([doc('x')], { signatureAlgorithms, format: 'cades', signingTime: true });
    const content = Buffer.from('x').toString('base64');
    assert.deepEqual(rpc.calls[0].params, { documents: [{ name: 'sopimus.pdf', mediaType: 'application/pdf', content }], signatureAlgorithms, format: 'cades', signingTime: true });
    const large = Buffer.alloc(60_000, 1);
    await bridge.sign([doc(new Uint8Array(large))], { signatureAlgorithms });
    const { documents: [{ digest }], hashAlgorithm } = rpc.calls[1].params;
    assert.deepEqual([digest, hashAlgorithm], [sha('sha512', large), 'SHA-512']);
  });

  test('hashes contents that do not fit one message together', async () => {
    const [a, b] = [Buffer.alloc(30_000, 1), Buffer.alloc(30_000, 2)];
    await bridge.sign([doc(new Uint8Array(a), { name: 'a' }), doc(new Uint8Array(b), { name: 'b' })]);
    assert.deepEqual(rpc.calls[0].params, {
      documents: [
        { name: 'a', mediaType: 'application/pdf', size: 30_000, digest: sha('sha256', a) },
        { name: 'b', mediaType: 'application/pdf', size: 30_000, digest: sha('sha256', b) },
      ],
      hashAlgorithm: 'SHA-256',
    });
  });

  test('hashes with the algorithm that was asked for', async () => {
    const a = new Uint8Array(90_000);
    await bridge.sign([doc(a)], { hashAlgorithm: 'SHA-512' });
    assert.equal(rpc.calls[0].params.hashAlgorithm, 'SHA-512');
    assert.equal(rpc.calls[0].params.documents[0].digest, sha('sha512', a));
  });

  test('refuses to hash with what browsers do not have', async () => {
    const promise = bridge.sign([doc(new Uint8Array(90_000))], { hashAlgorithm: 'SHA-224' });
    await assert.rejects(promise, { name: 'KorttisiltaError', code: 'UNSUPPORTED' });
    assert.deepEqual(rpc.calls, []);
  });

  test('never makes a message larger than the program takes', async () => {
    const long = { name: '"'.repeat(255), mediaType: `text/${'x'.repeat(122)}` };
    for (const size of [9_000, 12_000, 16_000, 20_000]) {
      await bridge.sign([1, 2, 3].map(() => doc(new Uint8Array(size), long)), { purpose: '\u0001'.repeat(500) });
      const { params } = rpc.calls.at(-1);
      const message = JSON.stringify({ jsonrpc: '2.0', id: Number.MAX_SAFE_INTEGER, method: 'sign', params });
      assert.ok(Buffer.byteLength(message) <= MAX, `${size}: ${Buffer.byteLength(message)}`);
    }
    assert.ok(rpc.calls[0].params.documents[0].content);
    assert.ok(rpc.calls.at(-1).params.documents[0].digest);
  });
});
