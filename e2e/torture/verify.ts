import { openBackup } from "@cloudbackup/core";
import { decodeIds, encodeIds } from "@cloudbackup/core/wire";
import { type Answer, type Api, Finding } from "./api.ts";
import { hexOf, type Sealed } from "./sealed.ts";
import { commit, pathOf } from "./signed.ts";
import type { Receipt, Wallet } from "./wallet.ts";

/** What had become of the request that was not answered, if there was one. */
export type Outcome = "nothing" | "stored" | "absent";

/**
 * Compares a wallet with what a server says after a restart, and brings to its end what was not answered: sent again, it
 * has the receipt that it had, or succeeds now.
 *
 * @param toOpen acknowledged revisions to download and open, beside the latest
 * @throws Finding, NoReplyError
 */
export async function verifyWallet(api: Api, wallet: Wallet, toOpen: readonly Sealed[]): Promise<Outcome> {
  const { status } = await api.expect([200, 404], "GET", pathOf(wallet.keys), { token: wallet.user.token });
  if (status === 404) return verifyAbsent(wallet);
  if (!wallet.isRegistered) {
    if (wallet.pending?.kind !== "registration") throw finding(wallet, "was deleted, and is there again");
    wallet.confirmRegistration();
    await verifyContent(api, wallet, []);
    return "stored";
  }
  // A session is a promise, too.
  if (wallet.seedToken) await api.read("/v1/user", wallet.seedToken);
  return verifyContent(api, wallet, toOpen);
}

function verifyAbsent(wallet: Wallet): Outcome {
  if (wallet.pending?.kind === "deletion") {
    wallet.confirmDeletion();
    return "stored";
  }
  if (wallet.isRegistered) throw finding(wallet, "is lost");
  return wallet.pending ? "absent" : "nothing";
}

async function verifyContent(api: Api, wallet: Wallet, toOpen: readonly Sealed[]): Promise<Outcome> {
  const stored = await verifyChain(api, wallet);
  const receipts = await verifyHistory(api, wallet, stored);
  await verifyUploaded(api, wallet);
  const retained = new Set(receipts.map(({ revision }) => revision));
  for (const sealed of toOpen) if (retained.has(sealed.revision)) await verifyRevision(api, wallet, sealed);
  const current = stored.at(-1);
  if (current) await verifyRevision(api, wallet, current, "latest");

  const { pending } = wallet;
  if (pending?.kind === "deletion") {
    await wallet.delete(api);
    return "absent";
  }
  if (pending?.kind !== "commit") return "nothing";
  const isStored = current === pending.sealed;
  if (isStored) pending.sealed.storedAt = receipts[0]?.storedAt ?? "";
  const answer = await commit(api, wallet.keys, wallet.token, pending.sealed, [isStored ? 200 : 201]);
  wallet.confirmCommit(answer);
  await verifyRevision(api, wallet, pending.sealed, "latest");
  return isStored ? "stored" : "absent";
}

/** Every acknowledged commit is in it, and the one that is pending or not. @returns what is in it */
async function verifyChain(api: Api, wallet: Wallet): Promise<readonly Sealed[]> {
  const chain = await api.read<[number, string][]>(`${pathOf(wallet.keys)}/chain`, wallet.user.token);
  const { acknowledged, pending } = wallet;
  const isLonger = chain.length > acknowledged.length && pending?.kind === "commit";
  const expected = isLonger ? [...acknowledged, pending.sealed] : acknowledged;
  const wrong = expected.find(({ revision, sha256 }, i) => chain[i]?.[0] !== revision || chain[i]?.[1] !== sha256);
  if (wrong) {
    const what = acknowledged.includes(wrong) ? "was acknowledged" : "was sent, and another is there";
    throw finding(
      wallet,
      `revision ${wrong.revision} (${wrong.sha256}) ${what}: the chain is ${JSON.stringify(chain)}`,
    );
  }
  if (chain.length > expected.length) throw finding(wallet, `has backups that nobody sent: ${JSON.stringify(chain)}`);
  return expected;
}

/** What is kept is what was sent, the last of it among it. @returns newest first */
async function verifyHistory(api: Api, wallet: Wallet, stored: readonly Sealed[]): Promise<Receipt[]> {
  const receipts = await api.read<Receipt[]>(`${pathOf(wallet.keys)}/backups`, wallet.user.token);
  const byRevision = new Map(stored.map((sealed) => [sealed.revision, sealed]));
  for (const { revision, sha256, storedAt } of receipts) {
    const sealed = byRevision.get(revision);
    const isSame = sealed?.sha256 === sha256 && (sealed.storedAt ?? storedAt) === storedAt;
    if (!isSame)
      throw finding(wallet, `has revision ${revision} (${sha256}, ${storedAt}) in its history, which is not so`);
    sealed.storedAt = storedAt;
  }
  if (receipts[0]?.revision !== stored.at(-1)?.revision) throw finding(wallet, "has a history without its last backup");
  return receipts;
}

/** Chunks that were acknowledged are there for the commit that names them. */
async function verifyUploaded(api: Api, wallet: Wallet): Promise<void> {
  if (wallet.uploaded.size === 0) return;
  const body = encodeIds([...wallet.uploaded].map((id) => Buffer.from(id, "hex")));
  const call = { token: wallet.user.token, body, type: "application/cbor" };
  const { body: missing } = await api.expect([200], "POST", `${pathOf(wallet.keys)}/chunks/missing`, call);
  const lost = decodeIds(missing ?? new Uint8Array());
  if (lost.length > 0) throw finding(wallet, `lacks chunks that were acknowledged: ${lost.map(hexOf).join(", ")}`);
}

/** A download is whole, opens with the wallet's keys alone, and is the dump that went in. */
async function verifyRevision(api: Api, wallet: Wallet, sealed: Sealed, name = String(sealed.revision)): Promise<void> {
  const path = `${pathOf(wallet.keys)}/backups/${name}`;
  const answer = await api.expect([200], "GET", path, { token: wallet.user.token });
  try {
    const { sha256, manifest } = openBackup(wholeBody(answer), { keys: wallet.keys });
    if (hexOf(sha256) !== sealed.sha256) throw new Error(`it is ${hexOf(sha256)}`);
    if (hexOf(manifest.checksum) !== sealed.checksum) throw new Error("it is another dump");
  } catch (cause) {
    throw finding(wallet, `revision ${sealed.revision} (${sealed.sha256}) does not come back: ${cause}`, cause);
  }
}

function wholeBody({ body, headers }: Answer): Uint8Array {
  if (body?.length === Number(headers.get("content-length"))) return body;
  throw new Error(`the answer promises ${headers.get("content-length")} bytes, there are ${body?.length}`);
}

function finding({ keys }: Wallet, what: string, cause?: unknown): Finding {
  return new Finding(`Wallet ${keys.walletId} ${what}`, { cause });
}
