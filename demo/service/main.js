/**
 * Starts the service: node main.js --ca CARD_CA.pem [--ca …] [--port N] [--host NAME] [--folder PRIVATE] [--mandates JSON]
 * Prints one line of JSON when it serves: { "origin", "ca" (of its own TLS certificate) }.
 */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { createApp } from './lib/app.js';
import { makeTlsCertificate } from './lib/tls_certificate.js';

const { values } = parseArgs({
  options: {
    ca: { type: 'string', multiple: true },
    port: { type: 'string', default: '0' },
    host: { type: 'string', default: 'localhost' },
    folder: { type: 'string' },
    mandates: { type: 'string' },
  },
});
if (!values.ca) {
  console.error('Say with --ca FILE which certificate authorities of cards the service trusts.');
  process.exit(2);
}

const folder = values.folder ?? (await mkdtemp(join(tmpdir(), 'mallila-')));
const { caFile, cert, key } = await makeTlsCertificate(folder, [values.host]);
const server = createServer({ cert, key, minVersion: 'TLSv1.2' });
server.listen(Number(values.port), '127.0.0.1');
await once(server, 'listening');

const origin = `https://${values.host}:${server.address().port}`;
server.on(
  'request',
  createApp({
    origin,
    trustedCertificates: await Promise.all(values.ca.map((file) => readFile(file, 'utf8'))),
    mandateFile: values.mandates ? pathToFileURL(values.mandates) : new URL('data/mandates.json', import.meta.url),
    log: console.error,
  }),
);
console.log(JSON.stringify({ origin, ca: caFile }));

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, async () => {
    server.close();
    server.closeAllConnections();
    if (!values.folder) await rm(folder, { recursive: true });
  });
}
