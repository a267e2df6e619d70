// What Python sends beside the plane's own data, kept by name: test images, an encoder, a
// posterior. The component that carries a message and the plane share this module.

/** @typedef {Record<string, any>} Message */

/** @type {Map<string, Message>} */ const messages = new Map();
/** @type {Set<(name: string) => void>} */ const readers = new Set();

/** @type {(name: string, message: Message) => void} */
export function post(name, message) {
  messages.set(name, message);
  for (const read of readers) read(name);
}

/** What the component `messages` mounts. @param {{data: Message}} component */
export function mount({ data }) { post(data.name, data); }

/** @type {(name: string) => Message | null} */
export function messageAt(name) { return messages.get(name) ?? null; }

/** Calls `read(name)` whenever a message arrives.
 * @type {(read: (name: string) => void, signal: AbortSignal) => void} */
export function subscribe(read, signal) {
  readers.add(read);
  signal.addEventListener("abort", () => readers.delete(read));
}
