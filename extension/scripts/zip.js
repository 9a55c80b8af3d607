import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32 } from './crc32.js';

const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const VERSION = 20; // folders and stored files
const UTF8 = 0x0800;
/** 1980-01-01, the first day that there is. */
const DATE = 0x0021;

/**
 * The files of a folder as a ZIP archive (APPNOTE.TXT 6.3) that depends on their names and bytes and on nothing else:
 * in the order of their names, stored as they are, all of the same day.
 * @param {string} folder
 * @returns {Buffer}
 */
export function zipFolder(folder) {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name).slice(folder.length + 1).replaceAll('\\', '/'))
    .sort();
  const files = [];
  const directory = [];
  let offset = 0;
  for (const name of names) {
    const bytes = readFileSync(join(folder, name));
    const text = Buffer.from(name);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(VERSION, 0);
    common.writeUInt16LE(UTF8, 2);
    common.writeUInt16LE(DATE, 8); // method and time before it: 0
    common.writeUInt32LE(crc32(bytes), 10);
    common.writeUInt32LE(bytes.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(text.length, 22);
    const rest = Buffer.alloc(14); // no comment, first disk, no attributes
    rest.writeUInt32LE(offset, 10);
    const local = [number(LOCAL, 4), common, text, bytes];
    files.push(...local);
    directory.push(number(CENTRAL, 4), number(VERSION, 2), common, rest, text);
    offset += Buffer.concat(local).length;
  }
  const size = Buffer.concat(directory).length;
  const counts = [number(0, 4), number(names.length, 2), number(names.length, 2)];
  return Buffer.concat([...files, ...directory, number(END, 4), ...counts, number(size, 4), number(offset, 4), number(0, 2)]);
}

/** @param {number} value @param {2 | 4} bytes */
function number(value, bytes) {
  const at = Buffer.alloc(bytes);
  at.writeUIntLE(value, 0, bytes);
  return at;
}
