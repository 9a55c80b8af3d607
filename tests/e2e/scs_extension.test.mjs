/* SCS without a port: pages of sites that the person has listed, or that the policy names, are answered in the page by
 * the extension; nothing listens, the browser knows of no certificate, and the page is of the public network. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { PIN1, PIN2 } from './cards.mjs';
import { enterPrivateNamespaces } from './namespaces.mjs';
import { ended, running } from './running.mjs';
import { byFetch, byXhr, findScs, pollCard, puumerkkiLogin } from './scs_clients.mjs';
import { SERVICES, trustedRoots, withPin } from './scs_services.mjs';
import { Stage } from './stage.mjs';
import { Visitor } from './visitor.mjs';

await enterPrivateNamespaces();

const BUILD = process.env.KS_BUILD;
const SHOTS = join(BUILD, 'e2e', 'scs-extension');
const LISTED = 'palvelu.example.fi';
const NAMED = 'virasto.example.fi';
const OTHER = 'muu.example.fi';
const ADDRESS = 'https://localhost:53952';
const POLICY = '/etc/korttisilta/policy.d'; // of these namespaces
const AGENT = /^korttisilta-age/;
const READY_MS = 20_000;
const BODY = JSON.stringify({ content: Buffer.from('content').toString('base64') });

let stage;
let card;

/** What the administrator says; the next agent, which the extension has started, reads it. @param {object} scs */
async function setPolicy(scs) {
  mkdirSync(POLICY, { recursive: true, mode: 0o755 });
  writeFileSync(join(POLICY, 'scs.json'), JSON.stringify({ scs: { enabled: false, ...scs } }), { mode: 0o644 });
  for (const pid of running(AGENT)) process.kill(pid);
  await ended(AGENT, READY_MS);
}

const worker = async () => stage.browser.serviceWorkers()[0] ?? stage.browser.waitForEvent('serviceworker');

/** Waits for what the worker does when the browser starts: the sites where the script runs. @param {(matches: string[]) => boolean} wanted */
async function registered(wanted) {
  const until = performance.now() + READY_MS;
  for (;;) {
    const inside = await worker();
    const scripts = await inside.evaluate(() => globalThis.chrome.scripting.getRegisteredContentScripts()).catch(() => []);
    const matches = scripts.flatMap((script) => script.matches);
    if (wanted(matches)) return matches;
    assert.ok(performance.now() < until, `runs at ${matches}`);
    await new Promise((resolve) => setTimeout(resolve, 20)); // the browser has no event for it
  }
}

/** The page where the person keeps the list. */
async function openSites() {
  const sites = await stage.browser.newPage();
  await sites.goto(new URL('sites.html', (await worker()).url()).href);
  await sites.locator('#address:focus').waitFor(); // the last thing that it does
  return sites;
}

/** By keyboard, as a person. @param {string} address @param {RegExp} said */
async function list(address, said) {
  const sites = await openSites();
  await sites.keyboard.press('Control+A');
  await sites.keyboard.type(address);
  await sites.keyboard.press('Enter');
  await sites.locator('#told').filter({ hasText: said }).waitFor();
  return sites;
}

/** With the service's own Content-Security-Policy, which names no SCS. @param {string} host */
async function openPage(host) {
  const page = await stage.browser.newPage();
  await page.goto(`${stage.origins[host]}/en/`);
  return page;
}

const FETCH = 'function fetch() { [native code] }';
const XHR = ['open', 'setRequestHeader', 'send', 'abort', 'getResponseHeader', 'getAllResponseHeaders'];

/** Of the functions that scs_page.js replaces: behind a Proxy they have the browser's text, but without its name. */
const sources = (page) =>
  page.evaluate((names) => [fetch.toString(), ...names.map((name) => XMLHttpRequest.prototype[name].toString())], XHR);

/** Whether the browser itself is asked for a listener: there is none. @param {import('playwright-core').Page} page */
async function askedOfBrowser(page) {
  const urls = [];
  const note = (request) => urls.push(request.url());
  page.on('request', note);
  const outcome = await byFetch(page)(`${ADDRESS}/version`).then(({ status }) => status, ({ message }) => message);
  page.off('request', note);
  return { outcome, urls };
}

