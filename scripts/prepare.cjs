// npm runs this after `npm ci` and `npm install`, and when another project installs this repository from git, which has
// no build in it. Without the development packages, as in a production installation, there is nothing to build with;
// without the sources, as in the first layers of the image, there is nothing to build. Neither is a failure.
"use strict";

const fs = require("fs");
const path = require("path");

function isInstalled(name) {
  try {
    require.resolve(name);
    return true;
  } catch {
    return false;
  }
}

const hasSources = fs.existsSync(path.join(__dirname, "../src"));
if (hasSources && isInstalled("@swc/core") && isInstalled("typescript")) {
  import("./build.mjs").catch((error) => {
    console.error(error);
    process.exitCode = 1;
  });
}
