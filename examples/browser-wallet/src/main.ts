import { CloudBackupError, type RestoredBackup } from "@cloudbackup/client";
import { explain } from "./advice.ts";
import { Backup, wipeStorage } from "./backup.ts";
import { differences, explainConflict } from "./differences.ts";
import { button, el, field, form } from "./dom.ts";
import { connectScreen } from "./screens/connect.ts";
import { previewScreen } from "./screens/preview.ts";
import { startScreen } from "./screens/start.ts";
import { walletScreen } from "./screens/wallet.ts";
import { StatusLine } from "./status.ts";
import { Wallet } from "./wallet.ts";

const main = find("main");
const problem = find("problem");
let server = new URLSearchParams(location.search).get("server") ?? "http://127.0.0.1:8787";
/** Of the wallet that is open; a reload forgets it. */
let backup: Backup | undefined;
let isDirty = false;

/** Another screen: heard of by who cannot see it, since the focus goes there. */
function show(...screen: Node[]): void {
  main.replaceChildren(...screen);
  main.focus();
}

/** Runs what a person asked for; one at a time, and what fails is said with what to do about it. */
async function run(action: () => Promise<void>): Promise<void> {
  if (main.ariaBusy === "true") return;
  main.ariaBusy = "true";
  problem.replaceChildren();
  try {
    await action();
  } catch (error) {
    const { what, advice, code } = explain(error);
    problem.replaceChildren(el("strong", {}, what), ` ${advice} `, el("small", {}, code));
  } finally {
    main.ariaBusy = "false";
  }
}

function start(): void {
  const serverForm = form(
    { "aria-label": "Server" },
    (values) => {
      server = values.server ?? server;
    },
    field("Backup server", { name: "server", type: "url", value: server, required: true }),
  );
  // What is typed counts, also without a press of Enter.
  serverForm.addEventListener("input", () => {
    server = serverForm.querySelector("input")?.value ?? server;
  });
  show(
    startScreen(
      (words, isNew) => void run(() => open(words, isNew)),
      (picture) => void run(() => lookAt(picture)),
      (screen) => show(screen),
    ),
    el("section", {}, serverForm),
  );
}

/** What reads pictures is loaded where there is one. */
async function lookAt(picture: Blob): Promise<void> {
  const { wordsInPicture } = await import("./picture.ts");
  await open(await wordsInPicture(picture), false);
}

async function open(words: string, isNew: boolean): Promise<void> {
  await backup?.close();
  const opened = new Backup(server, words);
  backup = opened;
  const status = new StatusLine();
  if (isNew) return connect(opened, status);
  status.say("Looking for a backup of these words …");
  try {
    await opened.find();
  } catch (error) {
    if (!(error instanceof CloudBackupError && error.code === "ERR_CB_NO_WALLET")) throw error;
    connect(opened, status);
    problem.replaceChildren(el("strong", {}, explain(error).what), ` ${explain(error).advice}`);
    return;
  }
  await preview(opened, status);
}

function connect(opened: Backup, status: StatusLine): void {
  const begin = async () => {
    const wallet = new Wallet();
    wallet.addAccount("Spending");
    const { storedAt, revision } = await opened.begin(wallet, status.progress);
    enter(opened, wallet, status);
    status.safe(storedAt, revision);
  };
  const screen = connectScreen(server, {
    register: (user) =>
      void run(async () => {
        const mailed = () =>
          status.say(`An e-mail is on its way to ${user.email}: open the link in it. This page waits.`);
        await opened.register(user, mailed);
        await begin();
      }),
    signIn: (user) =>
      void run(async () => {
        await opened.signIn(user);
        await begin();
      }),
  });
  show(status.element, screen);
}

async function preview(opened: Backup, status: StatusLine): Promise<void> {
  show(status.element);
  let restored: RestoredBackup;
  try {
    restored = await opened.restore(status.progress);
  } catch (error) {
    start();
    throw error;
  } finally {
    status.endProgress();
  }
  status.say("Nothing is taken from it yet.");
  const accept = async () => {
    const wallet = new Wallet();
    wallet.load(restored.dump);
    await restored.accept();
    enter(opened, wallet, status);
    status.safe(restored.at, restored.revision);
  };
  show(status.element, previewScreen(restored, { accept: () => void run(accept), decline: leave }));
}

/** From now on the wallet is kept backed up. */
function enter(opened: Backup, wallet: Wallet, status: StatusLine): void {
  status.endProgress();
  const screen = walletScreen(wallet, {
    pair: (name, xpub) =>
      void run(async () => {
        wallet.pair(name, xpub);
        // Not awaited: without a network that lasts, and the page is to be used. What fails is in the status line.
        opened.durable().catch(() => undefined);
      }),
    verify: () =>
      void run(async () => {
        const report = await opened.verify(wallet);
        if (report.ok) status.say("The server's copy opens, and is what this page holds.", "idle");
        else status.say(`The server's copy opens, and differs: ${differences(report)}.`, "failed");
      }),
    wipe: () =>
      show(
        status.element,
        wipeScreen(() => show(status.element, screen.element)),
      ),
  });
  opened.follow(wallet, {
    onStatus: status.follow,
    onMerged: (conflicts) => {
      screen.update();
      problem.replaceChildren(...conflicts.map((conflict) => el("p", {}, explainConflict(conflict))));
    },
  });
  const follows = wallet.onChange;
  wallet.onChange = (sections) => {
    follows(sections);
    screen.update();
  };
  isDirty = false;
  status.onState = (state) => {
    isDirty = state !== "idle";
  };
  show(status.element, screen.element);
  // Without it a browser may drop what it keeps for this page.
  void navigator.storage?.persist?.();
}

function wipeScreen(decline: () => void): Node {
  return el(
    "section",
    {},
    el("h2", {}, "Wipe this page?"),
    el(
      "p",
      {},
      "It forgets the wallet and all that it keeps on this device. The backup stays on the server: the words bring it back.",
    ),
    el(
      "p",
      { class: "actions" },
      button("Wipe", () => void run(wipe)),
      button("Keep it", decline, { class: "quiet" }),
    ),
  );
}

async function wipe(): Promise<void> {
  await backup?.close();
  await wipeStorage();
  leave();
}

/** Back to the beginning; keys are wiped. */
function leave(): void {
  void backup?.close();
  backup = undefined;
  isDirty = false;
  start();
}

function find(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new TypeError(`the page has no #${id}`);
  return element;
}

// A wallet that is not saved must not be gone by a mistake.
addEventListener("beforeunload", (event) => {
  if (isDirty) event.preventDefault();
});
start();