before(async () => {
  mkdirSync(SHOTS, { recursive: true });
  mkdirSync(POLICY, { recursive: true, mode: 0o755 });
  writeFileSync(join(POLICY, 'scs.json'), JSON.stringify({ scs: { enabled: false } }), { mode: 0o644 });
  stage = await Stage.open({ build: BUILD, door: 'extension', profiles: ['dvv-org'], hosts: [LISTED, NAMED, OTHER], publicHosts: [LISTED, NAMED, OTHER] });
  [card] = stage.cards;
});
after(() => stage?.close(join(BUILD, 'e2e', 'scs-extension-log')));

describe("the person's list", () => {
  for (const [typed, why] of [['', 'nothing'], ['http://palvelu.example.fi', 'an insecure site'], ['file:///etc/passwd', 'no site'], ['kaksi sanaa', 'no address']]) {
    test(`${why} is not taken, and the person is told`, async () => {
      const sites = await list(typed, /not the address of a secure site/);
      assert.equal(await sites.getAttribute('#address', 'aria-invalid'), 'true');
      assert.equal(await sites.locator('#listed li').count(), 0);
      await sites.close();
    });
  }

  test('the site that is open stands in the field already', async () => {
    const sites = await openSites();
    const page = await openPage(OTHER);
    await page.bringToFront();
    await sites.reload();
    await sites.locator('#address:focus').waitFor();
    assert.equal(await sites.inputValue('#address'), stage.origins[OTHER]);
    for (const one of [page, sites]) await one.close();
  });

  test('a site goes in by its address or its host, and out again; the page is fit for everybody', async () => {
    const host = new URL(stage.origins[LISTED]).host;
    const sites = await list(`${host}/en/`, /was added/);
    assert.deepEqual(await sites.locator('#listed li span').allInnerTexts(), [stage.origins[LISTED]]);
    assert.deepEqual(await registered((matches) => matches.length > 0), [`${stage.origins[LISTED]}/*`]);
    await sites.screenshot({ path: join(SHOTS, 'sites.png') });
    assert.deepEqual(await new Visitor(stage, sites).accessibilityProblems(), []);
    await sites.getByRole('button', { name: `Remove ${stage.origins[LISTED]}` }).press('Enter');
    await sites.locator('#told').filter({ hasText: /was removed/ }).waitFor();
    assert.deepEqual(await registered((matches) => matches.length === 0), []);
    assert.equal(await sites.evaluate(() => document.activeElement.id), 'address');
    await sites.close();
  });
});

describe('a site that nobody has named', () => {
  test('has the fetch of the browser, which finds nothing', async () => {
    const page = await openPage(OTHER);
    const { outcome } = await askedOfBrowser(page);
    assert.match(outcome, /Failed to fetch/);
    assert.deepEqual(await sources(page), [FETCH, ...XHR.map((name) => `function ${name}() { [native code] }`)]);
    await page.close();
  });

  test('is refused by the program, whatever it writes', async () => {
    const page = await openPage(OTHER);
    const error = await page.evaluate(() => new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => {
        if (data.error) resolve(data.error.data.name);
        if (data.korttisilta !== 'connected') return;
        const params = { method: 'GET', path: '/version' };
        port1.postMessage({ jsonrpc: '2.0', id: 1, method: 'scs', chosen: true, origin: 'https://palvelu.example.fi', params });
      };
      window.postMessage({ korttisilta: 'connect', version: 1 }, '*', [port2]);
    }));
    assert.equal(error, 'ORIGIN_DENIED');
    await page.close();
  });

  test('does not hear which sites the policy names', async () => {
    const page = await openPage(OTHER);
    const error = await page.evaluate(() => new Promise((resolve) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => {
        if (data.error) resolve(data.error.data.name);
        if (data.korttisilta === 'connected') port1.postMessage({ jsonrpc: '2.0', id: 1, method: 'scsSites', origin: undefined });
      };
      window.postMessage({ korttisilta: 'connect', version: 1 }, '*', [port2]);
    }));
    assert.equal(error, 'REQUEST_INVALID');
    await page.close();
  });
});

