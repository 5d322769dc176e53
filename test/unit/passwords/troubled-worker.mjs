/** A worker that does what workers should not. */
export function echo(value) {
  return value;
}

export function exit() {
  process.exit(3);
}

export function fail() {
  throw new Error("broken");
}

export function hang() {
  for (;;);
}

export function hoard() {
  const held = [];
  for (;;) held.push(new Array(10_000).fill(held.length));
}

export function environment() {
  return Object.keys(process.env);
}
