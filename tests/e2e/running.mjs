import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** The kernel tells of no process that is not our child; looking this often costs nothing. */
const LOOK_MS = 10;

/** @param {RegExp} name what the kernel keeps of a program's name: 15 characters @returns {number[]} pids */
export function running(name) {
  return readdirSync('/proc').filter((entry) => /^\d+$/.test(entry)).filter((pid) => {
    try {
      return name.test(readFileSync(`/proc/${pid}/comm`, 'utf8').trim());
    } catch {
      return false; // ended meanwhile
    }
  }).map(Number);
}

/**
 * Waits until no such program runs.
 * @param {RegExp} name
 * @param {number} limit ms
 */
export async function ended(name, limit) {
  const until = performance.now() + limit;
  while (running(name).length > 0) {
    if (performance.now() > until) throw new Error(`still running: ${name}: ${running(name)}`);
    await pause(LOOK_MS);
  }
}
