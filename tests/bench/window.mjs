// What the person waits for, in the real browser over the extension's door: the window after a click, the answer after
// the PIN, the window gone after the page is closed. The card answers without delay. Times are of this run, on this
// machine, with everything else that runs on it; the floor beside them is a process that starts and echoes (cat).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createNonce } from '../../js/server/index.js';
import { PIN1 } from '../e2e/cards.mjs';
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

const stage = await Stage.open({ build: process.env.KS_BUILD });
try {
  const times = { shown: [], ready: [], answer: [], gone: [], cat: [] };
  await stage.cards[0].renew();
  const keys = keyboard(stage.env);
  for (let i = 0; i < ROUNDS; i++) {
    times.cat.push(await floor());
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
    await stage.prompt.gone();
    await stage.idle();
    await visitor.page.close();
  }
  for (let i = 0; i < 3; i++) {
    const visitor = await Visitor.arrive(stage, 'en');
    await visitor.askToIdentify();
    await stage.prompt.ready();
    const closed = performance.now();
    const gone = stage.prompt.gone();
    await visitor.page.close();
    times.gone.push((await gone) - closed);
    await stage.idle();
  }
  keys.end();
  const row = (what, value, aim) => console.log(`${what.padEnd(58)} ${value.padEnd(34)} ${aim}`);
  const cat = median(times.cat);
  const figure = (values) => `${median(values).toFixed(1)} ms = ${(median(values) / cat).toFixed(1)} x cat`;
  row('page asks, host starts, window on the screen (median)', figure(times.shown), 'to reach: 60 ms');
  row('PIN confirmed to answer at the page (median)', figure(times.answer), 'to reach: 3 ms');
  row('page closed to window gone (median)', figure(times.gone), 'to reach: 100 ms');
} finally {
  await stage.close();
}
