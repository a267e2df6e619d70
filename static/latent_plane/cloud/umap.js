// UMAP of the codes at one β, computed beside the page: where the points lie, as far as it has come.

const WORKER = "app/static/latent_plane/cloud/umap_worker.js";

export class Unfolding {
  /** What is to be said of it. */
  words = "";
  #key = "";
  #worker = null;

  /** `arrange(x, y)` is called with new places of the points. */
  constructor(arrange) {
    this.arrange = arrange;
  }

  /** Unfolds the plane's codes at its β, where it is to show UMAP. */
  follow({ view, dial: { beta }, decoder, codes }) {
    if (view.axis !== "UMAP") this.stop();
    else if (codes) this.#begin(`${view.model} ${beta}`, codes.all(beta), codes.size, decoder.latentDim);
  }

  /** What is decoded on UMAP's map, where a place has no z: the nearest image's mean. Else null. */
  codeAt({ view, cloud, codes, dial: { beta } }, place) {
    if (view.axis !== "UMAP" || !codes) return null;
    const [nearest] = cloud.index().nearest(...place, 1);
    return nearest === undefined ? null : Float32Array.from(codes.meanOf([nearest], beta));
  }

  /** Begins with the codes `mu` (size × latentDim numbers), unless they are those of `key` again. */
  #begin(key, mu, size, latentDim) {
    if (key === this.#key) return;
    this.#worker?.terminate();
    this.#key = key;
    this.words = "UMAP: looking for the nearest neighbours…";
    try {
      this.#worker = new Worker(new URL(WORKER, document.baseURI));
    } catch {
      this.#fail();
      return;
    }
    this.#worker.onmessage = ({ data }) => {
      this.words = data.epoch < data.of ? `UMAP: ${data.epoch} of ${data.of} epochs.`
        : "UMAP of the posterior means; what is decoded is the nearest test image's mean.";
      this.arrange(data.x, data.y);
      if (data.epoch === data.of) this.#worker?.terminate();
    };
    this.#worker.onerror = () => this.#fail();
    this.#worker.postMessage({ mu, size, latentDim });
  }

  /** The points go where they were. */
  stop() {
    if (!this.#key) return;
    this.arrange(null, null);
    this.#worker?.terminate();
    this.#worker = null;
    this.#key = "";
    this.words = "";
  }

  #fail() {
    this.words = "UMAP can't be computed here, as a saved page has no second thread: open the app for it.";
    this.arrange(null, null);
  }
}
