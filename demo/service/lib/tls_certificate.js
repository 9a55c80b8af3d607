import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-utf8'];

/** @param {string[]} hostNames */
function configuration(hostNames) {
  return `[req]
distinguished_name = name
prompt = no
[name]
CN = Mallila example service
[ca]
basicConstraints = critical,CA:TRUE,pathlen:0
keyUsage = critical,keyCertSign,cRLSign
nameConstraints = critical,${hostNames.map((name) => `permitted;DNS:${name}`).join(',')}
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectAltName = ${hostNames.map((name) => `DNS:${name}`).join(',')}
`;
}

/**
 * A certificate for the service and a CA that can name nothing else; the CA's key is thrown away at once.
 * @param {string} folder made with mode 0700
 * @param {string[]} hostNames
 * @returns {Promise<{ caFile: string, cert: Buffer, key: Buffer }>}
 */
export async function makeTlsCertificate(folder, hostNames) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const at = (name) => join(folder, name);
  await writeFile(at('openssl.cnf'), configuration(hostNames));
  const config = ['-config', at('openssl.cnf')];
  await run('openssl', ['req', '-x509', ...NEW_KEY, ...config, '-extensions', 'ca', '-subj', '/CN=Mallila example CA',
    '-keyout', at('ca.key'), '-out', at('ca.pem')]);
  await run('openssl', ['req', '-x509', ...NEW_KEY, ...config, '-extensions', 'server',
    '-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-keyout', at('server.key'), '-out', at('server.pem')]);
  await rm(at('ca.key'));
  return { caFile: at('ca.pem'), cert: await readFile(at('server.pem')), key: await readFile(at('server.key')) };
}
