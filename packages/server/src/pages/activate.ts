import { createPage, escapeHtml, type Page } from "./html.ts";

/*
 * The token is in the fragment: it is in no log of any server or proxy, and in no Referer. Opening the page does nothing,
 * since mail scanners open links; the button does.
 */
const SCRIPT = `
const token = new URLSearchParams(location.hash.slice(1)).get("token");
const button = document.querySelector("button");
const status = document.querySelector("#status");
// Out of the address bar and of the history.
history.replaceState(null, "", location.pathname);
const say = (text) => { status.textContent = text; };
if (token) button.hidden = false;
else say("This link has no token. Open the one of the e-mail again, whole.");
button.addEventListener("click", async () => {
  button.disabled = true;
  say("One moment …");
  try {
    const answer = await fetch("v1/users/activate", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ token }),
    });
    if (answer.ok) {
      button.hidden = true;
      say("Done. You can sign in from your wallet now.");
    } else if (answer.status === 410) {
      button.hidden = true;
      say("This link was used already, or is older than 24 hours. Try to sign in; if that fails, ask for another link.");
    } else {
      button.disabled = false;
      say("The server could not do it. Please try again.");
    }
  } catch {
    button.disabled = false;
    say("The server cannot be reached. Please try again.");
  }
});
`;

export function activationPage(serverName: string): Page {
  const name = escapeHtml(serverName);
  const body = `<h1>${name}</h1>
<p>Press the button to activate your user.</p>
<p><button type="button" hidden>Activate</button></p>
<p id="status" role="status"></p>
<noscript><p>This page needs JavaScript: the token of the link stays in your browser until you press the button.</p></noscript>`;
  return createPage({ title: `Activate your user – ${serverName}`, body, script: SCRIPT });
}
