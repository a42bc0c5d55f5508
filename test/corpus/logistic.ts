/** One training message: its features, and whether it is of the kind. */
export interface Example {
  features: ReadonlyMap<string, number>;
  positive: boolean;
  /** How much it counts. */
  weight: number;
}

export interface Logistic {
  bias: number;
  weights: Map<string, number>;
}

/**
 * Logistic regression with an L2 penalty, fitted by AdaGrad over the examples in a fixed order:
 * the same examples give the same weights.
 */
export function fit(
  examples: readonly Example[],
  penalty: (feature: string) => number,
  epochs = 40,
): Logistic {
  const names = [...new Set(examples.flatMap(({ features }) => [...features.keys()]))];
  const numbers = new Map(names.map((name, index) => [name, index]));
  const strength = Float64Array.from(names, penalty);
  const weights = new Float64Array(names.length);
  const squares = new Float64Array(names.length).fill(1e-2);
  let [bias, biasSquare] = [-1, 1];
  const rows = examples.map(({ features, positive, weight }) => ({
    at: Int32Array.from(features.keys(), (name) => numbers.get(name) ?? 0),
    value: Float64Array.from(features.values()),
    target: positive ? 1 : 0,
    weight,
  }));
  const step = (index: number, gradient: number): void => {
    squares[index] = (squares[index] ?? 0) + gradient * gradient;
    weights[index] = (weights[index] ?? 0) - (0.15 * gradient) / Math.sqrt(squares[index] ?? 1);
  };
  // A prime stride visits every row once, in an order that mixes the files.
  const stride = rows.length % 7919 === 0 ? 7907 : 7919;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (let turn = 0; turn < rows.length; turn += 1) {
      const row = rows[(turn * stride + epoch) % rows.length];
      if (row === undefined) continue;
      let sum = bias;
      for (const [k, index] of row.at.entries()) sum += (weights[index] ?? 0) * (row.value[k] ?? 0);
      const error = (1 / (1 + Math.exp(-sum)) - row.target) * row.weight;
      biasSquare += error * error;
      bias -= (0.15 * error) / Math.sqrt(biasSquare);
      for (const [k, index] of row.at.entries()) {
        step(index, error * (row.value[k] ?? 0) + (strength[index] ?? 0) * (weights[index] ?? 0));
      }
    }
  }
  return { bias, weights: new Map(names.map((name, index) => [name, weights[index] ?? 0])) };
}

/** Probability that a message with these features is of the kind. */
export function probability(model: Logistic, features: ReadonlyMap<string, number>): number {
  let sum = model.bias;
  for (const [name, value] of features) sum += (model.weights.get(name) ?? 0) * value;
  return 1 / (1 + Math.exp(-sum));
}
