/* decrypt at the host's pipe with the real window, the real pcscd and messages that OpenSSL's cms has encrypted to the
 * card's certificate: what comes out opens the message. And who does not get it: a site without the administrator's
 * word, another site, what is not encrypted to the card. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createDecipheriv, createHash, X509Certificate } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { frame, Host } from './door_host.mjs';
import { enterPrivateNamespaces } from './namespaces.mjs';
import { Stage } from './stage.mjs';

await enterPrivateNamespaces();

const run = promisify(execFile);
const BUILD = process.env.KS_BUILD;
const MAIL = 'https://mail.example.fi';
const OTHER = 'https://other.example.fi';
const TEXT = 'Hyvää päivää, Maija!\n';

/** file: the authentication certificate on the card. ref: its PIN. */
const CARDS = [
  { profile: 'fineid-v4', file: '4331', ref: '11', hashes: [] },
  { profile: 'fineid-v3.1', file: '4331', ref: '11' },
  { profile: 'siths-standin', file: '0301', ref: '11', pin: '123456' },
  { profile: 'pkcs15-a', file: '4100/7101', ref: '81', hashes: [] },
  { profile: 'pkcs15-b', file: '5015/4545', ref: '01', hashes: ['sha256'] },
];

let stage;

before(async () => {
  mkdirSync('/etc/korttisilta/policy.d', { mode: 0o755 });
  writeFileSync('/etc/korttisilta/policy.d/mail.json', JSON.stringify({ origins: { [MAIL]: { decrypt: true } } }), { mode: 0o644 });
  const profiles = CARDS.map(({ profile, pin }) => (pin ? { profile, options: [] } : profile));
  stage = await Stage.open({ build: BUILD, profiles });
  for (const card of stage.cards) await card.command('remove');
});
after(() => stage?.close(join(BUILD, 'e2e', 'decrypt-log')));

/** One element of DER and what stands behind it. */
function take(bytes) {
  let at = 2;
  let length = bytes[1];
  if (length & 0x80) {
    const n = length & 0x7f;
    length = bytes.subarray(2, 2 + n).reduce((value, byte) => value * 256 + byte, 0);
    at += n;
  }
  const value = bytes.subarray(at, at + length);
  return { tag: bytes[0], value, rest: bytes.subarray(at + length), all: bytes.subarray(0, at + length) };
}

function elements(bytes) {
  const found = [];
  for (let rest = bytes; rest.length > 0;) {
    const element = take(rest);
    found.push(element);
    rest = element.rest;
  }
  return found;
}

/** EnvelopedData of RFC 5652 with one recipient: what it says of that, and the content. */
function envelope(der) {
  const [, explicit] = elements(take(der).value);
  const [, infos, info] = elements(take(explicit.value).value);
  const [, algorithm, content] = elements(info.value);
  const [, iv] = elements(algorithm.value);
  return { recipient: take(infos.value), iv: iv.value, content: content.value };
}

function decryptContent({ iv, content }, cek) {
  const cipher = createDecipheriv('aes-256-cbc', cek, iv);
  return Buffer.concat([cipher.update(content), cipher.final()]).toString();
}

/** ANSI X9.63 KDF with SHA-256 (RFC 5753 §7.2) over the shared secret; keyInfo AES-256 wrap. */
function keyEncryptionKey(sharedSecret, wrapAlgorithm) {
  const info = Buffer.concat([wrapAlgorithm, Buffer.from('a206040400000100', 'hex')]);
  const der = Buffer.concat([Buffer.from([0x30, info.length]), info]);
  return createHash('sha256').update(Buffer.concat([sharedSecret, Buffer.from([0, 0, 0, 1]), der])).digest();
}

function unwrapKey(kek, wrapped) {
  const cipher = createDecipheriv('id-aes256-wrap', kek, Buffer.alloc(8, 0xa6));
  return Buffer.concat([cipher.update(wrapped), cipher.final()]);
}

/** A message to the certificate in a file, made by OpenSSL: its DER, and the params of decrypt. */
async function encrypted(cert, options) {
  const folder = await stage.save({ 'cert.der': cert, text: TEXT });
  const at = (name) => join(folder, name);
  writeFileSync(at('cert.pem'), new X509Certificate(cert).toString());
  await run('openssl', ['cms', '-encrypt', '-binary', '-aes256', '-outform', 'DER', '-in', at('text'), '-out', at('cms.der'),
    '-recip', at('cert.pem'), ...options]);
  return envelope(readFileSync(at('cms.der')));
}

async function rsaMessage(cert, hash) {
  const options = hash ? ['rsa_padding_mode:oaep', `rsa_oaep_md:${hash}`, `rsa_mgf1_md:${hash}`].flatMap((o) => ['-keyopt', o]) : [];
  const message = await encrypted(cert, options);
  const [, , , { value: ciphertext }] = elements(message.recipient.value);
  const names = hash ? { algorithm: 'RSA-OAEP', hashAlgorithm: hash.replace(/^sha/, 'SHA-') } : { algorithm: 'RSAES-PKCS1-v1_5' };
  return { message, params: { ...names, ciphertext: ciphertext.toString('base64') }, open: ({ plaintext }) => Buffer.from(plaintext, 'base64') };
}

