import { methodRules } from "./method-rules.js";
import { underAttack } from "./under-attack.js";

underAttack({ "methods and paths": methodRules });
