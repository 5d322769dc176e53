import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { fileVariable, listSettings } from "../../../src/config/settings.js";
import { load, secretOf } from "./faults-of.js";

type Variables = Record<string, string>;

interface Service {
  env_file?: { path: string; required: boolean }[];
  environment: Record<string, string | null>;
  ports?: string[];
}

const { services } = parse(
  readFileSync(join(import.meta.dirname, "../../../docker-compose.yml"), "utf8"),
) as {
  services: { gateway: Service; mysql: Service };
};

/** Puts variables into a text as Compose does: `${NAME}`, `${NAME:-default}` and `${NAME:?error}`, one in another. */
function interpolate(text: string, variables: Variables): string {
  const inner = /\$\{(\w+)(?:(:[-?])([^${}]*))?\}/;
  const found = inner.exec(text);
  if (!found) return text;
  const [whole, name = "", mark, rest = ""] = found;
  const value = variables[name] ?? "";
  if (value === "" && mark === ":?") throw new Error(rest);
  return interpolate(
    text.replace(whole, () => value || (mark === ":-" ? rest : "")),
    variables,
  );
}

/** What the gateway's container is given: the file's variables, then what the service sets itself. */
function environmentOf(dotEnv: Variables, shell: Variables = {}): Variables {
  const known = { ...dotEnv, ...shell };
  const { env_file: files, environment } = services.gateway;
  const given: Variables = files?.some(({ path }) => path === ".env") ? { ...dotEnv } : {};
  for (const [name, text] of Object.entries(environment)) {
    const value = text === null ? known[name] : interpolate(text, known);
    if (value !== undefined) given[name] = value;
  }
  return given;
}

const SECRETS = { LATCHKEY_SECRET: secretOf("s"), MYSQL_PASSWORD: "a1b2", MYSQL_ROOT_PASSWORD: "c3d4" };

const settable = listSettings().flatMap(([name, { secret }]) =>
  secret ? [name, fileVariable(name)] : [name],
);

describe("docker-compose.yml", () => {
  it("needs three secrets and nothing else", () => {
    const config = load(environmentOf(SECRETS));
    expect(config.database).toMatchObject({ kind: "mysql", password: "a1b2", hosts: [{ host: "mysql" }] });
    expect(config.issuer).toBe("http://localhost:4000");
    for (const name of ["MYSQL_PASSWORD", "MYSQL_ROOT_PASSWORD"]) {
      const { [name as keyof typeof SECRETS]: _, ...others } = SECRETS;
      expect(() =>
        [services.gateway, services.mysql].map(({ environment }) =>
          Object.values(environment).map((text) => interpolate(text ?? "", others)),
        ),
      ).toThrow(/is needed/);
    }
  });

  it.each(settable)("passes %s on from .env", (name) => {
    expect(environmentOf({ ...SECRETS, [name]: "given" })[name]).toBe("given");
  });

  it("starts without an .env file, for those who set the secrets in the shell", () => {
    expect(services.gateway.env_file).toEqual([{ path: ".env", required: false }]);
    expect(environmentOf({}, SECRETS)).toMatchObject({ LATCHKEY_SECRET: SECRETS.LATCHKEY_SECRET });
  });

  it("hides from the gateway what is the database's alone", () => {
    const given = environmentOf(SECRETS);
    expect(given.MYSQL_PASSWORD).toBe("");
    expect(given.MYSQL_ROOT_PASSWORD).toBe("");
    expect(Object.values(given)).not.toContain(SECRETS.MYSQL_ROOT_PASSWORD);
  });

  it("publishes the port that the gateway listens on, wherever that was set", () => {
    const published = (variables: Variables) => interpolate(services.gateway.ports?.[0] ?? "", variables);
    expect(published({})).toBe("127.0.0.1:4000:4000");
    expect(published({ PORT: "8080" })).toBe("127.0.0.1:8080:8080");
    expect(environmentOf({ ...SECRETS, PORT: "8080" }).PORT).toBe("8080");
    expect(environmentOf({ ...SECRETS, PORT: "8080" }, { PORT: "3000" }).PORT).toBe("3000");
  });
});