async function agreedMessage(cert) {
  const message = await encrypted(cert, ['-keyopt', 'ecdh_kdf_md:sha256']);
  const [, originator, ...more] = elements(message.recipient.value);
  const [, key] = elements(take(originator.value).value);
  const [keyEncryption, recipients] = more.slice(-2);
  const [, wrap] = elements(keyEncryption.value);
  const [, wrapped] = elements(take(recipients.value).value);
  const publicKey = key.value.subarray(1).toString('base64');
  return {
    message,
    params: { algorithm: 'ECDH', publicKey },
    open: ({ sharedSecret }) => unwrapKey(keyEncryptionKey(Buffer.from(sharedSecret, 'base64'), wrap.all), wrapped.value),
  };
}

class Page {
  constructor(origin) {
    this.origin = origin;
    this.host = new Host({ env: stage.env });
  }

  send(method, params, id = 1) {
    this.host.write(frame(JSON.stringify({ jsonrpc: '2.0', id, method, params, origin: this.origin })));
  }

  /** @returns {Promise<any>} the answer's result, or its error's name */
  async answer() {
    const { result, error } = await this.host.read();
    return result ?? error.data.name;
  }

  async ask(method, params) {
    this.send(method, { ...params, lang: 'en' });
    return this.answer();
  }
}

for (const [i, { profile, file, ref, pin = '1234', hashes = ['sha1', 'sha256', 'sha512'] }] of CARDS.entries()) {
  describe(profile, () => {
    let card;
    let cert;
    let page;
    let make;
    before(async () => {
      card = stage.cards[i];
      await card.renew();
      cert = readFileSync(join(stage.folder, 'cards', `${i}c`, 'files', file));
      make = new X509Certificate(cert).publicKey.asymmetricKeyType === 'ec' ? agreedMessage : rsaMessage;
      page = new Page(MAIL);
    });
    after(async () => {
      await page.host.close();
      await card.command('remove');
      await stage.prompt.gone();
      await stage.idle();
    });

    async function decrypt(params) {
      const answer = page.ask('decrypt', params);
      await stage.prompt.enter(pin);
      return answer;
    }

    async function closeExplanation() {
      await stage.prompt.until('explanation', (_parts, text) => /could not decrypt/.test(text));
      await stage.prompt.press('Escape');
      await stage.prompt.gone();
    }

    for (const hash of [undefined, ...hashes]) {
      test(`a message of OpenSSL is opened${hash ? `, OAEP with ${hash}` : ''}`, async () => {
        await card.command('stats-reset');
        const { message, params, open } = await make(cert, hash);
        const result = await decrypt({ ...params, certificate: cert.toString('base64'), purpose: 'Read your mail' });
        assert.equal(decryptContent(message, open(result)), TEXT);
        assert.equal(result.certificate, cert.toString('base64'));
        const { verify_sent: sent, decipher } = await card.stats();
        assert.deepEqual(sent, { [ref]: 1 });
        assert.equal(decipher, Buffer.from(params.ciphertext ?? '', 'base64').length > 254 ? 2 : 1);
        await stage.prompt.gone();
      });
    }

    test('the window says what is decrypted and for whom; a wrong PIN is told and the right one goes on', async () => {
      const { message, params, open } = await make(cert);
      const answer = page.ask('decrypt', params);
      await stage.prompt.ready();
      assert.match(stage.prompt.text, /Decrypt a message key with your card/);
      assert.match(stage.prompt.text, /mail\.example\.fi/);
      assert.match(stage.prompt.text, /PIN1/);
      await stage.prompt.enter(pin.replace(/./, '9'));
      await stage.prompt.until('word of the wrong PIN', (_parts, text) => /wrong/i.test(text));
      await stage.prompt.enter(pin);
      assert.equal(decryptContent(message, open(await answer)), TEXT);
      await stage.prompt.gone();
    });

    test('another site that is connected hears nothing, and may not ask', async () => {
      const { message, params, open } = await make(cert);
      const other = new Page(OTHER);
      assert.equal(await other.ask('decrypt', params), 'ORIGIN_DENIED');
      let heard = 0;
      const listening = other.answer().then(() => heard++, () => {});
      const result = await decrypt(params);
      assert.equal(decryptContent(message, open(result)), TEXT);
      await other.host.close();
      await listening;
      assert.equal(heard, 0);
      await stage.prompt.gone();
    });

    test('what was not encrypted to the card has one error, whatever is wrong with it', async () => {
      const { params } = await make(cert);
      const bytes = Buffer.from(params.ciphertext ?? params.publicKey, 'base64');
      const member = params.ciphertext ? 'ciphertext' : 'publicKey';
      const spoilt = Buffer.from(bytes);
      spoilt[bytes.length - 1] ^= 1;
      const cases = [spoilt, Buffer.concat([bytes.subarray(0, 1), Buffer.alloc(bytes.length - 1)])];
      for (const wrong of cases) {
        await card.command('stats-reset');
        assert.equal(await decrypt({ ...params, [member]: wrong.toString('base64') }), 'DECRYPT_FAILED');
        const { verify_sent: sent } = await card.stats();
        // A point that is not on the curve is refused before the PIN goes out.
        assert.deepEqual(sent, params.publicKey ? {} : { [ref]: 1 });
        await closeExplanation();
      }
      assert.equal(await page.ask('decrypt', { ...params, [member]: bytes.subarray(1).toString('base64') }), 'ARGUMENT');
    });

    test('a cancelled request gives nothing', async () => {
      await card.command('stats-reset');
      const { params } = await make(cert);
      const answer = page.ask('decrypt', params);
      await stage.prompt.ready();
      await stage.prompt.press('Escape');
      assert.equal(await answer, 'CANCELLED');
      assert.deepEqual((await card.stats()).verify_sent, {});
      await stage.prompt.gone();
    });
  });
}
