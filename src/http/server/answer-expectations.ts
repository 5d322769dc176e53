import type { Server } from "node:http";

/**
 * Makes `100 Continue` say that the body is being read (RFC 9110 section 10.1.1), where Node says it before anybody has
 * looked at the request: what is refused for its headers alone is refused at once, and its body never sent.
 */
export function answerExpectations(server: Server): void {
  server.on("checkContinue", (request, response) => {
    request.once("resume", () => {
      if (!response.headersSent && request.socket.writable) response.writeContinue();
    });
    server.emit("request", request, response);
  });
  // Node would answer without a body; refuseUnreadable does so in JSON.
  server.on("checkExpectation", (request, response) => server.emit("request", request, response));
}
