import type { EntityTarget, ObjectLiteral } from "typeorm";
import type { Database } from "./database.js";

/** How a statement for `Database.select` reads the entities of one table. */
export interface EntityRows<E> {
  /** The select list: every column that TypeORM selects too, under an alias that names the table. */
  columns: string;
  /** Makes the entity of a row, as the driver returned it. */
  read(row: unknown): E;
}

/**
 * Takes the columns, and how their values are stored, from the decorators of the entity, as TypeORM's own queries do.
 * Those cannot be used here: they do not run on the connections of the row check.
 */
export function entityRows<E extends ObjectLiteral>(
  { dataSource }: Pick<Database, "dataSource">,
  target: EntityTarget<E>,
): EntityRows<E> {
  const { tableName, columns } = dataSource.getMetadata(target);
  const selected = columns
    .filter(({ isSelect }) => isSelect)
    .map((column) => ({ column, alias: `${tableName}_${column.databaseName}` }));
  return {
    columns: selected
      .map(({ column, alias }) => `\`${tableName}\`.\`${column.databaseName}\` AS \`${alias}\``)
      .join(", "),
    read: (row) => {
      const values = row as Record<string, unknown>;
      const entity: Record<string, unknown> = {};
      for (const { column, alias } of selected) {
        entity[column.propertyName] = dataSource.driver.prepareHydratedValue(values[alias], column);
      }
      return entity as E;
    },
  };
}
