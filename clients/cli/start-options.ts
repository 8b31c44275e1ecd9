import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { decodeSoulInput, parseSoul, SoulError } from '../../domain/agent/soul.ts';

/** A problem with what the person gave: printed as it is, exit code 1. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export const startOptionsSchema = z.object({
  soul: z.string().optional(),
  goals: z.string().optional(),
  feeds: z.string().optional(),
  mentions: z.string().optional(),
  demo: z.boolean().default(true),
  quiet: z.boolean().default(false),
});

export interface StartInput {
  demo: boolean;
  quiet: boolean;
  /** The run to make sure of; null with --no-demo and nothing given. */
  run: { soulMarkdown: string; goals: string; name: string; example: boolean } | null;
  feeds: string[];
  mentions: { id: string; author: string; text: string }[];
}

const DEMO = path.resolve('examples/ethiopian-fashion');
const DEMO_GOALS =
  'Publish 4 posts that make people curious about handwoven Ethiopian cotton and the weavers of Shiro Meda, two of them with a picture, and answer the people who write to us.';
const MAX_MENTION_CHARACTERS = 1_000;

function read(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(
      `${what} ${file} cannot be read: ${(error as NodeJS.ErrnoException).code === 'ENOENT' ? 'there is no such file' : (error as Error).message}`,
    );
  }
}

/** A stable id a line: giving the same file again brings no mention twice. */
const mentionId = (file: string, line: number, text: string): string =>
  BigInt(
    `0x${createHash('sha256')
      .update(`${path.basename(file)} ${line} ${text}`)
      .digest('hex')
      .slice(0, 14)}`,
  ).toString();

function readMentions(file: string): StartInput['mentions'] {
  return read(file, 'The mentions file')
    .split(/\r?\n/)
    .flatMap((line, index) => {
      const text = line.trim().slice(0, MAX_MENTION_CHARACTERS);
      return text ? [{ id: mentionId(file, index, text), author: `reader_${(index % 97) + 1}`, text }] : [];
    });
}

function checkSoul(file: string): string {
  const source = read(file, 'The persona');
  try {
    parseSoul(decodeSoulInput(source));
  } catch (error) {
    if (!(error instanceof SoulError)) throw error;
    throw new UsageError(
      [
        `${file} is not a usable SOUL.md (see docs/soul.md):`,
        ...error.issues.map((issue) => `  line ${issue.line}, ${issue.field}: ${issue.message}`),
      ].join('\n'),
    );
  }
  return source;
}

/** The first words of the goals, cut between words. */
function nameOf(goals: string): string {
  const line = goals.replace(/\s+/g, ' ').trim();
  return line.length <= 60 ? line : `${line.slice(0, 60).replace(/\s+\S*$/, '')} …`;
}

/** Reads and checks everything the person gave before anything is started. Throws UsageError. */
export function readStartInput(options: z.infer<typeof startOptionsSchema>): StartInput {
  const own = options.soul !== undefined || options.goals !== undefined;
  if (options.goals !== undefined && options.goals.trim() === '')
    throw new UsageError('--goals must not be empty: say what the campaign is for.');
  if (options.goals !== undefined && options.goals.length > 10_000)
    throw new UsageError('--goals must have at most 10,000 characters.');
  if (options.soul !== undefined && options.goals === undefined)
    throw new UsageError('--soul needs --goals "…": what should this persona do?');
  const given = (options.feeds ?? '')
    .split(',')
    .map((feed) => feed.trim())
    .filter(Boolean);
  const feeds = given.map((feed) => (/^https?:\/\//i.test(feed) ? feed : path.resolve(feed)));
  for (const feed of feeds) if (!/^https?:\/\//i.test(feed)) read(feed, 'The feed');
  const soulMarkdown = checkSoul(options.soul ?? path.join(DEMO, 'SOUL.md'));
  const demoFeeds = options.demo && !own && feeds.length === 0 ? [path.join(DEMO, 'news.xml')] : [];
  const demoMentions = options.demo && !own && !options.mentions ? readMentions(path.join(DEMO, 'mentions.txt')) : [];
  const goals = options.goals ?? DEMO_GOALS;
  return {
    demo: options.demo,
    quiet: options.quiet,
    run: own || options.demo ? { soulMarkdown, goals, name: nameOf(goals), example: !own } : null,
    feeds: [...feeds, ...demoFeeds],
    mentions: options.mentions ? readMentions(options.mentions) : demoMentions,
  };
}
