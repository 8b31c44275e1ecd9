import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const feedsSchema = z.object({ feeds: z.array(z.string()), roots: z.array(z.string()) });
export type Feeds = z.infer<typeof feedsSchema>;

/** Feeds given once go on being read at later starts: kept in `feeds.json` of the home. A file that does not parse is made anew. */
export function rememberFeeds(home: string, given: Feeds): Feeds {
  const file = path.join(home, 'feeds.json');
  const known = readKnown(file);
  const all = {
    feeds: [...new Set([...given.feeds, ...known.feeds])],
    roots: [...new Set([...given.roots, ...known.roots])],
  };
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
  return all;
}

function readKnown(file: string): Feeds {
  try {
    return feedsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return { feeds: [], roots: [] };
  }
}
