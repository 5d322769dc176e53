import { FORM_NAMES, type Presentable } from "../../support/credential-forms.js";
import { PASSWORD, registerUser, type SignedIn } from "../../support/client.js";
import { onEachGateway } from "../../support/with-gateway.js";
import { headersOf, ISSUERS, LOGOUTS, outcome, USES } from "../../support/rest/token-operations.js";

const PAIRS = Object.keys(ISSUERS).flatMap((issuer) => Object.keys(LOGOUTS).map((out) => [issuer, out]));

/** What every use in every form comes to. */
async function uses(base: string, presented: Presentable): Promise<string[]> {
  const asked = Object.entries(USES).flatMap(([name, endpoint]) =>
    FORM_NAMES.map(async (form) => {
      const result = await outcome(endpoint, base, presented, headersOf(form, presented));
      return `${name} by ${form}: ${result}`;
    }),
  );
  return Promise.all(asked);
}

const all = (result: string) =>
  Object.keys(USES).flatMap((name) => FORM_NAMES.map((form) => `${name} by ${form}: ${result}`));

onEachGateway(
  "one token at every route",
  (setup) => {
    let ann: SignedIn;

    beforeAll(async () => {
      ann = await registerUser(setup.graphql);
    });

    it.each(PAIRS)("issued by %s, logged out by %s", async (issuer, out) => {
      const { url } = setup;
      const presented = await ISSUERS[issuer]!(url, { username: ann.username, password: PASSWORD });
      const endpoint = LOGOUTS[out]!;
      const by = endpoint.by ? await endpoint.by(url, presented) : presented;
      expect(await uses(url, presented)).toEqual(all("done"));

      expect(await outcome(endpoint, url, presented, endpoint.headers(by))).toBe("done");

      expect(await uses(url, presented)).toEqual(all("refused"));
      const again = Object.entries(LOGOUTS).map(
        async ([name, { headers, ...rest }]) =>
          `${name}: ${await outcome(rest, url, presented, headers(presented))}`,
      );
      expect(await Promise.all(again)).toEqual(Object.keys(LOGOUTS).map((name) => `${name}: refused`));
    });
  },
  { USER_TOKEN_LIMIT: "10000" },
);
