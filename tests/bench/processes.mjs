// What the resident programs cost: start to first answer, memory, time to an exact error. Times are of this run
// and only meaningful as ratios to the floor beside them: a process that starts and echoes one line (cat).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { frame } from './frame.mjs';

const build = process.env.KS_BUILD;
const runtime = mkdtempSync(join(tmpdir(), 'ks-bench-'));
const env = { ...process.env, XDG_RUNTIME_DIR: runtime };
const rounds = 40;

const hello = frame(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'hello', origin: 'https://service.example' }));
const wrong = frame('{"jsonrpc":"2.0","id":2,"method":"nothing","origin":"https://service.example"}');

function median(values) {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

/** Milliseconds from just before the start of the program to its first byte, and the process still running. */
async function firstByte(program, input) {
  const start = process.hrtime.bigint();
  const child = spawn(program, [], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.write(input);
  await once(child.stdout, 'data');
  return { ms: Number(process.hrtime.bigint() - start) / 1e6, child };
}

async function end(child) {
  const gone = once(child, 'exit');
  child.stdin.end();
  await gone;
}

function memory(pid) {
  const value = (file, name) => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${pid}/${file}`, 'utf8'))[1]);
  return {
    peak: value('status', 'VmHWM'),
    private: value('smaps_rollup', 'Private_Clean') + value('smaps_rollup', 'Private_Dirty'),
    dirty: value('smaps_rollup', 'Private_Dirty'),
  };
}

const agent = spawn(join(build, 'bin/korttisilta-agent'), ['--ready-fd', '3', '--no-websocket'],
  { env, stdio: ['ignore', 'inherit', 'inherit', 'pipe'] });
await once(agent.stdio[3], 'data');

const times = { host: [], cat: [], error: [] };
let hostMemory;
for (let i = 0; i < rounds; i++) {
  const cat = await firstByte('cat', 'x');
  times.cat.push(cat.ms);
  await end(cat.child);
  const host = await firstByte(join(build, 'bin/korttisilta-host'), hello);
  times.host.push(host.ms);
  hostMemory = memory(host.child.pid);
  const start = process.hrtime.bigint();
  host.child.stdin.write(wrong);
  await once(host.child.stdout, 'data');
  times.error.push(Number(process.hrtime.bigint() - start) / 1e6);
  await end(host.child);
}
const agentMemory = memory(agent.pid);
const gone = once(agent, 'exit');
agent.kill('SIGTERM');
await gone;
rmSync(runtime, { recursive: true });

const row = (what, value, aim) => console.log(`${what.padEnd(58)} ${value.padEnd(34)} ${aim}`);
row('host start to first answer, warm (median)',
  `${median(times.host).toFixed(2)} ms = ${(median(times.host) / median(times.cat)).toFixed(2)} x cat`, 'to reach: 3 ms');
row('bad request to exact error (median)', `${median(times.error).toFixed(2)} ms`, 'to reach: 5 ms');
row('peak memory of the host process', `${hostMemory.peak} kB (${hostMemory.private} kB private)`, 'to reach: 2048 kB');
row('idle memory of the agent, private', `${agentMemory.private} kB (${agentMemory.dirty} kB of it written)`, 'to reach: 4096 kB');
