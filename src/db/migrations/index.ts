import { FirstSchema1790000000000 } from "./1790000000000-first-schema.js";

/** Every step of the schema, oldest first. A step that has been released is never changed again. */
export const migrations = [FirstSchema1790000000000];
