import { html } from '../lib/html.js';
import { pageView } from './page_view.js';

function choice(value, label, detail, checked) {
  return html`<li><label><input type="radio" name="party" value="${value}" required ${checked && html`checked`}>
  <span>${label}${detail && html`<br><small>${detail}</small>`}</span></label></li>`;
}

function companyChoice(t, company) {
  const codes = company.mandates.map((code) => t.mandates[code]).join(', ');
  return choice(company.businessId, company.name, `${company.businessId} – ${codes}`, false);
}

/** @param {{ businessId: string, name: string, mandates: string[] }[]} companies that the person may represent */
export function meView(context, companies) {
  const { t, lang, session } = context;
  const { name, serialNumber, country, algorithm } = session.identity;
  return pageView(context, {
    title: t.me.title,
    step: 'party',
    main: html`<p class="intro">${t.me.intro}</p>
<dl id="identity">
  <dt>${t.me.name}</dt><dd id="name">${name}</dd>
  <dt>${t.me.serial}</dt><dd id="serial">${serialNumber}</dd>
  <dt>${t.me.country}</dt><dd id="country">${country}</dd>
  <dt>${t.me.algorithm}</dt><dd id="algorithm">${algorithm}</dd>
</dl>
<form method="post" action="/${lang}/party">
  <input type="hidden" name="csrf" value="${session.csrf}">
  <fieldset>
    <legend>${t.me.question}</legend>
    <ul class="choices">${choice('self', t.me.self, '', true)}${companies.map((company) => companyChoice(t, company))}</ul>
    <p class="small">${companies.length > 0 ? t.me.mandates : t.me.noMandates}</p>
  </fieldset>
  <p class="buttons"><button class="main" id="continue">${t.me.continue}</button></p>
</form>`,
  });
}
