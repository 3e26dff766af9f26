// Loaded into the measured process: writes its peak resident memory, in bytes, to file descriptor 3 when it exits.
import { readFileSync, writeSync } from "node:fs";

process.on("exit", () => writeSync(3, String(peakBytes())));

/** VmHWM where there is one: maxRSS of a new process starts at what the process that started it had. */
function peakBytes() {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync("/proc/self/status", "latin1"))?.[1];
    if (kilobytes !== undefined) return Number(kilobytes) * 1024;
  } catch {
    // Not Linux.
  }
  return process.resourceUsage().maxRSS * 1024;
}
