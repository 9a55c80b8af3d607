// Lines of card_flows ("name {stats}") to a table, beside the figures of the design. Ends with 1 when a further signature of
// a card that keeps its PIN takes more than the design allows.
import { createInterface } from 'node:readline';

const FURTHER = 4;
const aims = {
  'authenticate-cold': 13,
  'authenticate-card-not-removed': 7,
  'authenticate-card-recognised': 9,
  'sign-1-cold': 13,
  'decrypt-card-not-removed': 6,
  'pin-change': 3,
  'pin-unlock': 3,
  'cas-cold': 9,
  'cas-card-not-removed': 0,
  'cas-card-recognised': 5,
};
// Read while the person looks: a known card is left alone, or asked for its list of CAs (PKCS #15).
const KNOWN_CAS = 3;
const exchanges = {};

function print(name, count, rest) {
  console.log(`${name.padEnd(44)} ${String(count).padStart(3)} exchanges${rest}`);
}

for await (const line of createInterface({ input: process.stdin })) {
  const [, name, json] = /^(\S+) (?:ok )?(\{.*\})$/.exec(line);
  const s = JSON.parse(json);
  exchanges[name] = s.exchanges;
  const aim = aims[name] ? `   to reach on v4: ${aims[name]}` : '';
  print(name, s.exchanges, `, ${s.command_bytes} bytes out, ${s.answer_bytes} in${aim}`);
}
if (!(exchanges['cas-card-not-removed'] <= KNOWN_CAS)) {
  console.error(`the CA files of a known card take ${exchanges['cas-card-not-removed']} exchanges`);
  process.exitCode = 1;
}
const further = (name, n) => exchanges[`${name}-${n}-cold`] - exchanges[`${name}-${n - 1}-cold`];
const lasting = further('sign', 3);
const oneshot = further('oneshot', 3);
print('each further signature, the card keeps PIN2', lasting, `   to reach: ${FURTHER}`);
print('each further one, PIN2 covers one', oneshot, `, and once ${further('oneshot', 2) - oneshot} to find that out`);
if (!(lasting <= FURTHER) || lasting !== further('sign', 2)) {
  console.error(`a further signature takes ${further('sign', 2)}, then ${lasting} exchanges`);
  process.exitCode = 1;
}
