/** One training message: the numbers of its features with their values, and whether it is of the kind. */
export interface Example {
  at: Int32Array;
  value: Float64Array;
  positive: boolean;
  /** How much it counts. */
  weight: number;
}

export interface Logistic {
  bias: number;
  weights: Float64Array;
}

/**
 * Logistic regression with an L2 penalty, fitted by AdaGrad over the examples in a fixed order:
 * the same examples give the same weights.
 * @param penalties one for each feature; their number is that of the features
 */
export function fit(
  examples: readonly Example[],
  penalties: Float64Array,
  epochs = 30,
): Logistic {
  const weights = new Float64Array(penalties.length);
  const squares = new Float64Array(penalties.length).fill(1e-2);
  let [bias, biasSquare] = [-1, 1];
  // A prime stride visits every row once, in an order that mixes the files.
  const stride = examples.length % 7919 === 0 ? 7907 : 7919;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    for (let turn = 0; turn < examples.length; turn += 1) {
      const row = examples[(turn * stride + epoch) % examples.length];
      if (row === undefined) continue;
      const error = (probability({ bias, weights }, row) - (row.positive ? 1 : 0)) * row.weight;
      biasSquare += error * error;
      bias -= (0.15 * error) / Math.sqrt(biasSquare);
      const { at, value } = row;
      for (let k = 0; k < at.length; k += 1) {
        const index = at[k] ?? 0;
        const weight = weights[index] ?? 0;
        const gradient = error * (value[k] ?? 0) + (penalties[index] ?? 0) * weight;
        const square = (squares[index] ?? 0) + gradient * gradient;
        squares[index] = square;
        weights[index] = weight - (0.15 * gradient) / Math.sqrt(square);
      }
    }
  }
  return { bias, weights };
}

/** What speaks for the kind, as a logit: 0 is even. */
export function logit(model: Logistic, { at, value }: Pick<Example, 'at' | 'value'>): number {
  let sum = model.bias;
  for (let k = 0; k < at.length; k += 1) sum += (model.weights[at[k] ?? 0] ?? 0) * (value[k] ?? 0);
  return sum;
}

/** Probability that a message with these features is of the kind. */
export function probability(model: Logistic, row: Pick<Example, 'at' | 'value'>): number {
  return 1 / (1 + Math.exp(-logit(model, row)));
}
