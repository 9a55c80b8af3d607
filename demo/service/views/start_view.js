import { html } from '../lib/html.js';
import { cardActionView } from './card_action_view.js';
import { pageView } from './page_view.js';

export function startView(context) {
  const { t } = context;
  return pageView(context, {
    title: t.start.title,
    step: 'identify',
    script: 'identify.js',
    main: html`<p class="intro">${t.start.intro}</p>
<h2>${t.start.need}</h2>
<ul>${t.start.needs.map((need) => html`<li>${need}</li>`)}</ul>
<p>${t.start.pin}</p>
${cardActionView(t, {
  id: 'identify',
  label: t.start.identify,
  failed: t.problem.identify,
  waiting: t.waiting.identify,
  attributes: { purpose: t.start.purpose },
})}`,
  });
}
