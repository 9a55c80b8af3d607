/* The demo service over HTTPS alone: what it must refuse whoever sends it. The stories play it with card and browser. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { verifyPdf } from '../../js/server/index.js';
import { ServiceClient } from './service_client.mjs';
import { makeAuthority, makeSoftPerson } from './soft_person.mjs';

const DEMO = new URL('../../demo/service/', import.meta.url);
const MAIJA = { surname: 'Čáppa', givenName: 'Máijá', serialNumber: '999000011' };
const KALLE = { surname: 'Kortti', givenName: 'Kalle', serialNumber: '99900002A' };

let authority;
let people;
let service;
let origin;
let ca;

before(async () => {
  authority = makeAuthority();
  people = { maija: makeSoftPerson(authority, MAIJA), kalle: makeSoftPerson(authority, KALLE) };
  const register = JSON.parse(readFileSync(new URL('data/mandates.json', DEMO)));
  const [first, second] = register.companies;
  register.mandates = [
    { person: MAIJA.serialNumber, businessId: first.businessId, mandates: ['sign-agreements'] },
    { person: MAIJA.serialNumber, businessId: second.businessId, mandates: ['apply-for-support'] },
  ];
  const file = join(authority.folder, 'mandates.json');
  writeFileSync(file, JSON.stringify(register));
  const args = [fileURLToPath(new URL('main.js', DEMO)), '--ca', authority.certificate, '--folder', join(authority.folder, 'tls'), '--mandates', file];
  service = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(createInterface({ input: service.stdout }), 'line');
  const ready = JSON.parse(line);
  origin = ready.origin;
  ca = readFileSync(ready.ca);
});

after(async () => {
  service.kill();
  await once(service, 'exit');
  rmSync(authority.folder, { recursive: true });
});

const newClient = () => new ServiceClient(origin, ca);

async function loggedIn(person = people.maija, party = 'self') {
  const client = newClient();
  assert.equal((await client.login(person)).status, 200);
  await client.submit('/en/party', { party });
  return client;
}

async function openBatch(client, kind) {
  const { headers } = await client.submit('/en/batches', { kind });
  const path = headers.location.replace('/en', '');
  const { documents } = JSON.parse((await client.get(path)).text);
  const contents = await Promise.all(documents.map(async ({ url }) => (await client.get(url)).content));
  return { path, documents, contents };
}

describe('pages', () => {
  test('have a strict policy and a cookie that only this host can set and no script can read', async () => {
    const { headers, text } = await newClient().get('/fi/');
    assert.match(headers['content-security-policy'], /^default-src 'none'; script-src 'self';/);
    assert.doesNotMatch(headers['content-security-policy'], /unsafe|\*/);
    assert.match(headers['set-cookie'][0], /^__Host-mallila=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Strict$/);
    assert.doesNotMatch(text, /<script(?![^>]* src=)|\son\w+=|style=/);
  });

  test('exist in the three languages with the same texts', () => {
    const keys = (value, path = '') =>
      typeof value === 'object' ? Object.entries(value).flatMap(([key, inner]) => keys(inner, `${path}/${key}`)) : [path];
    const [fi, sv, en] = ['fi', 'sv', 'en'].map((lang) => keys(JSON.parse(readFileSync(new URL(`texts/${lang}.json`, DEMO)))));
    assert.deepEqual(sv, fi);
    assert.deepEqual(en, fi);
  });

  for (const [accept, lang] of [['sv-FI, fi;q=0.5', 'sv'], ['de', 'en'], ['*', 'fi']]) {
    test(`begin in ${lang} for a browser that says "${accept}"`, async () => {
      const { headers } = await newClient().ask('GET', '/', { headers: { 'Accept-Language': accept } });
      assert.equal(headers.location, `/${lang}/`);
    });
  }

  for (const path of ['/fi/me', '/fi/tasks', '/batches/x/receipt.json', '/fi/batches/x']) {
    test(`${path} is only for those who are identified`, async () => {
      assert.equal((await newClient().get(path)).status, 401);
    });
  }

  test('of the page library are served, its other files are not', async () => {
    const client = newClient();
    assert.match((await client.get('/korttisilta/index.js')).headers['content-type'], /^text\/javascript/);
    for (const path of ['package.json', 'server/index.js', '../package.json', 'node_modules/x.js', '%2e%2e/main.js']) {
      assert.equal((await client.get(`/korttisilta/${path}`)).status, 404, path);
    }
  });
});

