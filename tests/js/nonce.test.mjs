import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createNonce, createNonceStore } from '../../js/server/index.js';

test('a nonce is 32 random bytes in 44 characters of base64', () => {
  const nonces = new Set(Array.from({ length: 100 }, createNonce));
  assert.equal(nonces.size, 100);
  for (const nonce of nonces) {
    assert.equal(nonce.length, 44);
    assert.equal(Buffer.from(nonce, 'base64').length, 32);
  }
});

test('a nonce is given back once, to its session', () => {
  const store = createNonceStore();
  const nonce = store.issue('a');
  assert.notEqual(store.issue('b'), nonce);
  assert.equal(store.take('c'), null);
  assert.equal(store.take('a'), nonce);
  assert.equal(store.take('a'), null);
});

test('a session has only its newest nonce', () => {
  const store = createNonceStore();
  store.issue('a');
  const second = store.issue('a');
  assert.equal(store.take('a'), second);
  assert.equal(store.take('a'), null);
});

test('a nonce is gone when its lifetime is over', () => {
  let now = 0;
  const store = createNonceStore({ lifetimeMs: 1000, clock: () => now });
  const nonce = store.issue('a');
  store.issue('b');
  now = 999;
  assert.equal(store.take('a'), nonce);
  now = 1000;
  assert.equal(store.take('b'), null);
});

test('a full store forgets what has expired, then the oldest', () => {
  let now = 0;
  const store = createNonceStore({ lifetimeMs: 1000, max: 2, clock: () => now });
  store.issue('old');
  now = 600;
  const kept = store.issue('kept');
  now = 1100;
  store.issue('third');
  assert.equal(store.take('old'), null);
  assert.equal(store.take('kept'), kept);

  store.issue('x');
  store.issue('y');
  assert.equal(store.take('third'), null);
  assert.notEqual(store.take('x'), null);
  assert.notEqual(store.take('y'), null);
});

test('a session without a name gets no nonce', () => {
  assert.throws(() => createNonceStore().issue(''), TypeError);
  assert.throws(() => createNonceStore().issue(undefined), TypeError);
});
