#!/usr/bin/env node
/* A native host for tests: says hello with the request's origin as its version, and writes a line to
 * ECHO_HOST_LOG when a page's first message has come and when the browser has closed its stdin after that. What the
 * extension itself asks when the browser starts has no origin. */
import { appendFileSync } from 'node:fs';
import { endianness } from 'node:os';

const log = (text) => appendFileSync(process.env.ECHO_HOST_LOG, `${text}\n`);
const little = endianness() === 'LE';
let buffer = Buffer.alloc(0);
let hasPage = false;

function answer({ id, origin }) {
  if (origin && !hasPage) log('start');
  hasPage ||= origin !== undefined;
  const result = { product: 'korttisilta', version: origin, protocol: 1, maxMessage: 4194304 };
  const text = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id, result }));
  const head = Buffer.alloc(4);
  if (little) head.writeUInt32LE(text.length);
  else head.writeUInt32BE(text.length);
  process.stdout.write(Buffer.concat([head, text]));
}

process.stdin.on('data', (piece) => {
  buffer = Buffer.concat([buffer, piece]);
  for (;;) {
    const length = buffer.length < 4 ? Infinity : little ? buffer.readUInt32LE() : buffer.readUInt32BE();
    if (buffer.length < 4 + length) return;
    answer(JSON.parse(buffer.subarray(4, 4 + length)));
    buffer = buffer.subarray(4 + length);
  }
});
process.stdin.on('end', () => hasPage && log('end'));
