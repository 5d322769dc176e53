const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A UUID in lower case, as ours are written: a database that compares without case must not see a second spelling. */
export const isUuid = (value: string): boolean => UUID.test(value);
