// A client of the checker for Node, with a solver to put yours in the place of:
//     python -m lbfgsb77 reference check --command "node port.mjs"
import { createInterface } from "node:readline";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

const say = (message) => process.stdout.write(JSON.stringify(message) + "\n");

// JSON.stringify writes -0 as 0.
const exact = (x) => x.map((value) => (Object.is(value, -0) ? "-0.0" : value));

async function evaluate(x) {
  say({ evaluate: exact(x) });
  const { value, done } = await lines.next();
  if (done) process.exit(1);
  const answer = JSON.parse(value);
  return [Number(answer.f.toString().replace("inf", "Infinity")), answer.g.map(Number)];
}

// Projected gradient steps, halved until f decreases enough: not L-BFGS-B, only a solver that ends.
async function minimize(start) {
  // Equal zeros stay as they are, whatever their signs.
  const clip = (value, i) =>
    start.l[i] !== null && value < start.l[i] ? start.l[i]
      : start.u[i] !== null && value > start.u[i] ? start.u[i] : value;
  let x = start.x0.map(clip);
  let [f, g] = await evaluate(x);
  for (let nit = 1; nit <= start.maxiter; nit++) {
    const norm = Math.max(...x.map((value, i) => Math.abs(clip(value - g[i], i) - value)));
    if (norm <= start.pgtol) return { end: "CONVERGENCE: PROJECTED GRADIENT", x, f };
    let accepted = null;
    for (let trial = 0, step = 1; trial < start.maxls; trial++, step /= 2) {
      const y = x.map((value, i) => clip(value - step * g[i], i));
      const slope = y.reduce((sum, value, i) => sum + g[i] * (value - x[i]), 0);
      const [fy, gy] = await evaluate(y);
      if (fy <= f + 1e-4 * slope) {
        accepted = [y, fy, gy];
        break;
      }
    }
    if (accepted === null) return { end: "ABNORMAL: NO STEP LOWERS F", x, f };
    const before = f;
    [x, f, g] = accepted;
    say({ iteration: nit });
    const scale = Math.max(Math.abs(before), Math.abs(f), 1);
    if (before - f <= start.factr * 2 ** -52 * scale) {
      return { end: "CONVERGENCE: RELATIVE REDUCTION OF F", x, f };
    }
  }
  return { end: "ITERATION LIMIT", x, f };
}

say({ hello: "projected gradient, Node", version: process.version });
for (;;) {
  const { value, done } = await lines.next();
  if (done) break;
  const result = await minimize(JSON.parse(value));
  say({ ...result, x: exact(result.x) });
}
