import { bodyRules } from "./body-rules.js";
import { fieldRules } from "./field-rules.js";
import { underAttack } from "./under-attack.js";

underAttack({ bodies: bodyRules, fields: fieldRules });