describe('a site of the list', () => {
  let page;
  let plain;
  before(async () => {
    plain = await openPage(OTHER);
    await (await list(stage.origins[LISTED], /was added/)).close();
    await registered((matches) => matches.length === 1);
    page = await openPage(LISTED);
  });
  beforeEach(() => card.renew());
  afterEach(async () => {
    await stage.prompt.gone();
    await stage.idle();
  });

  for (const [how, transportOf] of [['fetch', byFetch], ['XMLHttpRequest', byXhr]]) {
    describe(`by ${how}`, () => {
      for (const [name, story] of SERVICES) {
        test(name, () => story({ stage, transport: transportOf(page), origin: stage.origins[LISTED] }));
      }

      test('F: sees the card come and go, since the person has listed it', async () => {
        const seen = async (wanted) => {
          const until = performance.now() + READY_MS;
          let last;
          do last = await pollCard(transportOf(page)); while (last !== wanted && performance.now() < until);
          assert.equal(last, wanted);
        };
        await seen('card');
        await card.command('remove');
        await seen('no card');
        await card.command('insert');
        await seen('card');
      });

      for (const [what, path, init, want] of [
        ['no JSON', '/sign', { method: 'POST', body: '{' }, { status: 200, code: 400 }],
        ['no body', '/sign', { method: 'POST' }, { status: 200, code: 400 }],
        ['SHA-1', '/sign', { method: 'POST', body: BODY.replace('}', ',"hashAlgorithm":"SHA1"}') }, { status: 200, code: 501 }],
        ['another path', '/signature?x=1', {}, { status: 404 }],
        ['another method', '/version', { method: 'POST', body: '{}' }, { status: 405 }],
      ]) {
        test(`${what}: ${want.status} ${want.code ?? ''}`, async () => {
          const { status, text } = await transportOf(page)(`${ADDRESS}${path}`, init);
          assert.equal(status, want.status);
          assert.equal(text === '' ? undefined : JSON.parse(text).reasonCode, want.code);
          assert.equal(stage.prompt.count, 0);
        });
      }

      for (const [what, url, init] of [
        ['a method that the preflight does not allow', `${ADDRESS}/version`, { method: 'DELETE' }],
        ['a header that it does not', `${ADDRESS}/version`, { headers: { 'X-Requested-With': 'x' } }],
        ['a port where the listener is not', 'https://localhost:8089/version', {}],
        ['a path that is too long', `${ADDRESS}/${'x'.repeat(300)}`, {}],
        ['a body that is too large', `${ADDRESS}/sign`, { method: 'POST', body: 'x'.repeat(4 * 1024 * 1024) }],
      ]) {
        test(`${what}: fails as the network does`, () => assert.rejects(transportOf(page)(url, init), /Failed to fetch|request failed/));
      }
    });
  }

  test('the browser is asked for nothing at all', async () => {
    assert.deepEqual(await askedOfBrowser(page), { outcome: 200, urls: [] });
    for (const source of await sources(page)) assert.equal(source, 'function () { [native code] }');
  });

  test('what the page sees is what the browser shows of a listener', async () => {
    const seen = await page.evaluate(async (address) => {
      const response = await fetch(new Request(`${address}/version#x`));
      const { ok, status, statusText, type, url, redirected } = response;
      const xhr = new XMLHttpRequest();
      const events = [];
      for (const name of ['readystatechange', 'loadstart', 'progress', 'load', 'loadend', 'error', 'abort', 'timeout']) {
        xhr.addEventListener(name, () => events.push(`${name} ${xhr.readyState}`));
      }
      xhr.responseType = 'json';
      xhr.open('get', `${address}/version`);
      await new Promise((resolve) => {
        xhr.onloadend = resolve;
        xhr.send();
      });
      return {
        fetched: { ok, status, statusText, type, url, redirected, media: response.headers.get('Content-Type'), version: (await response.json()).version },
        xhr: {
          status: xhr.status, statusText: xhr.statusText, url: xhr.responseURL, media: xhr.getResponseHeader('CONTENT-TYPE'),
          all: xhr.getAllResponseHeaders(), version: xhr.response.version, same: xhr.response === xhr.response,
        },
        events,
      };
    }, ADDRESS);
    const { all, ...xhr } = seen.xhr;
    const media = 'application/json';
    assert.deepEqual(seen.fetched, { ok: true, status: 200, statusText: 'OK', type: 'cors', url: `${ADDRESS}/version`, redirected: false, media, version: '1.2' });
    assert.deepEqual(xhr, { status: 200, statusText: 'OK', url: `${ADDRESS}/version`, media, version: '1.2', same: true });
    assert.match(all, /^cache-control: no-store\r\ncontent-length: \d+\r\ncontent-type: application\/json\r\n$/);
    assert.deepEqual(seen.events, ['readystatechange 1', 'loadstart 1', 'readystatechange 2', 'readystatechange 3', 'progress 3',
      'readystatechange 4', 'load 4', 'loadend 4']);
  });

  test('everything else goes to the browser as it came', async () => {
    const both = [];
    for (const one of [page, plain]) {
      both.push(await one.evaluate(async () => {
        const failure = (promise) => promise.then(() => 'answered', ({ name }) => name);
        const own = await (await fetch('/en/')).text();
        const xhr = new XMLHttpRequest();
        xhr.open('GET', '/en/');
        const loaded = new Promise((resolve) => { xhr.onload = resolve; });
        xhr.send();
        await loaded;
        const later = new XMLHttpRequest();
        const thrown = (does) => { try { return does(); } catch ({ name }) { return name; } };
        return {
          same: xhr.responseText === own, status: xhr.status, media: xhr.getResponseHeader('content-type'),
          source: [fetch.toString(), fetch.name, fetch.length, XMLHttpRequest.prototype.open.toString(), XMLHttpRequest.prototype.open.length],
          keys: [Object.keys(window).filter((key) => /kortti|scs/i.test(key)), document.scripts.length, Object.keys(XMLHttpRequest.prototype)],
          wrong: [await failure(fetch('https://[')), await failure(fetch(Symbol.iterator)), await failure(fetch())],
          unsent: [thrown(() => later.send()), thrown(() => later.setRequestHeader('a', 'b')), thrown(() => later.open('GET', 'https://[')), later.readyState, later.responseText],
          foreign: thrown(() => Object.getOwnPropertyDescriptor(XMLHttpRequest.prototype, 'status').get.call({})),
          elsewhere: await failure(fetch('https://localhost:53953/version')),
        };
      }));
    }
    assert.equal(both[0].same, true);
    // A function behind a Proxy has the browser's source text without its name.
    for (const one of both) one.source = one.source.map((text) => String(text).replace(/function \w*/, 'function'));
    assert.deepEqual(both[0], both[1]);
  });

  test('an aborted fetch takes its window with it, and no PIN is used', async () => {
    const aborted = page.evaluate(async ([url, body]) => {
      const controller = new AbortController();
      globalThis.stopIt = () => controller.abort();
      return fetch(url, { method: 'POST', body, signal: controller.signal }).then(() => 'answered', ({ name }) => name);
    }, [`${ADDRESS}/sign`, BODY]);
    await stage.prompt.ready();
    assert.match(stage.prompt.text, new RegExp(LISTED));
    await page.evaluate(() => globalThis.stopIt());
    await stage.prompt.gone();
    assert.equal(await aborted, 'AbortError');
    assert.deepEqual(Object.values((await card.stats()).verify_sent), []);
  });

  for (const [how, events] of [['abort', ['abort', 'loadend']], ['timeout', ['timeout', 'loadend']]]) {
    test(`an XMLHttpRequest does too: ${how}`, async () => {
      const told = page.evaluate(([url, body, kind]) => new Promise((resolve) => {
        const xhr = new XMLHttpRequest();
        const heard = [];
        for (const name of ['load', 'error', 'abort', 'timeout', 'loadend']) xhr.addEventListener(name, () => heard.push(name));
        xhr.addEventListener('loadend', () => queueMicrotask(() => resolve({ heard, status: xhr.status, text: xhr.responseText })));
        xhr.open('POST', url);
        if (kind === 'timeout') xhr.timeout = 8000;
        else globalThis.stopIt = () => xhr.abort();
        xhr.send(body);
      }), [`${ADDRESS}/sign`, BODY, how]);
      await stage.prompt.appear();
      if (how === 'abort') await page.evaluate(() => globalThis.stopIt());
      await stage.prompt.gone();
      assert.deepEqual(await told, { heard: events, status: 0, text: '' });
    });
  }

  test('a page that goes away takes its window with it', async () => {
    const other = await openPage(LISTED);
    const lost = byFetch(other)(`${ADDRESS}/sign`, { method: 'POST', body: BODY }).catch(() => {});
    await stage.prompt.ready();
    await other.close();
    await stage.prompt.gone();
    await lost;
  });

  test('who closes the window says no: 401', async () => {
    const asked = byXhr(page)(`${ADDRESS}/sign`, { method: 'POST', body: BODY });
    await stage.prompt.ready();
    await stage.prompt.cancel();
    assert.equal(JSON.parse((await asked).text).reasonCode, 401);
  });

  test('two at once: the second waits for its turn', async () => {
    const both = [byFetch, byXhr].map((transportOf) => transportOf(page)(`${ADDRESS}/sign`, { method: 'POST', body: BODY }));
    let done = 0;
    for (const one of both) one.then(() => done++);
    await stage.prompt.ready();
    const firstAt = stage.prompt.shownAt;
    await stage.prompt.enter(PIN2);
    await Promise.race(both);
    assert.equal(done, 1);
    const until = performance.now() + READY_MS;
    while (stage.prompt.count !== 1 || stage.prompt.shownAt === firstAt) {
      assert.ok(performance.now() < until, 'no second window');
      await new Promise((resolve) => setTimeout(resolve, 10)); // the X server's events come meanwhile
    }
    await stage.prompt.enter(PIN2);
    for (const { text } of await Promise.all(both)) assert.equal(JSON.parse(text).status, 'ok');
  });
});

