// What the URL keeps of the plane, by name: Python writes it there and reads it back.

export class Kept {
  #values = {};
  #send = () => {};
  #changed = () => {};

  /** Python's values, where it has set new ones. */
  read(values) {
    this.#values = { ...values };
    this.#changed();
  }

  /** `send(values)` tells Python. */
  tell(send) { this.#send = send; }

  /** `changed()` is called whenever there are other values. */
  listen(changed) { this.#changed = changed; }

  get(name) { return this.#values[name] ?? null; }

  /** A text, or null for nothing; Python hears of it if it is another one. */
  set(name, value) {
    if (this.get(name) === value) return;
    if (value === null) delete this.#values[name];
    else this.#values[name] = value;
    this.#send({ ...this.#values });
    this.#changed();
  }
}

/** The same for the right one of two planes: some names are the left one's, the rest isn't kept. */
export class Borrowed {
  #own = {};

  /** `shared`: the names of `lender`'s, a Kept; `changed()` is called when one is set here. */
  constructor(lender, shared, changed) {
    this.lender = lender;
    this.shared = shared;
    this.changed = changed;
  }

  read() {}
  tell() {}

  get(name) { return this.shared.includes(name) ? this.lender.get(name) : this.#own[name] ?? null; }

  set(name, value) {
    if (!this.shared.includes(name)) this.#own[name] = value;
    else if (this.get(name) !== value) {
      this.lender.set(name, value);
      this.changed();
    }
  }
}
