/** What is wrong, a sentence each; empty when the invariant holds. */
export type Violations = string[];

/** One sentence about rows that should not be there, with some of them. */
export const say = (rows: readonly unknown[], what: string): Violations =>
  rows.length === 0 ? [] : [`${what}: ${rows.length}, such as ${JSON.stringify(rows.slice(0, 3))}`];
