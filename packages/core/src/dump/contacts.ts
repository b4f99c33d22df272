import { anyText, map, must, optional, schemaOf, text } from "./fields.ts";
import { type SectionDefinition, sectionOf } from "./sections.ts";

/** Whom a person pays. Keys not named here are kept and written back. @see docs/sections.md */
export interface Contact {
  /** Not empty, each once. */
  name: string;
  /** Where to pay: `bitcoin:…`. @see BIP-21 */
  uri?: string;
  /** What the person wrote. */
  note?: string;
  [key: string]: unknown;
}

const contact = map({
  name: text,
  uri: optional(
    must(
      (value) => typeof value === "string" && /^bitcoin:\S+$/i.test(value),
      "must be a URI that begins with bitcoin:",
    ),
  ),
  note: optional(anyText),
});

export const contactsSection: SectionDefinition<"contacts", Contact> = sectionOf({
  name: "contacts",
  schema: schemaOf(contact),
  identity: (record) => record.name,
});
