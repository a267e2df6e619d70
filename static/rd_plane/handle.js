// The ring on the curve: drawn over plotly's plane, dragged along the curve without a rerun.
//
// plotly's figure doesn't depend on the β chosen, so it needn't be drawn anew, and keeps its zoom.

import { drawn, nearest, tangent, words } from "./curve.js";

const SVG = "http://www.w3.org/2000/svg";
const CLICK_PX = 3; // a press that stays within them is a click
const LOOK_EVERY_MS = 250; // for a chart that came in place of the one the ring is on

const mounted = new WeakMap();

/** Called after each change of data or theme; returns the clean-up. */
export function mount({ data, parentElement, setTriggerValue }) {
  let handle = mounted.get(parentElement);
  if (!handle) {
    handle = new Handle(parentElement);
    mounted.set(parentElement, handle);
  }
  handle.update(data, setTriggerValue);
  return () => {
    if (parentElement.isConnected) return;
    handle.destroy();
    mounted.delete(parentElement);
  };
}

class Handle {
  constructor(parent) {
    this.parent = parent;
    this.chart = null;
    this.dragging = false;
    this.svg = element("svg", { "aria-hidden": "true", "data-testid": "curve-handle" });
    this.svg.style.cssText =
      "position:absolute;left:0;top:0;width:100%;height:100%;pointer-events:none;overflow:hidden";
    this.tangent = element("line", { "data-testid": "curve-tangent", "stroke-width": 2,
      "stroke-dasharray": "7 5" }, this.svg);
    this.ring = element("circle", { r: 11, fill: "none", "stroke-width": 3 }, this.svg);
    this.grip = element("circle", { "data-testid": "curve-grip", r: 22, fill: "none" }, this.svg);
    this.grip.style.cssText = "pointer-events:all;cursor:grab;touch-action:none";
    this.lines = ["beta", "numbers", "elbo"].map((name, k) => element("text", {
      "text-anchor": "end", "font-size": 13, "font-weight": k ? 400 : 600, "paint-order": "stroke",
      "stroke-width": 5, "stroke-linejoin": "round", "data-testid": `curve-${name}` }, this.svg));
    this.listen();
    this.draw = this.draw.bind(this);
    this.click = this.click.bind(this);
    this.save = this.save.bind(this);
    this.timer = setInterval(() => this.attach(), LOOK_EVERY_MS);
  }

  update(data, send) {
    this.curve = data.curve;
    this.send = send;
    if (!this.dragging) this.index = data.at;
    const style = getComputedStyle(this.parent.querySelector("span"));
    const ground = style.getPropertyValue("--st-background-color") || "transparent";
    const ink = style.getPropertyValue("--st-text-color") || "currentColor";
    this.colours = { colour: data.colour, ink };
    for (const shape of [this.tangent, this.ring]) shape.setAttribute("stroke", data.colour);
    for (const line of this.lines) {
      line.setAttribute("stroke", ground);
      line.setAttribute("fill", ink);
    }
    this.attach();
    this.draw();
  }

  /** Sit on the chart that is there now. */
  attach() {
    const chart = document.querySelector(".st-key-rate_plane .js-plotly-plot");
    if (!chart?._fullLayout?.xaxis?.d2p || !chart.on) return;
    if (chart !== this.chart) {
      this.chart?.removeEventListener("click", this.save, true);
      this.chart = chart;
      chart.addEventListener("click", this.save, true);
      chart.on("plotly_afterplot", this.draw);
      chart.on("plotly_relayouting", this.draw);
      chart.on("plotly_click", this.click);
    }
    if (this.svg.parentElement !== chart) {
      chart.append(this.svg);
      this.draw();
    }
  }

  /** Where the curve's places lie, in pixels from the chart's corner, and the plane's frame. */
  layout() {
    const { xaxis, yaxis } = this.chart._fullLayout;
    const x = this.curve.rate.map((rate) => xaxis._offset + xaxis.d2p(rate));
    const y = this.curve.distortion.map((distortion) => yaxis._offset + yaxis.d2p(distortion));
    const frame = { left: xaxis._offset, right: xaxis._offset + xaxis._length,
      top: yaxis._offset, bottom: yaxis._offset + yaxis._length };
    return { x, y, frame, perRate: xaxis._length / (xaxis.range[1] - xaxis.range[0]),
      perDistortion: yaxis._length / (yaxis.range[1] - yaxis.range[0]) };
  }

