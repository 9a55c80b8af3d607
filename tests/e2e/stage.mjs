import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openBrowser, trustAuthority } from './browser.mjs';
import { issueCards } from './cards.mjs';
import { INSTALLED, startUserManager } from './installed.mjs';
import { startPcsc } from './pcsc.mjs';
import { Processes } from './processes.mjs';
import { PromptWindow } from './prompt_window.mjs';
import { ended, running } from './running.mjs';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const HOST = 'fi.korttisilta.host';
/** The agent's first port, docs/protocol.md. */
const AGENT_PORT = 53951;
const READY_MS = 20_000;
/** The programs, the extension and the service of the Debian packages, in place of those of the build folder. */
const installed = process.env.KS_INSTALLED === '1';
const AGENT = /^korttisilta-age/;
/** What the kernel keeps of the names of signer, prompt and host. */
const OPERATIONS = /^korttisilta-(sig|pro|hos)/;

/** What the person's own session has and a private stage must not see. */
const PRIVATE = ['XDG_CONFIG_HOME', 'XDG_DATA_HOME', 'XDG_CACHE_HOME', 'XDG_SESSION_ID', 'WAYLAND_DISPLAY', 'XAUTHORITY', 'LANGUAGE', 'LC_ALL',
  'NODE_TEST_CONTEXT', 'PCSCLITE_CSOCK_NAME'];

/** The person's own display, by names that hold in another HOME and XDG_RUNTIME_DIR. */
function ownDisplay() {
  const { DISPLAY, WAYLAND_DISPLAY, XAUTHORITY, HOME, XDG_RUNTIME_DIR } = process.env;
  return {
    DISPLAY,
    ...(DISPLAY && { XAUTHORITY: XAUTHORITY ?? join(HOME, '.Xauthority') }),
    ...(WAYLAND_DISPLAY && { WAYLAND_DISPLAY: join(XDG_RUNTIME_DIR ?? '', WAYLAND_DISPLAY) }),
  };
}

async function privateDisplay(processes) {
  const command = ['Xvfb', '-displayfd', '1', '-screen', '0', '1280x1024x24', '-nolisten', 'tcp'];
  const { match } = await processes.startAndRead('xvfb', command, /^(\d+)$/);
  return { DISPLAY: `:${match[1]}`, GDK_BACKEND: 'x11' };
}

async function startBus(processes, env, folder) {
  const command = ['dbus-daemon', '--session', '--nofork', '--print-address=1', `--address=unix:path=${join(folder, 'bus')}`];
  const { match } = await processes.startAndRead('dbus', command, /^(unix:.*)$/, { env });
  return { DBUS_SESSION_BUS_ADDRESS: match[1] };
}

/** Where the browser looks for the program that the extension may start. */
async function installHost(profile, bin, id) {
  const folder = join(profile, 'NativeMessagingHosts');
  await mkdir(folder, { recursive: true });
  const manifest = {
    name: HOST,
    description: 'Korttisilta',
    path: join(bin, 'korttisilta-host'),
    type: 'stdio',
    allowed_origins: [`chrome-extension://${id}/`],
  };
  await writeFile(join(folder, `${HOST}.json`), JSON.stringify(manifest));
}

