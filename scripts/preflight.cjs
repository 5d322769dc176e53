// Runs before npm's scripts: says in one line what is missing and what to do. Any Node can run it, without packages.
// With --node it checks the version of Node alone.
"use strict";

const fs = require("fs");
const path = require("path");

const root = path.join(__dirname, "..");
const needed = JSON.parse(fs.readFileSync(path.join(root, "package.json"), "utf8")).engines.node.replace(
  ">=",
  "",
);

function stop(message) {
  process.stderr.write("latchkey: " + message + "\n");
  process.exit(1);
}

const own = process.versions.node.split(".").map(Number);
const least = needed.split(".").map(Number);
if (own[0] < least[0] || (own[0] === least[0] && own[1] < least[1])) {
  stop(
    "Node " +
      needed +
      " or later is needed, and this is Node " +
      process.versions.node +
      ". Install a newer one, then run: npm ci",
  );
}
// npm writes this file last: without it an installation was not made, or not finished.
if (process.argv[2] !== "--node" && !fs.existsSync(path.join(root, "node_modules", ".package-lock.json"))) {
  stop("the packages are not installed. Run: npm ci");
}
