import { el, field, form } from "../dom.ts";

export interface ConnectActions {
  register(user: { username: string; email: string; password: string }): void;
  signIn(user: { username: string; password: string }): void;
}

/** For words of which the server has no wallet yet. */
export function connectScreen(server: string, { register, signIn }: ConnectActions): Node {
  return el(
    "div",
    { class: "columns" },
    el(
      "section",
      {},
      el("h2", {}, "A new user"),
      el("p", {}, `At ${server}. The server learns a pseudonym and an e-mail address, and nothing of the wallet.`),
      form(
        {},
        ({ username = "", email = "", password = "" }) => register({ username, email, password }),
        field("Username", { name: "username", required: true, autocomplete: "username", autocapitalize: "none" }),
        field("E-mail", { name: "email", type: "email", required: true, autocomplete: "email" }),
        field("Password", { name: "password", type: "password", required: true, autocomplete: "new-password" }),
        el("button", { type: "submit" }, "Register"),
      ),
    ),
    el(
      "section",
      {},
      el("h2", {}, "A user that I have"),
      el("p", {}, "This wallet is then backed up beside your others."),
      form(
        {},
        ({ known = "", secret = "" }) => signIn({ username: known, password: secret }),
        field("Username", { name: "known", required: true, autocomplete: "username", autocapitalize: "none" }),
        field("Password", { name: "secret", type: "password", required: true, autocomplete: "current-password" }),
        el("button", { type: "submit" }, "Sign in"),
      ),
    ),
  );
}
