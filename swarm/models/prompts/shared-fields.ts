import { z } from 'zod';
import { personaSchema } from '../../../domain/agent/persona.ts';

/** What the model thinks of its own answer; every generating prompt asks for it. */
export const selfAssessment = {
  reasoning: z.string().trim().min(1).max(2000).describe('Why this answer, in one to three sentences.'),
  probability: z
    .number()
    .min(0)
    .max(1)
    .describe('Your own estimate, 0 to 1, that a careful editor would accept this answer as it is.'),
};

export const personaContext = { persona: personaSchema, goals: z.string().nullable() };

/** Text of somebody outside: a mention, a comment. */
export const mentionText = z.object({ author: z.string(), text: z.string() });
