import { FirstSchema1790000000000 } from "./1790000000000-first-schema.js";
import { KeyRotation1790000000001 } from "./1790000000001-key-rotation.js";
import { RevocationFeed1790000000010 } from "./1790000000010-revocation-feed.js";
import { Clients1790000000020 } from "./1790000000020-clients.js";
import { Throttle1790000000030 } from "./1790000000030-throttle.js";
import { IdentifierForms1790000000050 } from "./1790000000050-identifier-forms.js";

/** Every step of the schema, oldest first. A step that has been released is never changed again. */
export const migrations = [
  FirstSchema1790000000000,
  KeyRotation1790000000001,
  RevocationFeed1790000000010,
  Clients1790000000020,
  Throttle1790000000030,
  IdentifierForms1790000000050,
];
