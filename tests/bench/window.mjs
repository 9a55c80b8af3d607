// What the person waits for: the window, the answer after the PIN, the window gone. Once at the host's own pipe, as a
// browser would start it, and once from the page in Chromium over the extension. The card answers without delay. Times
// are of this run, on this machine, with everything else that runs on it; the floor beside them is a process that starts
// and echoes (cat).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createNonce } from '../../js/server/index.js';
import { PIN1 } from '../e2e/cards.mjs';
import { frame } from './frame.mjs';
import { enterPrivateNamespaces } from '../e2e/namespaces.mjs';
import { Stage } from '../e2e/stage.mjs';
import { Visitor } from '../e2e/visitor.mjs';

await enterPrivateNamespaces();
const ROUNDS = 8;

/** Milliseconds on one clock for page and program. */
const now = () => performance.timeOrigin + performance.now();

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

async function floor() {
  const start = now();
  const cat = spawn('cat', [], { stdio: ['pipe', 'pipe', 'ignore'] });
  cat.stdin.end('x');
  await once(cat.stdout, 'data');
  return now() - start;
}

/** One key press without the start of a program in between: xdotool reads its script from a pipe. */
function keyboard(env) {
  const child = spawn('xdotool', ['-'], { env, stdio: ['pipe', 'ignore', 'inherit'] });
  return { press: (key) => child.stdin.write(`key ${key}\n`), end: () => child.stdin.end() };
}

const ORIGIN = 'https://service.example';

/** The host as a browser starts it. */
async function atTheHost(stage, keys, times) {
  const clicked = now();
  const host = spawn(join(stage.bin, 'korttisilta-host'), [], { env: stage.env, stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(host, 'exit');
  const params = { challengeNonce: createNonce() };
  host.stdin.write(frame(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'authenticate', params, origin: ORIGIN })));
  await stage.prompt.appear();
  times.shown.push(stage.prompt.shownAt - clicked);
  await stage.prompt.type(PIN1);
  const pressed = now();
  keys.press('Return');
  await once(host.stdout, 'data');
  times.answer.push(now() - pressed);
  host.stdin.end();
  await exited;
}

async function goneWithTheHost(stage, times) {
  const host = spawn(join(stage.bin, 'korttisilta-host'), [], { env: stage.env, stdio: ['pipe', 'pipe', 'inherit'] });
  const params = { challengeNonce: createNonce() };
  host.stdin.write(frame(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'authenticate', params, origin: ORIGIN })));
  await stage.prompt.ready();
  const closed = performance.now();
  const gone = stage.prompt.gone();
  host.stdin.end();
  times.gone.push((await gone) - closed);
}

async function inThePage(stage, keys, times) {
  const visitor = await Visitor.arrive(stage, 'en');
  await visitor.page.evaluate(() => import('/korttisilta/index.js'));
  const answer = visitor.page.evaluate(async (nonce) => {
    const { connect } = await import('/korttisilta/index.js');
    const clicked = performance.timeOrigin + performance.now();
    const bridge = await connect({ lang: 'en' });
    await bridge.authenticate(nonce);
    const answered = performance.timeOrigin + performance.now();
    bridge.close();
    return { clicked, answered };
  }, createNonce());
  await stage.prompt.appear();
  const shown = stage.prompt.shownAt;
  await stage.prompt.type(PIN1);
  const pressed = now();
  keys.press('Return');
  const { clicked, answered } = await answer;
  times.shown.push(shown - clicked);
  times.answer.push(answered - pressed);
  await visitor.page.close();
}

async function goneWithThePage(stage, times) {
  const visitor = await Visitor.arrive(stage, 'en');
  await visitor.askToIdentify();
  await stage.prompt.ready();
  const closed = performance.now();
  const gone = stage.prompt.gone();
  await visitor.page.close();
  times.gone.push((await gone) - closed);
}

/** How often each is played, and whose figures it fills. */
const plays = [
  ['host', atTheHost, ROUNDS],
  ['host', goneWithTheHost, 3],
  ['page', inThePage, ROUNDS],
  ['page', goneWithThePage, 3],
];

const stage = await Stage.open({ build: process.env.KS_BUILD });
try {
  const times = { host: { shown: [], answer: [], gone: [] }, page: { shown: [], answer: [], gone: [] }, cat: [] };
  await stage.cards[0].renew();
  const keys = keyboard(stage.env);
  for (const [whose, play, rounds] of plays) {
    for (let i = 0; i < rounds; i++) {
      times.cat.push(await floor());
      if (play.length === 3) await play(stage, keys, times[whose]);
      else await play(stage, times[whose]);
      await stage.prompt.gone();
      await stage.idle();
    }
  }
  keys.end();
  const cat = median(times.cat);
  const row = (what, values, aim) => console.log(
    `${what.padEnd(58)} ${`${median(values).toFixed(1)} ms = ${(median(values) / cat).toFixed(1)} x cat`.padEnd(34)} ${aim}`,
  );
  row('host started, PIN window on the screen (median)', times.host.shown, 'to reach: 60 ms');
  row('the same from the page, with browser and extension', times.page.shown, '');
  row('PIN confirmed to answer at the host (median)', times.host.answer, 'to reach: 3 ms (holds the key press)');
  row('PIN confirmed to answer at the page (median)', times.page.answer, '');
  row("host's pipe closed to window gone (median)", times.host.gone, 'to reach: 100 ms');
  row('page closed to window gone (median)', times.page.gone, 'to reach: 100 ms');
} finally {
  await stage.close();
}
