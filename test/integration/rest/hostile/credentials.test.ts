import { base64Rules } from "./base64-rules.js";
import { credentialRules } from "./credential-rules.js";
import { underAttack } from "./under-attack.js";

underAttack({ credentials: credentialRules, Base64: base64Rules });
