"use strict";
// What the pictures show of a model, whose W [feature, hidden] is one flat array.

// All inner products W_i . V_j [feature, feature], as rows.
function products(W, V, n, m) {
  return Array.from({ length: n }, (_, i) => {
    const row = new Float64Array(n);
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = 0; k < m; k++) sum += W[i * m + k] * V[j * m + k];
      row[j] = sum;
    }
    return row;
  });
}

function norms(gram) {
  return gram.map((row, i) => Math.sqrt(Math.max(row[i], 0)));
}

// Sum over j other than i of (W_i / |W_i| . W_j)^2; 0 for a feature that is hardly represented.
function shared(gram) {
  return gram.map((row, i) => {
    if (row[i] < 1e-4) return 0;
    let sum = 0;
    for (let j = 0; j < row.length; j++) if (j !== i) sum += row[j] * row[j];
    return sum / row[i];
  });
}

// |W_i|^2 over the sum of (W_i / |W_i| . W_j)^2: the fraction of a dimension that a feature has.
function dimensionality(gram) {
  return gram.map((row, i) => {
    if (row[i] < 1e-4) return 0;
    let sum = 0;
    for (const value of row) sum += value * value;
    return (row[i] * row[i]) / sum;
  });
}

// A model between two models of the same shape.
function between(from, to, part) {
  const mix = (a, b) => a && b && a.map((x, k) => x + part * (b[k] - x));
  return { ...to, W: mix(from.W, to.W), out: mix(from.out, to.out), b: mix(from.b, to.b) };
}
