import { generateMnemonic } from "@scure/bip39";
import { wordlist } from "@scure/bip39/wordlists/english.js";
import { button, el, field, form } from "../dom.ts";

const STRENGTH_BITS: Record<string, number> = { "12": 128, "24": 256 };
/** Asked for, so that nobody goes on who has not written them down. */
const WORDS_ASKED = 2;

/**
 * @param choose called with the words, and whether they are new
 * @param look called with a picture of them
 */
export function startScreen(
  choose: (words: string, isNew: boolean) => void,
  look: (picture: File) => void,
  show: (screen: Node) => void,
): Node {
  const onPicture = ({ target }: Event) => {
    const [picture] = (target as HTMLInputElement).files ?? [];
    if (picture) look(picture);
  };
  return el(
    "div",
    { class: "columns" },
    el(
      "section",
      {},
      el("h2", {}, "A new wallet"),
      form(
        {},
        ({ count = "12" }) => show(newWordsScreen(generateMnemonic(wordlist, STRENGTH_BITS[count]), choose, show)),
        el(
          "fieldset",
          {},
          el("legend", {}, "How many words"),
          ...["12", "24"].map((count) =>
            el(
              "label",
              { class: "choice" },
              el("input", { type: "radio", name: "count", value: count, checked: count === "12" }),
              `${count} words`,
            ),
          ),
        ),
        el("button", { type: "submit" }, "Make a wallet"),
      ),
    ),
    el(
      "section",
      {},
      el("h2", {}, "A wallet that I have"),
      form(
        {},
        ({ words = "" }) => choose(words.trim().split(/\s+/).join(" "), false),
        field(
          "Its words",
          { name: "words", type: "textarea", required: true, spellcheck: "false", autocapitalize: "none" },
          "12 or 24 words. They stay in this page's memory, and are gone with it.",
        ),
        el("button", { type: "submit" }, "Open"),
        field(
          "Or a picture of their QR code",
          { name: "picture", type: "file", accept: "image/*", onchange: onPicture },
          "A SeedQR, or the code of a paper wallet. A phone can take the picture now; it is not kept.",
        ),
      ),
    ),
  );
}

function newWordsScreen(words: string, choose: (words: string, isNew: true) => void, show: (s: Node) => void): Node {
  const list = words.split(" ");
  return el(
    "section",
    {},
    el("h2", {}, "Write these words down"),
    el("p", {}, "On paper, in this order. They are the wallet: whoever has them has it. They are shown this once."),
    el("ol", { class: "words" }, ...list.map((word) => el("li", {}, word))),
    button("I have written them down", () => show(confirmScreen(list, choose))),
  );
}

function confirmScreen(list: readonly string[], choose: (words: string, isNew: true) => void): Node {
  const asked = new Set<number>();
  while (asked.size < WORDS_ASKED) {
    const [random = 0] = crypto.getRandomValues(new Uint32Array(1));
    asked.add(random % list.length);
  }
  const wrong = el("p", { role: "alert" });
  return el(
    "section",
    {},
    el("h2", {}, "Are they on paper?"),
    form(
      {},
      (values) => {
        const isRight = [...asked].every((at) => values[`word${at}`]?.trim().toLowerCase() === list[at]);
        if (isRight) choose(list.join(" "), true);
        else wrong.textContent = "That is not what was shown. Look at the paper; reload to begin with other words.";
      },
      ...[...asked]
        .sort((a, b) => a - b)
        .map((at) =>
          field(`Word ${at + 1}`, { name: `word${at}`, required: true, spellcheck: "false", autocapitalize: "none" }),
        ),
      wrong,
      el("button", { type: "submit" }, "Go on"),
    ),
  );
}
