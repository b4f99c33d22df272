import type { ColumnDataType, Kysely, RawBuilder } from "kysely";
import { type Migration, Migrator } from "kysely/migration";
import { StartError } from "../../errors.ts";
import { first } from "./0001-first.ts";

/** Where databases differ in a schema that they share. */
export interface ColumnTypes {
  /** A byte string. */
  bytes: ColumnDataType | RawBuilder<unknown>;
  /** An integer that the database numbers rows with. */
  key: ColumnDataType | RawBuilder<unknown>;
}

/** In the order in which they run. One that was released is never changed: what comes later is a new one. */
function migrations(types: ColumnTypes): Record<string, Migration> {
  return { "0001-first": first(types) };
}

/** Brings the database's schema to this version. @throws StartError where a newer version has written to it */
export async function migrate(db: Kysely<unknown>, types: ColumnTypes): Promise<void> {
  const known = migrations(types);
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (tables.some((table) => table.name === "kysely_migration")) {
    const done = await (db as Kysely<{ kysely_migration: { name: string } }>)
      .selectFrom("kysely_migration")
      .select("name")
      .execute();
    const newer = done.find(({ name }) => !(name in known));
    if (newer) {
      throw new StartError(
        "ERR_CB_NEWER_DATABASE",
        `The database was made by a newer version of this server (it has "${newer.name}"): update the server`,
      );
    }
  }
  const migrator = new Migrator({ db, provider: { getMigrations: async () => known } });
  const { error } = await migrator.migrateToLatest();
  if (error) throw error;
}
