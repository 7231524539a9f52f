"use strict";
// From the page's own text to numbers: base64, gzip, safetensors. Nothing is fetched.

function bytesOf(base64) {
  const text = atob(base64.trim());
  const bytes = new Uint8Array(text.length);
  for (let k = 0; k < text.length; k++) bytes[k] = text.charCodeAt(k);
  return bytes;
}

function unzipped(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).arrayBuffer();
}

const KINDS = { I16: Int16Array, I32: Int32Array, F32: Float32Array, F64: Float64Array };

// A safetensors file: eight bytes of length, a header in JSON, the arrays.
function safetensors(buffer) {
  const length = Number(new DataView(buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 8, length)));
  const { __metadata__: metadata, ...parts } = header;
  const arrays = {};
  for (const [name, { dtype, shape, data_offsets: [from, to] }] of Object.entries(parts)) {
    const part = buffer.slice(8 + length + from, 8 + length + to);
    arrays[name] = Object.assign(new KINDS[dtype](part), { shape });
  }
  return { notes: JSON.parse(metadata.superpos), arrays };
}

// An experiment as `superpos/explorer.py` packs it, with the place of every condition's weights.
async function experimentOf(element) {
  const { notes, arrays } = safetensors(await unzipped(bytesOf(element.textContent)));
  const families = [...arrays.family].map((k) => notes.families[k]);
  const starts = { W: [0], b: [0], way: [0] };
  families.forEach(({ n, m }, c) => {
    starts.W.push(starts.W[c] + notes.kept * n * m);
    starts.b.push(starts.b[c] + notes.kept * n);
    starts.way.push(starts.way[c] + notes.kept * n * m * notes.way_steps.length);
  });
  return { ...notes, arrays, starts, at: (c) => pointOf(arrays, notes.sliders.length, c) };
}

function pointOf(arrays, sliders, condition) {
  return [...arrays.at.subarray(condition * sliders, (condition + 1) * sliders)];
}

// One model: its family, W and W_out as rows of features, b.
function modelOf(experiment, condition, replicate, step) {
  const { arrays, starts, scale, kept, way_steps: steps } = experiment;
  const family = experiment.families[arrays.family[condition]];
  const size = family.n * family.m;
  const real = (array, from, count) => Float64Array.from(array.subarray(from, from + count), (x) => x / scale);
  const from = starts.W[condition] + replicate * size;
  const passing = starts.way[condition] + (replicate * steps.length + step) * size;
  return {
    ...family,
    W: steps.length ? real(arrays.way_W, passing, size) : real(arrays.W, from, size),
    out: arrays.W_out ? real(arrays.W_out, from, size) : null,
    b: real(arrays.b, starts.b[condition] + replicate * family.n, family.n),
  };
}
