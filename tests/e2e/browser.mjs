import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';

const run = promisify(execFile);

const ARGUMENTS = [
  '--no-sandbox', // inside the namespaces everyone is root; only the stage's own pages are opened
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--window-position=0,0',
];

/**
 * Makes the browsers of this HOME trust a certificate authority.
 * @param {string} home
 * @param {string} caFile PEM
 * @param {string} nickname
 */
export async function trustAuthority(home, caFile, nickname) {
  const folder = join(home, '.pki', 'nssdb');
  const database = ['-d', `sql:${folder}`];
  if (await mkdir(folder, { recursive: true, mode: 0o700 })) await run('certutil', [...database, '-N', '--empty-password']);
  await run('certutil', [...database, '-A', '-t', 'C,,', '-n', nickname, '-i', caFile]);
}

/**
 * Debian's Chromium with a window of its own, a profile of its own and nothing from the network.
 * @param {object} options
 * @param {string} options.profile folder of the user data
 * @param {NodeJS.ProcessEnv} options.env
 * @param {string} [options.extension] folder of an unpacked extension, or 'installed': what the system's packages brought
 * @param {string[]} [options.hosts] names that mean 127.0.0.1, beside localhost
 * @param {string[]} [options.publicPorts] ports of 127.0.0.1 whose pages count as of the public network
 * @param {string} [options.locale]
 * @param {string} [options.size] "WIDTH,HEIGHT"
 */
export async function openBrowser({ profile, env, extension, hosts = [], publicPorts = [], locale = 'en-GB', size = '1100,1000' }) {
  const args = [...ARGUMENTS, `--window-size=${size}`];
  if (extension && extension !== 'installed') args.push(`--load-extension=${extension}`, `--disable-extensions-except=${extension}`);
  if (hosts.length > 0) args.push(`--host-resolver-rules=${hosts.map((name) => `MAP ${name} 127.0.0.1`).join(',')}`);
  if (publicPorts.length > 0) {
    args.push(`--ip-address-space-overrides=${publicPorts.map((port) => `127.0.0.1:${port}=public`).join(',')}`);
  }
  if (!env.DISPLAY && env.WAYLAND_DISPLAY) args.push('--ozone-platform=wayland');
  return chromium.launchPersistentContext(profile, {
    executablePath: '/usr/bin/chromium',
    headless: false,
    // The program that opens the browser closes it; Playwright would end the whole program instead.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    ignoreDefaultArgs: extension ? ['--disable-extensions'] : [],
    viewport: null,
    acceptDownloads: true,
    locale,
    env,
    args,
  });
}
