/**
 * Copies the extension into build/extension/{chromium,firefox}, each with its manifest, and beside them as one file for
 * the stores, chromium.zip and firefox.xpi: `node extension/build.js [folder]`. The same sources give the same bytes.
 */
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { argv } from 'node:process';
import { fileURLToPath } from 'node:url';
import { zipFolder } from './scripts/zip.js';

/** webeid*.js are links to the page library's own. */
const SOURCES = ['content.js', 'webeid.js', 'webeid_answer.js', 'scs_page.js', 'sites.html', 'sites.css', 'sites.js', 'worker.js', 'router', '_locales', 'icons'];
const here = fileURLToPath(new URL('.', import.meta.url));
const target = argv[2] ?? join(here, '..', 'build', 'extension');

for (const browser of ['chromium', 'firefox']) {
  const folder = join(target, browser);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const source of SOURCES) cpSync(join(here, source), join(folder, source), { recursive: true, dereference: true });
  writeFileSync(join(folder, 'manifest.json'), readFileSync(join(here, `manifest.${browser}.json`)));
  writeFileSync(join(target, browser === 'firefox' ? 'firefox.xpi' : 'chromium.zip'), zipFolder(folder));
}
