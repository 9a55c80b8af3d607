/* Services that speak SCS, written anew field by field after docs/scs.md: what each sends and what it does with the
 * answer. How a request gets to the card program is the transport's: fetch or XMLHttpRequest of a page, whoever answers. */
import { createHash, createPublicKey, randomBytes, verify, X509Certificate } from 'node:crypto';

/**
 * One request of a page. Rejects when the page's request fails (nothing listens, the certificate, CORS).
 * @typedef {(url: string, init?: { method?: string, headers?: Record<string, string>, body?: string }) =>
 *   Promise<{ status: number, text: string }>} Transport
 */

/** @param {import('playwright-core').Page} page @returns {Transport} the page's own fetch */
export function byFetch(page) {
  return (url, init) =>
    page.evaluate(async ([to, options]) => {
      const response = await fetch(to, options);
      return { status: response.status, text: await response.text() };
    }, [url, init]);
}

/** @param {import('playwright-core').Page} page @returns {Transport} as jQuery does it */
export function byXhr(page) {
  return (url, { method = 'GET', headers = {}, body } = {}) =>
    page.evaluate(([to, verb, fields, content]) => new Promise((resolve, reject) => {
      const xhr = new XMLHttpRequest();
      xhr.open(verb, to);
      for (const [name, value] of Object.entries(fields)) xhr.setRequestHeader(name, value);
      xhr.onload = () => resolve({ status: xhr.status, text: xhr.responseText });
      xhr.onerror = () => reject(new Error('request failed'));
      xhr.send(content);
    }), [url, method, headers, body]);
}

const JSON_TYPE = { 'Content-Type': 'application/json' };
const base64 = (bytes) => Buffer.from(bytes).toString('base64');
const certificate = (der) => new X509Certificate(Buffer.from(der, 'base64'));

async function postSign(transport, address, request, headers = JSON_TYPE) {
  const { status, text } = await transport(`${address}/sign`, { method: 'POST', headers, body: JSON.stringify(request) });
  return { http: status, answer: JSON.parse(text) };
}

/** As Java's Signature.getInstance(name) does. */
function verifies(name, leaf, content, signature) {
  const [, hash, kind] = name.match(/^(SHA\d+)with(RSA|ECDSA)$/);
  const key = { key: createPublicKey(leaf.publicKey.export({ type: 'spki', format: 'pem' })), dsaEncoding: 'ieee-p1363' };
  if (leaf.publicKey.asymmetricKeyType !== { RSA: 'rsa', ECDSA: 'ec' }[kind]) return false;
  return verify(hash.toLowerCase(), content, key, Buffer.from(signature, 'base64'));
}

/* ---- scs.js of the population register centre: finds the program, passes requests on ---- */

const SCS_JS_PORTS = [53952, 23124, 8089];

/** Every address at once; whatever answers 200 is taken, the last one that does. @param {Transport} transport */
export async function findScs(transport) {
  let found = null;
  const addresses = ['localhost', '127.0.0.1'].flatMap((host) => SCS_JS_PORTS.map((port) => `https://${host}:${port}`));
  await Promise.all(addresses.map(async (address) => {
    const answer = await transport(`${address}/version`).catch(() => null);
    if (answer?.status === 200) found = address;
  }));
  return found;
}

/** All but content may be missing. @param {Transport} transport */
export async function scsJsSign(transport, address, { version = '1.0', ...rest }) {
  return (await postSign(transport, address, { version, ...rest })).answer;
}

/* ---- A: identification of Suomi.fi with a card, 2017 ---- */

/**
 * @param {Transport} transport
 * @param {{ issuers?: string[] | null, data?: Buffer }} [options] what its own server gives
 * @returns {Promise<{ outcome: 'identified' | 'again' | 'fallback', answer?: object }>}
 */
export async function suomiFi(transport, { issuers = null, data = randomBytes(64) } = {}) {
  const address = await findScs(transport);
  if (address === null) return { outcome: 'fallback' };
  const selector = { keyusages: ['digitalsignature'], ...(Array.isArray(issuers) && { issuers }) };
  const answer = await scsJsSign(transport, address, {
    content: base64(data), contentType: 'data', hashAlgorithm: 'SHA256', signatureType: 'signature', selector,
  });
  if (answer.status === 'ok') {
    const good = verifies('SHA256withRSA', certificate(answer.chain[0]), data, answer.signature);
    return { outcome: good ? 'identified' : 'fallback', answer };
  }
  return { outcome: answer.reasonCode === '400' || answer.reasonCode === '401' ? 'again' : 'fallback', answer };
}

