// A service as its authors write one: a process of its own that verifies by the package alone. Told by messages,
// because an option or a token must not stand in its command line.
import { createVerifier } from "@latchkey/verify";

let verifier;

const calls = {
  start: (options) => void (verifier = createVerifier(options)),
  ready: (timeout) => verifier.ready(timeout),
  verify: (token) => verifier.verify({ authorization: `Bearer ${token}` }),
  stats: () => verifier.stats(),
  close: () => verifier.close(),
};

process.on("message", async ({ id, call, value }) => {
  try {
    process.send({ id, answer: (await calls[call](value)) ?? null });
  } catch (error) {
    process.send({ id, error: error.message });
  }
  // Nothing else keeps it alive once its verifier is closed.
  if (call === "close") process.disconnect();
});
