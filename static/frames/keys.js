// plotly's sliders and buttons by keyboard: they are shapes that only a mouse reaches.
//
// Each gets its place in the tab order, its role and its words; a key becomes the mouse event that
// plotly waits for.

const LOOK_EVERY_MS = 300; // for charts that came, and sliders that were moved
const INSET = 10; // of plotly's first and last step from the rail's ends, in pixels
const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10,
  Home: -Infinity, End: Infinity };

const mounted = new WeakMap();

/** Called after each change of theme; returns the clean-up. */
export function mount({ parentElement }) {
  if (!mounted.has(parentElement)) mounted.set(parentElement, setInterval(look, LOOK_EVERY_MS));
  return () => {
    if (parentElement.isConnected) return;
    clearInterval(mounted.get(parentElement));
    mounted.delete(parentElement);
  };
}

function look() {
  for (const chart of document.querySelectorAll(".js-plotly-plot")) {
    chart.querySelectorAll(".updatemenu-button").forEach(reachButton);
    chart.querySelectorAll(".slider-group").forEach((group, k) => reachSlider(chart, group, k));
  }
}

function reachButton(button) {
  if (button.tabIndex === 0) return;
  button.setAttribute("role", "button");
  button.setAttribute("tabindex", "0");
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    button.dispatchEvent(new MouseEvent("click", { bubbles: true, view: window }));
  });
}

function reachSlider(chart, group, k) {
  describe(chart, group, k);
  if (group.tabIndex === 0) return;
  group.setAttribute("role", "slider");
  group.setAttribute("tabindex", "0");
  group.setAttribute("aria-valuemin", "0");
  group.addEventListener("keydown", (event) => {
    if (!(event.key in STEPS) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const { active, steps } = chart._fullLayout.sliders[k];
    const last = steps.length - 1;
    press(group, Math.min(Math.max(active + STEPS[event.key], 0), last) / last);
    describe(chart, group, k);
  });
}

function describe(chart, group, k) {
  const slider = chart._fullLayout?.sliders?.[k];
  if (!slider) return;
  const { active, steps, currentvalue } = slider;
  const words = { "aria-label": currentvalue.prefix.trim(), "aria-valuemax": steps.length - 1,
    "aria-valuenow": active, "aria-valuetext": steps[active]?.label ?? "" };
  for (const [name, value] of Object.entries(words)) {
    if (group.getAttribute(name) !== String(value)) group.setAttribute(name, value);
  }
}

/** A click on the rail, where plotly has the step. */
function press(group, share) {
  const rail = group.querySelector(".slider-rail-touch-rect");
  const { left, top, width, height } = rail.getBoundingClientRect();
  const where = { bubbles: true, cancelable: true, view: window, clientY: top + height / 2,
    clientX: left + INSET + share * (width - 2 * INSET) };
  rail.dispatchEvent(new MouseEvent("mousedown", where));
  group.closest(".js-plotly-plot").dispatchEvent(new MouseEvent("mouseup", where));
}
