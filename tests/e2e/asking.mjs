import assert from 'node:assert/strict';
import { verifySignature } from '../../js/server/index.js';
import { frame, Host } from './door_host.mjs';

export const ORIGIN = 'https://service.example';

/** @param {number} n @returns {{ name: string, text: string }[]} */
export function documents(n) {
  return Array.from({ length: n }, (_, i) => ({ name: `document-${i + 1}.txt`, text: `This is document ${i + 1}.` }));
}

/** What a page sends to have them signed. @param {{ name: string, text: string }[]} files */
export function signing(files) {
  return {
    documents: files.map(({ name, text }) => ({ name, mediaType: 'text/plain', content: Buffer.from(text).toString('base64') })),
    hashAlgorithm: 'SHA-256',
  };
}

/** A request at the pipe of a host of its own. */
export class Asking {
  constructor(env, method, params, origin = ORIGIN) {
    this.host = new Host({ env });
    this.progress = [];
    this.pieces = 0;
    this.host.write(frame(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { lang: 'en', ...params }, origin })));
  }

  /** @returns {Promise<any>} the result */
  async result() {
    const signatures = [];
    for (;;) {
      const message = await this.host.read();
      if (message.method === 'progress') {
        this.progress.push(message.params.done);
        this.onprogress?.(message.params);
        continue;
      }
      if (message.method === 'signatures') {
        this.pieces++;
        signatures.push(...message.params.signatures);
        continue;
      }
      await this.host.close();
      if (message.error) throw new Error(message.error.data.name);
      if (this.pieces > 0) message.result.signatures.unshift(...signatures);
      return message.result;
    }
  }
}

/** By the server package. */
export async function verifyAll(result, files, trustedCertificates) {
  assert.equal(result.signatures.length, files.length);
  for (const [i, { signature, signatureAlgorithm, name }] of result.signatures.entries()) {
    assert.equal(name, files[i].name);
    await verifySignature({ content: files[i].text, signature, signatureAlgorithm, certificate: result.certificate, trustedCertificates });
  }
}
