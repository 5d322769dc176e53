import { defaultWorkers, readMachine } from "../../../src/config/default-workers.js";

const MIB = 2 ** 20;
const GIB = 2 ** 30;
const HARDWARE = { cpus: 64, memoryBytes: 256 * GIB, constrainedBytes: 0 };
const NO_LIMITS = { cpus: null, memoryBytes: null };

describe("the machine that a process may use", () => {
  it("is all of it without limits", () => {
    expect(readMachine(HARDWARE, NO_LIMITS)).toEqual({ cpus: 64, memoryBytes: 256 * GIB });
  });

  it("is what control groups leave", () => {
    expect(readMachine(HARDWARE, { cpus: 0.5, memoryBytes: GIB })).toEqual({ cpus: 0.5, memoryBytes: GIB });
  });

  it("is what Node knows of a limit on memory", () => {
    const constrained = { ...HARDWARE, constrainedBytes: 2 * GIB };
    expect(readMachine(constrained, { ...NO_LIMITS, memoryBytes: 4 * GIB }).memoryBytes).toBe(2 * GIB);
    const unconstrained = { ...HARDWARE, constrainedBytes: 2 ** 64 };
    expect(readMachine(unconstrained, NO_LIMITS).memoryBytes).toBe(256 * GIB);
  });

  it("is never more than there is", () => {
    const large = { cpus: 128, memoryBytes: 512 * GIB };
    expect(readMachine(HARDWARE, large)).toEqual({ cpus: 64, memoryBytes: 256 * GIB });
  });

  it("can be read here", () => {
    const { cpus, memoryBytes } = readMachine();
    expect(cpus).toBeGreaterThan(0);
    expect(memoryBytes).toBeGreaterThan(MIB);
  });
});

describe("the default number of hashing threads", () => {
  it.each([
    [1, 1 * GIB, 1],
    [4, 16 * GIB, 4],
    [64, 256 * GIB, 8],
    [64, 512 * MIB, 4],
    [64, 256 * MIB, 1],
    [64, 64 * MIB, 1],
    [0.5, 16 * GIB, 1],
    [2.9, 16 * GIB, 2],
  ])("on %d processors with %d bytes is %i", (cpus, memoryBytes, threads) => {
    expect(defaultWorkers({ cpus, memoryBytes })).toBe(threads);
  });
});
