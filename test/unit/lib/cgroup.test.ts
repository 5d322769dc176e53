import { readCgroupLimits } from "../../../src/lib/cgroup.js";

/** A machine's files by their paths; all others cannot be read. */
const limitsIn = (files: Record<string, string>) => readCgroupLimits((path) => files[path]);

const SYS = "/sys/fs/cgroup";
const MIB = 2 ** 20;
const NO_LIMIT_V1 = "9223372036854771712\n";

describe("the limits of control groups, version 2", () => {
  it("are those at the root of the mount, in a container", () => {
    const files = {
      "/proc/self/cgroup": "0::/\n",
      [`${SYS}/cpu.max`]: "50000 100000\n",
      [`${SYS}/memory.max`]: "536870912\n",
    };
    expect(limitsIn(files)).toEqual({ cpus: 0.5, memoryBytes: 512 * MIB });
  });

  it("are the tightest on the way up, for a service of systemd", () => {
    const files = {
      "/proc/self/cgroup": "0::/system.slice/latchkey.service\n",
      [`${SYS}/system.slice/latchkey.service/cpu.max`]: "max 100000\n",
      [`${SYS}/system.slice/latchkey.service/memory.max`]: "1073741824\n",
      [`${SYS}/system.slice/cpu.max`]: "250000 100000\n",
      [`${SYS}/system.slice/memory.max`]: "805306368\n",
    };
    expect(limitsIn(files)).toEqual({ cpus: 2.5, memoryBytes: 768 * MIB });
  });

  it("are found although the path that the kernel names is not mounted", () => {
    const files = {
      "/proc/self/cgroup": "0::/../../kubepods/burstable/pod1\n",
      [`${SYS}/cpu.max`]: "200000 100000",
      [`${SYS}/memory.max`]: "max",
    };
    expect(limitsIn(files)).toEqual({ cpus: 2, memoryBytes: null });
  });
});

describe("the limits of control groups, version 1", () => {
  it("are those of each controller's own group", () => {
    const files = {
      "/proc/self/cgroup":
        "12:pids:/x\n5:memory:/docker/abc\n3:cpu,cpuacct:/docker/abc\n1:name=systemd:/docker/abc\n",
      [`${SYS}/cpu,cpuacct/docker/abc/cpu.cfs_quota_us`]: "150000\n",
      [`${SYS}/cpu,cpuacct/docker/abc/cpu.cfs_period_us`]: "100000\n",
      [`${SYS}/cpu,cpuacct/cpu.cfs_quota_us`]: "-1\n",
      [`${SYS}/cpu,cpuacct/cpu.cfs_period_us`]: "100000\n",
      [`${SYS}/memory/docker/abc/memory.limit_in_bytes`]: "268435456\n",
      [`${SYS}/memory/memory.limit_in_bytes`]: NO_LIMIT_V1,
    };
    expect(limitsIn(files)).toEqual({ cpus: 1.5, memoryBytes: 256 * MIB });
  });

  it("are found at the root of the mount, beside version 2 without controllers", () => {
    const files = {
      "/proc/self/cgroup": "4:memory:/elsewhere/id\n1:cpu:/elsewhere/id\n0::/elsewhere\n",
      [`${SYS}/cpu/cpu.cfs_quota_us`]: "100000",
      [`${SYS}/cpu/cpu.cfs_period_us`]: "50000",
      [`${SYS}/memory/memory.limit_in_bytes`]: "1048576000",
    };
    expect(limitsIn(files)).toEqual({ cpus: 2, memoryBytes: 1_048_576_000 });
  });
});

describe("no limits", () => {
  const none = { cpus: null, memoryBytes: null };

  it.each([
    ["without control groups", {}],
    [
      "with none set",
      { "/proc/self/cgroup": "0::/\n", [`${SYS}/memory/memory.limit_in_bytes`]: NO_LIMIT_V1 },
    ],
    [
      "in files that say nothing",
      {
        "/proc/self/cgroup": "\nx\n0::relative\n::\n",
        [`${SYS}/cpu.max`]: "0 100000\n",
        [`${SYS}/unified/cpu.max`]: "100000\n",
        [`${SYS}/cpu/cpu.cfs_quota_us`]: "100000",
        [`${SYS}/cpu/cpu.cfs_period_us`]: "0",
        [`${SYS}/memory.max`]: "-1\n",
        [`${SYS}/unified/memory.max`]: "12 MB\n",
      },
    ],
  ])("are found %s", (_, files) => {
    expect(limitsIn(files)).toEqual(none);
  });
});
