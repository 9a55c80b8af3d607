import { execFile } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A cold start of the prompt on a busy machine takes a second or two. */
const APPEAR_MS = 15_000;

/**
 * Korttisilta's window on the stage's display, worked as a person does: by keyboard. The X server's own events tell
 * when it comes and goes.
 */
export class PromptWindow {
  #env;
  #events = new EventEmitter();
  #shown = new Map(); // X window id → performance.now() of its map event

  /**
   * @param {import('./processes.mjs').Processes} processes
   * @param {NodeJS.ProcessEnv} env with DISPLAY
   */
  constructor(processes, env) {
    this.#env = env;
    const watcher = processes.start('xev', ['stdbuf', '-oL', 'xev', '-root', '-event', 'substructure'], { env, piped: true });
    createInterface({ input: watcher.stdout }).on('line', (line) => this.#readLine(line));
  }

  #readLine(line) {
    const event = line.match(/^(MapNotify|UnmapNotify|DestroyNotify) event/);
    if (event) {
      this.event = event[1];
      return;
    }
    const window = line.match(/window (0x[0-9a-f]+)/)?.[1];
    if (!window || !this.event) return;
    const shown = this.event === 'MapNotify';
    this.event = undefined;
    if (shown) this.#appeared(window, performance.now());
    else this.#vanished(window, performance.now());
  }

  async #appeared(window, at) {
    const name = await this.#xdotool('getwindowclassname', window).catch(() => '');
    if (!/korttisilta-prompt/i.test(name)) return;
    this.#shown.set(window, at);
    this.#events.emit('shown', window);
  }

  #vanished(window, at) {
    if (this.#shown.delete(window)) this.#events.emit('gone', at);
  }

  async #xdotool(...args) {
    const { stdout } = await run('xdotool', args, { env: this.#env });
    return stdout.trim();
  }

  /** How many are on the screen. */
  get count() {
    return this.#shown.size;
  }

  /** Waits until the window is on the screen and gives it the keyboard. */
  async appear() {
    if (this.#shown.size === 0) await once(this.#events, 'shown', { signal: AbortSignal.timeout(APPEAR_MS) });
    const [window] = [...this.#shown.keys()].slice(-1);
    await this.#xdotool('windowfocus', '--sync', window);
    return window;
  }

  /** @returns {Promise<number>} when it went, on performance.now()'s clock */
  async gone() {
    if (this.#shown.size === 0) return performance.now();
    const [at] = await once(this.#events, 'gone', { signal: AbortSignal.timeout(APPEAR_MS) });
    return at;
  }

  /** @param {...string} keys X key names */
  async press(...keys) {
    await this.appear();
    await this.#xdotool('key', '--clearmodifiers', ...keys);
  }

  /** @param {string} digits */
  async type(digits) {
    await this.appear();
    await this.#xdotool('type', '--delay', '15', digits);
  }

  /** The whole screen. @param {string} file PNG */
  async screenshot(file) {
    await run('import', ['-window', 'root', file], { env: this.#env });
  }
}
