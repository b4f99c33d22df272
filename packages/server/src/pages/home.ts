import { createPage, escapeHtml, type Page } from "./html.ts";

const REGISTRATION = {
  open: "Anybody can register, from a wallet.",
  closed: "No new users are taken.",
} as const;

/** What a person sees who opens the server's address in a browser. */
export function homePage(server: {
  name: string;
  version: string;
  registration: keyof typeof REGISTRATION;
  url: string;
}): Page {
  const { name, version, registration, url } = server;
  const body = `<h1>${escapeHtml(name)}</h1>
<p>This server keeps encrypted backups of bitcoin wallets' metadata. It cannot read them.</p>
<dl>
<dt>Address for your wallet</dt><dd><code>${escapeHtml(url)}</code></dd>
<dt>Registration</dt><dd>${REGISTRATION[registration]}</dd>
<dt>Software</dt><dd>CloudBackup ${escapeHtml(version)}</dd>
</dl>`;
  return createPage({ title: name, body });
}
