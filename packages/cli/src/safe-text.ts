/*
 * What another wrote (a server, a dump, the name of a file) must not steer the terminal that shows it: it could clear what
 * stands there, write something else, set the clipboard or the window's title, or turn the direction of a line.
 */

/** C0 and C1 controls, and what is invisible or turns the direction of text. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;

/** One line of it, with everything unsafe in its place as `\u{…}`. @param maxLength characters; what is longer is cut */
export function safeText(text: string, maxLength = 200): string {
  const chars = [...text];
  const cut = chars.length > maxLength ? `${chars.slice(0, maxLength - 1).join("")}…` : text;
  return cut.replace(UNSAFE, (char) => `\\u{${(char.codePointAt(0) as number).toString(16)}}`);
}

/** The same for several lines. */
export function safeLines(text: string, maxLength = 2000): string {
  return text
    .split("\n")
    .map((line) => safeText(line, maxLength))
    .join("\n");
}
