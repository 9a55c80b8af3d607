import { LANGUAGES, TEXTS } from '../lib/languages.js';
import { html } from '../lib/html.js';

const STEPS = ['identify', 'party', 'read', 'sign'];

/** The same page in another language. */
function languageLinks(lang, path) {
  return LANGUAGES.map(
    (other) => html`<li><a href="/${other}${path}" lang="${other}" hreflang="${other}" ${other === lang && html`aria-current="true"`}>${TEXTS[other].language}</a></li>`,
  );
}

function person({ lang, t, session }) {
  if (!session.identity) return '';
  return html`<form class="person" method="post" action="/${lang}/logout">
    <input type="hidden" name="csrf" value="${session.csrf}">
    <span>${t.signedInAs} <strong id="signed-in-as">${session.identity.name}</strong></span>
    <button class="quiet" id="logout">${t.logout}</button>
  </form>`;
}

function stepList(t, step) {
  if (!step) return '';
  return html`<nav aria-label="${t.steps.label}"><ol class="steps">${STEPS.map(
    (name) => html`<li ${name === step && html`aria-current="step"`}>${t.steps[name]}</li>`,
  )}</ol></nav>`;
}

/**
 * @param {{ lang: string, t: object, session: object, path: string }} context path: behind the language
 * @param {{ title: string, step?: string, script?: string, main: unknown }} content script: module in public/
 * @returns {string}
 */
export function pageView(context, { title, step, script, main }) {
  const { lang, t, session, path } = context;
  return html`<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="csrf-token" content="${session.csrf}">
<title>${title} – ${t.service} – ${t.city}</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
${script && html`<script type="module" src="/${script}"></script>`}
</head>
<body>
<a class="skip" href="#main">${t.skip}</a>
<header>
  <p class="city"><a href="/${lang}/">${t.city}</a> <span>${t.service}</span></p>
  <nav aria-label="${t.languages}"><ul class="languages">${languageLinks(lang, path)}</ul></nav>
  ${person(context)}
</header>
<main id="main" tabindex="-1">
${stepList(t, step)}
<h1>${title}</h1>
${main}
</main>
<footer><p>${t.footer}</p></footer>
</body>
</html>
`.toString();
}
