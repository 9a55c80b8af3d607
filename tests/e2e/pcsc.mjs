import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where clients look; the folder is private inside the namespaces. */
const SOCKET = '/run/pcscd/pcscd.comm';

/**
 * A reader, in which the virtual card is that listens on `socket`; options as `reader=` of tests/vcard/README.md.
 * @typedef {{ socket: string, options?: string, name?: string }} Reader
 */

/**
 * Starts pcscd with one reader for each virtual card. Its socket is there at once.
 * @param {{ programs: string, folder: string, processes: import('./processes.mjs').Processes, readers: Reader[] }} options
 */
export async function startPcsc({ programs, folder, processes, readers }) {
  await mkdir(folder, { recursive: true });
  const rows = readers.map(
    ({ socket, options, name = 'Test Reader' }, i) => `FRIENDLYNAME "${name} ${String.fromCharCode(65 + i)}"
DEVICENAME unix:${socket}${options ? `:${options.replaceAll('+', ':')}` : ''}
LIBPATH ${join(programs, 'libkstestifd.so')}
CHANNELID ${i}
`,
  );
  await writeFile(join(folder, 'readers.conf'), rows.join('\n'));
  return processes.start('pcscd', [join(programs, 'socket-exec'), '--unix', SOCKET, '--', '/usr/sbin/pcscd', '--foreground', '--config', folder]);
}
