// Makes and updates elements. Text is always set as text: nothing that a server
// or a client sent is read as HTML.

/** The element with this id, which is in the page. */
export const byId = id => document.getElementById(id);

/**
 * Makes an element. Children are elements and texts; null is left out.
 * @param {string} kind
 * @param {Object<string, unknown>} attributes `class`, `title`, ...; true is an
 *   attribute without a value, null and false leave it out
 */
export function make(kind, attributes = {}, ...children) {
  const result = document.createElement(kind);
  for (const [name, value] of Object.entries(attributes))
    if (value !== null && value !== false)
      result.setAttribute(name, value === true ? '' : String(value));
  for (const child of children.flat())
    if (child !== null)
      result.append(child);
  return result;
}

/** Sets the text, and touches the page only when it differs. */
export function setText(element, text) {
  const wanted = String(text);
  if (element.textContent !== wanted)
    element.textContent = wanted;
}

/** Sets or takes away an attribute, if it differs. */
export function setAttribute(element, name, value) {
  if (value === null || value === false)
    element.removeAttribute(name);
  else if (element.getAttribute(name) !== String(value))
    element.setAttribute(name, String(value));
}

/**
 * Makes the children of `parent` those of `items`, in their order, and keeps
 * elements whose key stays: focus and what was typed survive.
 * @param key the key of an item, a text
 * @param create makes the element of an item
 * @param update shows an item in its element
 */
export function sync(parent, items, {key, create, update}) {
  const known = parent.troupeChildren ??= new Map();
  const next = new Map();
  let before = parent.firstElementChild;
  for (const item of items) {
    const name = key(item);
    const element = known.get(name) ?? create(item);
    known.delete(name);
    next.set(name, element);
    update?.(element, item);
    if (element === before)
      before = before.nextElementSibling;
    else
      parent.insertBefore(element, before);
  }
  for (const element of known.values())
    element.remove();
  parent.troupeChildren = next;
}
