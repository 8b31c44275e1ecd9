import type { MemoryHit } from '../domain/memory/memory-store.ts';
import { builder } from './builder.ts';

export const Memory = builder.objectRef<MemoryHit>('Memory').implement({
  description: 'Something an agent remembers. Not a node: read it through its agent.',
  fields: (t) => ({
    id: t.exposeID('id'),
    content: t.exposeString('content'),
    type: t.exposeString('type'),
    importance: t.exposeFloat('importance', { description: '0..1' }),
    relevance: t.float({
      description: '0..1: words, meaning, age and importance together.',
      resolve: (memory) => memory.score,
    }),
    at: t.field({ type: 'DateTime', resolve: (memory) => memory.createdAt }),
  }),
});
