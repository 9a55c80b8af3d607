import { bindCardAction } from './card_action.js';
import { callService } from './service_call.js';

const { batch } = document.getElementById('card-action').dataset;

/** The bytes that the person was shown: the same address as the link and the frame. */
async function readContent({ name, mediaType, url }) {
  const response = await fetch(url);
  if (!response.ok) throw new TypeError(`${url}: ${response.status}`);
  return { name, mediaType, content: await response.arrayBuffer() };
}

bindCardAction('sign', async (bridge, { signal, say }) => {
  const { purpose, onBehalfOf, documents } = await callService(`/batches/${batch}`);
  const contents = await Promise.all(documents.map(readContent));
  say('waiting');
  // Fixed, so that the window shows the very hashes that the receipt has.
  const signed = await bridge.sign(contents, { purpose, onBehalfOf, signal, hashAlgorithm: 'SHA-256' });
  say('verify');
  const { next } = await callService(`/batches/${batch}/signatures`, signed);
  return next;
});
