import { GatewayError } from "./gateway-error.js";

/** Puts an event stream (HTML Living Standard, section 9.2) together from the pieces in which it arrives. */
export interface EventStream {
  /**
   * Takes the next piece and returns the data of every event of the wanted name that it completes.
   *
   * @throws GatewayError when an event grows too long.
   */
  push(text: string): string[];
}

/**
 * Makes a reader for events of one name. Lines end with LF or CRLF, as every server writes them.
 *
 * @param max characters of one event.
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
