import { embed } from '../../../domain/memory/embedding.ts';
import { remember } from '../../../domain/text/remember.ts';

/**
 * More than memories are stored with: fewer features share a number, so foreign texts lie nearer to 0, and nothing of it is
 * kept or sent.
 */
const DIMENSIONS = 1024;
/** Enough for the personas and campaigns that are judged at one time; 1 MB at most. */
const REMEMBERED = 256;

/** The vector of a text; a persona's and a campaign's is the same for each of their posts. */
export const vectorOf: (text: string) => Float32Array = remember(REMEMBERED, (text) => embed(text, DIMENSIONS));
