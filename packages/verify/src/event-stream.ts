import { GatewayError } from "./gateway-error.js";

/** Parses an event stream (HTML Living Standard, section 9.2) from the chunks in which it arrives. */
export interface EventStream {
  /**
   * Takes the next chunk and returns the data of every event with the expected name that it completes.
   *
   * @throws GatewayError when an event is too long.
   */
  push(text: string): string[];
}

/**
 * Creates a parser for events with one name. Lines must end with LF or CRLF, which all servers send.
 *
 * @param max the maximum number of characters of an event.
 */
export function createEventStream(name: string, max: number): EventStream {
  let line = "";
  let [event, data] = ["", ""];

  function endLine(done: string[]): void {
    const text = line.endsWith("\r") ? line.slice(0, -1) : line;
    line = "";
    if (text === "") {
      if (event === name && data !== "") done.push(data);
      [event, data] = ["", ""];
      return;
    }
    const colon = text.indexOf(":");
    const field = colon < 0 ? text : text.slice(0, colon);
    const value = colon < 0 ? "" : text.slice(text[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "event") event = value;
    if (field === "data") data = data === "" ? value : `${data}\n${value}`;
  }

  return {
    push(text) {
      const done: string[] = [];
      let start = 0;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", start)) {
        line += text.slice(start, end);
        endLine(done);
        start = end + 1;
      }
      line += text.slice(start);
      if (line.length + data.length > max) throw new GatewayError("an event of the feed is too long");
      return done;
    },
  };
}
