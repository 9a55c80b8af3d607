/* The page library and the extension in Debian's Chromium: which way is taken when this or that is
 * installed, what each failure is called, and which origin the program is told. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { createServer as createHttpServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connect as connectSocket } from 'node:net';
import { chromium } from 'playwright-core';
import { trustAuthority } from './browser.mjs';
import { enterPrivateNamespaces } from './namespaces.mjs';
import { Processes } from './processes.mjs';

await enterPrivateNamespaces();

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const BUILD = process.env.KS_BUILD ?? join(ROOT, 'build');
const BIN = join(BUILD, 'bin');
const HOST = 'fi.korttisilta.host';
const HEADLESS = ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

let folder;
let env;
let processes;
let http;
let https;
let browser;
const at = (...names) => join(folder, ...names);

/** The page library's own files and an empty page at every other address. */
async function serveLibrary(request, response) {
  const [, file] = /^\/js\/([a-z_]+\.js)$/.exec(request.url) ?? [];
  response.setHeader('content-type', file ? 'text/javascript' : 'text/html');
  response.end(file ? await readFile(join(ROOT, 'js', file)) : '<!doctype html><title>test</title>');
}

async function listen(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: server.address().port };
}

/** A self-made CA and a certificate for the names of the tests. */
async function makeTls() {
  const names = 'subjectAltName=DNS:localhost,DNS:site.test,DNS:frame.test';
  const openssl = (...args) => run('openssl', args, { cwd: folder });
  const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  await openssl('req', '-x509', ...ec, '-subj', '/CN=Test CA', '-keyout', 'ca.key', '-out', 'ca.pem');
  await openssl('req', ...ec.slice(0, -2), '-subj', '/CN=site.test', '-addext', names, '-keyout', 'tls.key', '-out', 'tls.csr');
  await openssl('x509', '-req', '-in', 'tls.csr', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-copy_extensions', 'copy', '-days', '2', '-out', 'tls.pem');
  return { key: await readFile(at('tls.key')), cert: await readFile(at('tls.pem')) };
}

/**
 * @param {object} options
 * @param {boolean} [options.extension]
 * @param {string} [options.host] path of the native host's program
 * @param {string[]} [options.args]
 */
async function openBrowser({ extension = true, host, args = [] } = {}) {
  const profile = await mkdtemp(at('profile-'));
  if (host) {
    const out = join(profile, 'NativeMessagingHosts', `${HOST}.json`);
    await mkdir(join(profile, 'NativeMessagingHosts'));
    const script = join(ROOT, 'installer/common/host_manifest.cmake');
    await run('cmake', ['-DBROWSER=chromium', `-DKS_HOST_PATH=${host}`, `-DOUT=${out}`, '-P', script]);
  }
  const unpacked = at('extension', 'chromium');
  browser = await chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    headless: false, // headless comes from the arguments: Playwright's own has no extensions
    ignoreDefaultArgs: ['--disable-extensions'],
    env,
    args: [...HEADLESS, ...args, ...(extension ? [`--load-extension=${unpacked}`, `--disable-extensions-except=${unpacked}`] : [])],
  });
  browser.setDefaultTimeout(20_000);
}

async function openPage(origin = `http://localhost:${http.port}`) {
  const page = await browser.newPage();
  await page.goto(`${origin}/`);
  return page;
}

/** connect() in the page or frame: what came of it. */
function connect(frame, options = {}) {
  return frame.evaluate(async (given) => {
    const { connect: open } = await import('/js/index.js');
    try {
      const bridge = await open(given);
      return { transport: bridge.transport, version: bridge.version };
    } catch ({ name, code, step, help }) {
      return { name, code, step, help: help?.length > 0 };
    }
  }, options);
}

const failed = (code, step) => ({ name: 'KorttisiltaError', code, step, help: true });

async function startAgent() {
  processes.start('agent', [join(BIN, 'korttisilta-agent')], { env });
  const until = performance.now() + 20_000;
  for (;;) {
    const socket = connectSocket(53951, '127.0.0.1');
    try {
      await once(socket, 'connect');
      return;
    } catch (error) {
      if (performance.now() > until) throw error;
    } finally {
      socket.destroy();
    }
  }
}

