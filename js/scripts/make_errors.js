/**
 * Writes js/errors.js from src/base/err.def and help.js: `node scripts/make_errors.js`.
 * With --check it writes nothing and exits 1 when errors.js is not what it would write.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { argv, exit, stderr } from 'node:process';
import { fileURLToPath } from 'node:url';
import { HELP, OWN_CODES } from './help.js';

const DEF = new URL('../../src/base/err.def', import.meta.url);
const OUT = new URL('../errors.js', import.meta.url);
const ROW = /^ERR_ROW\((\w+), (-?\d+), \d+, ([01]), "(?:[^"\\]|\\.)*"\)$/;

/**
 * @param {string} def text of err.def
 * @returns {{ name: string, retry: boolean }[]}
 */
export function readRows(def) {
  const lines = def.split('\n').filter((line) => line.startsWith('ERR_ROW('));
  return lines.map((line) => {
    const match = ROW.exec(line);
    if (!match) throw new Error(`err.def: not a row: ${line}`);
    return { name: match[1], retry: match[3] === '1' };
  });
}

/** @param {string} def text of err.def; returns the text of errors.js */
export function makeErrors(def) {
  const rows = readRows(def);
  for (const [name, retry] of Object.entries(OWN_CODES)) rows.push({ name, retry });
  const named = HELP.flatMap((help) => help.codes);
  const names = rows.map((row) => row.name);
  const missing = names.filter((name) => !named.includes(name));
  const unknown = named.filter((name, i) => !names.includes(name) || named.indexOf(name) !== i);
  if (missing.length || unknown.length) {
    throw new Error(`help.js: no sentence for [${missing}], unknown or twice [${unknown}]`);
  }
  const table = rows.map(({ name, retry }) => {
    const index = HELP.findIndex((help) => help.codes.includes(name));
    return `  ${name}: [${retry ? 1 : 0}, ${index}],`;
  });
  const texts = HELP.map(({ fi, sv, en }) => `  { fi: ${quote(fi)}, sv: ${quote(sv)}, en: ${quote(en)} },`);
  return [
    '// Made by scripts/make_errors.js from src/base/err.def and scripts/help.js: do not edit.',
    '/** Code → [may the same request succeed when tried again, row of HELP]. */',
    'export const ERRORS = Object.freeze({',
    ...table,
    '});',
    '/** What the person should do next. */',
    'export const HELP = Object.freeze([',
    ...texts,
    ']);',
    '',
  ].join('\n');
}

/** @param {string} text */
function quote(text) {
  return text.includes("'") ? JSON.stringify(text) : `'${text}'`;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const text = makeErrors(readFileSync(DEF, 'utf8'));
  if (!argv.includes('--check')) {
    writeFileSync(OUT, text);
  } else if (readFileSync(OUT, 'utf8') !== text) {
    stderr.write('errors.js is not up to date: node scripts/make_errors.js\n');
    exit(1);
  }
}
