// What Python sends beside the plane's own data, kept by name: test images, an encoder, a
// posterior. Both components import this module from one address, so there is one mailbox a page.

/** @typedef {Record<string, any>} Message */

/** @type {Map<string, Message>} */ const messages = new Map();
/** @type {Set<(name: string) => void>} */ const readers = new Set();

/** @type {(name: string, message: Message) => void} */
export function post(name, message) {
  messages.set(name, message);
  for (const read of readers) read(name);
}

/** @type {(name: string) => Message | null} */
export function messageAt(name) { return messages.get(name) ?? null; }

/** Calls `read(name)` whenever a message arrives.
 * @type {(read: (name: string) => void, signal: AbortSignal) => void} */
export function subscribe(read, signal) {
  readers.add(read);
  signal.addEventListener("abort", () => readers.delete(read));
}
