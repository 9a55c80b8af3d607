/** The person's list of sites whose SCS requests are answered: the extension's popup and its options page. */
import { addSite, MAX_SITES, readSites, removeSite } from './router/scs_sites.js';
import { isSecureOrigin } from './router/sender.js';

/** @param {string} name @param {string} [given] */
const text = (name, given) => chrome.i18n.getMessage(name, given);
/** @param {string} selector */
const find = (selector) => /** @type {HTMLElement} */ (document.querySelector(selector));
const address = /** @type {HTMLInputElement} */ (find('#address'));

/** Chromium's URLs have hosts with spaces and more, percent-encoded; no site has. */
const HOST = /^[a-z0-9.-]+$/;

/** @param {string} typed an address, or only a host @returns {string | null} the origin */
function originOf(typed) {
  const given = typed.trim();
  const url = given.includes('://') ? given : `https://${given}`;
  const { origin, hostname } = URL.canParse(url) ? new URL(url) : { origin: null, hostname: '' };
  return isSecureOrigin(origin) && HOST.test(hostname) ? origin : null;
}

/** @param {string} what @param {boolean} [isWrong] of the address */
function tell(what, isWrong = false) {
  find('#told').textContent = what;
  address.setAttribute('aria-invalid', String(isWrong));
  if (isWrong) address.focus();
}

/** @param {string} origin @param {HTMLElement[]} buttons */
function row(origin, ...buttons) {
  const item = document.createElement('li');
  const name = document.createElement('span');
  name.textContent = origin;
  item.append(name, ...buttons);
  return item;
}

/** @param {string} origin */
function removeButton(origin) {
  const button = document.createElement('button');
  button.type = 'button';
  button.textContent = text('sitesRemove');
  button.setAttribute('aria-label', text('sitesRemoveOne', origin));
  button.addEventListener('click', async () => {
    await removeSite(origin);
    await show();
    tell(text('sitesRemoved', origin));
    address.focus(); // the button is gone
  });
  return button;
}

async function show() {
  const { listed, policy } = await readSites();
  find('#listed').replaceChildren(...listed.map((origin) => row(origin, removeButton(origin))));
  find('#policy').replaceChildren(...policy.map((origin) => row(origin)));
  find('#listed-none').hidden = listed.length > 0;
  find('#policy-part').hidden = policy.length === 0;
}

find('form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const origin = originOf(address.value);
  if (!origin) return tell(text('sitesWrong'), true);
  if (!(await addSite(origin))) return tell(text('sitesFull', String(MAX_SITES)));
  address.value = '';
  await show();
  tell(text('sitesAdded', origin));
});

document.documentElement.lang = chrome.i18n.getUILanguage().slice(0, 2);
for (const part of document.querySelectorAll('[data-text]')) part.textContent = text(/** @type {HTMLElement} */ (part).dataset.text ?? '');
await show();
// Beside the popup is the page that the person means; the options page finds itself, which is no site.
const [tab] = await chrome.tabs.query({ active: true, currentWindow: true });
address.value = originOf(tab?.url ?? '') ?? '';
address.focus();
