import { z } from 'zod';

const line = (max: number) => z.string().trim().min(1).max(max);

/** Who an agent is: the part of a SOUL.md that prompts, checks and the API read. */
export const personaSchema = z.object({
  name: line(100),
  niche: line(100).nullable(),
  region: line(100).nullable(),
  backstory: line(20_000),
  voiceTraits: z.array(line(100)).min(1).max(20),
  coreBeliefs: z.array(line(500)).min(1).max(20),
  directives: z.array(line(1000)).max(30),
});
export type Persona = z.infer<typeof personaSchema>;
