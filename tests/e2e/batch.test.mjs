/* The largest batch, 500 documents, through host, agent, signer, the real window and the real pcscd: one consent, one PIN
 * entry, progress at the page, every signature verified by the server package; and the same stopped on the way. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, beforeEach, afterEach, test } from 'node:test';
import { Asking, documents, signing, verifyAll } from './asking.mjs';
import { PIN2, REFERENCE } from './cards.mjs';
import { enterPrivateNamespaces } from './namespaces.mjs';
import { running } from './running.mjs';
import { Stage } from './stage.mjs';

await enterPrivateNamespaces();

const BUILD = process.env.KS_BUILD;
const BATCH = 500;
/** kB that the window may have had in memory: a browser tab's worth, GTK alone is half of it. */
const PROMPT_KB = 160_000;

let stage;
let trustedCertificates;
const files = documents(BATCH);

before(async () => {
  stage = await Stage.open({ build: BUILD });
  trustedCertificates = [await readFile(join(stage.authority, 'ca.pem'), 'utf8')];
});
beforeEach(() => stage.cards[0].renew());
afterEach(async () => {
  await stage.prompt.gone();
  await stage.idle();
});
after(() => stage?.close(join(BUILD, 'e2e', 'batch-log')));

/** kB, of the only window. */
function peakMemory() {
  const [pid] = running(/^korttisilta-pro/);
  return Number(readFileSync(`/proc/${pid}/status`, 'utf8').match(/^VmHWM:\s+(\d+) kB$/m)[1]);
}

/** What the journal says of the last operation; the tool has judged that it is whole. */
function lastNote() {
  const journal = (word) => execFileSync(join(stage.bin, 'korttisilta'), ['journal', word], { env: { ...stage.env, LANGUAGE: 'en' }, encoding: 'utf8' });
  assert.match(journal('check'), /Each entry follows the one before/);
  const [, , operation, , result, made, , , , , ...rest] = journal('export').trimEnd().split('\n').at(-1).split('\t');
  return { operation, result, made: Number(made), names: rest.filter((_, i) => i % 3 === 0), fields: rest };
}

test(`${BATCH} documents under one consent and one PIN entry`, async (t) => {
  const [card] = stage.cards;
  const asking = new Asking(stage.env, 'sign', signing(files));
  await stage.prompt.ready();
  await stage.prompt.press('ctrl+f');
  await stage.prompt.until('the search', (parts) => parts.some(({ role, focused }) => role === 'text' && focused));
  await stage.prompt.press('t', 'minus', '4', '9', '9');
  await stage.prompt.until('what the search found', (_, text) => text.includes('1 of 500 documents shown; all 500 will be signed.'));
  await stage.prompt.press('Escape');
  let peak;
  asking.onprogress = ({ done, total }) => {
    assert.equal(total, BATCH);
    if (done === BATCH - 1) peak = peakMemory();
  };
  await stage.prompt.enter(PIN2);
  const result = await asking.result();
  assert.equal(result.complete, true);
  await verifyAll(result, files, trustedCertificates);
  assert.deepEqual(asking.progress, Array.from({ length: BATCH }, (_, n) => n + 1));
  const { cds, verify_sent: sent } = await card.stats();
  assert.equal(cds, BATCH);
  assert.deepEqual(sent, { [REFERENCE.pin2]: BATCH });
  const note = lastNote();
  assert.deepEqual([note.operation, note.result, note.made, note.names.length], ['sign', 'OK', BATCH, BATCH]);
  assert.equal(note.names[499], files[499].name);
  assert.ok(note.fields.every((field) => field !== PIN2));
  t.diagnostic(`peak memory of the window: ${peak} kB`);
  assert.ok(peak < PROMPT_KB, `${peak} kB`);
});

test('stopped on the way, it gives the signatures that were made', async () => {
  const [card] = stage.cards;
  await card.command('delay 5');
  const asking = new Asking(stage.env, 'sign', signing(files));
  asking.onprogress = ({ done }) => done === 100 && stage.prompt.press('Escape');
  await stage.prompt.enter(PIN2);
  const result = await asking.result();
  assert.equal(result.complete, false);
  assert.ok(result.signatures.length >= 100 && result.signatures.length < BATCH, String(result.signatures.length));
  await verifyAll(result, files.slice(0, result.signatures.length), trustedCertificates);
  assert.equal(asking.progress.at(-1), result.signatures.length);
  assert.equal((await card.stats()).cds, result.signatures.length);
  const note = lastNote();
  assert.deepEqual([note.made, note.names.length], [result.signatures.length, BATCH]);
});
