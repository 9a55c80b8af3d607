import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The holder whom the demo's mandate register knows. The values are those of test cards. */
export const HOLDER = Object.freeze({ given: 'Maija', surname: 'Meikäläinen', satu: '99900335E' });
export const PIN1 = '1234';
export const PIN2 = '123456';
/** References of the two PINs on the card, as its figures name them. */
export const REFERENCE = Object.freeze({ pin1: '11', pin2: '82' });

/** One virtual card in one reader: its process, its folder, its control socket. */
class VirtualCard {
  #folder;
  #template;
  #control;
  #answers;

  constructor(folder, template, control) {
    this.#folder = folder;
    this.#template = template;
    this.#control = control;
    this.#answers = createInterface({ input: control })[Symbol.asyncIterator]();
  }

  /** @param {string} line of tests/vcard/README.md @returns {Promise<string>} what follows "ok" */
  async command(line) {
    this.#control.write(`${line}\n`);
    const { value, done } = await this.#answers.next();
    if (done || !value.startsWith('ok')) throw new Error(`card: ${line}: ${value}`);
    return value.slice(3);
  }

  /** The card as it was issued, in the reader; figures at zero. */
  async renew() {
    await this.command('remove');
    await rm(this.#folder, { recursive: true, force: true });
    await cp(this.#template, this.#folder, { recursive: true });
    await this.command('reload');
    await this.command('stats-reset');
    await this.command('insert');
  }

  /** What stands in files of the card. @param {Record<string, Buffer>} files by their path in the card's folder */
  async write(files) {
    for (const [name, content] of Object.entries(files)) await writeFile(join(this.#folder, 'files', name), content);
    await this.command('reload');
  }

  /** @param {string} name @returns {Promise<Buffer>} */
  read(name) {
    return readFile(join(this.#folder, 'files', name));
  }

  /** @returns {Promise<{ exchanges: number, verify_sent: Record<string, number>, cds: number }>} */
  async stats() {
    return JSON.parse(await this.command('stats'));
  }

  close() {
    this.#control.destroy();
  }
}

/**
 * Issues cards and puts each into a reader of its own.
 * @param {object} options
 * @param {string} options.programs folder of the built virtual card
 * @param {string} options.folder
 * @param {import('./processes.mjs').Processes} options.processes
 * @param {(string | { profile: string, options?: string[], reader?: string, readerName?: string })[]} options.profiles of
 *   `vcard-issue --list`, one a reader; with options of vcard-issue, or as a card of HOLDER with PIN1 and PIN2; reader: see
 *   tests/vcard/README.md
 * @returns {Promise<{ cards: VirtualCard[], authority: string, readers: import('./pcsc.mjs').Reader[] }>}
 */
export async function issueCards({ programs, folder, processes, profiles }) {
  await mkdir(folder, { recursive: true });
  const authority = join(folder, 'ca');
  const cards = [];
  const readers = [];
  const asHolder = ['--given', HOLDER.given, '--surname', HOLDER.surname, '--satu', HOLDER.satu, '--pin1', PIN1, '--pin2', PIN2];
  for (const [i, card] of profiles.entries()) {
    const at = (name) => join(folder, `${i}${name}`);
    const { profile, options = asHolder, reader, readerName } = typeof card === 'string' ? { profile: card } : card;
    await run(join(programs, 'vcard-issue'), ['--ca', authority, '--card', at('t'), '--profile', profile, ...options]);
    await cp(at('t'), at('c'), { recursive: true });
    await processes.startAndSignal(`vcard-${i}`, [join(programs, 'vcard'), '--card', at('c'), '--unix', at('.s'),
      '--control', at('.ctl'), '--log', at('.log'), '--out', '--ready-fd', '3']);
    const control = connect(at('.ctl'));
    await once(control, 'connect');
    cards.push(new VirtualCard(at('c'), at('t'), control));
    readers.push({ socket: at('.s'), options: reader, name: readerName });
  }
  return { cards, authority, readers };
}
