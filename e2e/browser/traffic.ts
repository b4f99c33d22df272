import type { BrowserContext, Request } from "playwright-core";

/** What a browser did that a person does not see. */
export interface Traffic {
  /** Everything on the console, and errors that nothing caught: also what the content security policy refused. */
  complaints: string[];
  requests: Request[];
  /** Answers that are failures, as `404 /v1/users`. Chromium puts each on the console too, whatever the page makes of it. */
  failures: string[];
}

const FAILED_ANSWER = /^Failed to load resource: the server responded with a status of \d{3}/;

/** Listens to all pages of a context, from now on. */
export function watchTraffic(context: BrowserContext): Traffic {
  const traffic: Traffic = { complaints: [], requests: [], failures: [] };
  context.on("console", (message) => {
    if (!FAILED_ANSWER.test(message.text())) traffic.complaints.push(`${message.type()}: ${message.text()}`);
  });
  context.on("weberror", (webError) => traffic.complaints.push(`uncaught: ${webError.error().stack}`));
  context.on("request", (request) => traffic.requests.push(request));
  context.on("response", (response) => {
    if (response.status() >= 400) traffic.failures.push(`${response.status()} ${new URL(response.url()).pathname}`);
  });
  return traffic;
}
