import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A cold start of the prompt on a busy machine takes a second or two. */
const APPEAR_MS = 10_000;
const READER = fileURLToPath(new URL('read_window.py', import.meta.url));

/** @typedef {{ role: string, name: string, sensitive: boolean, focused: boolean, checked: boolean }} Part */

/**
 * Korttisilta's window on the stage's display, worked as a person does it: read as a screen reader reads it, answered
 * by keyboard. The X server's own events tell when it comes and goes.
 */
export class PromptWindow {
  #env;
  #events = new EventEmitter();
  #shown = new Set(); // X window ids
  #eventLine = '';
  #reader;
  /** When the last one came, on the clock of performance.timeOrigin. */
  shownAt = 0;
  /** @type {Part[]} what the window says now */
  parts = [];

  /**
   * @param {import('./processes.mjs').Processes} processes
   * @param {NodeJS.ProcessEnv} env with DISPLAY and the session bus
   */
  static async watch(processes, env) {
    const prompt = new PromptWindow();
    prompt.#env = env;
    prompt.#events.setMaxListeners(50);
    const watcher = processes.start('xev', ['stdbuf', '-oL', 'xev', '-root', '-event', 'substructure'], { env, piped: true });
    createInterface({ input: watcher.stdout }).on('line', (line) => prompt.#readEvent(line));
    prompt.#reader = processes.start('read_window', ['/usr/bin/python3', READER], { env, piped: true, fed: true });
    const lines = createInterface({ input: prompt.#reader.stdout });
    lines.on('line', (line) => prompt.#readAnswer(line));
    await once(lines, 'line', { signal: AbortSignal.timeout(APPEAR_MS) });
    return prompt;
  }

  /* An event is two lines: its name, then the window that it is about. */
  #readEvent(line) {
    const window = line.match(/^ +event 0x[0-9a-f]+, window (0x[0-9a-f]+)/)?.[1];
    if (window && this.#eventLine.startsWith('MapNotify')) this.#appeared(window, performance.timeOrigin + performance.now());
    if (window && /^(Unmap|Destroy)Notify/.test(this.#eventLine)) this.#vanished(window, performance.now());
    this.#eventLine = line;
  }

  async #appeared(window, at) {
    // A window can go before it is asked what it is.
    const { stdout } = await run('xprop', ['-id', window, 'WM_CLASS'], { env: this.#env }).catch(() => ({ stdout: '' }));
    if (!/"korttisilta-prompt"/i.test(stdout)) return;
    this.#shown.add(window);
    this.shownAt = at;
    this.#events.emit('shown');
  }

  #vanished(window, at) {
    if (this.#shown.delete(window)) this.#events.emit('gone', at);
  }

  #readAnswer(line) {
    const answer = JSON.parse(line);
    if (Array.isArray(answer)) {
      this.parts = answer;
      this.#events.emit('parts');
    } else {
      this.#events.emit('pressed', answer.pressed);
    }
  }

  #xdotool(...args) {
    return run('xdotool', args, { env: this.#env });
  }

  /** How many windows are on the screen. */
  get count() {
    return this.#shown.size;
  }

  /** All that the window says, a line for each part. */
  get text() {
    return this.parts.map(({ name }) => name).filter(Boolean).join('\n');
  }

  /** Waits until the window is on the screen. */
  async appear() {
    if (this.#shown.size === 0) await once(this.#events, 'shown', { signal: AbortSignal.timeout(APPEAR_MS) });
  }

  /** @returns {Promise<number>} when the last one went, on performance.now()'s clock */
  async gone() {
    let at = performance.now();
    while (this.#shown.size > 0) [at] = await once(this.#events, 'gone', { signal: AbortSignal.timeout(APPEAR_MS) });
    return at;
  }

  /**
   * Waits until what the window says fits.
   * @param {string} what for the message when it never does
   * @param {(parts: Part[], text: string) => unknown} fits
   */
  async until(what, fits) {
    const limit = AbortSignal.timeout(APPEAR_MS);
    while (!fits(this.parts, this.text)) {
      await once(this.#events, 'parts', { signal: limit }).catch(() => {
        throw new Error(`the window never had ${what}; it says:\n${this.text}`);
      });
    }
  }

  /** Waits until the person can type a PIN. */
  async ready() {
    await this.appear();
    await this.until('a PIN field to type in', (parts) => parts.some((part) => part.role === 'password text' && part.sensitive && part.focused));
  }

  /** @param {...string} keys X key names */
  async press(...keys) {
    await this.#xdotool('key', '--clearmodifiers', ...keys);
  }

  /** Presses a button as assistive technology does, when the window has it. @param {RegExp} label */
  async pressButton(label) {
    const find = (parts) => parts.find(({ role, name, sensitive }) => role === 'push button' && label.test(name) && sensitive);
    await this.until(`a button ${label}`, find);
    this.#reader.stdin.write(`${find(this.parts).name}\n`);
    const [pressed] = await once(this.#events, 'pressed', { signal: AbortSignal.timeout(APPEAR_MS) });
    if (!pressed) throw new Error(`the button ${label} went before it could be pressed`);
  }

  /** Types a PIN when the window takes one. @param {string} digits */
  async type(digits) {
    await this.ready();
    await this.#xdotool('type', '--delay', '10', digits);
  }

  /** Types a PIN and confirms. @param {string} digits */
  async enter(digits) {
    await this.type(digits);
    await this.press('Return');
  }

  /** Escape, as soon as the window listens to keys. */
  async cancel() {
    await this.ready();
    await this.press('Escape');
  }

  /** The whole screen. @param {string} file PNG */
  async screenshot(file) {
    await run('import', ['-window', 'root', file], { env: this.#env });
  }
}
