import { connect, KorttisiltaError } from '/korttisilta/index.js';
import { RefusedError } from './service_call.js';

const at = (id) => document.getElementById(id);
const root = at('card-action');

/** What the problem panel says of an error: [code, what to do, what about trying again]. */
function explain(error) {
  const { over, network, unexpected } = root.dataset;
  if (error instanceof KorttisiltaError) return [error.code, error.help, error.retry ? '' : over];
  if (error instanceof RefusedError) return [error.code, error.message, ''];
  // fetch says TypeError when the service can't be reached
  return [error.name, error instanceof TypeError ? network : unexpected, ''];
}

function showProblem(error) {
  const [code, help, next] = explain(error);
  at('problem-code').textContent = code;
  at('problem-help').textContent = help;
  at('problem-next').textContent = next;
  at('problem').hidden = false;
  at('problem').focus();
}

/** @param {boolean} working the button stays focusable, so that the keyboard's place is not lost */
function setWorking(button, working) {
  button.setAttribute('aria-disabled', String(working));
  at('stop').hidden = !working;
  if (!working) at('status').textContent = '';
}

/**
 * Lets the button ask the card. The connection is opened inside the click: only then may the browser ask the person
 * for permission, and no page load touches the program.
 * @param {string} buttonId
 * @param {(bridge: import('korttisilta').Bridge, tools: { signal: AbortSignal, say: (what: 'waiting' | 'verify') => void })
 *   => Promise<string>} work returns the page to go to, below the language
 */
export function bindCardAction(buttonId, work) {
  const button = at(buttonId);
  let stopper = null;

  at('stop').addEventListener('click', () => stopper?.abort());
  button.addEventListener('click', async () => {
    if (stopper) return;
    stopper = new AbortController();
    const { signal } = stopper;
    const say = (what) => {
      at('status').textContent = root.dataset[what];
    };
    at('problem').hidden = true;
    setWorking(button, true);
    say('connect');
    let bridge;
    try {
      bridge = await connect({ lang: document.documentElement.lang, signal });
      root.dataset.transport = bridge.transport;
      const next = await work(bridge, { signal, say });
      location.assign(`/${document.documentElement.lang}/${next}`);
    } catch (error) {
      setWorking(button, false);
      showProblem(error);
    } finally {
      bridge?.close();
      stopper = null;
    }
  });
  setWorking(button, false);
}