/* ---- C: puumerkki ---- */

/** Asks with a Content-Type, which makes a preflight of a GET. @param {Transport} transport */
export async function puumerkkiVersion(transport, address) {
  const { status, text } = await transport(`${address}/version`, { headers: JSON_TYPE });
  return status === 200 ? JSON.parse(text) : null;
}

function checkChain(chain, trusted) {
  const certificates = chain.map(certificate);
  for (let i = 0; i + 1 < certificates.length; i++) {
    if (!certificates[i].verify(certificates[i + 1].publicKey)) throw new Error(`link ${i} of the chain`);
  }
  const last = certificates.at(-1);
  if (!trusted.some((pem) => new X509Certificate(pem).fingerprint256 === last.fingerprint256)) throw new Error('the root is not trusted');
  return certificates[0];
}

async function puumerkkiSign(transport, address, { content, usage, trusted }) {
  const { http, answer } = await postSign(transport, address, {
    version: '1.1', selector: { keyusages: [usage] }, content: base64(content), contentType: 'data', hashAlgorithm: 'SHA256',
    signatureType: 'signature',
  });
  if (http !== 200 || answer.status !== 'ok') return { answer };
  const leaf = checkChain(answer.chain, trusted);
  return { answer, good: verifies('SHA256withRSA', leaf, content, answer.signature), leaf };
}

/** @param {Transport} transport @param {{ origin: string, trusted: string[] }} options */
export function puumerkkiLogin(transport, address, { origin, trusted }) {
  const secret = createHash('sha256').update(randomBytes(32)).digest('hex');
  return puumerkkiSign(transport, address, { content: `${origin}\n${secret}\n${Date.now()}\n{"aud":"test"}`, usage: 'digitalsignature', trusted });
}

/** @param {Transport} transport @param {{ attributes: Buffer, trusted: string[] }} options DER of signed attributes */
export function puumerkkiPdf(transport, address, { attributes, trusted }) {
  return puumerkkiSign(transport, address, { content: attributes, usage: 'nonrepudiation', trusted });
}

/* ---- D: register of energy certificates ---- */

/** 2020 to 2024. @param {Transport} transport @param {Buffer} attributes */
export async function energy2020(transport, attributes) {
  const { answer } = await postSign(transport, 'https://localhost:53952', {
    version: '1.1', selector: { keyusages: ['nonrepudiation'], keyalgorithms: ['rsa'] }, content: base64(attributes), contentType: 'data',
    hashAlgorithm: 'SHA256', signatureType: 'signature',
  });
  if (answer.status !== 'ok') throw new Error(answer.reasonText);
  return { signature: answer.signature, chain: answer.chain };
}

/** 2025: a digest in, CMS for a PDF out; its version is whatever the program says it is. @param {Transport} transport */
export async function energy2025(transport, digest) {
  const { text } = await transport('https://localhost:53952/version');
  const { answer } = await postSign(transport, 'https://localhost:53952', {
    version: JSON.parse(text).version, selector: { keyusages: ['nonrepudiation'] }, content: base64(digest), contentType: 'digest',
    hashAlgorithm: 'SHA256', signatureType: 'cms-pades',
  });
  if (answer.status !== 'ok') throw new Error(answer.reasonText);
  return { signature: answer.signature, chain: answer.chain };
}

/* ---- E: meika-id ---- */

/** Names an issuer and no key usage. @param {Transport} transport @param {{ issuer: string, text: string }} options */
export async function meikaId(transport, { issuer, text }) {
  const { http, answer } = await postSign(transport, 'https://localhost:53952', {
    version: '1.1', content: base64(text), contentType: 'data', hashAlgorithm: 'SHA512', signatureType: 'signature', signatureAlgorithm: 'rsa',
    selector: { keyalgorithms: ['RSA'], issuers: [issuer] },
  });
  if (http !== 200 || !answer.signature) return { answer };
  const good = answer.chain.length === 3 && answer.signatureAlgorithm === 'SHA512withRSA' &&
    verifies(answer.signatureAlgorithm, certificate(answer.chain[0]), Buffer.from(text), answer.signature);
  return { answer, good };
}

/* ---- F: waits for a card ---- */

/** One of its polls. @param {Transport} transport @returns {Promise<'broken' | 'card' | 'no card'>} */
export async function pollCard(transport) {
  const response = await transport('https://127.0.0.1:53952/version').catch(() => null);
  if (response?.status !== 200) return 'broken';
  return JSON.parse(response.text).hashAlgorithms.trim() === '' ? 'no card' : 'card';
}