describe('login', () => {
  test('shows who the certificate says, markup harmless', async () => {
    const client = newClient();
    const person = makeSoftPerson(authority, { surname: '<b>Nimi&', givenName: '"Eero', serialNumber: '99900003B' });
    assert.equal((await client.login(person)).status, 200);
    const { text } = await client.get('/en/me');
    assert.match(text, /&quot;Eero &lt;b&gt;Nimi&amp;/);
  });

  test('changes the session id, and the old one is worth nothing', async () => {
    const client = newClient();
    await client.get('/en/');
    const before = client.cookie;
    await client.login(people.maija);
    assert.notEqual(client.cookie, before);
    const thief = newClient();
    thief.cookie = before;
    assert.equal((await thief.get('/en/me')).status, 401);
  });

  test('takes a nonce once', async () => {
    const client = newClient();
    await client.get('/en/');
    const { answer } = await client.call('/login/nonce');
    const token = people.maija.token(origin, answer.nonce);
    assert.equal((await client.call('/login', { token: { ...token, signature: token.signature.replace(/^./, 'B') } })).answer.code, 'TOKEN');
    assert.deepEqual((await client.call('/login', { token })).answer.code, 'NONCE');
  });

  test("refuses another session's nonce", async () => {
    const [one, two] = [newClient(), newClient()];
    await Promise.all([one.get('/en/'), two.get('/en/')]);
    const { answer } = await one.call('/login/nonce');
    await two.call('/login/nonce');
    const { status, answer: refusal } = await two.call('/login', { token: people.maija.token(origin, answer.nonce) });
    assert.deepEqual([status, refusal.code], [403, 'TOKEN']);
  });

  test('refuses a token for another origin', async () => {
    const client = newClient();
    await client.get('/en/');
    const { answer } = await client.call('/login/nonce');
    const { answer: refusal } = await client.call('/login', { token: people.maija.token('https://evil.test', answer.nonce) });
    assert.equal(refusal.code, 'TOKEN');
  });

  test('refuses a certificate of another authority', async () => {
    const other = makeAuthority();
    const { status, answer } = await newClient().login(makeSoftPerson(other, MAIJA));
    rmSync(other.folder, { recursive: true });
    assert.deepEqual([status, answer.code], [403, 'TOKEN']);
  });

  for (const body of [{}, { token: null }, { token: 'x' }, { token: { format: 'web-eid:1.0' } }]) {
    test(`refuses ${JSON.stringify(body)}`, async () => {
      const client = newClient();
      await client.get('/en/');
      await client.call('/login/nonce');
      assert.deepEqual((await client.call('/login', body)).answer.code, 'TOKEN');
    });
  }

  test('ends with logging out', async () => {
    const client = await loggedIn();
    await client.get('/en/tasks');
    const { cookie } = client;
    assert.equal((await client.submit('/en/logout', {})).status, 303);
    client.cookie = cookie;
    assert.equal((await client.get('/en/me')).status, 401);
  });
});

describe('requests that change something', () => {
  const cases = [
    ['without a token', { 'X-CSRF-Token': '' }],
    ['with a wrong token', { 'X-CSRF-Token': 'A'.repeat(43) }],
    ['of another origin', { Origin: 'https://evil.test' }],
    ['of an origin that is not told', { Origin: 'null' }],
  ];
  for (const [name, headers] of cases) {
    test(`are refused ${name}`, async () => {
      const client = newClient();
      await client.get('/en/');
      const body = { headers: { Accept: 'application/json', 'X-CSRF-Token': client.csrf, ...headers }, body: {} };
      const { status, text } = await client.ask('POST', '/login/nonce', body);
      assert.deepEqual([status, JSON.parse(text).code], [403, 'CSRF']);
    });
  }

  test('that are not JSON are refused, and say so to the person', async () => {
    const client = newClient();
    await client.get('/sv/');
    const headers = { 'Content-Type': 'application/json', 'Accept-Language': 'sv', 'X-CSRF-Token': client.csrf };
    const { status, text } = await client.ask('POST', '/login', { headers, body: '{"token":' });
    assert.equal(status, 400);
    assert.match(text, /Begäran var felaktig/);
  });
});

describe('mandates', () => {
  test('tell which companies the person may choose', async () => {
    const client = await loggedIn();
    const { text } = await client.get('/en/me');
    assert.match(text, /Päiväkoti Peukaloinen Oy.*9123456-5 – Signing agreements/s);
    assert.doesNotMatch(text, /Metsätähti/);
  });

  test('of others are not for the taking', async () => {
    const client = newClient();
    await client.login(people.kalle);
    assert.equal((await client.submit('/en/party', { party: '9123456-5' })).status, 400);
  });

  test('without the right to sign open nothing to be signed', async () => {
    const client = await loggedIn(people.maija, '9204711-2');
    assert.match((await client.get('/en/tasks')).text, /id="not-allowed"/);
    assert.equal((await client.submit('/en/batches', { kind: 'contract' })).status, 400);
  });

  test('reach the window of the program and the contract', async () => {
    const client = await loggedIn(people.maija, '9123456-5');
    const { path } = await openBatch(client, 'contract');
    const { onBehalfOf } = JSON.parse((await client.get(path)).text);
    assert.deepEqual(onBehalfOf, { name: 'Päiväkoti Peukaloinen Oy', businessId: '9123456-5', mandate: 'Signing agreements' });
  });
});

