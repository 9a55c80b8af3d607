import { endianness } from 'node:os';

/** A native-messaging frame: length in native byte order, then UTF-8. @param {string} text */
export function frame(text) {
  const body = Buffer.from(text);
  const header = Buffer.alloc(4);
  if (endianness() === 'LE') header.writeUInt32LE(body.length);
  else header.writeUInt32BE(body.length);
  return Buffer.concat([header, body]);
}
