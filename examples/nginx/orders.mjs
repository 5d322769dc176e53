/** A service that knows nothing of tokens: nginx tells it who calls. Let nobody but nginx reach it. */
import { createServer } from "node:http";

const server = createServer((request, response) => {
  const id = request.headers["x-user-id"];
  const name = decodeURIComponent(request.headers["x-user-name"] ?? "");
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ path: request.url, id, name, role: request.headers["x-user-role"] }));
});
server.listen(Number(process.env.PORT ?? 8080), "127.0.0.1", () => {
  console.log(`orders are ready at http://127.0.0.1:${server.address().port}`);
});
