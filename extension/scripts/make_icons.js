/** Draws icons/{16,48,128}.png, a card on a bridge: `node scripts/make_icons.js`. */
import { writeFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import { crc32 } from './crc32.js';

const SAMPLES = 4; // a side of the grid within one pixel
const BLUE = [0, 62, 122];
const WHITE = [255, 255, 255];
const GOLD = [232, 178, 58];
const PALE = [143, 187, 230];

/** Signed distance to a rounded rectangle around (cx, cy); all in units of the icon's side. */
function box(x, y, cx, cy, halfWidth, halfHeight, radius) {
  const dx = Math.abs(x - cx) - halfWidth + radius;
  const dy = Math.abs(y - cy) - halfHeight + radius;
  return Math.hypot(Math.max(dx, 0), Math.max(dy, 0)) + Math.min(Math.max(dx, dy), 0) - radius;
}

/** From the back to the front; the last that holds the point colours it. */
const SHAPES = [
  [BLUE, (x, y) => box(x, y, 0.5, 0.5, 0.5, 0.5, 0.2) < 0],
  [PALE, (x, y) => y > 0.56 && y < 0.88 && Math.abs(x - 0.5) < 0.4 && Math.hypot(x - 0.5, (y - 0.88) * 1.15) > 0.26],
  [WHITE, (x, y) => box(x, y, 0.5, 0.38, 0.36, 0.235, 0.06) < 0],
  [GOLD, (x, y) => box(x, y, 0.33, 0.36, 0.105, 0.085, 0.03) < 0],
];

function colourAt(x, y) {
  const shape = SHAPES.findLast(([, holds]) => holds(x, y));
  return shape ? [...shape[0], 255] : [0, 0, 0, 0];
}

/** Colours are averaged with their opacity as weight, so that edges do not darken. */
function pixel(px, py, size) {
  const sum = [0, 0, 0, 0];
  for (let i = 0; i < SAMPLES * SAMPLES; i++) {
    const x = (px + ((i % SAMPLES) + 0.5) / SAMPLES) / size;
    const y = (py + (Math.floor(i / SAMPLES) + 0.5) / SAMPLES) / size;
    const colour = colourAt(x, y);
    for (const c of [0, 1, 2]) sum[c] += (colour[c] * colour[3]) / 255;
    sum[3] += colour[3];
  }
  const weight = sum[3] / 255 || 1;
  return [...sum.slice(0, 3).map((value) => Math.round(value / weight)), Math.round(sum[3] / SAMPLES ** 2)];
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type), data]);
  const out = Buffer.alloc(body.length + 8);
  out.writeUInt32BE(data.length, 0);
  body.copy(out, 4);
  out.writeUInt32BE(crc32(body), body.length + 4);
  return out;
}

function png(size) {
  const rows = [];
  for (let y = 0; y < size; y++) {
    rows.push(0);
    for (let x = 0; x < size; x++) rows.push(...pixel(x, y, size));
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(size, 0);
  head.writeUInt32BE(size, 4);
  head.set([8, 6], 8); // 8 bits, RGBA
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const data = deflateSync(Buffer.from(rows), { level: 9 });
  return Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', data), chunk('IEND', Buffer.alloc(0))]);
}

for (const size of [16, 48, 128]) writeFileSync(new URL(`../icons/${size}.png`, import.meta.url), png(size));