describe('a site of the policy', () => {
  before(() => card.renew());
  afterEach(async () => {
    await stage.prompt.gone();
    await stage.idle();
  });

  test('is answered when the browser has started again, and hears of no card', async () => {
    await setPolicy({ extensionOrigins: [stage.origins[NAMED]] });
    await stage.restartBrowser();
    await registered((matches) => matches.length === 2);
    const page = await openPage(NAMED);
    assert.match(await findScs(byXhr(page)), /:53952$/);
    assert.equal(await pollCard(byFetch(page)), 'no card');
    const login = puumerkkiLogin(byFetch(page), ADDRESS, { origin: stage.origins[NAMED], trusted: trustedRoots(stage) });
    assert.ok((await withPin(stage, login, PIN1)).good);
    await page.close();
    const sites = await openSites();
    assert.deepEqual(await sites.locator('#policy li').allInnerTexts(), [stage.origins[NAMED]]);
    assert.equal(await sites.locator('#policy button').count(), 0);
    await sites.screenshot({ path: join(SHOTS, 'sites-policy.png') });
    await sites.close();
  });

  test('is none any more when the policy has changed and the browser has started again; the list stays', async () => {
    await setPolicy({});
    await stage.restartBrowser();
    assert.deepEqual(await registered((matches) => matches.length === 1), [`${stage.origins[LISTED]}/*`]);
    const page = await openPage(NAMED);
    assert.match((await askedOfBrowser(page)).outcome, /Failed to fetch/);
    await page.close();
  });
});

test('nothing listened', async () => {
  for (const port of [53952, 23124, 8089]) {
    const socket = connect(port, '127.0.0.1');
    const [error] = await once(socket, 'error');
    assert.equal(error.code, 'ECONNREFUSED');
  }
  rmSync(POLICY, { recursive: true });
});