/** Agents outlive the browser that had one started. All that this sees are of the private namespace. */
async function endAgents() {
  const until = performance.now() + 10_000;
  for (;;) {
    const { stdout } = await run('ps', ['-e', '-o', 'pid=,comm=']);
    const pids = [...stdout.matchAll(/^ *(\d+) korttisilta-age/gm)].map(([, pid]) => Number(pid));
    if (pids.length === 0) return;
    assert.ok(performance.now() < until, 'an agent does not end');
    for (const pid of pids) process.kill(pid, 'SIGTERM');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ks-ext-'));
  for (const name of ['home', 'run', 'log']) await mkdir(at(name), { mode: 0o700 });
  env = { ...process.env, HOME: at('home'), XDG_RUNTIME_DIR: at('run'), ECHO_HOST_LOG: at('log', 'echo_host.log') };
  for (const name of ['XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'NODE_TEST_CONTEXT']) delete env[name];
  processes = new Processes(at('log'));
  await run(process.execPath, [join(ROOT, 'extension/build.js'), at('extension')]);
  http = await listen(createHttpServer(serveLibrary));
  https = await listen(createServer(await makeTls(), serveLibrary));
  await trustAuthority(env.HOME, at('ca.pem'), 'test');
});

after(async () => {
  await processes?.endAll();
  for (const { server } of [http, https].filter(Boolean)) {
    server.closeAllConnections();
    server.close();
  }
  if (folder) await rm(folder, { recursive: true, force: true });
});

afterEach(async () => {
  await browser?.close();
  browser = undefined;
  await endAgents();
});

describe('connect', () => {
  test('reaches the program through the extension, which starts it', async () => {
    await openBrowser({ host: join(BIN, 'korttisilta-host') });
    const { transport, version } = await connect(await openPage());
    assert.equal(transport, 'extension');
    assert.match(version, /^\d+\.\d+\.\d+/);
  });

  test('takes the websocket when the extension is missing', async () => {
    await startAgent();
    await openBrowser({ extension: false });
    const { transport, version } = await connect(await openPage());
    assert.equal(transport, 'websocket');
    assert.match(version, /^\d+\.\d+\.\d+/);
  });

  test('takes the websocket when the extension has no program to start', async () => {
    await startAgent();
    await openBrowser();
    const page = await openPage();
    assert.deepEqual(await connect(page, { transports: ['extension'] }), failed('NOT_INSTALLED', 'extension'));
    assert.equal((await connect(page)).transport, 'websocket');
  });

  test('says NOT_INSTALLED when nothing is installed', async () => {
    await openBrowser({ extension: false });
    const page = await openPage();
    assert.deepEqual(await connect(page), failed('NOT_INSTALLED', 'extension'));
    assert.deepEqual(await connect(page, { transports: ['websocket'] }), failed('NOT_INSTALLED', 'websocket'));
  });

  test('says AGENT_DOWN when the program ends at once', async () => {
    await openBrowser({ host: '/bin/false' });
    assert.deepEqual(await connect(await openPage()), failed('AGENT_DOWN', 'extension'));
  });

  test('says INSECURE_CONTEXT in a page that is not secure', async () => {
    await openBrowser({ host: join(BIN, 'korttisilta-host'), args: ['--host-resolver-rules=MAP site.test 127.0.0.1'] });
    const page = await openPage(`http://site.test:${http.port}`);
    assert.deepEqual(await connect(page), failed('INSECURE_CONTEXT', 'request'));
  });

  test('says PERMISSION_DENIED in a public page that may not reach this computer, and connects when it may', async () => {
    await startAgent();
    const publicSite = ['--host-resolver-rules=MAP site.test 127.0.0.1', `--ip-address-space-overrides=127.0.0.1:${https.port}=public`];
    await openBrowser({ extension: false, args: publicSite });
    const origin = `https://site.test:${https.port}`;
    const page = await openPage(origin);
    assert.deepEqual(await connect(page), failed('PERMISSION_DENIED', 'permission'));
    await browser.grantPermissions(['local-network-access'], { origin });
    assert.equal((await connect(page)).transport, 'websocket');
  });

  test('needs no permission for the extension in a public page', async () => {
    const publicSite = ['--host-resolver-rules=MAP site.test 127.0.0.1', `--ip-address-space-overrides=127.0.0.1:${https.port}=public`];
    await openBrowser({ host: join(BIN, 'korttisilta-host'), args: publicSite });
    assert.equal((await connect(await openPage(`https://site.test:${https.port}`))).transport, 'extension');
  });
});

describe('the program is told', () => {
  const names = ['--host-resolver-rules=MAP site.test 127.0.0.1,MAP frame.test 127.0.0.1'];
  const echo = fileURLToPath(new URL('echo_host.mjs', import.meta.url));
  const extension = { transports: ['extension'] };

  /** @param {import('playwright-core').Page} page @param {Record<string, string>} attributes */
  async function addFrame(page, attributes) {
    await page.evaluate(async (given) => {
      const frame = document.createElement('iframe');
      for (const [name, value] of Object.entries(given)) frame.setAttribute(name, value);
      const loaded = new Promise((resolve) => frame.addEventListener('load', resolve));
      document.body.append(frame);
      await loaded;
    }, attributes);
    return page.frames().at(-1);
  }

  test('the origin of the page, and of a frame its own', async () => {
    await openBrowser({ host: echo, args: names });
    const origin = `https://site.test:${https.port}`;
    const page = await openPage(origin);
    assert.deepEqual(await connect(page, extension), { transport: 'extension', version: origin });
    const frame = await addFrame(page, { src: `https://frame.test:${https.port}/` });
    assert.deepEqual(await connect(frame, extension), { transport: 'extension', version: `https://frame.test:${https.port}` });
  });

  test('not the origin that a page writes into its messages', async () => {
    await openBrowser({ host: echo, args: names });
    const origin = `https://site.test:${https.port}`;
    const page = await openPage(origin);
    const told = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = ({ data }) => data.result && resolve(data.result.version);
          window.postMessage({ korttisilta: 'connect', version: 1 }, '*', [port2]);
          port1.postMessage({ jsonrpc: '2.0', id: 1, method: 'hello', params: {}, origin: 'https://bank.example' });
        }),
    );
    assert.equal(told, origin);
  });

  test('nothing by a frame without an origin', async () => {
    await openBrowser({ host: echo, args: names });
    const page = await openPage(`https://site.test:${https.port}`);
    const frame = await addFrame(page, { src: '/', sandbox: 'allow-scripts' });
    const answered = await frame.evaluate(
      () =>
        new Promise((resolve) => {
          const { port1, port2 } = new MessageChannel();
          port1.onmessage = () => resolve(true);
          window.postMessage({ korttisilta: 'connect', version: 1 }, '*', [port2]);
          setTimeout(resolve, 300, false);
        }),
    );
    assert.equal(answered, false);
  });

  test('that the page has gone, and ends', async () => {
    const log = env.ECHO_HOST_LOG;
    await writeFile(log, '');
    await openBrowser({ host: echo, args: names });
    const until = async (lines) => {
      const end = performance.now() + 10_000;
      while ((await readFile(log, 'utf8')) !== lines) {
        assert.ok(performance.now() < end, `host said: ${await readFile(log, 'utf8')}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    const page = await openPage(`https://site.test:${https.port}`);
    await connect(page, extension);
    await until('start\n');
    await page.goto(`https://frame.test:${https.port}/`);
    await until('start\nend\n');
    await connect(page, extension);
    await until('start\nend\nstart\n');
    await page.close();
    await until('start\nend\nstart\nend\n');
  });

  test('no word by a page that does not ask', async () => {
    await writeFile(env.ECHO_HOST_LOG, '');
    await openBrowser({ host: echo, args: names });
    const page = await openPage(`https://site.test:${https.port}`);
    await page.evaluate(() => new Promise((resolve) => setTimeout(resolve, 200)));
    assert.equal(await readFile(env.ECHO_HOST_LOG, 'utf8'), '');
    const added = await page.evaluate(() => [Object.keys(window).filter((key) => /kortti|chrome\.runtime/i.test(key)), document.scripts.length]);
    assert.deepEqual(added, [[], 0]);
  });
});
