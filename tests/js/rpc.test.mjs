import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { Rpc } from '../../js/rpc.js';
import { KorttisiltaError } from '../../js/index.js';
import { closePage, openPage } from './fake_page.mjs';

let transport;
let rpc;

beforeEach(() => {
  openPage();
  transport = {
    name: 'websocket',
    sent: [],
    closed: 0,
    send: (message) => transport.sent.push(message),
    close: () => transport.closed++,
    onmessage: () => {},
    onclose: () => {},
  };
  rpc = new Rpc(transport, 'en');
});
afterEach(closePage);

const answer = (members) => transport.onmessage({ jsonrpc: '2.0', ...members });
const rejects = (promise, code, more = {}) =>
  assert.rejects(promise, (error) => {
    assert.ok(error instanceof KorttisiltaError, String(error.stack));
    assert.equal(error.name, 'KorttisiltaError');
    assert.equal(error.code, code);
    for (const [name, value] of Object.entries(more)) assert.equal(error[name], value, name);
    return true;
  });

test('a call sends one request and resolves with its result', async () => {
  const call = rpc.call('hello', { library: 'x' });
  assert.deepEqual(transport.sent, [{ jsonrpc: '2.0', id: 1, method: 'hello', params: { library: 'x' } }]);
  answer({ id: 1, result: { a: 1 } });
  assert.deepEqual(await call, { a: 1 });
});

test('answers find their calls in any order', async () => {
  const calls = [rpc.call('a', {}), rpc.call('b', {}), rpc.call('c', {})];
  answer({ id: 3, result: { of: 'c' } });
  answer({ id: 1, result: { of: 'a' } });
  answer({ id: 2, error: { code: 20, message: 'The person cancelled.', data: { name: 'CANCELLED', retry: true } } });
  assert.deepEqual(await calls[0], { of: 'a' });
  await rejects(calls[1], 'CANCELLED', { retry: true, step: 'request', message: 'The person cancelled.' });
  assert.deepEqual(await calls[2], { of: 'c' });
});

test('progress reaches the call that it names and no other', async () => {
  const heard = [];
  const call = rpc.call('sign', {}, undefined, (done, total) => heard.push([done, total]));
  const other = rpc.call('sign', {}, undefined, () => assert.fail('not of this one'));
  const silent = rpc.call('hello', {});
  for (const id of [1, 3, 99, null]) transport.onmessage({ jsonrpc: '2.0', method: 'progress', params: { id, done: 1, total: 3 } });
  transport.onmessage({ jsonrpc: '2.0', method: 'progress', params: { id: 1, done: 2, total: 3 } });
  transport.onmessage({ jsonrpc: '2.0', method: 'progress' });
  for (const id of [1, 2, 3]) answer({ id, result: {} });
  await Promise.all([call, other, silent]);
  assert.deepEqual(heard, [[1, 3], [2, 3]]);
});

test('the signatures of a large answer come before it, in pieces, and belong to the call that they name', async () => {
  const call = rpc.call('sign', {});
  const other = rpc.call('sign', {});
  const piece = (params) => transport.onmessage({ jsonrpc: '2.0', method: 'signatures', params });
  piece({ id: 1, signatures: [{ name: 'a' }, { name: 'b' }] });
  piece({ id: 99, signatures: [{ name: 'x' }] });
  piece({ id: 1 });
  piece();
  piece({ id: 1, signatures: [{ name: 'c' }] });
  answer({ id: 1, result: { complete: true, signatures: [{ name: 'd' }] } });
  answer({ id: 2, result: { complete: true, signatures: [{ name: 'y' }] } });
  assert.deepEqual((await call).signatures.map(({ name }) => name), ['a', 'b', 'c', 'd']);
  assert.deepEqual((await other).signatures.map(({ name }) => name), ['y']);
});

