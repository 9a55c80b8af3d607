import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A process that is not ready in this time is not going to be: a busy machine needs a few seconds for Chromium. */
const READY_MS = 20_000;

/** Processes that were started here and end here, by their own pid, the last one first. */
export class Processes {
  #started = [];
  #logFolder;

  /** @param {string} logFolder where stderr (and stdout, where nobody reads it) of each goes */
  constructor(logFolder) {
    this.#logFolder = logFolder;
  }

  /**
   * @param {string} name of the log file
   * @param {string[]} command
   * @param {import('node:child_process').SpawnOptions & { piped?: boolean, fed?: boolean, signals?: boolean }} [options]
   *   piped: the caller reads stdout; fed: writes to stdin; signals: reads file descriptor 3
   */
  start(name, [program, ...args], { piped = false, fed = false, signals = false, ...options } = {}) {
    const log = openSync(join(this.#logFolder, `${name}.log`), 'a');
    const stdio = [fed ? 'pipe' : 'ignore', piped ? 'pipe' : log, log, ...(signals ? ['pipe'] : [])];
    const child = spawn(program, args, { ...options, stdio });
    closeSync(log);
    const ended = new Promise((resolve) => {
      child.once('exit', resolve);
      child.once('error', resolve);
    });
    this.#started.push({ name, child, ended });
    return child;
  }

  /**
   * Starts and waits for the line that tells that it is ready.
   * @param {RegExp} pattern
   * @returns {Promise<{ child: import('node:child_process').ChildProcess, match: RegExpMatchArray }>}
   */
  async startAndRead(name, command, pattern, options = {}) {
    const child = this.start(name, command, { ...options, piped: true });
    const match = await firstMatch(child, name, pattern);
    return { child, match };
  }

  /**
   * Starts and waits for the byte that it writes to file descriptor 3 when it is ready.
   * @returns {Promise<import('node:child_process').ChildProcess>}
   */
  async startAndSignal(name, command, options = {}) {
    const child = this.start(name, command, { ...options, signals: true });
    const [byte] = await Promise.race([
      once(child.stdio[3], 'data', { signal: AbortSignal.timeout(READY_MS) }),
      once(child, 'exit').then(() => []),
    ]);
    if (!byte) throw new Error(`${name} ended before it was ready; see its log`);
    return child;
  }

  /** @param {import('node:child_process').ChildProcess} child one that start() gave */
  async end(child, signal = 'SIGTERM') {
    const at = this.#started.findIndex((row) => row.child === child);
    const [{ ended }] = this.#started.splice(at, 1);
    child.kill(signal);
    await ended;
  }

  async endAll() {
    while (this.#started.length > 0) await this.end(this.#started.at(-1).child);
  }
}

async function firstMatch(child, name, pattern) {
  const lines = createInterface({ input: child.stdout });
  const limit = AbortSignal.timeout(READY_MS);
  try {
    for (;;) {
      const [line] = await Promise.race([
        once(lines, 'line', { signal: limit }),
        once(lines, 'close', { signal: limit }).then(() => [null]),
      ]);
      if (line === null) throw new Error(`${name} ended before it was ready; see its log`);
      const match = line.match(pattern);
      if (match) return match;
    }
  } finally {
    child.stdout.resume();
  }
}
