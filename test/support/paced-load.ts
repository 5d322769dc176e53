import type { ServiceClient } from "./service-client.js";
import { setTimeout as sleep } from "node:timers/promises";
import { bearer, loginUser, PASSWORD, send, tokenStatusOf, type SignedIn } from "./client.js";
import type { RunningGateway } from "./gateway.js";
import { kidOf } from "./keys.js";
import type { LoadMonitor } from "./load-monitor.js";

/** Milliseconds from one request to the next: 200 a second. */
const EVERY_MS = 5;
/**
 * Of so many requests one is a login, whose tokens are new ones. But only one at a time: passwords are hashed one
 * after the other, and whom a busy machine lets wait for too long is told 503, as he should be.
 */
const LOGIN_EVERY = 21;
/** A machine that cannot keep up is not asked for more. */
const MOST_AT_ONCE = 100;
/** Sessions in use at a time, the newest, beside the first ones. */
const MOST_SESSIONS = 10;

/** Who verifies privilege tokens by itself: `ok`, or why not. */
export interface Judge {
  name: string;
  verify(privilege: string): Promise<string>;
}

export interface Load {
  /** Every answer that was not as it should be, in words. */
  failures: readonly string[];
  /** Answers of 503 while the monitor saw that the machine was short of time. */
  excused(): number;
  sent(): number;
  /** What a judge said of tokens that a key signed, each verdict once, in order. */
  verdicts(judge: string, kid: string): string[];
  /** Resolves when this holds, or something has failed. */
  until(holds: () => boolean): Promise<void>;
  /** Resolves when everything is answered. */
  stop(): Promise<void>;
}

interface LoadDeps {
  gateways: readonly RunningGateway[];
  client: ServiceClient;
  /** Sessions from before; they are used until the end. */
  users: readonly SignedIn[];
  judges: readonly Judge[];
  monitor: LoadMonitor;
}

/** What a route made of a session. */
interface Answered {
  /** `ok`, `503`, or what it was instead, in words. */
  outcome: string;
  /** Which the judges look at. */
  privilege?: string;
}

type Ask = (gateway: RunningGateway, session: SignedIn) => Promise<Answered>;

const outcomeOf = (status: number, good: boolean, text: string): string =>
  good ? "ok" : status === 503 ? "503" : `${status} ${text}`;

const askMe: Ask = async ({ graphql }, { token, id }) => {
  const { status, data, text } = await send(graphql, "{ me { id } }", {}, bearer(token));
  return { outcome: outcomeOf(status, data?.me?.id === id, text) };
};

const askPrivilege: Ask = async ({ graphql }, { token }) => {
  const { status, data, text } = await send(graphql, "{ privilegeToken { privilege } }", {}, bearer(token));
  const privilege = data?.privilegeToken?.privilege as string | undefined;
  return { outcome: outcomeOf(status, privilege !== undefined, text), privilege };
};

const askIntrospection =
  (client: ServiceClient): Ask =>
  async ({ url }, { token, key }) => {
    const body = new URLSearchParams({ token });
    const response = await fetch(`${url}/introspect`, { method: "POST", headers: client.headers, body });
    const text = await response.text();
    const { active, sid } = JSON.parse(text) as { active?: boolean; sid?: string };
    return { outcome: outcomeOf(response.status, active === true && sid === key, text) };
  };

const askForwardAuth: Ask = async ({ url }, { token, id }) => {
  const response = await fetch(`${url}/verify`, { headers: bearer(token) });
  const text = await response.text();
  const privilege = response.headers.get("x-privilege-token") ?? undefined;
  const good = response.status === 200 && response.headers.get("x-user-id") === id;
  return { outcome: outcomeOf(response.status, good, text), privilege };
};

/**
 * Asks 200 times a second, at every gateway in turn and at every route that takes a user token, whether or not the
 * last answers have come; and has every judge verify each privilege token that comes back.
 */
export function startLoad({ gateways, client, users, judges, monitor }: LoadDeps): Load {
  const endpoints = Object.entries({
    me: askMe,
    privilegeToken: askPrivilege,
    introspect: askIntrospection(client),
    verify: askForwardAuth,
  });
  const sessions = [...users];
  const failures: string[] = [];
  const verdicts = new Map<string, Set<string>>();
  const underWay = new Set<Promise<void>>();
  let [sent, excused, stopped, loggingIn] = [0, 0, false, false];

  async function judge(privilege: string): Promise<void> {
    const kid = kidOf(privilege);
    for (const { name, verify } of judges) {
      const said = verdicts.get(`${name} ${kid}`) ?? new Set();
      verdicts.set(`${name} ${kid}`, said.add(await verify(privilege)));
    }
  }

  /** What all gateways say of a token that one of them has just made. */
  async function everywhere(token: string): Promise<string> {
    const statuses = await Promise.all(gateways.map(({ graphql }) => tokenStatusOf(graphql, bearer(token))));
    const bad = statuses.find((status) => status !== "ok");
    return bad === undefined ? "ok" : bad === "SERVICE_UNAVAILABLE" ? "503" : bad;
  }

  /** A login makes a session that is used from then on, and first of all at every gateway. */
  async function logIn({ graphql }: RunningGateway, { username }: SignedIn): Promise<Answered> {
    loggingIn = true;
    try {
      const session = await loginUser(graphql, { userid: username, password: PASSWORD });
      sessions.push(session);
      if (sessions.length > users.length + MOST_SESSIONS) sessions.splice(users.length, 1);
      const outcomes = await Promise.all([session.token, session.privilege].map(everywhere));
      return { outcome: outcomes.find((one) => one !== "ok") ?? "ok", privilege: session.privilege };
    } catch (error) {
      const { message } = error as Error;
      return { outcome: message.includes("SERVICE_UNAVAILABLE") ? "503" : message };
    } finally {
      loggingIn = false;
    }
  }

  function choose(turn: number): [string, Ask] {
    const round = Math.floor(turn / gateways.length);
    if (!loggingIn && turn % LOGIN_EVERY === 0) return ["login", logIn];
    return endpoints[round % endpoints.length]!;
  }

  async function askOne(turn: number): Promise<void> {
    const gateway = gateways[turn % gateways.length]!;
    const round = Math.floor(turn / gateways.length);
    const [name, ask] = choose(turn);
    const session = sessions[round % sessions.length]!;
    const began = performance.now();
    try {
      const { outcome, privilege } = await ask(gateway, session);
      if (outcome === "503" && monitor.sawTrouble(began)) excused += 1;
      else if (outcome !== "ok") failures.push(`${name}: ${outcome}`);
      if (privilege !== undefined) await judge(privilege);
    } catch (error) {
      failures.push(`${name}: ${String((error as Error).cause ?? error)}`);
    }
  }

  const pacing = (async () => {
    const began = performance.now();
    for (let slot = 0; !stopped; slot++) {
      await sleep(Math.max(0, began + slot * EVERY_MS - performance.now()));
      if (underWay.size >= MOST_AT_ONCE) continue;
      const asking = askOne(sent++).finally(() => underWay.delete(asking));
      underWay.add(asking);
    }
  })();

  return {
    failures,
    excused: () => excused,
    sent: () => sent,
    verdicts: (name, kid) => [...(verdicts.get(`${name} ${kid}`) ?? [])],
    until: async (holds) => {
      while (!holds() && failures.length === 0) await sleep(50);
    },
    stop: async () => {
      stopped = true;
      await pacing;
      await Promise.all(underWay);
    },
  };
}