describe('signing', () => {
  test('gives a receipt whose files are what was signed', async () => {
    const client = await loggedIn();
    const { path, contents } = await openBatch(client, 'attachments');
    const { status } = await client.call(`${path}/signatures`, people.maija.sign(contents));
    assert.equal(status, 200);
    const receipt = JSON.parse((await client.get(`${path}/receipt.json`)).text);
    assert.equal(receipt.signer.serialNumber, MAIJA.serialNumber);
    assert.equal(receipt.documents.length, 3);
    for (const [i, { digest, signature, url }] of receipt.documents.entries()) {
      assert.deepEqual((await client.get(url)).content, contents[i]);
      assert.equal(digest, createHash('sha384').update(contents[i]).digest('base64'));
      assert.equal((await client.get(`${path}/signatures/${i}`)).content.toString('base64'), signature);
    }
    assert.match((await client.get(`${path}/certificate.pem`)).text, /^-----BEGIN CERTIFICATE-----\n/);
    assert.match((await client.get(`/fi${path}/receipt`)).text, /Allekirjoitus on valmis/);
  });

  test('of a contract gives a PDF with the signature inside', async () => {
    const client = await loggedIn();
    const { path, documents, contents } = await openBatch(client, 'contract');
    const { content: toSign } = await client.get(documents[0].toSignUrl);
    assert.ok(contents[0].length > toSign.length && contents[0].subarray(0, 1000).equals(toSign.subarray(0, 1000)));
    assert.equal((await client.call(`${path}/signatures`, people.maija.signPdf(toSign))).status, 200);
    const { documents: [{ url, size, digest, format, signature }] } = JSON.parse((await client.get(`${path}/receipt.json`)).text);
    assert.equal(format, 'pades-cms');
    assert.equal(digest, createHash('sha384').update(toSign).digest('base64'));
    const { content: pdf, headers } = await client.get(url);
    assert.equal(headers['content-type'], 'application/pdf');
    assert.equal(pdf.length, size);
    const { signatures: [signed] } = await verifyPdf({ pdf, trustedCertificates: [readFileSync(authority.certificate, 'utf8')] });
    assert.deepEqual([signed.subject.serialNumber, signed.isPades, signed.covers], [MAIJA.serialNumber, true, size]);
    assert.equal((await client.get(`${path}/signatures/0`)).content.toString('base64'), signature);
    assert.deepEqual((await client.get(documents[0].url)).content, contents[0]);
  });

  const wrongInPdf = {
    'over the document with the place': [(toSign, content) => people.maija.signPdf(content), 'SIGNATURE'],
    'that is a raw one': [(toSign) => people.maija.sign([toSign]), 'SIGNATURE'],
    'without the certificate under it': [(toSign) => people.maija.signPdf(toSign, false), 'SIGNATURE'],
    "by another person's card": [(toSign) => people.kalle.signPdf(toSign), 'OTHER_PERSON'],
    'with the certificate of another': [(toSign) => ({ ...people.kalle.signPdf(toSign), certificate: people.maija.sign([]).certificate }), 'SIGNATURE'],
  };
  for (const [name, [make, code]] of Object.entries(wrongInPdf)) {
    test(`of a contract refuses a signature ${name}`, async () => {
      const client = await loggedIn();
      const { path, documents, contents } = await openBatch(client, 'contract');
      const { content: toSign } = await client.get(documents[0].toSignUrl);
      assert.equal((await client.call(`${path}/signatures`, make(toSign, contents[0]))).answer.code, code);
      assert.equal((await client.get(`${path}/signed/0`)).status, 404);
    });
  }

  const wrong = {
    'signatures of other bytes': [(contents) => people.maija.sign(contents.map(() => Buffer.from('other'))), 'SIGNATURE'],
    'signatures in another order': [(contents) => people.maija.sign([...contents].reverse()), 'SIGNATURE'],
    'one signature too few': [(contents) => people.maija.sign(contents.slice(1)), 'REQUEST'],
    "another person's signatures": [(contents) => people.kalle.sign(contents), 'OTHER_PERSON'],
    'nothing': [() => ({}), 'REQUEST'],
  };
  for (const [name, [make, code]] of Object.entries(wrong)) {
    test(`refuses ${name}, and there is no receipt`, async () => {
      const client = await loggedIn();
      const { path, contents } = await openBatch(client, 'attachments');
      assert.equal((await client.call(`${path}/signatures`, make(contents))).answer.code, code);
      assert.equal((await client.get(`${path}/receipt.json`)).status, 404);
    });
  }

  test("of another session's documents is not possible", async () => {
    const [owner, other] = [await loggedIn(), await loggedIn()];
    const { path, contents } = await openBatch(owner, 'contract');
    assert.equal((await other.get(`${path}/documents/0`)).status, 404);
    assert.equal((await other.call(`${path}/signatures`, people.maija.sign(contents))).status, 404);
  });
});
