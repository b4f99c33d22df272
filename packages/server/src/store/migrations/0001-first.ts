import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "./index.ts";

/** Users, sessions, wallets, backups and chunks. */
export function first(types: ColumnTypes): Migration {
  return {
    async up(db: Kysely<unknown>) {
      // One row: what the database was made with.
      await db.schema
        .createTable("server")
        .addColumn("id", "integer", (c) => c.primaryKey())
        .addColumn("realm", types.bytes, (c) => c.notNull())
        .addColumn("secret", types.bytes, (c) => c.notNull())
        .execute();

      await db.schema
        .createTable("users")
        .addColumn("id", "text", (c) => c.notNull().primaryKey())
        .addColumn("username", "text", (c) => c.notNull().unique())
        .addColumn("email", "text", (c) => c.notNull())
        .addColumn("password_hash", "text", (c) => c.notNull())
        .addColumn("created_at", "bigint", (c) => c.notNull())
        .addColumn("activated_at", "bigint")
        .execute();

      await db.schema
        .createTable("activations")
        .addColumn("token_hash", types.bytes, (c) => c.notNull().primaryKey())
        .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
        .addColumn("expires_at", "bigint", (c) => c.notNull())
        .execute();
      await db.schema.createIndex("activations_user").on("activations").column("user_id").execute();
      await db.schema.createIndex("activations_expiry").on("activations").column("expires_at").execute();

      // `key` is short, since every chunk repeats it. A deleted wallet stays as a row: no user, no hash, its last revision.
      await db.schema
        .createTable("wallets")
        .addColumn("key", types.key, (c) => c.primaryKey())
        .addColumn("id", types.bytes, (c) => c.notNull().unique())
        .addColumn("public_key", types.bytes, (c) => c.notNull())
        .addColumn("user_id", "text", (c) => c.references("users.id"))
        .addColumn("revision", "bigint", (c) => c.notNull())
        .addColumn("sha256", types.bytes)
        // Running sums, so that a commit need not count what the wallet holds.
        .addColumn("envelope_bytes", "bigint", (c) => c.notNull())
        .addColumn("chunk_bytes", "bigint", (c) => c.notNull())
        .addColumn("created_at", "bigint", (c) => c.notNull())
        .addColumn("updated_at", "bigint", (c) => c.notNull())
        .execute();
      await db.schema.createIndex("wallets_user").on("wallets").column("user_id").execute();

      await db.schema
        .createTable("sessions")
        .addColumn("id", "text", (c) => c.notNull().primaryKey())
        .addColumn("token_hash", types.bytes, (c) => c.notNull().unique())
        .addColumn("user_id", "text", (c) => c.notNull().references("users.id").onDelete("cascade"))
        .addColumn("kind", "text", (c) => c.notNull())
        .addColumn("wallet", types.bytes, (c) => c.references("wallets.id"))
        .addColumn("created_at", "bigint", (c) => c.notNull())
        .addColumn("expires_at", "bigint", (c) => c.notNull())
        .execute();
      await db.schema.createIndex("sessions_user").on("sessions").column("user_id").execute();
      await db.schema.createIndex("sessions_wallet").on("sessions").column("wallet").execute();
      await db.schema.createIndex("sessions_expiry").on("sessions").column("expires_at").execute();

      await db.schema
        .createTable("spent_challenges")
        .addColumn("challenge", types.bytes, (c) => c.notNull().primaryKey())
        .addColumn("expires_at", "bigint", (c) => c.notNull())
        .execute();
      await db.schema.createIndex("spent_challenges_expiry").on("spent_challenges").column("expires_at").execute();

      // Every revision ever accepted stays, its envelope may go. The envelope is last: who reads the others skips it.
      await db.schema
        .createTable("backups")
        .addColumn("wallet", "integer", (c) => c.notNull().references("wallets.key"))
        .addColumn("revision", "bigint", (c) => c.notNull())
        .addColumn("sha256", types.bytes, (c) => c.notNull())
        .addColumn("bytes", "bigint", (c) => c.notNull())
        .addColumn("stored_at", "bigint", (c) => c.notNull())
        .addColumn("envelope", types.bytes)
        .addPrimaryKeyConstraint("backups_pk", ["wallet", "revision"])
        .execute();

      await db.schema
        .createTable("chunks")
        .addColumn("key", types.key, (c) => c.primaryKey())
        .addColumn("wallet", "integer", (c) => c.notNull().references("wallets.key"))
        .addColumn("id", types.bytes, (c) => c.notNull())
        .addColumn("size", "integer", (c) => c.notNull())
        .addColumn("touched_at", "bigint", (c) => c.notNull())
        .addUniqueConstraint("chunks_id", ["wallet", "id"])
        .execute();
      // Apart from the row above, so that "still needed" does not write the chunk again.
      await db.schema
        .createTable("chunk_data")
        .addColumn("chunk", "integer", (c) => c.primaryKey().references("chunks.key").onDelete("cascade"))
        .addColumn("sealed", types.bytes, (c) => c.notNull())
        .execute();

      // A chunk is in use at revision r if from_revision <= r and (until_revision is null or until_revision > r).
      await db.schema
        .createTable("chunk_uses")
        .addColumn("wallet", "integer", (c) => c.notNull().references("wallets.key"))
        .addColumn("id", types.bytes, (c) => c.notNull())
        .addColumn("from_revision", "bigint", (c) => c.notNull())
        .addColumn("until_revision", "bigint")
        .addPrimaryKeyConstraint("chunk_uses_pk", ["wallet", "id", "from_revision"])
        .execute();
      await db.schema
        .createIndex("chunk_uses_open")
        .unique()
        .on("chunk_uses")
        .columns(["wallet", "id"])
        .where(sql.ref("until_revision"), "is", null)
        .execute();
    },
  };
}
