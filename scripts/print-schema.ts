import { writeFileSync } from 'node:fs';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { createSchema } from '../resolvers/index.ts';

// The SDL as integrators get it: sorted, so that a change of the API is a readable diff.
writeFileSync(
  new URL('../schema.graphql', import.meta.url),
  `${printSchema(lexicographicSortSchema(createSchema()))}\n`,
);