test('an error keeps a name that the library does not know, with the retry of the program', async () => {
  const call = rpc.call('a', {});
  answer({ id: 1, error: { code: 99, message: 'New.', data: { name: 'NEW_THING', retry: false } } });
  await rejects(call, 'NEW_THING', { retry: false, help: 'The Korttisilta program had an error. Try again.' });
});

test('an error named as a member of Object.prototype is not found in the table', async () => {
  const call = rpc.call('a', {});
  answer({ id: 1, error: { code: 99, message: '', data: { name: 'constructor', retry: true } } });
  await rejects(call, 'constructor', { retry: true });
});

test('an abort sends cancel for that request, rejects at once and ignores the late answer', async () => {
  const abort = new AbortController();
  const call = rpc.call('sign', {}, abort.signal);
  const other = rpc.call('hello', {});
  abort.abort('left the page');
  await rejects(call, 'ABORTED', { cause: 'left the page', step: 'request' });
  assert.deepEqual(transport.sent[2], { jsonrpc: '2.0', method: 'cancel', params: { id: 1 } });
  answer({ id: 1, error: { code: 21, message: '', data: { name: 'ABORTED', retry: true } } });
  answer({ id: 2, result: {} });
  await other;
  assert.equal(transport.closed, 0);
});

test('a signal that is aborted already sends nothing', async () => {
  await rejects(rpc.call('sign', {}, AbortSignal.abort()), 'ABORTED');
  assert.deepEqual(transport.sent, []);
});

test('an abort after the answer sends nothing', async () => {
  const abort = new AbortController();
  const call = rpc.call('hello', {}, abort.signal);
  answer({ id: 1, result: {} });
  await call;
  abort.abort();
  assert.equal(transport.sent.length, 1);
});

test('the end of the transport rejects all that waits, and later calls', async () => {
  const calls = [rpc.call('a', {}), rpc.call('b', {})];
  transport.onclose();
  for (const call of calls) await rejects(call, 'CLOSED', { retry: true });
  await rejects(rpc.call('c', {}), 'CLOSED');
  assert.equal(transport.sent.length, 2);
});

test('close rejects what waits and closes the transport once', async () => {
  const call = rpc.call('a', {});
  rpc.close();
  rpc.close();
  await rejects(call, 'CLOSED');
  assert.equal(transport.closed, 1);
});

const foreign = [
  ['not JSON', undefined],
  ['null', null],
  ['a string', 'hello'],
  ['an array', []],
  ['no version', { id: 1, result: {} }],
  ['version 1.0', { jsonrpc: '1.0', id: 1, result: {} }],
  ['an error without data', { jsonrpc: '2.0', id: 1, error: { code: 1, message: '' } }],
  ['an error that is text', { jsonrpc: '2.0', id: 1, error: 'no' }],
];
for (const [what, message] of foreign) {
  test(`a message that is or has ${what} ends the connection as PROTOCOL`, async () => {
    const call = rpc.call('a', {});
    transport.onmessage(message);
    await rejects(call, 'PROTOCOL');
    assert.equal(transport.closed, 1);
  });
}

test('an error without an id is for all that wait', async () => {
  const calls = [rpc.call('a', {}), rpc.call('b', {})];
  answer({ id: null, error: { code: -32700, message: 'Bad.', data: { name: 'MALFORMED', retry: false } } });
  for (const call of calls) await rejects(call, 'MALFORMED', { message: 'Bad.' });
});

test('an answer without a result rejects its call alone', async () => {
  const calls = [rpc.call('a', {}), rpc.call('b', {})];
  answer({ id: 1 });
  await rejects(calls[0], 'PROTOCOL');
  answer({ id: 2, result: {} });
  await calls[1];
});

test('notifications go to the listener', () => {
  const heard = [];
  rpc.onnotify = (...all) => heard.push(all);
  answer({ method: 'card', params: { event: 'inserted' } });
  assert.deepEqual(heard, [['card', { event: 'inserted' }]]);
});
