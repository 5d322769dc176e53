import { createSteadyClock } from "../../../src/lib/steady-clock.js";

const START = 1_800_000_000_000;

/** Two clocks that a test moves: both by `pass`, the wall clock alone by `set`. */
function machine() {
  let [wall, monotonic, delay] = [START, 50, 0];
  const steps: number[] = [];
  const clocks = {
    wall: () => wall,
    monotonic() {
      const read = monotonic;
      monotonic += delay;
      wall += delay;
      return read;
    },
  };
  const clock = createSteadyClock((step) => steps.push(step), clocks);
  return {
    clock,
    steps,
    pass(milliseconds: number) {
      wall += milliseconds;
      monotonic += milliseconds;
    },
    set(milliseconds: number) {
      wall += milliseconds;
    },
    /** The process waits for so long whenever it has read the monotonic clock. */
    stall(milliseconds: number) {
      delay = milliseconds;
    },
  };
}

describe("a steady clock", () => {
  it("goes with the wall clock as long as nobody sets that", () => {
    const { clock, pass, steps } = machine();
    for (const milliseconds of [0, 1, 999, 86_400_000]) {
      const before = clock.now();
      pass(milliseconds);
      clock.look();
      expect(clock.now() - before).toBe(milliseconds);
    }
    expect(steps).toEqual([]);
  });

  it("goes on when the wall clock is set back, and tells by how much, once", () => {
    const { clock, pass, set, steps } = machine();
    clock.look();
    set(-3_600_000);
    clock.look();
    pass(10_000);
    clock.look();
    expect(clock.now()).toBe(START + 10_000);
    expect(steps).toEqual([-3_600_000]);
  });

  it("knows what it read before the wall clock was set back, without having looked", () => {
    const { clock, pass, set } = machine();
    set(7_000);
    expect(clock.now()).toBe(START + 7_000);
    set(-3_600_000);
    pass(1_000);
    expect(clock.now()).toBe(START + 8_000);
  });

  it("goes forward with the wall clock, and tells", () => {
    const { clock, set, steps } = machine();
    set(60_000);
    clock.look();
    expect([clock.now(), steps]).toEqual([START + 60_000, [60_000]]);
  });

  it("takes up again with a wall clock that is set right: nothing is left of a step back", () => {
    const { clock, set, steps, pass } = machine();
    set(-60_000);
    clock.look();
    set(60_000);
    clock.look();
    pass(5);
    expect([clock.now(), steps]).toEqual([START + 5, [-60_000, 60_000]]);
  });

  it("tells nothing of drift", () => {
    const { clock, set, steps } = machine();
    for (let second = 0; second < 10_000; second += 1) {
      set(second % 2 === 0 ? -400 : 399);
      clock.look();
    }
    expect(steps).toEqual([]);
  });

  it("takes no wait between its two readings for a step, and is not ahead for it", () => {
    const { clock, stall, steps } = machine();
    stall(30_000);
    clock.look();
    expect(clock.now()).toBeGreaterThanOrEqual(START);
    stall(0);
    clock.look();
    expect(steps).toEqual([]);
  });
});
