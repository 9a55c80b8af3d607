import { html } from '../lib/html.js';
import { pageView } from './page_view.js';

/** @param {string} code key of texts `errors` */
export function errorView(context, code) {
  const { t, lang } = context;
  return pageView(context, {
    title: t.errors.title,
    main: html`<p class="problem" id="error">${t.errors[code]}</p><p><a href="/${lang}/">${t.errors.home}</a></p>`,
  });
}
