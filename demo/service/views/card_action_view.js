import { html } from '../lib/html.js';

/**
 * The button that asks the card, with its status line, its stop button and the place for problems. What the page's
 * script says stands here as data: the page has no inline script and the script no texts. The script enables the button.
 * @param {object} t
 * @param {{ id: string, label: string, failed: string, waiting: string, attributes?: Record<string, string> }} action
 */
export function cardActionView(t, { id, label, failed, waiting, attributes = {} }) {
  const data = Object.entries(attributes).map(([name, value]) => html` data-${name}="${value}"`);
  return html`<noscript><p class="problem">${t.noScript}</p></noscript>
<div id="card-action" data-connect="${t.waiting.connect}" data-waiting="${waiting}" data-verify="${t.waiting.verify}"
  data-over="${t.problem.over}" data-network="${t.problem.network}" data-unexpected="${t.problem.unexpected}"${data}>
  <p class="buttons"><button class="main" id="${id}" type="button" aria-disabled="true">${label}</button>
  <button class="quiet" id="stop" type="button" hidden>${t.waiting.stop}</button></p>
  <p id="status" role="status"></p>
  <section id="problem" class="problem" role="alert" tabindex="-1" hidden>
    <h2>${failed}</h2>
    <p id="problem-help"></p>
    <p id="problem-next"></p>
    <p class="small">${t.problem.code}: <code id="problem-code"></code></p>
  </section>
</div>`;
}