  draw() {
    if (!this.chart?.isConnected || !this.curve) return;
    const { x, y, frame, perRate, perDistortion } = this.layout();
    const [cx, cy] = [x[this.index], y[this.index]];
    const inside = cx >= frame.left && cx <= frame.right && cy >= frame.top && cy <= frame.bottom;
    for (const circle of [this.ring, this.grip]) {
      set(circle, { cx, cy, visibility: inside ? "visible" : "hidden" });
    }
    const slope = this.curve.weight[this.index] * perDistortion / perRate;
    const ends = tangent(cx, cy, slope, frame);
    set(this.tangent, { ...ends, visibility: ends ? "visible" : "hidden" });
    words(this.curve, this.index).forEach((text, k) => {
      set(this.lines[k], { x: frame.right - 6, y: frame.top + 18 + 18 * k });
      this.lines[k].textContent = text;
    });
    this.svg.dataset.beta = this.curve.beta[this.index];
  }

  listen() {
    const { grip } = this;
    grip.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      event.stopPropagation();
      grip.setPointerCapture(event.pointerId);
      this.dragging = true;
      this.before = this.index;
      this.pressed = [event.clientX, event.clientY];
      grip.style.cursor = "grabbing";
    });
    grip.addEventListener("pointermove", (event) => {
      if (!this.dragging || !this.moved(event)) return;
      const box = this.chart.getBoundingClientRect();
      const { x, y } = this.layout();
      const index = nearest(x, y, event.clientX - box.left, event.clientY - box.top);
      if (index === this.index) return;
      this.index = index;
      this.draw();
    });
    const end = (keep) => () => {
      if (!this.dragging) return;
      this.dragging = false;
      grip.style.cursor = "grab";
      if (!keep) this.index = this.before;
      this.draw();
      if (this.index !== this.before) this.send("beta", this.curve.beta[this.index]);
    };
    grip.addEventListener("pointerup", end(true));
    grip.addEventListener("pointercancel", end(false));
    grip.addEventListener("mousedown", (event) => event.stopPropagation()); // no zoom box
    grip.addEventListener("mousemove", (event) => {
      if (!this.dragging) this.beneath(event, "mousemove");
    });
    grip.addEventListener("click", (event) => {
      event.stopPropagation();
      if (!this.moved(event)) this.beneath(event, "mousemove", "mousedown", "mouseup");
    });
  }

  /** Whether the pointer has gone far enough from where it was pressed to mean a drag. */
  moved(event) {
    const [x, y] = this.pressed;
    return Math.hypot(event.clientX - x, event.clientY - y) > CLICK_PX;
  }

  /** What is no drag of the ring is the chart's: a dot that lies under it tells what it is, and is
   * chosen by a click. */
  beneath({ clientX, clientY }, ...types) {
    const found = document.elementsFromPoint(clientX, clientY).find((each) => !this.svg.contains(each));
    for (const type of types) {
      found?.dispatchEvent(new MouseEvent(type, { bubbles: true, view: window, clientX, clientY,
        buttons: Number(type === "mousedown") }));
    }
  }

  /** A place on the curve was clicked. plotly's selection, which Streamlit sends, leaves out a
   * second click on one place. */
  click(event) {
    const found = event.points.find((point) => point.customdata?.[0] === "");
    const index = found ? this.curve.beta.indexOf(found.customdata[1]) : -1;
    if (index < 0 || index === this.index) return;
    this.index = index;
    this.draw();
    this.send("beta", this.curve.beta[index]);
  }

  /**
   * plotly saves a picture of its own figure, which hasn't the ring. It copies the figure while its
   * button is clicked: for so long the ring is part of it.
   */
  save(event) {
    if (!event.target.closest?.('.modebar-btn[data-title^="Download"]')) return;
    const { layout, _fullLayout: { xaxis, yaxis } } = this.chart;
    const place = (name) => Number(this.tangent.getAttribute(name));
    const ends = this.tangent.getAttribute("visibility") === "hidden" ? null : {
      x0: xaxis.p2d(place("x1") - xaxis._offset), x1: xaxis.p2d(place("x2") - xaxis._offset),
      y0: yaxis.p2d(place("y1") - yaxis._offset), y1: yaxis.p2d(place("y2") - yaxis._offset) };
    const more = drawn(this.curve, this.index, ends, this.colours);
    for (const [name, added] of Object.entries(more)) {
      const own = layout[name];
      layout[name] = [...(own ?? []), ...added];
      setTimeout(() => { layout[name] = own; });
    }
  }

  destroy() {
    clearInterval(this.timer);
    this.svg.remove();
    this.chart?.removeEventListener("click", this.save, true);
    for (const name of ["plotly_afterplot", "plotly_relayouting"]) {
      this.chart?.removeListener?.(name, this.draw);
    }
    this.chart?.removeListener?.("plotly_click", this.click);
  }
}

function element(name, attributes, parent) {
  const made = document.createElementNS(SVG, name);
  set(made, attributes);
  parent?.append(made);
  return made;
}

function set(shape, attributes) {
  for (const [name, value] of Object.entries(attributes)) shape.setAttribute(name, value);
}
