import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const MARK = 'KORTTISILTA_STAGE_PRIVATE';
const SETUP = fileURLToPath(new URL('private_run', import.meta.url));

/**
 * Runs this program again in mount, network and PID namespaces of its own, and ends with its exit status; returns at
 * once in the program that runs inside. Ports are then free, loopback is the only network, no process can outlive the
 * program, what is written to the folder for temporary files is gone after it, and /etc/korttisilta is empty and the
 * test's own. Needs no rights beyond
 * unprivileged user namespaces.
 */
export async function enterPrivateNamespaces() {
  if (process.env[MARK]) {
    delete process.env[MARK];
    return;
  }
  const asUser = process.getuid() === 0 ? [] : ['--map-root-user'];
  const folder = mkdtempSync(join(tmpdir(), 'ks-'));
  const child = spawn(
    'unshare',
    [...asUser, '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', SETUP,
      process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    { stdio: 'inherit', env: { ...process.env, [MARK]: '1', TMPDIR: folder } },
  );
  // Ctrl-C reaches the whole foreground group: the program inside ends in its own order.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGKILL'));
  const [code] = await once(child, 'exit');
  rmdirSync(folder);
  process.exit(code ?? 1);
}
