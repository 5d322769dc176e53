import { registerEnumType } from "type-graphql";
import { Role } from "../entities/role.js";

registerEnumType(Role, {
  name: "Role",
  description: "What an account may do, weakest first.",
  valuesConfig: {
    VIEWER: { description: "The role of a new account. privilegeLevel 0." },
    USER: { description: "A full member. privilegeLevel 1." },
    ADMIN: { description: "Manages other accounts. privilegeLevel 2." },
    ROOT: { description: "Manages the gateway itself. privilegeLevel 3." },
  },
});
