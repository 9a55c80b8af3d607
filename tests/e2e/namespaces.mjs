import { spawn } from 'node:child_process';
import { once } from 'node:events';

const MARK = 'KORTTISILTA_STAGE_PRIVATE';

/* The shell stays process 1 of the new PID namespace: it collects what is orphaned, and with it everything ends.
 * pcscd's folder is compiled in; where /run has none, a private /run that links to what the old one holds gets it. */
const SETUP = `
set -e
ip link set lo up
if [ -d /run/pcscd ]; then
  mount -t tmpfs -o mode=755 tmpfs /run/pcscd
else
  old=$(mktemp -d)
  mount --rbind /run "$old"
  mount -t tmpfs -o mode=755 tmpfs /run
  for entry in "$old"/* "$old"/.[!.]*; do
    [ -e "$entry" ] && ln -s "$entry" /run/
  done
  mkdir /run/pcscd
fi
set +e
"$@"
exit $?
`;

/**
 * Runs this program again in mount, network and PID namespaces of its own, and ends with its exit status; returns at
 * once in the program that runs inside. Ports are then free, loopback is the only network, and no process can outlive
 * the program. Needs no rights beyond unprivileged user namespaces.
 */
export async function enterPrivateNamespaces() {
  if (process.env[MARK]) {
    delete process.env[MARK];
    return;
  }
  const asUser = process.getuid() === 0 ? [] : ['--map-root-user'];
  const child = spawn(
    'unshare',
    [...asUser, '--mount', '--net', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', SETUP, 'sh',
      process.execPath, ...process.execArgv, ...process.argv.slice(1)],
    { stdio: 'inherit', env: { ...process.env, [MARK]: '1' } },
  );
  // Ctrl-C reaches the whole foreground group: the program inside ends in its own order.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGKILL'));
  const [code] = await once(child, 'exit');
  process.exit(code ?? 1);
}
