/* Plays the demo on the stage of the end-to-end tests; started by demo/run. With --stay it leaves everything to the
 * person at the screen. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { PIN1, PIN2 } from '../tests/e2e/cards.mjs';
import { enterPrivateNamespaces } from '../tests/e2e/namespaces.mjs';
import { Stage } from '../tests/e2e/stage.mjs';
import { Visitor } from '../tests/e2e/visitor.mjs';

const run = promisify(execFile);
const BUILD = process.env.KS_BUILD ?? fileURLToPath(new URL('../build', import.meta.url));
const CHECK = fileURLToPath(new URL('check-signature', import.meta.url));
const COMPANY = '9123456-5';
const OUT = join(BUILD, 'demo');

let steps = 0;
const say = (text) => console.log(`${String(++steps).padStart(2)}. ${text}`);

/** @param {import('../tests/e2e/stage.mjs').Stage} stage */
function createCamera(stage) {
  return async (name) => {
    const file = join(OUT, `${String(steps).padStart(2, '0')}-${name}.png`);
    await stage.prompt.screenshot(file);
    console.log(`    screenshot: ${file}`);
  };
}

/** Puts what the person would download into OUT. @returns {Promise<string[]>} its paths; the signed PDF is first */
async function download(visitor) {
  const receipt = await visitor.receipt();
  const [document] = receipt.documents;
  const files = {
    [document.name]: await visitor.download('#document-0'),
    'certificate.pem': await visitor.download('#certificate'),
    'receipt.json': JSON.stringify(receipt, null, 2),
  };
  for (const [name, bytes] of Object.entries(files)) await writeFile(join(OUT, name), bytes);
  return Object.keys(files).map((name) => join(OUT, name));
}

/** What a program says, a line below the step. */
async function show(...command) {
  const [file, ...words] = command;
  const { stdout } = await run(file, words);
  console.log(stdout.trim().replace(/^/gm, '    '));
}

async function play(stage) {
  const picture = createCamera(stage);
  const [card] = stage.cards;

  say(`The service of the fictional city Mallila is at ${stage.origin}`);
  const [first] = stage.browser.pages();
  const visitor = await Visitor.arrive(stage, 'fi');
  await first.close();
  await visitor.page.locator('#identify:not([aria-disabled=true])').waitFor();
  await picture('page');

  say('The page asks the card to identify the person; Korttisilta shows who asks');
  await visitor.askToIdentify();
  await stage.prompt.ready();
  await picture('window-identify');

  say(`The person types PIN1 (${PIN1}); the service verifies the answer`);
  await stage.prompt.enter(PIN1);
  const { name, serial, algorithm } = await visitor.identity();
  console.log(`    the service verified: ${name}, ${serial}, ${algorithm}`);
  await picture('identity');

  say('Acting for a company, the person opens the contract and asks to sign it');
  await visitor.open('contract', COMPANY);
  await visitor.askToSign();
  await stage.prompt.ready();
  await picture('window-sign');

  say(`The person types PIN2 (${PIN2}); the service puts the signature into the PDF, verifies it and gives a receipt`);
  await stage.prompt.enter(PIN2);
  const files = await download(visitor);
  await picture('receipt');
  for (const file of files) console.log(`    ${file}`);

  const [contract] = files;
  const authority = join(stage.authority, 'chain.pem');
  say('Who signed the PDF, and does it hold? korttisilta verify');
  await show(join(BUILD, 'bin', 'korttisilta'), 'verify', '--ca', authority, contract);
  say("Poppler's pdfsig, which is not asked whom it trusts");
  await show('pdfsig', '-nocert', contract);

  say(`OpenSSL alone checks it: demo/check-signature ${basename(contract)} …`);
  await show(CHECK, contract, authority);

  const { exchanges, verify_sent: sent } = await card.stats();
  say(`The card counted ${exchanges} exchanges and these PINs: ${JSON.stringify(sent)}`);
}

async function stay(stage) {
  const [page] = stage.browser.pages();
  await page.goto(`${stage.origin}/`);
  console.log(`
A browser window is open at ${stage.origin}/ (the address works in that window only).
A virtual card is in the reader. PIN1 (identify): ${PIN1}   PIN2 (sign): ${PIN2}
Ctrl-C here, or closing the browser, ends everything.`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), once(stage.browser, 'close')]);
}

await enterPrivateNamespaces();
const staying = process.argv.includes('--stay');
await rm(OUT, { recursive: true, force: true });
await mkdir(OUT, { recursive: true });
const stage = await Stage.open({ build: BUILD, door: 'extension', locale: 'fi-FI', ownDisplay: staying });
try {
  await stage.cards[0].renew();
  await (staying ? stay(stage) : play(stage));
} finally {
  await stage.close();
}
console.log('Everything that was started has ended.');
