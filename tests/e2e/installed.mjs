import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, watch } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const READY_MS = 20_000;
const UNITS = ['korttisilta-agent.socket', 'korttisilta-websocket.socket', 'korttisilta-scs.socket'];

/** Where the Debian packages put what else is in CMake's build folder. */
export const INSTALLED = Object.freeze({
  bin: '/usr/libexec/korttisilta',
  programs: '/usr/libexec/korttisilta-dev',
  service: '/usr/share/korttisilta-dev/demo/service/main.js',
});

/**
 * Starts systemd as a person's login does. It holds the sockets that the package has enabled, and starts the agent, with
 * its hardening, at the first connection.
 * @param {import('./processes.mjs').Processes} processes
 * @param {NodeJS.ProcessEnv} env
 */
export async function startUserManager(processes, env) {
  const sockets = join(env.XDG_RUNTIME_DIR, 'korttisilta');
  await mkdir(sockets, { mode: 0o700 });
  const changes = watch(sockets, { signal: AbortSignal.timeout(READY_MS) });
  // A tree of control groups of its own is what a manager needs from whoever starts it.
  const own = 'umount -R /sys/fs/cgroup 2>/dev/null; mount -t cgroup2 none /sys/fs/cgroup && exec /lib/systemd/systemd --user --log-target=console';
  const manager = processes.start('systemd', ['unshare', '--mount', '--cgroup', 'sh', '-c', own], { env });
  const ended = once(manager, 'exit').then(() => { throw new Error('systemd ended; see its log'); });
  const appeared = (async () => {
    if (existsSync(join(sockets, 'agent.sock'))) return;
    for await (const { filename } of changes) if (filename === 'agent.sock') return;
  })();
  await Promise.race([appeared, ended]);
  ended.catch(() => {});
  await run('systemctl', ['--user', 'is-system-running', '--wait'], { env }).catch(() => {}); // other units may fail here
  await run('systemctl', ['--user', 'is-active', ...UNITS], { env });
}
