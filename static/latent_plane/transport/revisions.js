// Which values of Python's are new: it counts up `<name>_revision` when it sets one by itself, and
// sends nothing back of what was set here.

export class Revisions {
  #known = new Map();

  isNew(name, view) {
    const revision = view[`${name}_revision`] ?? JSON.stringify(view[name]);
    const before = this.#known.get(name);
    this.#known.set(name, revision);
    return before !== revision;
  }
}
