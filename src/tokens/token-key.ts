const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Token keys are lower-case UUIDs: anything else never reaches the database. */
export const isTokenKey = (value: string): boolean => UUID.test(value);
