import { ALLOWED, cookieRules, tokenRules } from "./cookie-rules.js";
import { underAttack } from "./under-attack.js";

describe("forged requests", () => underAttack({ "by cookie": cookieRules }, { ALLOWED_ORIGINS: ALLOWED }));
describe("a session that needs its token", () =>
  underAttack({ "at every door": tokenRules }, { SESSION_REQUIRE_TOKEN: "true" }));
