import Database from "better-sqlite3";
import { MismatchError } from "./mismatch.ts";

/** Changes one bit in the middle of the newest envelope, as a failing disk would. The server must not run. */
export function damageLatestBackup(databaseFile: string): void {
  const database = new Database(databaseFile, { fileMustExist: true });
  try {
    const newest = "SELECT rowid, envelope FROM backups WHERE envelope IS NOT NULL ORDER BY revision DESC LIMIT 1";
    const row = database.prepare<[], { rowid: number; envelope: Buffer }>(newest).get();
    if (!row) throw new MismatchError("The database holds no backup to damage");
    const envelope = Uint8Array.from(row.envelope);
    const middle = envelope.length >> 1;
    envelope[middle] = (envelope[middle] as number) ^ 1;
    database.prepare("UPDATE backups SET envelope = ? WHERE rowid = ?").run(envelope, row.rowid);
  } finally {
    database.close();
  }
}
