import { html } from '../lib/html.js';
import { cardActionView } from './card_action_view.js';
import { pageView } from './page_view.js';

function preview(t, lang, { name, url }) {
  return html`<section class="document"><h2 lang="${lang}">${name}</h2>
<p><a href="${url}" target="_blank" rel="noopener">${name} (${t.batch.openNew})</a></p>
<iframe src="${url}#navpanes=0&view=FitH" title="${t.batch.preview}${name}" lang="${lang}"></iframe></section>`;
}

/** @param {object} batch see lib/batches.js */
export function batchView(context, batch) {
  const { t, lang } = context;
  return pageView(context, {
    title: t.batch[`${batch.kind}Title`],
    step: 'sign',
    script: 'sign.js',
    main: html`<p class="intro">${t.batch.intro}</p>
${batch.documents.map((document) => preview(t, batch.lang, document))}
${cardActionView(t, {
  id: 'sign',
  label: t.batch.sign,
  failed: t.problem.sign,
  waiting: t.waiting.sign,
  attributes: { batch: batch.id },
})}
<p><a href="/${lang}/tasks">${t.batch.back}</a></p>`,
  });
}
