// A path between two ends or drawn freehand: four lines, how long each is, and the film along one.

/** @import { Decoder, Pair, PlaneContext, Tool, ToolRow } from "../../context.js" */
/** @import { Kind, Path } from "./path.js" */

import { distance, withEnds } from "../../geometry.js";
import { Player, saveFilm } from "./film.js";
import {
  EMPTY, FRAMES, Route, Stroke, endsOf, isCount, paintPath, paintSketch, tidyLine, tidyPlace,
  writePath,
} from "./path.js";
import { createPathPanel } from "./panel.js";

const GRIP = 14; // pixels around an end
const REST_MS = 200; // without a change, after which lengths are measured
const SLICE_MS = 8; // of each frame, half of it for the film while it has something to do

/** @implements {Tool} */
class PathTool {
  #plane;
  #view;
  #route = new Route();
  #player = new Player();
  /** @type {Path} as it is drawn: the state's, or one whose end is being dragged */ #path = EMPTY;
  /** @type {Path} the state's, as it was read last */ #known = EMPTY;
  /** The end that the next click sets. */
  #next = 0;
  /** @type {Decoder | null} that the lines were measured with, and where */ #decoder = null;
  #seen = "";
  #timer = 0;
  /** The end that is dragged. */
  #grip = -1;
  /** @type {Stroke | null} what is being drawn */ #stroke = null;
  #complaint = "";

