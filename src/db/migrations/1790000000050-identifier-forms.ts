import type { MigrationInterface, QueryRunner } from "typeorm";
import { normaliseIdentifier } from "../../accounts/normalise-identifier.js";

/** Rows that are read at once. */
const PAGE = 1_000;

/**
 * Identifiers that earlier versions kept apart get the one form they have now. One whose form is taken stays as it is:
 * its account goes on signing in by exactly that spelling (accounts/look-up-order).
 */
export class IdentifierForms1790000000050 implements MigrationInterface {
  readonly name = "IdentifierForms1790000000050";

  async up(runner: QueryRunner): Promise<void> {
    // A row that gets its form may come by again further on: then it has it.
    for (let page = await pageAfter(runner, null); page.length > 0; page = await pageAfter(runner, page)) {
      for (const value of page) await giveForm(runner, value);
    }
  }

  /** Changes nothing: an earlier version finds the rewritten accounts by the new form only. */
  async down(): Promise<void> {}
}

async function pageAfter(runner: QueryRunner, page: readonly string[] | null): Promise<string[]> {
  const last = page?.at(-1);
  const where = last === undefined ? "" : "WHERE value > ? ";
  const sql = `SELECT value FROM user_identifier ${where}ORDER BY value LIMIT ${PAGE}`;
  const rows = (await runner.query(sql, last === undefined ? [] : [last])) as { value: string }[];
  return rows.map(({ value }) => value);
}

async function giveForm(runner: QueryRunner, value: string): Promise<void> {
  const form = normaliseIdentifier(value);
  if (form === value) return;
  const taken = (await runner.query("SELECT 1 FROM user_identifier WHERE value = ?", [form])) as unknown[];
  if (taken.length > 0) return;
  await runner.query("UPDATE user_identifier SET value = ? WHERE value = ?", [form, value]);
}
