/** Says once, before anything runs, which databases the suites leave out, and how they are had. */
export default function saySkipped() {
  for (const kind of ["mariadb", "mysql"]) {
    const variable = `TEST_${kind.toUpperCase()}_URL`;
    if (!process.env[variable])
      process.stderr.write(`tests on ${kind} are skipped: ${variable} is not set\n`);
  }
}
