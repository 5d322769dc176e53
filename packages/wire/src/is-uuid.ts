const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** A UUID in lower case. Other spellings are refused: for a database that ignores case they would be the same id. */
export const isUuid = (value: string): boolean => UUID.test(value);
