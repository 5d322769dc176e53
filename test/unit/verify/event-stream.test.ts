import { createEventStream } from "../../../packages/verify/src/event-stream.js";
import { seeded } from "../../support/seeded.js";

const STREAM =
  ": hello\n\nid: 1\nevent: batch\ndata: one\n\nevent: other\ndata: x\n\n" +
  "data: unnamed\n\nevent:batch\r\ndata:two\r\nretry: 1\r\n\r\nevent: batch\ndata\n\nevent: batch\ndata: a\ndata: b\n\n" +
  "event: batch\nid: 9\ndata: three\n\nevent: batch\ndata: unfinished\n";

const EVENTS = ["one", "two", "a\nb", "three"];

describe("an event stream", () => {
  it("yields the events of the wanted name, and no unfinished one", () => {
    expect(createEventStream("batch", 1000).push(STREAM)).toEqual(EVENTS);
  });

  it.each([1, 2, 3])("may come in any pieces (seed %i)", (seed) => {
    const random = seeded(seed);
    for (let round = 0; round < 200; round += 1) {
      const events = createEventStream("batch", 1000);
      const found: string[] = [];
      for (let at = 0; at < STREAM.length;) {
        const end = at + 1 + random(12);
        found.push(...events.push(STREAM.slice(at, end)));
        at = end;
      }
      expect(found).toEqual(EVENTS);
    }
  });

  it.each(["data: ", "data: a\n", ": ", ""])("ends when an event grows without end, after %j", (start) => {
    const events = createEventStream("batch", 1000);
    const grow = () => {
      events.push(start);
      for (let round = 0; round < 1001; round += 1) events.push(start.endsWith("\n") ? start : "x");
    };
    expect(grow).toThrow(expect.objectContaining({ name: "GatewayError" }));
  });

  it("goes on for ever when its events end", () => {
    const events = createEventStream("batch", 1000);
    for (let round = 0; round < 10_000; round += 1) events.push("event: batch\ndata: x\n\n");
    expect(events.push("event: batch\ndata: y\n\n")).toEqual(["y"]);
  });
});
