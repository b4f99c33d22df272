import { beforeEach, expect, it } from "vitest";
import { ForkError } from "../../src/errors.ts";
import { memoryStorage } from "../../src/storage.ts";
import { Mirrored, receiptsOf, settled, takeOver } from "../support/mirrors.ts";
import { account, dump, labels, noNetwork, type RealServer, renamed, startServer } from "../support/wallets.ts";

let stage: Mirrored<readonly RealServer[]>;
let servers: readonly [RealServer, RealServer, RealServer];
beforeEach(async () => {
  servers = [await startServer(), await startServer(), await startServer()];
  stage = new Mirrored(servers);
});

/** Server 2 has an account that the newest backup, at the others, lacks. */
async function splitWith(theirs: typeof dump, storage = memoryStorage()) {
  const first = await stage.device(storage, { quorum: 1 });
  await first.backup(dump);
  await settled(first);
  const second = await stage.device(undefined, { quorum: 1 });
  await takeOver(second);
  servers[2].intercept = noNetwork;
  await first.backup(renamed("First"));
  await settled(first);
  await first.backup(renamed("First again"));
  await settled(first);
  first.close();
  servers[2].intercept = undefined;
  servers[0].intercept = noNetwork;
  servers[1].intercept = noNetwork;
  await second.backup(theirs);
  await settled(second);
  second.close();
  servers[0].intercept = undefined;
  servers[1].intercept = undefined;
}

it("sync keeps what only one server holds", async () => {
  const theirs = { ...dump, accounts: [...dump.accounts, account(8)] };
  const storage = memoryStorage();
  await splitWith(theirs, storage);
  const third = await stage.device(storage, { quorum: 1 });
  const restored = await takeOver(third);
  expect(restored.dump.accounts).toHaveLength(4);
  await third.sync();
  for (const content of await stage.contents()) expect((content as typeof dump).accounts).toHaveLength(4);
});

it("sections that the wallet does not name are united, too", async () => {
  const more = { type: "addr", ref: "bc1", label: "Only there" };
  await splitWith({ ...dump, labels: [...labels, more] });
  const third = await stage.device(undefined, { quorum: 1 });
  const {
    dump: { accounts, pairings },
  } = await takeOver(third);
  await third.backup({ accounts, pairings });
  await settled(third);
  for (const content of await stage.contents()) expect((content as typeof dump).labels).toHaveLength(301);
});

it("a refill does not say that it healed what this device never took over", async () => {
  // Server 2's revision 2 was only looked at.
  const storage = memoryStorage();
  const first = await stage.device(storage, { quorum: 1 });
  await first.backup(dump);
  await settled(first);
  const second = await stage.device(undefined, { quorum: 1 });
  await takeOver(second);
  servers[0].intercept = noNetwork;
  servers[1].intercept = noNetwork;
  await second.backup({ ...dump, accounts: [...dump.accounts, account(8)] });
  await settled(second);
  servers[0].intercept = undefined;
  servers[1].intercept = undefined;
  await first.restore();
  await stage.lose(2);
  await first.backup(renamed("First"));
  await settled(first);
  await first.backup(renamed("First again"));
  await settled(first);
  expect(receiptsOf(first)).toEqual([3, 3, 3]);
  // The device that wrote what was lost is told, rather than take what it wrote for removed.
  const restored = await second.restore();
  expect(restored.servers[2]?.error).toBeInstanceOf(ForkError);
});

it("a server that hangs is not given all that others had meanwhile", async () => {
  const wallet = await stage.device();
  await wallet.backup(dump);
  await settled(wallet);
  let free = () => {};
  const freed = new Promise<void>((resolve) => {
    free = resolve;
  });
  servers[2].intercept = ({ forward }) => freed.then(forward);
  servers[2].clear();
  for (let i = 0; i < 5; i++) await wallet.backup(renamed(`Try ${i}`));
  free();
  await settled(wallet);
  expect(receiptsOf(wallet)).toEqual([6, 6, 3]);
  expect(servers[2].asked.filter((line) => line.startsWith("POST") && line.endsWith("backups"))).toHaveLength(2);
});
