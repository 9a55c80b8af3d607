import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BUILD = process.env.KS_BUILD ?? fileURLToPath(new URL('../../build', import.meta.url));
/** The agent's first port, docs/protocol.md. */
export const PORT = 53951;

export function program(name) {
  return join(BUILD, 'bin', name);
}

/** A runtime folder of its own, and the environment that names it: no display, so no window can open. */
export class Home {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'korttisilta-doors-'));
    this.env = {
      PATH: process.env.PATH, HOME: this.folder, XDG_RUNTIME_DIR: this.folder, LC_ALL: 'C.UTF-8',
      PCSCLITE_CSOCK_NAME: join(this.folder, 'no-pcscd'), KORTTISILTA_LOG: 'info',
    };
  }

  /** Names of what the programs have put into the runtime folder. */
  files() {
    return readdirSync(join(this.folder, 'korttisilta')).sort();
  }

  log() {
    return readFileSync(join(this.folder, 'korttisilta', 'korttisilta-agent.log'), 'utf8');
  }

  remove() {
    rmSync(this.folder, { recursive: true });
  }
}

/** Ids of the processes of one program of ours in these namespaces; ended ones that nobody collected have state Z. */
export function pidsOf(name) {
  return readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && commandOf(pid) === name).map(Number);
}

function commandOf(pid) {
  try {
    const [comm, state] = readFileSync(`/proc/${pid}/status`, 'utf8').match(/^Name:\t(.*)$|^State:\t(.)/gm);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')[0].split('/').at(-1);
    return state.endsWith('Z') ? `${comm.slice(6)} Z` : command;
  } catch {
    return ''; // it has ended
  }
}

/** One line of /proc/PID/status or /proc/PID/smaps_rollup, in kilobytes. */
export function kilobytes(pid, file, name) {
  return Number(readFileSync(`/proc/${pid}/${file}`, 'utf8').match(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm'))[1]);
}

/** An agent that was started by hand, ready when start() resolves. */
export class Agent {
  #child;
  log = '';

  static async start(home, args = [], { stdio = [], env = {} } = {}) {
    const agent = new Agent();
    const readyFd = 3 + stdio.length;
    agent.#child = spawn(program('korttisilta-agent'), ['--ready-fd', String(readyFd), ...args], {
      env: { ...home.env, ...env }, stdio: ['ignore', 'ignore', 'pipe', ...stdio, 'pipe'],
    });
    agent.#child.stderr.on('data', (text) => (agent.log += text));
    agent.ended = once(agent.#child, 'exit');
    const [first] = await Promise.race([once(agent.#child.stdio[readyFd], 'data'), agent.ended]);
    agent.ready = Buffer.isBuffer(first);
    return agent;
  }

  get pid() {
    return this.#child.pid;
  }

  /** @returns {Promise<number | string>} exit status, or the signal that ended it */
  async end(signal = 'SIGTERM') {
    this.#child.kill(signal);
    const [code, by] = await this.ended;
    return code ?? by;
  }
}

/** Bytes over TCP, as they are: what comes back until the agent closes. */
export async function exchange(bytes, { port = PORT, host = '127.0.0.1' } = {}) {
  const socket = connect(port, host);
  let answer = '';
  socket.on('data', (text) => (answer += text));
  socket.on('error', () => {}); // a reset after the answer
  socket.write(bytes);
  await new Promise((resolve) => socket.on('close', resolve));
  return answer;
}
