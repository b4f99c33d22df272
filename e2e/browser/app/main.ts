import { type Client, CloudBackupError, createClient, type Progress, type WalletBackup } from "@cloudbackup/client";
import { indexedDbStorage } from "@cloudbackup/client/browser";
import { serializeDump } from "@cloudbackup/core";
import { mnemonicToSeed } from "@cloudbackup/core/seed";
import { sampleDump, sections, type WalletDump } from "./sample-wallet.ts";

type Sections = typeof sections;

/** All that this page knows: a reload loses it. */
let dump: WalletDump | undefined;
let wallet: WalletBackup<Sections> | undefined;

const form = find("form", HTMLFormElement);
const bar = find("progress", HTMLProgressElement);
const steps = find("#steps", HTMLOListElement);

const ACTIONS: Record<string, () => Promise<string>> = {
  async load() {
    dump = await sampleDump();
    return "Loaded.";
  },

  async register() {
    const client = newClient();
    await client.register({ username: field("username"), password: field("password"), email: field("email") });
    say("Open the link in the e-mail …");
    await client.waitForActivation();
    await withSeed((seed) => openWallet(client, seed));
    return "Registered.";
  },

  async backup() {
    if (!dump || !wallet) return "Register or restore first.";
    const receipt = await wallet.backup(dump, { onProgress });
    return receipt.changed
      ? `Stored as revision ${receipt.revision}: ${receipt.bytesSent} bytes sent.`
      : `Revision ${receipt.revision} holds all of it.`;
  },

  async change() {
    if (!dump) return "There is no wallet here.";
    const label = { type: "addr", ref: "bc1qcr8te4kr609gcawutmrza0j4xv80jy8z306fyu", label: "Rent" } as const;
    dump = { ...dump, labels: [label, ...(dump.labels ?? [])] };
    return "Added a label.";
  },

  async restore() {
    const client = newClient();
    const { username, opened } = await withSeed(async (seed) => ({
      ...(await client.signInWithSeed(seed)),
      opened: await openWallet(client, seed),
    }));
    const restored = await opened.restore({ onProgress });
    dump = restored.dump;
    await restored.accept();
    return `Restored revision ${restored.revision} of ${username}.`;
  },
};

async function run(action: () => Promise<string>): Promise<void> {
  const main = find("main", HTMLElement);
  main.ariaBusy = "true";
  steps.replaceChildren();
  say("");
  try {
    say(await action());
  } catch (error) {
    if (!(error instanceof CloudBackupError)) throw error;
    say(`${error.code}: ${error.message}`);
  } finally {
    show();
    main.ariaBusy = "false";
  }
}

/** `?keep`: what the client keeps outlives a reload. */
function newClient(): Client<Sections> {
  const keeps = new URLSearchParams(location.search).has("keep");
  return createClient({
    url: field("server"),
    sections,
    ...(keeps ? { storage: indexedDbStorage({ name: "wallet" }) } : {}),
  });
}

async function openWallet(client: Client<Sections>, seed: Uint8Array): Promise<WalletBackup<Sections>> {
  wallet?.close();
  wallet = await client.openWallet(seed);
  return wallet;
}

async function withSeed<T>(use: (seed: Uint8Array) => Promise<T>): Promise<T> {
  const seed = await mnemonicToSeed(field("words"));
  try {
    return await use(seed);
  } finally {
    seed.fill(0);
  }
}

function onProgress({ phase, done, total }: Progress): void {
  bar.max = Math.max(total, 1);
  bar.value = done;
  const step = document.createElement("li");
  step.textContent = `${phase} ${done} of ${total}`;
  steps.append(step);
}

function show(): void {
  const { accounts = [], labels = [], "sample.transactions": history = [] } = dump ?? {};
  const counts = `${accounts.length} accounts, ${labels.length} labels, ${history.length} transactions`;
  find("#holds", HTMLOutputElement).textContent = dump ? counts : "nothing";
  const checksum = dump && serializeDump(dump, { sections }).checksum;
  find("#checksum", HTMLOutputElement).textContent = checksum
    ? Array.from(checksum, (byte) => byte.toString(16).padStart(2, "0")).join("")
    : "";
}

function say(text: string): void {
  find("#status", HTMLElement).textContent = text;
}

function field(name: string): string {
  return String(new FormData(form).get(name));
}

function find<T extends Element>(selector: string, type: new () => T): T {
  const element = document.querySelector(selector);
  if (!(element instanceof type)) throw new TypeError(`the page has no ${selector}`);
  return element;
}

for (const [name, action] of Object.entries(ACTIONS)) {
  find(`button[name=${name}]`, HTMLButtonElement).addEventListener("click", () => void run(action));
}
show();
