import type { Config } from "../../../src/config/config.js";

/** What one variable takes and what it refuses. */
export interface Rules {
  value: (config: Config) => unknown;
  accepted: [text: string, value: unknown][];
  refused: string[];
}

const mysql = (parts: object) => ({
  kind: "mysql",
  hosts: [{ host: "h", port: 3306 }],
  user: "u",
  password: "p",
  database: "d",
  tls: false,
  ...parts,
});

const redis = (parts: object) => ({
  host: "h",
  port: 6379,
  user: null,
  password: null,
  database: 0,
  tls: false,
  ...parts,
});

/** The rules of the variables that hold addresses. */
export const NETWORK_RULES = {
  HOST: {
    value: (config) => config.server.host,
    accepted: ["0.0.0.0", "::", "::1", "localhost", "auth.internal", "my_container"].map((text) => [
      text,
      text,
    ]),
    refused: [
      ...[
        "[::1]",
        "127.0.0.1:80",
        "127.1",
        "0x7f.1",
        "256.1.1.1",
        "4000",
        "-a",
        "a..b",
        "a b",
        "http://a",
        "*",
      ],
      ...["a,b", "a/b", "fe80::1%eth0", "a".repeat(64), "a.".repeat(127) + "a", "münchen.de"],
    ],
  },
  DATABASE_URL: {
    value: (config) => config.database,
    accepted: [
      ["sqlite:./a/b.sqlite", { kind: "sqlite", path: "/srv/a/b.sqlite" }],
      ["sqlite:b.sqlite", { kind: "sqlite", path: "/srv/b.sqlite" }],
      ["sqlite:../b.sqlite", { kind: "sqlite", path: "/b.sqlite" }],
      ["sqlite:/var/lib/b.sqlite", { kind: "sqlite", path: "/var/lib/b.sqlite" }],
      ["mysql://u:p@h/d", mysql({})],
      ["mariadb://u:p@h:3307/d?tls=true", mysql({ hosts: [{ host: "h", port: 3307 }], tls: true })],
      ["mysql://u:p@h/d?tls=false", mysql({})],
      ["mysql://u@h/d", mysql({ password: "" })],
      [
        "mysql://u%40x:p%3A%2F%C3%A4:q@h/my%2Ddb",
        mysql({ user: "u@x", password: "p:/ä:q", database: "my-db" }),
      ],
      [
        "mysql://u:p@H1:65535,10.0.0.2,[::1]:1,[fd00::1],my_db/d",
        mysql({
          hosts: [
            { host: "h1", port: 65_535 },
            { host: "10.0.0.2", port: 3306 },
            { host: "::1", port: 1 },
            { host: "fd00::1", port: 3306 },
            { host: "my_db", port: 3306 },
          ],
        }),
      ],
    ],
    refused: [
      ...[
        "sqlite:",
        "sqlite::memory:",
        "sqlite:file::memory:?cache=shared",
        "sqlite://:memory:",
        "sqlite:///a",
      ],
      ...[
        "sqlite://a",
        "sqlite:.",
        "sqlite:./",
        "sqlite:a/..",
        "sqlite:a?mode=ro",
        "sqlite:a#b",
        "sqlite: a",
      ],
      ...[
        "sqlite:a ",
        `sqlite:${"a".repeat(1025)}`,
        "SQLITE:a",
        "./a.sqlite",
        "postgres://u:p@h/d",
        "mysql:u:p@h/d",
      ],
      ...[
        "mysql://h/d",
        "mysql://:p@h/d",
        "mysql://@h/d",
        "mysql://u:p@h",
        "mysql://u:p@h/",
        "mysql://u:p@/d",
      ],
      ...[
        "mysql://u:p@h/d/e",
        "mysql://u:p@h/d?",
        "mysql://u:p@h/d?tls=1",
        "mysql://u:p@h/d?tls=true&tls=true",
      ],
      ...["mysql://u:p@h/d?ssl=true", "mysql://u:p@h/d?tls=TRUE", "mysql://u:p@h/d#x", "mysql://u:p@q@h/d"],
      ...[
        "mysql://u:p%@h/d",
        "mysql://u:p%ff@h/d",
        "mysql://u:p%00@h/d",
        "mysql://u:p%0a@h/d",
        "mysql://u:pä@h/d",
      ],
      ...["mysql://u: p@h/d", "mysql://u:p@h:0/d", "mysql://u:p@h:65536/d", "mysql://u:p@h:033/d"],
      ...[
        "mysql://u:p@h:/d",
        "mysql://u:p@h,/d",
        "mysql://u:p@h,h/d",
        "mysql://u:p@h,H:3306/d",
        "mysql://u:p@h, i/d",
      ],
      ...["mysql://u:p@::1/d", "mysql://u:p@[::1/d", "mysql://u:p@[h]/d", "mysql://u:p@h:3306x/d"],
      ...[
        `mysql://u:p@h/${"d".repeat(65)}`,
        `mysql://${"u".repeat(129)}:p@h/d`,
        `mysql://u:${"p".repeat(1025)}@h/d`,
      ],
      `mysql://u:p@${Array.from({ length: 17 }, (_, index) => `h${index}`).join(",")}/d`,
    ],
  },
  REDIS_URL: {
    value: (config) => config.redis,
    accepted: [
      ["redis://h", redis({})],
      ["redis://h/", redis({})],
      ["redis://h/0", redis({})],
      ["redis://h:6380/15", redis({ port: 6380, database: 15 })],
      ["rediss://u:p@H/3", redis({ user: "u", password: "p", database: 3, tls: true })],
      ["redis://:p@h", redis({ password: "p" })],
      ["redis://u%40x:p%3A%2F%C3%A4:q@h", redis({ user: "u@x", password: "p:/ä:q" })],
      ["redis://[fd00::1]:65535", redis({ host: "fd00::1", port: 65_535 })],
      ["redis://10.0.0.2", redis({ host: "10.0.0.2" })],
      ["redis://my_redis", redis({ host: "my_redis" })],
    ],
    refused: [
      ...["redis:", "redis://", "redis://:6379", "h", "h:6379", "REDIS://h", "http://h", "redis:h", "//h"],
      ...["unix:///run/redis.sock", "redis+sentinel://h", "redis-sentinel://h", "redis:///run/redis.sock"],
      ...["redis://h,i", "redis://h:0", "redis://h:65536", "redis://h:", "redis://h:06379", "redis://h:x"],
      ...["redis://::1", "redis://[::1", "redis://[h]", "redis://127.1", "redis://h h", " redis://h"],
      ...["redis://u@h", "redis://u:@h", "redis://:@h", "redis://@h", "redis://u:p@q@h", "redis://u:p%@h"],
      ...["redis://u:p%ff@h", "redis://u:p%0a@h", "redis://u:pä@h", "redis://u%00:p@h", "redis://u: p@h"],
      ...["redis://h/x", "redis://h/-1", "redis://h/01", "redis://h/65536", "redis://h/1/2", "redis://h/1.0"],
      ...["redis://h?db=1", "redis://h/0?tls=true", "redis://h/0?", "redis://h#x", "redis://h/0#"],
      ...[`redis://${"u".repeat(129)}:p@h`, `redis://u:${"p".repeat(1025)}@h`],
    ],
  },
  ISSUER: {
    value: (config) => config.issuer,
    accepted: [
      ["https://auth.example.com", "https://auth.example.com"],
      ["https://auth.example.com/", "https://auth.example.com"],
      ["https://example.com/auth//", "https://example.com/auth"],
      ["https://example.com:8443/a/b", "https://example.com:8443/a/b"],
      ["http://localhost:4000", "http://localhost:4000"],
      ["http://127.0.0.1:1", "http://127.0.0.1:1"],
      ["http://[::1]:4000", "http://[::1]:4000"],
    ],
    refused: [
      ...[
        "http://auth.example.com",
        "http://localhost.example.com",
        "http://127.0.0.2",
        "http://0.0.0.0",
        "auth.com",
      ],
      ...["/auth", "//auth.com", "ftp://auth.com", "https://", "https://auth.com?", "https://auth.com/?a=b"],
      ...[
        "https://auth.com#",
        "https://auth.com/#a",
        "https://u@auth.com",
        "https://u:p@auth.com",
        "https://@auth.com",
      ],
      ...[
        "HTTPS://auth.com",
        "https://Auth.com",
        "https://auth.com:443",
        "https://auth.com/a/../b",
        "https:/auth.com",
      ],
      ...[
        "https://auth.com/a b",
        "https://auth.com\\a",
        " https://auth.com",
        "https://auth.com ",
        "https://münchen.de",
      ],
      ...[
        "https://auth.com,https://b.com",
        `https://auth.com/${"a".repeat(512)}`,
        "https://auth.com:99999",
        "null",
      ],
      ...["http://localhost@evil.com", "http://127.1:4000", "javascript:alert(1)"],
    ],
  },
  ALLOWED_ORIGINS: {
    value: (config) => config.allowedOrigins,
    accepted: [
      ["https://a.com", ["https://a.com"]],
      ["https://a.com,https://b.com:8443", ["https://a.com", "https://b.com:8443"]],
      [
        "http://localhost:5173,http://127.0.0.1,http://[::1]:8080",
        ["http://localhost:5173", "http://127.0.0.1", "http://[::1]:8080"],
      ],
    ],
    refused: [
      ...[
        "*",
        "null",
        "https://*",
        "https://*.a.com",
        "a.com",
        "https://a.com/",
        "https://a.com/x",
        "https://a.com?",
      ],
      ...[
        "http://a.com",
        "https://A.com",
        "https://a.com:443",
        "http://localhost:80",
        "https://u@a.com",
        "https://a.com#",
      ],
      ...[
        "https://a.com,",
        ",https://a.com",
        "https://a.com, https://b.com",
        "https://a.com,*",
        "https://a.com;https://b.com",
      ],
      ...["https://a.com,https://a.com", "file://", "chrome-extension://abc", `https://${"a".repeat(600)}`],
      Array.from({ length: 65 }, (_, index) => `https://a${index}.com`).join(","),
    ],
  },
  TRUSTED_PROXIES: {
    value: (config) => config.server.trustedProxies,
    accepted: [
      ["10.0.0.1", ["10.0.0.1"]],
      ["10.0.0.0/8,::1,fd00::/8", ["10.0.0.0/8", "::1", "fd00::/8"]],
      ["10.0.0.1/32,::1/128,128.0.0.0/1", ["10.0.0.1/32", "::1/128", "128.0.0.0/1"]],
    ],
    refused: [
      ...[
        "*",
        "true",
        "1",
        "loopback",
        "proxy.internal",
        "10.0.0",
        "10.0.0.256",
        "010.0.0.1",
        "10.0.0.1:80",
        "[::1]",
      ],
      ...[
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/08",
        "10.0.0.0/",
        "10.0.0.0/8/8",
        "10.0.0.0/255.0.0.0",
        "::/129",
      ],
      ...["0.0.0.0/0", "::/0", "fe80::1%eth0", "10.0.0.1,", "10.0.0.1, 10.0.0.2", "10.0.0.1,10.0.0.1", "/8"],
      Array.from({ length: 65 }, (_, index) => `10.0.0.${index}`).join(","),
    ],
  },
} satisfies Record<string, Rules>;
