// Lines of card_flows ("name {stats}") to a table, beside the figures of the design.
import { createInterface } from 'node:readline';

const aims = {
  'authenticate-cold': 13,
  'authenticate-card-not-removed': 7,
  'authenticate-card-recognised': 9,
  'sign-1-cold': 13,
};
let one;
for await (const line of createInterface({ input: process.stdin })) {
  const [, name, json] = /^(\S+) (?:ok )?(\{.*\})$/.exec(line);
  const s = JSON.parse(json);
  const aim = aims[name] ? `to reach on v4: ${aims[name]}` : '';
  console.log(`${name.padEnd(34)} ${String(s.exchanges).padStart(3)} exchanges, ${s.command_bytes} bytes out, ${s.answer_bytes} in   ${aim}`);
  if (name === 'sign-1-cold') one = s.exchanges;
  if (name === 'sign-2-cold') console.log(`${'each further signature'.padEnd(34)} ${String(s.exchanges - one).padStart(3)} exchanges   to reach: 4`);
}
