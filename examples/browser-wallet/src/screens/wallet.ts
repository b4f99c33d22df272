import type { Account } from "@cloudbackup/core";
import { button, el, field, form } from "../dom.ts";
import type { Wallet } from "../wallet.ts";

export interface WalletActions {
  /** Pairs, and backs that up at once. A wallet with addresses awaits it before it shows one of the new account. */
  pair(name: string, xpub: string): void;
  verify(): void;
  wipe(): void;
}

/** Lists that are drawn anew after every change, and the forms that make changes. */
export function walletScreen(wallet: Wallet, actions: WalletActions): { element: Node; update(): void } {
  const accounts = el("ul", { class: "entries", id: "accounts" });
  const pairings = el("ul", { class: "entries", id: "pairings" });
  const labels = el("ul", { class: "entries", id: "labels" });
  const update = () => {
    accounts.replaceChildren(...wallet.accounts.map((account) => accountEntry(wallet, account)));
    pairings.replaceChildren(
      ...wallet.pairings.map(({ name, account }) => el("li", {}, el("strong", {}, name), ` signs for ${account}`)),
    );
    labels.replaceChildren(
      ...wallet.labels.map((entry) =>
        el(
          "li",
          {},
          el("strong", {}, entry.label ?? ""),
          ` ${entry.ref} `,
          button("Remove", () => wallet.removeLabel(entry), {
            class: "quiet",
            "aria-label": `Remove the label ${entry.label ?? entry.ref}`,
          }),
        ),
      ),
    );
  };
  update();
  const element = el(
    "div",
    { class: "columns" },
    el(
      "section",
      {},
      el("h2", {}, "Accounts"),
      accounts,
      entryForm("Add an account", [field("Name", { name: "account", required: true, maxlength: "100" })], (values) =>
        wallet.addAccount(values.account ?? ""),
      ),
    ),
    el(
      "section",
      {},
      el("h2", {}, "Second devices"),
      pairings,
      entryForm(
        "Pair a device",
        [
          field("Name of the device", { name: "device", required: true, maxlength: "100" }),
          field("Its xpub", { name: "xpub", required: true, spellcheck: "false" }, "The device shows it."),
        ],
        ({ device = "", xpub = "" }) => actions.pair(device, xpub),
      ),
    ),
    el(
      "section",
      {},
      el("h2", {}, "Labels"),
      labels,
      entryForm(
        "Label it",
        [
          field("Address or transaction", { name: "ref", required: true, spellcheck: "false" }),
          field("Label", { name: "label", required: true, maxlength: "200" }),
        ],
        ({ ref = "", label = "" }) => wallet.setLabel(ref.trim(), label),
      ),
    ),
    el(
      "section",
      {},
      el("h2", {}, "This page"),
      el("p", {}, "The server's copy can be opened here and compared with what this page holds."),
      el(
        "p",
        { class: "actions" },
        button("Check the backup", actions.verify),
        button("Wipe this page", actions.wipe, { class: "quiet" }),
      ),
    ),
  );
  return { element, update };
}

function accountEntry(wallet: Wallet, { id, name, archived = false, kind }: Account): Node {
  const entry = el("li", { class: archived ? "archived" : "" });
  const rename = () => {
    const input = field("New name", { name: `rename-${id}`, value: name, required: true, maxlength: "100" });
    const renaming = form(
      {},
      (values) => wallet.renameAccount(id, values[`rename-${id}`] ?? name),
      input,
      el("button", { type: "submit" }, "Save"),
    );
    entry.replaceChildren(renaming);
    renaming.querySelector("input")?.focus();
  };
  entry.append(
    el("strong", {}, name),
    ` ${id}, ${kind}${archived ? ", archived" : ""}`,
    el(
      "div",
      { class: "actions" },
      button("Rename", rename, { class: "quiet", "aria-label": `Rename ${name}` }),
      button(archived ? "Take out" : "Archive", () => wallet.archiveAccount(id, !archived), {
        class: "quiet",
        "aria-label": `${archived ? "Take out" : "Archive"} ${name}`,
      }),
    ),
  );
  return entry;
}

/** A form that is empty again after it was used, with the cursor at its beginning. */
function entryForm(title: string, fields: Node[], submit: (values: Record<string, string>) => void): Node {
  const entry = form(
    {},
    (values) => {
      submit(values);
      entry.reset();
      entry.querySelector("input")?.focus();
    },
    ...fields,
    el("button", { type: "submit" }, title),
  );
  return entry;
}
