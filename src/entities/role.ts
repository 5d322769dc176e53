import { registerEnumType } from "type-graphql";

/** What an account may do. The stored and claimed form is lower case; GraphQL shows the key. */
export enum Role {
  VIEWER = "viewer",
  USER = "user",
  ADMIN = "admin",
  ROOT = "root",
}

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
