import { EMBEDDING_MODEL, embed } from './embedding.ts';

/** Turns text into unit vectors. Vectors of different models are never compared. */
export interface Embedder {
  model: string;
  embed(text: string): Promise<ArrayLike<number>>;
}

/** Needs no network and no key. */
export const localEmbedder: Embedder = { model: EMBEDDING_MODEL, embed: async (text) => embed(text) };
