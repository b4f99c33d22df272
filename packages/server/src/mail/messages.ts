import type { OutgoingMail } from "./mailer.ts";

/** The message that makes a registration a user. The token is in the fragment, which browsers send to nobody. */
export function activationMail(options: {
  to: string;
  username: string;
  serverName: string;
  baseUrl: string;
  token: string;
}): OutgoingMail {
  const { to, username, serverName, baseUrl, token } = options;
  const link = `${baseUrl}/activate#token=${token}`;
  const text = `Hello ${username},

somebody, presumably you, registered at ${serverName} (${baseUrl}).
Open this link within 24 hours and press the button there:

${link}

If it was not you, ignore this message: nothing happens without that.
`;
  return { to, subject: `Activate your user at ${serverName}`, text, link };
}
