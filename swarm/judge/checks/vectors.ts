import { embed } from '../../../domain/memory/embedding.ts';
import { remember } from '../../../domain/text/remember.ts';

/**
 * More than memories are stored with: fewer features share a number, so foreign texts lie nearer to 0, and nothing of it is
 * kept or sent.
 */
const DIMENSIONS = 1024;
/** Enough for the campaigns and topics that are judged at one time, and for a text to be measured once; 1 MB at most. */
const REMEMBERED = 128;

export const vectorOf: (text: string) => Float32Array = remember(REMEMBERED, (text) => embed(text, DIMENSIONS));
