/** A small PKI made anew for each test run: certificates shaped as FINEID's, keys in node:crypto. */
import { constants, createHash, generateKeyPairSync, sign, webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto);

const { KeyUsageFlags: Use } = x509;
export const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';
export const NOW = new Date('2026-06-15T12:00:00Z');
const YEAR = 365 * 24 * 3600 * 1000;

const KEYS = {
  p256: ['ec', { namedCurve: 'P-256' }, { name: 'ECDSA', namedCurve: 'P-256' }],
  p384: ['ec', { namedCurve: 'P-384' }, { name: 'ECDSA', namedCurve: 'P-384' }],
  p521: ['ec', { namedCurve: 'P-521' }, { name: 'ECDSA', namedCurve: 'P-521' }],
  rsa1024: ['rsa', { modulusLength: 1024 }, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }],
  rsa2048: ['rsa', { modulusLength: 2048 }, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }],
  rsa2049: ['rsa', { modulusLength: 2049 }, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }],
  rsa3072: ['rsa', { modulusLength: 3072 }, { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }],
};
const made = new Map();

/** One key of each kind and name for the whole run. */
export async function makeKey(kind, name) {
  const id = `${kind} ${name}`;
  if (!made.has(id)) {
    const [type, options, algorithm] = KEYS[kind];
    const { privateKey, publicKey } = generateKeyPairSync(type, options);
    const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
    const spki = publicKey.export({ type: 'spki', format: 'der' });
    made.set(id, {
      kind,
      privateKey,
      webPrivate: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']),
      webPublic: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
    });
  }
  return made.get(id);
}

/** Everything of a certificate can be set; what is not is right for an authentication certificate. */
export async function issue(options) {
  const { issuer, key, subject = 'CN=VIRTANEN MAIJA 99900001K,2.5.4.5=99900001K,G=MAIJA,SN=VIRTANEN,C=FI' } = options;
  const { usage = Use.digitalSignature, eku = [CLIENT_AUTH], policies, ca, pathlen, hash = 'SHA-384', extra = [] } = options;
  const { notBefore = new Date(NOW.getTime() - YEAR), notAfter = new Date(NOW.getTime() + YEAR) } = options;
  const extensions = [...extra];
  if (ca !== undefined) extensions.push(new x509.BasicConstraintsExtension(ca, pathlen, true));
  if (usage !== null) extensions.push(new x509.KeyUsagesExtension(usage, true));
  if (eku) extensions.push(new x509.ExtendedKeyUsageExtension(eku));
  if (policies) extensions.push(new x509.CertificatePolicyExtension(policies));
  const signer = issuer ?? { key, subject };
  const algorithm = { ...signer.key.webPrivate.algorithm, hash };
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: (options.serial ?? '01') + Math.floor(Math.random() * 2 ** 32).toString(16).padStart(8, '0'),
    subject,
    issuer: signer.subject,
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    publicKey: key.webPublic,
    signingKey: signer.key.webPrivate,
    extensions,
  });
  const der = Buffer.from(certificate.rawData);
  return { key, subject, der, base64: der.toString('base64'), pem: certificate.toString('pem') };
}

export const issueCa = (options) => issue({ usage: Use.keyCertSign | Use.cRLSign, eku: null, ca: true, ...options });

export async function makeRoot(name = 'Test Root', kind = 'p384') {
  return issueCa({ key: await makeKey(kind, name), subject: `CN=${name},C=FI` });
}

/** Raw signature as a card makes it. scheme: ecdsa, pkcs1 or pss; hash: sha256 and so on. */
export function rawSign(key, scheme, hash, data, saltLength = constants.RSA_PSS_SALTLEN_DIGEST) {
  const options = {
    ecdsa: { dsaEncoding: 'ieee-p1363' },
    pkcs1: { padding: constants.RSA_PKCS1_PADDING },
    pss: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength },
  };
  return sign(hash, data, { key: key.privateKey, ...options[scheme] });
}

const SCHEMES = { E: 'ecdsa', P: 'pss', R: 'pkcs1' };

/** A token as the program makes it. */
export function makeToken(certificate, algorithm, origin, nonce, key = certificate.key) {
  const hash = `sha${algorithm.slice(2)}`;
  const data = Buffer.concat([origin, nonce].map((text) => createHash(hash).update(text).digest()));
  return {
    unverifiedCertificate: certificate.base64,
    algorithm,
    signature: rawSign(key, SCHEMES[algorithm[0]], hash, data).toString('base64'),
    format: 'web-eid:1.0',
    appVersion: 'https://korttisilta.fi/app/0.1.0',
  };
}

export { Use, x509 };
