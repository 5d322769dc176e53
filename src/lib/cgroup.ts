import { readFileSync } from "node:fs";
import { posix } from "node:path";

/** What the control groups of a process leave it; null where none of them sets a limit. */
export interface CgroupLimits {
  /** Processors that its CPU time amounts to, such as 0.5. */
  cpus: number | null;
  memoryBytes: number | null;
}

/** The text of a file; undefined when it cannot be read. */
export type ReadText = (path: string) => string | undefined;

/** Where version 2 is mounted: alone, or beside version 1. */
const UNIFIED = ["/sys/fs/cgroup", "/sys/fs/cgroup/unified"];
const V1_CPU = ["/sys/fs/cgroup/cpu", "/sys/fs/cgroup/cpu,cpuacct"];
const V1_MEMORY = ["/sys/fs/cgroup/memory"];
/** More than any machine has: version 1 writes "no limit" as a number near 2^63. */
const UNLIMITED_BYTES = 2 ** 60;

/**
 * The CPU and memory limits of the control groups (version 1 and 2) that this process is in: the tightest of its own
 * group and all groups above it. Inside a container the path that the kernel names may not be mounted; then the root
 * of the mount is the container's own group.
 */
export function readCgroupLimits(read: ReadText = readCgroupFile): CgroupLimits {
  const groups = readGroups(read("/proc/self/cgroup") ?? "");
  const unified = foldersOf(UNIFIED, groups.get("") ?? "/");
  const cpu = foldersOf(V1_CPU, groups.get("cpu") ?? "/");
  const memory = foldersOf(V1_MEMORY, groups.get("memory") ?? "/");
  const in1 = (folder: string) =>
    quota(read(`${folder}/cpu.cfs_quota_us`)?.trim(), read(`${folder}/cpu.cfs_period_us`)?.trim());
  const in2 = (folder: string) => quota(...(read(`${folder}/cpu.max`)?.trim().split(" ") ?? []));
  return {
    cpus: tightest([...unified.map(in2), ...cpu.map(in1)]),
    memoryBytes: tightest([
      ...unified.map((folder) => bytes(read(`${folder}/memory.max`))),
      ...memory.map((folder) => bytes(read(`${folder}/memory.limit_in_bytes`))),
    ]),
  };
}

function readCgroupFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

/** The path of the group for each controller of version 1, and under "" that of version 2 (cgroups(7)). */
function readGroups(text: string): Map<string, string> {
  const groups = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    for (const name of controllers.split(",")) groups.set(name, path);
  }
  return groups;
}

/** The folders of a group and of all groups above it, under each place where they may be mounted. */
function foldersOf(mounts: readonly string[], group: string): string[] {
  const paths: string[] = [];
  for (let path = posix.normalize(group); path !== "/"; path = posix.dirname(path)) paths.push(path);
  return mounts.flatMap((mount) => [...paths.map((path) => mount + path), mount]);
}

/** Microseconds of CPU time in each period, as processors. */
function quota(limit = "", period = ""): number | null {
  const cpus = Number(limit) / Number(period);
  return /^\d+$/.test(limit) && /^\d+$/.test(period) && cpus > 0 && Number.isFinite(cpus) ? cpus : null;
}

function bytes(text = ""): number | null {
  const value = Number(text.trim());
  return /^\d+\s*$/.test(text) && value > 0 && value < UNLIMITED_BYTES ? value : null;
}

function tightest(limits: (number | null)[]): number | null {
  const given = limits.filter((limit) => limit !== null);
  return given.length === 0 ? null : Math.min(...given);
}
