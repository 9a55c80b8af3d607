import { bindCardAction } from './card_action.js';
import { callService } from './service_call.js';

const { purpose } = document.getElementById('card-action').dataset;

bindCardAction('identify', async (bridge, { signal, say }) => {
  const { nonce } = await callService('/login/nonce', {});
  say('waiting');
  const token = await bridge.authenticate(nonce, { purpose, signal });
  say('verify');
  const { next } = await callService('/login', { token });
  return next;
});