  /** @param {PlaneContext} plane */
  constructor(plane) {
    this.#plane = plane;
    this.#view = createPathPanel({
      type: (k, axis, value) => this.#type(k, axis, value),
      dragsChange: () => this.#show(),
      clear: () => { this.#next = 0; this.#commit(EMPTY); },
      choose: (wanted) => this.#choose(wanted),
      play: () => this.#togglePlay(),
      scrub: (share) => this.#scrub(share),
      save: (format) => this.#save(format),
    });
    this.panel = this.#view.root;
  }

  get #flat() { return this.#plane.view.dims.length < 2; }
  get #ends() { return endsOf(this.#path); }
  /** @returns {Kind} the line that the film runs along */
  get #kind() { return this.#route.lines[this.#path.kind] ? this.#path.kind : EMPTY.kind; }
  get #shares() {
    const { frames } = this.#path;
    return Array.from({ length: frames }, (_, k) => k / (frames - 1));
  }

  /** @param {Pair} z @returns {Pair} */
  #onPlane(z) { return this.#flat ? [z[0], 0] : z; }

  /** @param {number} share */
  #placeAt(share) { return this.#route.placeAt(this.#kind, share, this.#path.steps); }

  /** @param {Pair} place */
  #decode = (place) => this.#plane.decoder.decode(this.#plane.latentAt(place));

  busy() {
    const isMaking = this.#player.playing || this.#route.busy || this.#view.film.left > 0;
    return this.#timer > 0 || (this.#route.exists && isMaking);
  }

  /** Takes a path that the user wants. @param {Path} wanted */
  #commit(wanted) {
    this.#complaint = "";
    this.#known = wanted.points.length ? wanted : EMPTY;
    this.#plane.act({ path: this.#known });
    this.#take(this.#known);
  }

  /** The lines follow at once; what takes long waits until nothing has moved for a while.
   * @param {Path} wanted */
  #take(wanted) {
    const moved = String(wanted.points) !== String(this.#path.points);
    this.#path = wanted;
    if (moved) {
      this.#route.aim(wanted.points, this.#flat);
      this.#measureLater();
    }
    this.#expireFilm();
    this.#show();
    this.#plane.redraw("marks", "tools");
  }

  #expireFilm() { this.#view.film.expire(this.#path.frames, this.#plane.decoder); }

  #measureLater() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#timer = 0;
      this.#route.start(this.#decode);
      this.#plane.redraw("tools");
    }, REST_MS);
  }

  /** @param {string} complaint */
  #complain(complaint) {
    this.#complaint = complaint;
    this.#show();
  }

  /** @param {Partial<Path>} wanted */
  #choose(wanted) {
    if (isCount(wanted.frames ?? this.#path.frames)) this.#commit({ ...this.#path, ...wanted });
    else {
      this.#complain(`The number of images must be a whole number from ${FRAMES.fewest} to `
        + `${FRAMES.most}.`);
    }
  }

  /** All points with one end at a place; a freehand line goes along.
   * @param {number} k @param {Pair} place */
  #withEnd(k, place) {
    const { points } = this.#path;
    if (points.length < 2) return k < points.length ? [place] : [...points, place];
    const [from, to] = this.#ends.with(k, place);
    return tidyLine(withEnds(points, from, to)) ?? points;
  }

  /** @param {number} k @param {Pair} z */
  #setEnd(k, z) {
    const place = tidyPlace(this.#onPlane(z));
    if (!place) return this.#complain("An end needs numbers within ±10,000.");
    this.#next = 1 - k;
    return this.#commit({ ...this.#path, points: this.#withEnd(k, place) });
  }

  /** @param {number} k @param {number} axis @param {number} value */
  #type(k, axis, value) {
    const [x, y] = this.#ends[k] ?? [0, 0];
    if (k > this.#path.points.length) this.#complain("Set the first end first.");
    else this.#setEnd(k, axis ? [x, value] : [value, y]);
  }

  #togglePlay() {
    if (this.#player.playing) this.#player.stop();
    else this.#player.start(performance.now());
    this.#show();
    this.#plane.redraw("tools");
  }

  /** @param {number} share */
  #scrub(share) {
    this.#player.stop();
    this.#player.share = share;
    this.#show();
    this.#moveOn();
  }

  #showPlace() {
    const { share } = this.#player;
    const place = this.#placeAt(share).slice(0, this.#plane.view.dims.length);
    this.#view.showPlace(share, this.#path.frames, place);
  }

  /** Brings the cursor to where the film is. */
  #moveOn() {
    this.#plane.moveTo(this.#placeAt(this.#player.share));
    this.#showPlace();
  }

  refresh() {
    const { run, decoder, place } = this.#plane;
    const now = `${run} ${decoder.version} ${place}`;
    const other = decoder !== this.#decoder || now !== this.#seen;
    [this.#decoder, this.#seen] = [decoder, now];
    const wanted = this.#plane.get("path");
    if (wanted !== this.#known) this.#read(wanted);
    else if (other) {
      if (this.#route.flat !== this.#flat) this.#route.aim(this.#path.points, this.#flat);
      this.#route.expire();
      this.#measureLater();
      this.#expireFilm();
    }
    if (other) this.#show();
    this.#work();
  }

  /** As the state has it. @param {Path} wanted */
  #read(wanted) {
    this.#known = wanted;
    this.#complaint = "";
    this.#next = wanted.points.length === 1 ? 1 : 0;
    this.#take(wanted);
  }

  /** A slice of what is to be done. */
  #work() {
    const [route, player, { film }] = [this.#route, this.#player, this.#view];
    if (!route.exists) return;
    if (player.advance(performance.now(), this.#path.frames)) {
      this.#moveOn();
      if (!player.playing) this.#show();
    }
    film.advance(SLICE_MS / 2, (share) => this.#decode(this.#placeAt(share)), this.#plane.decoder);
    if (route.busy) this.#search();
    if (player.playing || route.busy || film.left) this.#plane.redraw("tools");
  }

  #search() {
    const route = this.#route;
    const known = route.fresh.size;
    const moved = route.advance(this.#view.film.left ? SLICE_MS / 2 : SLICE_MS);
    const measured = this.#path.steps === "pixel" && route.fresh.size > known;
    if ((moved && this.#kind === "geodesic") || measured) this.#expireFilm();
    if (moved || !route.busy) this.#plane.redraw("marks");
    this.#view.showLengths(route, this.#kind);
  }

  #show() {
    const { view: { dims }, isGrid } = this.#plane;
    this.#view.show({
      path: this.#path, ends: this.#ends, next: this.#next, route: this.#route, kind: this.#kind,
      dims, isGrid, playing: this.#player.playing, complaint: this.#complaint,
    });
    if (this.#route.exists) this.#showPlace();
  }

  /** @param {"gif" | "png"} format */
  #save(format) {
    const { decoder, run } = this.#plane;
    const images = this.#shares.map((share) => this.#decode(this.#placeAt(share)).slice());
    saveFilm(images, decoder, format, `${run}-${this.#kind}`)
      .catch((error) => this.#complain(error.message));
  }

  /** @param {Pair} pixel @param {Pair} z */
  press(pixel, z) {
    const near = this.#ends.findIndex((end) => {
      const at = this.#plane.pixelOf(end);
      return at !== null && distance(at, pixel) < GRIP;
    });
    if (near < 0 && !this.#view.draws) return false;
    this.#player.stop();
    this.#grip = near;
    this.#stroke = near < 0 ? new Stroke(pixel, this.#onPlane(z)) : null;
    return true;
  }

  /** @param {Pair} pixel @param {Pair} z */
  drag(pixel, z) {
    this.#plane.moveTo(z);
    if (this.#stroke) return this.#stroke.move(pixel, this.#onPlane(z));
    const place = tidyPlace(this.#onPlane(z));
    if (place) this.#take({ ...this.#path, points: this.#withEnd(this.#grip, place) });
  }

  /** @param {Pair} pixel */
  drop(pixel) {
    const stroke = this.#stroke;
    if (!stroke) {
      if (writePath(this.#path) !== writePath(this.#known)) this.#commit(this.#path);
      return true;
    }
    this.#stroke = null;
    this.#plane.redraw("marks");
    if (stroke.isBroken(pixel)) return true;
    const points = stroke.finish(this.#plane.camera);
    if (!points) return false; // a click
    this.#next = 0;
    this.#commit({ ...this.#path, kind: "freehand", points });
    return true;
  }

  /** @param {Pair | null} _ @param {Pair} z */
  click(_, z) {
    this.#setEnd(this.#path.points.length === 1 ? 1 : this.#next, z);
    this.#plane.moveTo(z);
    return true;
  }

  /** @param {KeyboardEvent} event */
  key(event) { return event.key === "Enter" && this.click(null, this.#plane.cursor); }

  /** @param {CanvasRenderingContext2D} context */
  paint(context) {
    const plane = this.#plane;
    const { points = [] } = this.#stroke ?? {};
    if (points.length > 1) paintSketch(context, plane, points);
    if (!this.#ends.length) return;
    paintPath(context, plane, {
      lines: this.#route.lines, chosen: this.#kind, places: this.#places, ends: this.#ends,
      next: this.#next,
    });
  }

  /** Of the film's images. */
  get #places() {
    return this.#route.exists ? this.#shares.map((share) => this.#placeAt(share)) : [];
  }

  inspect() {
    const route = this.#route;
    if (!this.#ends.length) return null;
    return {
      kind: this.#kind, ends: this.#ends, places: this.#places, lines: route.lines,
      done: route.done && !this.#view.film.left,
      images: this.#view.film.images.map((image) => Array.from(image)),
      lengths: Object.fromEntries(route.kinds.map((kind) => [kind, route.lengthsOf(kind)])),
    };
  }

  close() {
    this.#player.stop();
    clearTimeout(this.#timer);
    this.#timer = 0;
    this.#route.expire();
    this.#decoder = null; // so that all is measured when it is opened again
  }

  home() { return this.#route.exists ? this.#placeAt(this.#player.share) : null; }
}

/** @type {ToolRow} */
export const PATH = {
  name: "path", title: "Path",
  hint: "Draw a path, see the film along it, and how long it is in z and in pixels",
  needsZ: true, create: (plane) => new PathTool(plane),
};