async function listens(port) {
  const until = performance.now() + READY_MS;
  for (;;) {
    const socket = connect(port, '127.0.0.1');
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

/**
 * Everything that a person with a card has, in private: display, readers with virtual cards, Korttisilta, the demo
 * service, a browser. Needs enterPrivateNamespaces() first.
 */
export class Stage {
  #browserOptions;

  /**
   * @param {object} [options]
   * @param {'extension' | 'websocket'} [options.door] through which pages reach Korttisilta
   * @param {string[]} [options.profiles] cards, one a reader; all begin outside
   * @param {string} [options.build] CMake's build folder
   * @param {boolean} [options.ownDisplay] the person's own display
   * @param {string[]} [options.hosts] further names under which copies of the demo service are there
   * @param {string[]} [options.publicHosts] those of them that the browser takes for the public network
   * @param {string} [options.locale] of the browser
   */
  static async open(options = {}) {
    const stage = new Stage();
    try {
      await stage.#open(options);
    } catch (error) {
      error.message += `\n${await stage.#logs()}`;
      await stage.close();
      throw error;
    }
    return stage;
  }

  async #open({ door = 'extension', profiles = ['fineid-v4'], build = join(ROOT, 'build'), ownDisplay: own = false, hosts = [], publicHosts = [], locale }) {
    this.door = door;
    this.bin = installed ? INSTALLED.bin : join(build, 'bin');
    // The paths of sockets must be short: 107 bytes.
    this.folder = await mkdtemp(join(tmpdir(), 'ks-'));
    const at = (name) => join(this.folder, name);
    for (const name of ['home', 'run', 'log', 'profile']) await mkdir(at(name), { mode: 0o700 });
    this.processes = new Processes(at('log'));
    const programs = installed ? INSTALLED.programs : join(build, 'tests', 'vcard');

    const env = { ...process.env, LANG: 'C.UTF-8', HOME: at('home'), XDG_RUNTIME_DIR: at('run'), KORTTISILTA_LOG: 'info' };
    for (const name of PRIVATE) delete env[name];
    Object.assign(env, own ? ownDisplay() : await privateDisplay(this.processes));
    Object.assign(env, await startBus(this.processes, env, this.folder));
    this.env = env;

    const issued = await issueCards({ programs, folder: at('cards'), processes: this.processes, profiles });
    this.cards = issued.cards;
    this.authority = issued.authority;
    this.pcscd = await startPcsc({ programs, folder: at('pcsc'), processes: this.processes, readers: issued.readers });
    if (installed) {
      await startUserManager(this.processes, env);
    } else if (door === 'websocket') {
      this.processes.start('agent', [join(this.bin, 'korttisilta-agent')], { env });
      await listens(AGENT_PORT);
    }
    this.origin = await this.#startService('localhost');
    this.origins = {};
    for (const host of hosts) this.origins[host] = await this.#startService(host);
    this.#browserOptions = { build, hosts, publicHosts, locale };
    await this.#startBrowser(this.#browserOptions);
    if (!own) this.prompt = await PromptWindow.watch(this.processes, env);
  }

  /** A copy of the demo service. @param {string} host of its address @returns {Promise<string>} its origin */
  async #startService(host) {
    const folder = join(this.folder, `tls-${host}`);
    const main = installed ? INSTALLED.service : join(ROOT, 'demo/service/main.js');
    const command = [process.execPath, main, '--host', host, '--ca', join(this.authority, 'ca.pem'), '--folder', folder];
    const { match } = await this.processes.startAndRead('service', command, /^\{.*\}$/, { env: this.env });
    const { origin, ca } = JSON.parse(match[0]);
    this.tlsAuthority ??= ca;
    await trustAuthority(this.env.HOME, ca, host);
    return origin;
  }

  async #startBrowser({ build, hosts, publicHosts, locale }) {
    const profile = join(this.folder, 'profile');
    const publicPorts = publicHosts.map((host) => new URL(this.origins[host]).port);
    let extension;
    if (this.door === 'extension' && installed) {
      extension = 'installed';
    } else if (this.door === 'extension') {
      extension = join(build, 'extension', 'chromium');
      const { chromium: [id] } = JSON.parse(await readFile(join(ROOT, 'extension/id.json'), 'utf8'));
      await installHost(profile, this.bin, id);
    }
    this.browser = await openBrowser({ profile, env: this.env, extension, hosts, publicPorts, locale });
    this.browser.setDefaultTimeout(READY_MS);
  }

  /** The browser again, with the same profile: it reads its certificates when it starts. */
  async restartBrowser() {
    await this.browser.close();
    this.devtools = undefined;
    await this.#startBrowser(this.#browserOptions);
  }

  /**
   * Answers the browser's question whether a site may reach programs on the computer.
   * @param {string} origin
   * @param {'granted' | 'denied'} setting
   */
  async setPermission(origin, setting) {
    // The answer lasts as long as the session in which it was given.
    this.devtools ??= await this.browser.browser().newBrowserCDPSession();
    await this.devtools.send('Browser.setPermission', { origin, permission: { name: 'loopback-network' }, setting });
  }

  /** Waits until nothing of any page is left: no host, no signer, no prompt. Throws when one stays. */
  async idle() {
    await ended(OPERATIONS, READY_MS);
  }

  /** Writes files for a program to read. @param {Record<string, string | Buffer>} files @returns {Promise<string>} folder */
  async save(files) {
    const folder = await mkdtemp(join(this.folder, 'save-'));
    for (const [name, content] of Object.entries(files)) await writeFile(join(folder, name), content);
    return folder;
  }

  async #logs() {
    const { stdout } = await run('sh', ['-c', 'tail -n 15 "$1"/log/*.log', 'sh', this.folder ?? '/nowhere']).catch(() => ({ stdout: '' }));
    return stdout;
  }

  /** Ends everything; the folder goes with it. @param {string} [logs] folder that gets what the programs have said */
  async close(logs) {
    await this.browser?.close();
    for (const card of this.cards ?? []) card.close();
    // An agent that the browser's host has started is nobody's child; in these namespaces all are ours.
    for (const pid of running(AGENT)) process.kill(pid);
    await ended(AGENT, READY_MS);
    await this.processes?.endAll();
    if (logs) await cp(join(this.folder, 'log'), logs, { recursive: true });
    if (this.folder) await rm(this.folder, { recursive: true, force: true });
  }
}
