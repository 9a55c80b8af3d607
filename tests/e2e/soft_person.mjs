import { execFileSync } from 'node:child_process';
import { createHash, createPrivateKey, sign } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const openssl = (...args) => execFileSync('openssl', args, { stdio: ['ignore', 'pipe', 'pipe'] });
const sha384 = (data) => createHash('sha384').update(data).digest();

const USES = {
  auth: 'keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth',
  sign: 'keyUsage=critical,nonRepudiation',
};

/** A certificate authority of this test run, in a folder of its own. */
export function makeAuthority() {
  const folder = mkdtempSync(join(tmpdir(), 'soft-person-'));
  const [key, certificate] = ['ca.key', 'ca.pem'].map((name) => join(folder, name));
  openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-nodes', '-keyout', key, '-out', certificate,
    '-days', '2', '-subj', '/CN=Test CA of the service tests', '-addext', 'keyUsage=critical,keyCertSign');
  return { folder, key, certificate };
}

function makeKeyPair(authority, use, { surname, givenName, serialNumber }) {
  const at = (name) => join(authority.folder, `${serialNumber}-${use}.${name}`);
  const subject = `/C=FI/serialNumber=${serialNumber}/GN=${givenName}/SN=${surname}/CN=${surname} ${givenName} ${serialNumber}`;
  openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-384', '-nodes', '-utf8', '-subj', subject, '-keyout', at('key'), '-out', at('csr'));
  writeFileSync(at('cnf'), USES[use]);
  openssl('x509', '-req', '-in', at('csr'), '-CA', authority.certificate, '-CAkey', authority.key, '-days', '2', '-extfile', at('cnf'),
    '-outform', 'DER', '-out', at('der'));
  return { file: at('key'), key: createPrivateKey(readFileSync(at('key'))), certificate: readFileSync(at('der')).toString('base64') };
}

const rawSignature = (key, data) => sign('sha384', data, { key, dsaEncoding: 'ieee-p1363' }).toString('base64');

/** Plays a card holder whose keys are files, for tests of the service that need no card and no browser. */
export function makeSoftPerson(authority, names) {
  const auth = makeKeyPair(authority, 'auth', names);
  const signing = makeKeyPair(authority, 'sign', names);
  return {
    token(origin, nonce) {
      const signature = rawSignature(auth.key, Buffer.concat([sha384(origin), sha384(nonce)]));
      return { unverifiedCertificate: auth.certificate, algorithm: 'ES384', signature, format: 'web-eid:1.0', appVersion: 'test' };
    },
    sign(contents) {
      const signatureAlgorithm = { cryptoAlgorithm: 'ECC', hashFunction: 'SHA-384', paddingScheme: 'NONE' };
      const signatures = contents.map((content) => ({ signature: rawSignature(signing.key, content), signatureAlgorithm }));
      return { certificate: signing.certificate, signatures };
    },
    /** SignedData as it goes into a PDF; cades: with the certificate under the signature. */
    signPdf(content, cades = true) {
      const [der, file] = ['der', 'content'].map((name) => join(authority.folder, `${names.serialNumber}-pdf.${name}`));
      writeFileSync(der, Buffer.from(signing.certificate, 'base64'));
      writeFileSync(file, content);
      const signedData = openssl('cms', '-sign', '-binary', '-in', file, '-signer', der, '-inkey', signing.file, '-md', 'sha384', '-outform', 'DER', ...(cades ? ['-cades'] : []));
      const signatureAlgorithm = { cryptoAlgorithm: 'ECC', hashFunction: 'SHA-384', paddingScheme: 'NONE' };
      return { certificate: signing.certificate, signatures: [{ signature: signedData.toString('base64'), signatureAlgorithm }] };
    },
  };
}
