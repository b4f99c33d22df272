import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Finding } from "./api.ts";
import { DatabaseLife } from "./database-life.ts";
import { Dice } from "./dice.ts";
import { noTotals, type Totals } from "./totals.ts";

/*
 * Kills a server, again and again, and holds it to what it acknowledged.
 *
 * A database lives through a number of kills, each at a moment that dice choose:
 *
 *   load    while its wallets write
 *   start   as soon as the starting server touches its files: it makes the database, or recovers it from the log
 *   stop    after SIGTERM: it answers what is under way, and writes the log into the database
 *
 * After each the server is started on the same files, and asked for everything that it ever acknowledged.
 */

export interface TortureOptions {
  kills: number;
  /** The same seed writes and kills in the same way; what a kill meets depends on how fast the machine is. */
  seed: string;
  /** Where databases are made. They are removed, but for one that has something to show. */
  folder: string;
  onKill?: (totals: Totals) => void;
}

const KILLS_PER_DATABASE = 25;
/** While one server starts, another one works. */
const LANES = 2;

/** @throws Finding that says how to see it again */
export async function torture({ kills, seed, folder, onKill }: TortureOptions): Promise<Totals> {
  const totals = noTotals();
  const databases = Math.ceil(kills / KILLS_PER_DATABASE);
  let next = 0;
  let failed = false;

  const lane = async (): Promise<void> => {
    while (next < databases && !failed) {
      const number = next++;
      const share = Math.min(KILLS_PER_DATABASE, kills - number * KILLS_PER_DATABASE);
      const dataDir = join(folder, `database-${number}`);
      await mkdir(dataDir, { recursive: true });
      const life = new DatabaseLife(dataDir, new Dice(`${seed}/${number}`), totals);
      try {
        while (life.kills < share && !failed) {
          await life.killOnce();
          onKill?.(totals);
        }
        await (failed ? life.abandon() : life.end());
        await rm(dataDir, { recursive: true });
      } catch (error) {
        failed = true;
        await life.abandon();
        const what = error instanceof Finding ? error.message : String(error instanceof Error ? error.stack : error);
        const where = `seed ${seed}, database ${number}, kill ${life.kills} (${life.moment}); its files are in ${dataDir}`;
        throw new Finding(`${what}\n${where}`, { cause: error });
      }
    }
  };

  const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane));
  for (const result of lanes) if (result.status === "rejected") throw result.reason;
  return totals;
}
