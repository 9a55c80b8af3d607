import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** A person at the demo service's pages: everything by keyboard, as the pages must allow. */
export class Visitor {
  /** @param {import('./stage.mjs').Stage} stage @param {import('playwright-core').Page} page */
  constructor(stage, page) {
    Object.assign(this, { stage, page });
  }

  /** A new tab at the front page. @param {string} lang @param {string} [origin] */
  static async arrive(stage, lang, origin = stage.origin) {
    const page = await stage.browser.newPage();
    await page.goto(`${origin}/${lang}/`);
    return new Visitor(stage, page);
  }

  async press(selector) {
    await this.page.locator(`${selector}:not([aria-disabled=true])`).press('Enter');
  }

  text(selector) {
    return this.page.locator(selector).innerText();
  }

  async askToIdentify() {
    await this.press('#identify');
  }

  /** What the service says it verified. */
  async identity() {
    return { name: await this.text('#name'), serial: await this.text('#serial'), algorithm: await this.text('#algorithm') };
  }

  /** Logs in with the card that is in. @param {string} pin */
  async identify(pin) {
    await this.askToIdentify();
    await this.stage.prompt.enter(pin);
    return this.identity();
  }

  /** @param {'contract' | 'attachments'} kind @param {string} [party] business id */
  async open(kind, party = 'self') {
    await this.page.locator(`input[name=party][value="${party}"]`).check();
    await this.press('#continue');
    await this.press(`#open-${kind}`);
    await this.page.locator('#sign').waitFor();
  }

  async askToSign() {
    await this.press('#sign');
  }

  /** Follows a download link of the page. @returns {Promise<Buffer>} */
  async download(selector) {
    const [download] = await Promise.all([this.page.waitForEvent('download'), this.press(selector)]);
    return readFile(await download.path());
  }

  /** The receipt that the service gives after it has verified every signature. */
  async receipt() {
    return JSON.parse(await this.download('#receipt-json'));
  }

  async problem() {
    await this.page.locator('#problem:not([hidden])').waitFor();
    return { code: await this.text('#problem-code'), help: await this.text('#problem-help') };
  }

  /** The browser's answer to whether this page may reach programs on the computer. */
  permission() {
    return this.page.evaluate(async () => (await navigator.permissions.query({ name: 'loopback-network' })).state);
  }

  /** What axe finds wrong on the page. @returns {Promise<string[]>} */
  async accessibilityProblems() {
    const source = await readFile(AXE, 'utf8');
    await this.page.evaluate(`${source};0`);
    const { violations } = await this.page.evaluate(() =>
      globalThis.axe.run({ runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'], iframes: false }));
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`);
  }

  /**
   * What a developer's own page would do: the page library, called in this page.
   * @param {'authenticate' | 'sign'} method
   * @param {unknown[]} args
   * @returns {Promise<object>} the result, or { code } of the error
   */
  call(method, ...args) {
    return this.page.evaluate(
      async ([name, params]) => {
        const { connect } = await import('/korttisilta/index.js');
        const bridge = await connect({ lang: 'en' });
        try {
          const answer = bridge[name](...params);
          document.body.dataset.asked = name;
          return await answer;
        } catch ({ code, retry }) {
          return { code, retry };
        } finally {
          bridge.close();
        }
      },
      [method, args],
    );
  }

  /** Asks to hear of cards; what is heard stands in the page. */
  listenToCards() {
    return this.page.evaluate(async () => {
      const { connect } = await import('/korttisilta/index.js');
      const bridge = await connect({ lang: 'en' });
      const heard = [];
      await bridge.subscribe((event) => {
        heard.push(event);
        document.body.dataset.cards = heard.join(' ');
      });
    });
  }

  /** @param {string} events the last ones, in order: those of a card renewed just before may still come in front */
  async hears(events) {
    await this.page.locator(`body[data-cards$="${events}"]`).waitFor();
  }

  /** Waits until the agent has taken what call() asked: it has answered somebody who came later. */
  async hasAsked() {
    await this.page.locator('body[data-asked]').waitFor();
    await this.page.evaluate(async () => {
      const { connect } = await import('/korttisilta/index.js');
      (await connect()).close();
    });
  }
}
