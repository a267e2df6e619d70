// A path between two ends or drawn freehand: four lines, how long each is, and the film along one.

import { paintPath, paintSketch } from "./marks.js";
import { createPathPanel } from "./panel.js";
import { EMPTY } from "./path_text.js";
import { FRAMES, isCount, tidyPlace, writePath } from "./path.js";
import { Player } from "./film.js";
import { distance, withEnds } from "../../geometry.js";
import { saveFilm } from "./recording.js";
import { Route } from "./route.js";
import { Stroke } from "./stroke.js";

const GRIP = 14; // pixels around an end
const REST_MS = 200; // without a change, after which lengths are measured
const SLICE_MS = 8; // of each frame, half of it for the film while it has something to do

export function createPathTool(plane, signal) {
  const route = new Route();
  const player = new Player();
  let path = EMPTY; // as it is drawn: the state's, or one whose end is being dragged
  let known = EMPTY; // the state's, as it was read last
  let next = 0; // the end that the next click sets
  let seen = "";
  let decoder = null;
  let timer = 0;
  let grip = -1; // the end that is dragged
  let stroke = null; // what is being drawn
  let complaint = "";

  const panel = createPathPanel({
    type,
    draw: () => show(),
    clear: () => { next = 0; commit(EMPTY); },
    choose(wanted) {
      const { frames = path.frames } = wanted;
      if (isCount(frames)) commit({ ...path, ...wanted });
      else complain(`The number of images must be a whole one from ${FRAMES.fewest} to ${FRAMES.most}.`);
    },
    play() {
      if (player.playing) player.stop();
      else player.start(performance.now());
      show();
      plane.redraw("tools");
    },
    scrub(share) {
      player.stop();
      player.share = share;
      show();
      moveOn();
    },
    save,
  }, signal);
  const { film } = panel;

  const flat = () => plane.view.dims.length < 2;
  const onPlane = (z) => (flat() ? [z[0], 0] : z);
  const decode = (place) => plane.decoder.decode(plane.latentAt(place));
  const ends = () => (path.points.length > 1 ? [path.points[0], path.points.at(-1)] : path.points);
  const kind = () => (route.lines[path.kind] ? path.kind : EMPTY.kind);
  const placeAt = (share) => route.placeAt(kind(), share, path.steps);
  const shares = () => Array.from({ length: path.frames }, (_, k) => k / (path.frames - 1));

  /** Takes a path that the user wants. */
  function commit(wanted) {
    complaint = "";
    known = wanted.points.length ? wanted : EMPTY;
    plane.act({ path: known });
    take(known);
  }

  /** The lines follow at once; what takes long waits until nothing has moved for a while. */
  function take(wanted) {
    const moved = String(wanted.points) !== String(path.points);
    path = wanted;
    if (moved) {
      route.aim(path.points, flat());
      measureLater();
    }
    film.expire(path.frames, plane.decoder);
    show();
    plane.redraw("marks", "tools");
  }

  function measureLater() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      route.start(decode);
      plane.redraw("tools");
    }, REST_MS);
  }

  function complain(words) {
    complaint = words;
    show();
  }

  /** All points with one end at a place; a freehand line goes along. */
  function withEnd(k, place) {
    const { points } = path;
    if (points.length < 2) return k < points.length ? [place] : [...points, place];
    const moved = withEnds(points, ...ends().with(k, place)).map(tidyPlace);
    return moved.includes(null) ? points : moved;
  }

  function setEnd(k, z) {
    const place = tidyPlace(onPlane(z));
    if (!place) return complain("An end needs numbers within ±10,000.");
    next = 1 - k;
    return commit({ ...path, points: withEnd(k, place) });
  }

  function type(k, axis, value) {
    if (k > path.points.length) complain("Set the first end first.");
    else setEnd(k, (ends()[k] ?? [0, 0]).with(axis, value));
  }

  const showPlace = () => panel.showPlace(player.share, path.frames, placeAt(player.share).slice(0, plane.view.dims.length));

  /** Brings the cursor to where the film stands. */
  function moveOn() {
    plane.moveTo(placeAt(player.share));
    showPlace();
  }

  function refresh() {
    const now = `${plane.run} ${plane.decoder.version} ${plane.place}`;
    const other = plane.decoder !== decoder || now !== seen;
    [decoder, seen] = [plane.decoder, now];
    const wanted = plane.state.get("path");
    if (wanted !== known) read(wanted);
    else if (other) {
      if (route.flat !== flat()) route.aim(path.points, flat());
      route.expire();
      measureLater();
      film.expire(path.frames, plane.decoder);
    }
    if (other) show();
    work();
  }

  /** As the URL has it. */
  function read(wanted) {
    known = wanted;
    complaint = "";
    next = wanted.points.length === 1 ? 1 : 0;
    take(wanted);
  }

  /** A slice of what is to be done. */
  function work() {
    if (!route.exists) return;
    if (player.advance(performance.now(), path.frames)) {
      moveOn();
      if (!player.playing) show();
    }
    film.advance(SLICE_MS / 2, (share) => decode(placeAt(share)), plane.decoder);
    if (route.busy) search();
    if (player.playing || route.busy || film.left) plane.redraw("tools");
  }

  function search() {
    const known = route.fresh.size;
    const moved = route.advance(film.left ? SLICE_MS / 2 : SLICE_MS);
    if ((moved && kind() === "geodesic") || (path.steps === "pixel" && route.fresh.size > known)) {
      film.expire(path.frames, plane.decoder);
    }
    if (moved || !route.busy) plane.redraw("marks");
    panel.showLengths(route, kind());
  }

  function show() {
    const there = ends();
    panel.show({
      path, ends: there, next, route, kind: kind(), dims: plane.view.dims, isGrid: plane.isGrid,
      playing: player.playing, complaint,
    });
    if (route.exists) showPlace();
  }

  function save(format) {
    const images = shares().map((share) => decode(placeAt(share)).slice());
    saveFilm(images, plane.decoder, format, `${plane.run}-${kind()}`);
  }

  function press(pixel, z) {
    const near = ends().findIndex((end) => distance(plane.pixelOf(end), pixel) < GRIP);
    if (near < 0 && !panel.draws) return false;
    player.stop();
    grip = near;
    stroke = near < 0 ? new Stroke(pixel, onPlane(z)) : null;
    return true;
  }

  function drag(pixel, z) {
    plane.moveTo(z);
    if (stroke) return stroke.move(pixel, onPlane(z));
    const place = tidyPlace(onPlane(z));
    if (place) take({ ...path, points: withEnd(grip, place) });
  }

  function drop(pixel) {
    if (!stroke) {
      if (writePath(path) !== writePath(known)) commit(path);
      return true;
    }
    const drawn = stroke;
    stroke = null;
    plane.redraw("marks");
    if (drawn.isBroken(pixel)) return true;
    const points = drawn.finish(plane.camera);
    if (!points) return false; // a click
    next = 0;
    commit({ ...path, kind: "freehand", points });
    return true;
  }

  function click(_, z) {
    setEnd(path.points.length === 1 ? 1 : next, z);
    plane.moveTo(z);
    return true;
  }

  const key = (event) => event.key === "Enter" && click(null, plane.cursor);

  function paint(context) {
    if (stroke?.points.length > 1) paintSketch(context, plane, stroke.points);
    const there = ends();
    if (!there.length) return;
    const places = route.exists ? shares().map(placeAt) : [];
    paintPath(context, plane, { lines: route.lines, chosen: kind(), places, ends: there, next });
    context.canvas.path = {
      kind: kind(), ends: there, places, lines: route.lines, done: route.done,
      lengths: Object.fromEntries(Object.keys(route.lines).map((each) => [each, route.lengthsOf(each)])),
    };
  }

  function close() {
    player.stop();
    clearTimeout(timer);
    route.expire();
    decoder = null; // so that all is measured when it is opened again
  }

  return {
    name: "path", title: "Path", hint: "Draw a path, see the film along it, and how long it is in z and in pixels",
    panel: panel.root, refresh, paint, click, press, drag, drop, key, close,
    home: () => (route.exists ? placeAt(player.share) : null),
  };
}
