// Whether nothing has been turned for a moment: then what takes long may be computed.

const REST_MS = 250;

export class Rest {
  reached = false;
  #timer = 0;

  /** Begins anew; `then()` is called once it is reached. @param {() => void} then */
  await(then) {
    this.end();
    this.#timer = setTimeout(() => {
      this.reached = true;
      then();
    }, REST_MS);
  }

  end() {
    this.reached = false;
    clearTimeout(this.#timer);
  }
}
