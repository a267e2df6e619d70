// What Python sends beside the plane's own data, kept by name: test images, an encoder, a posterior.
// Both components import this module from one address, so there is one mailbox a page.

const letters = new Map();
const readers = new Set();

export function post(name, letter) {
  letters.set(name, letter);
  for (const read of readers) read(name);
}

export function letter(name) {
  return letters.get(name) ?? null;
}

/** Calls `read(name)` whenever a letter arrives. */
export function subscribe(read, signal) {
  readers.add(read);
  signal.addEventListener("abort", () => readers.delete(read));
}
