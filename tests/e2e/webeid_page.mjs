/* A page that speaks Web eID's documented messages as web-eid.js does (docs/webeid.md): posts a request to its own
 * window, wants the ack within a second, takes the first success or failure of the action. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the library of 2026 says of itself. */
export const LIBRARY = '2.1.0-beta.2';

/** Runs in the page. */
async function callInPage({ request, ackMs }) {
  const { action } = request;
  const heard = [];
  const answer = new Promise((resolve) => {
    const unheard = setTimeout(resolve, ackMs, { code: 'ERR_WEBEID_EXTENSION_UNAVAILABLE' });
    window.addEventListener('message', function listen({ data }) {
      if (!data?.action?.startsWith(`${action}-`)) return;
      heard.push(data);
      if (data.action === `${action}-ack`) clearTimeout(unheard);
      if (data.action === `${action}-success`) resolve(data);
      if (data.action === `${action}-failure`) resolve(data.error);
    });
  });
  window.postMessage(request, '*');
  document.body.dataset.webEid = action;
  const { action: _action, ...result } = await answer;
  // One more message round each way: a second answer would have come by now.
  for (let i = 0; i < 8; i++) {
    await new Promise((resolve) => {
      window.addEventListener('message', resolve, { once: true });
      window.postMessage({ round: i }, '*');
    });
  }
  return { result, heard: heard.map((message) => message.action.slice(action.length + 1)), ack: heard[0] };
}

/**
 * @param {import('playwright-core').Page | import('playwright-core').Frame} page
 * @param {'status' | 'authenticate' | 'get-signing-certificate' | 'sign'} name
 * @param {object} [members] of the request, beside action and version
 * @returns {Promise<{ result: any, heard: string[], ack?: object }>} result: members of the success, or the error
 */
export function call(page, name, members = {}, { ackMs = 1000 } = {}) {
  return page.evaluate(callInPage, { request: { action: `web-eid:${name}`, libraryVersion: LIBRARY, ...members }, ackMs });
}

/** A manifest and a content script that does what Web eID's does for a page. @param {'document_start' | 'document_end'} runAt */
export function standIn(runAt) {
  const script = `addEventListener('message', ({ source, origin, data }) => {
    if (source !== window || !/^web-eid:[a-z-]+$/.test(data?.action) || /-(ack|success|failure)$/.test(data.action)) return;
    window.postMessage({ action: data.action + '-ack' }, origin);
    setTimeout(() => window.postMessage({ action: data.action + '-success', extension: '2.5.0', foreign: true }, origin), 300);
  });`;
  const manifest = {
    manifest_version: 3, name: 'stand-in of Web eID', version: '2.5.0',
    content_scripts: [{ matches: ['https://*/*', 'http://localhost/*'], js: ['content.js'], all_frames: true, run_at: runAt }],
  };
  return { 'manifest.json': JSON.stringify(manifest), 'content.js': script };
}

/** Pages whose only script is ours, named in one line, under a policy that lets them load nothing else. */
const PAGE = '<!doctype html><meta charset=utf-8><title>Service</title><script src="/korttisilta/webeid.js"></script><body><h1>Service</h1></body>';
const POLICY = "default-src 'none'; script-src 'self'; frame-src 'self'; connect-src ws://127.0.0.1:53951 ws://127.0.0.1:23123 ws://127.0.0.1:8088; require-trusted-types-for 'script'";
const LIBRARY_FOLDER = fileURLToPath(new URL('../../js/', import.meta.url));

/**
 * A site of one page that uses the script; every address but those of the script's files is that page.
 * @param {string} host
 * @param {string} tls folder with server.key and server.pem for it
 */
export async function serveSite(host, tls) {
  const [key, cert] = await Promise.all(['server.key', 'server.pem'].map((name) => readFile(join(tls, name))));
  const server = createServer({ key, cert }, async (request, response) => {
    const [, file] = /^\/korttisilta\/(\w+\.js)$/.exec(request.url) ?? [];
    response.writeHead(200, { 'content-type': file ? 'text/javascript' : 'text/html', 'content-security-policy': POLICY });
    response.end(file ? await readFile(join(LIBRARY_FOLDER, file)) : PAGE);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { origin: `https://${host}:${server.address().port}`, close };
}
