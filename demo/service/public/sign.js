import { bindCardAction } from './card_action.js';
import { callService } from './service_call.js';

const { batch } = document.getElementById('card-action').dataset;

/** What the signature is over: the document that the person was shown, of a PDF all but the place of the signature. */
async function readContent({ name, mediaType, toSignUrl }) {
  const response = await fetch(toSignUrl);
  if (!response.ok) throw new TypeError(`${toSignUrl}: ${response.status}`);
  return { name, mediaType, content: await response.arrayBuffer() };
}

bindCardAction('sign', async (bridge, { signal, say }) => {
  const { purpose, onBehalfOf, format, documents } = await callService(`/batches/${batch}`);
  const contents = await Promise.all(documents.map(readContent));
  say('waiting');
  // Fixed, so that the window shows the very hashes that the receipt has.
  const signed = await bridge.sign(contents, { purpose, onBehalfOf, format, signal, hashAlgorithm: 'SHA-256' });
  say('verify');
  const { next } = await callService(`/batches/${batch}/signatures`, signed);
  return next;
});
