import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const feedsSchema = z.array(z.string());

/** Feeds given once go on being read at later starts: kept in `feeds.json` of the home. A file that does not parse is made anew. */
export function rememberFeeds(home: string, given: readonly string[]): string[] {
  const file = path.join(home, 'feeds.json');
  const all = [...new Set([...given, ...readKnown(file)])];
  writeFileSync(file, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
  return all;
}

function readKnown(file: string): string[] {
  try {
    return feedsSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return [];
  }
}
