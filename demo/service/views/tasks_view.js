import { html } from '../lib/html.js';
import { pageView } from './page_view.js';

function task(context, kind, title, text) {
  const { t, lang, session } = context;
  return html`<li class="task"><h2>${title}</h2><p>${text}</p>
<form method="post" action="/${lang}/batches">
  <input type="hidden" name="csrf" value="${session.csrf}">
  <button class="main" name="kind" value="${kind}" id="open-${kind}">${t.tasks.open}<span class="hidden">: ${title}</span></button>
</form></li>`;
}

export function tasksView(context, maySign) {
  const { t, lang, session } = context;
  const { party, identity } = session;
  return pageView(context, {
    title: t.tasks.title,
    step: 'read',
    main: html`<p>${t.tasks.for} <strong id="party">${party.name ?? identity.name}</strong>
<a href="/${lang}/me">${t.tasks.change}</a></p>
${maySign
    ? html`<ul class="tasks">${task(context, 'contract', t.tasks.contract, t.tasks.contractText)}
${task(context, 'attachments', t.tasks.attachments, t.tasks.attachmentsText)}</ul>`
    : html`<p class="problem" id="not-allowed">${t.tasks.notAllowed}</p>`}`,
  });
}
