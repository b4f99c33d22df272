type Child = Node | string;
type Attributes = Record<string, string | boolean | ((event: Event) => void)>;

/**
 * An element. `onclick` and the like take listeners, `true` sets an attribute without a value, `false` leaves it out. Text is
 * always text: nothing here reads HTML.
 */
export function el<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key.slice("on".length), value);
    else if (value !== false) element.setAttribute(key, value === true ? "" : value);
  }
  element.append(...children);
  return element;
}

/** A field with its label; a `hint` is read out with it. */
export function field(label: string, attributes: Attributes, hint?: string): HTMLElement {
  const id = `field-${attributes.name}`;
  const isLong = attributes.type === "textarea";
  const { type, ...rest } = attributes;
  const described: Attributes = hint ? { "aria-describedby": `${id}-hint` } : {};
  const input = isLong
    ? el("textarea", { id, rows: "4", ...rest, ...described })
    : el("input", { id, type: type ?? "text", ...rest, ...described });
  const note = hint ? [el("small", { id: `${id}-hint` }, hint)] : [];
  return el("div", { class: "field" }, el("label", { for: id }, label), input, ...note);
}

/** A form that gives its fields to `submit`, and stays where it is. */
export function form(
  attributes: Attributes,
  submit: (values: Record<string, string>) => void,
  ...children: Child[]
): HTMLFormElement {
  const onsubmit = (event: Event) => {
    event.preventDefault();
    const values = new FormData(event.currentTarget as HTMLFormElement);
    submit(Object.fromEntries([...values].map(([name, value]) => [name, String(value)])));
  };
  return el("form", { autocomplete: "off", ...attributes, onsubmit }, ...children);
}

export function button(text: string, onclick: () => void, attributes: Attributes = {}): HTMLButtonElement {
  return el("button", { type: "button", onclick, ...attributes }, text);
}
