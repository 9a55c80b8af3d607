import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where clients look; the folder is private inside the namespaces. */
const SOCKET = '/run/pcscd/pcscd.comm';

/**
 * Starts pcscd with one reader for each socket on which a virtual card listens. Its socket is there at once.
 * @param {{ programs: string, folder: string, processes: import('./processes.mjs').Processes, sockets: string[] }} options
 */
export async function startPcsc({ programs, folder, processes, sockets }) {
  await mkdir(folder, { recursive: true });
  const readers = sockets.map(
    (socket, i) => `FRIENDLYNAME "Test Reader ${String.fromCharCode(65 + i)}"
DEVICENAME unix:${socket}
LIBPATH ${join(programs, 'libkstestifd.so')}
CHANNELID ${i}
`,
  );
  await writeFile(join(folder, 'readers.conf'), readers.join('\n'));
  return processes.start('pcscd', [join(programs, 'socket-exec'), '--unix', SOCKET, '--', '/usr/sbin/pcscd', '--foreground', '--config', folder]);
}
