import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openJournal } from './journal.ts';

/** X's epoch: an id holds its moment of creation in milliseconds above its lowest 22 bits. */
const SNOWFLAKE_EPOCH_MS = 1_288_834_974_657n;

export interface SandboxPost {
  id: string;
  account: string;
  text: string;
  mediaFiles: string[];
  inReplyTo: string | null;
  disclosure: string | null;
  madeWithAi: boolean;
  idempotencyKey: string | null;
  at: string;
}
export interface SandboxMention {
  id: string;
  account: string;
  author: string;
  text: string;
  at: string;
}
export interface GeneratedImage {
  key: string | null;
  file: string;
  width: number;
  height: number;
  bytes: number;
}

type JournalRecord =
  | ({ kind: 'post' } & SandboxPost)
  | ({ kind: 'mention' } & SandboxMention)
  | ({ kind: 'image' } & GeneratedImage)
  | { kind: 'account'; handle: string }
  | { kind: 'media'; id: string; file: string };

export interface World {
  readonly posts: readonly SandboxPost[];
  readonly mentions: readonly SandboxMention[];
  readonly mediaDir: string;
  newId(): string;
  addPost(post: SandboxPost): void;
  postsOf(account: string): readonly SandboxPost[];
  postByKey(account: string, key: string): SandboxPost | undefined;
  /** The newest post of the account that says the same to the same tweet. */
  postLike(post: Pick<SandboxPost, 'account' | 'text' | 'inReplyTo'>): SandboxPost | undefined;
  /** False when a mention with that id is there already. */
  addMention(mention: SandboxMention): boolean;
  /** The stable numeric id of a handle, which is made known by asking. */
  userId(handle: string): string;
  handleOf(idOrHandle: string): string | undefined;
  storeFile(extension: string, bytes: Buffer): string;
  addMedia(id: string, file: string): void;
  mediaFile(id: string): string | undefined;
  addImage(image: GeneratedImage): void;
  imageByKey(key: string): GeneratedImage | undefined;
  close(): void;
}

export const normalizeHandle = (handle: string): string => handle.replace(/^@/, '').toLowerCase();

/** Everything the outside remembers. Each change is in the journal before the method returns. */
export function openWorld(dataDir: string): World {
  const mediaDir = join(dataDir, 'media');
  mkdirSync(mediaDir, { recursive: true });
  const journal = openJournal<JournalRecord>(join(dataDir, 'journal.jsonl'));
  const posts: SandboxPost[] = [];
  const byAccount = new Map<string, SandboxPost[]>();
  const byKey = new Map<string, SandboxPost>();
  const byContent = new Map<string, SandboxPost>();
  const mentions = new Map<string, SandboxMention>();
  const handles = new Map<string, string>();
  const media = new Map<string, string>();
  const images = new Map<string, GeneratedImage>();
  let lastId = 0n;

  function apply(record: JournalRecord): void {
    if ('id' in record && /^\d+$/.test(record.id) && BigInt(record.id) > lastId) lastId = BigInt(record.id);
    switch (record.kind) {
      case 'post':
        posts.push(record);
        if (!byAccount.get(record.account)?.push(record)) byAccount.set(record.account, [record]);
        byContent.set(contentKey(record), record);
        if (record.idempotencyKey) byKey.set(`${record.account} ${record.idempotencyKey}`, record);
        break;
      case 'mention':
        mentions.set(record.id, record);
        break;
      case 'account':
        handles.set(idOf(record.handle), record.handle);
        break;
      case 'media':
        media.set(record.id, record.file);
        break;
      case 'image':
        if (record.key) images.set(record.key, record);
        break;
    }
  }
  function remember(record: JournalRecord): void {
    journal.append(record);
    apply(record);
  }
  for (const record of journal.records) apply(record);

  return {
    posts,
    get mentions() {
      return [...mentions.values()];
    },
    mediaDir,
    newId() {
      const now = (BigInt(Date.now()) - SNOWFLAKE_EPOCH_MS) << 22n;
      lastId = now > lastId ? now : lastId + 1n;
      return String(lastId);
    },
    addPost: (post) => remember({ kind: 'post', ...post }),
    postsOf: (account) => byAccount.get(account) ?? [],
    postLike: (post) => byContent.get(contentKey(post)),
    postByKey: (account, key) => byKey.get(`${account} ${key}`),
    addMention(mention) {
      if (mentions.has(mention.id)) return false;
      remember({ kind: 'mention', ...mention });
      return true;
    },
    userId(handle) {
      const id = idOf(handle);
      if (!handles.has(id)) remember({ kind: 'account', handle: normalizeHandle(handle) });
      return id;
    },
    handleOf: (idOrHandle) => (/^\d+$/.test(idOrHandle) ? handles.get(idOrHandle) : normalizeHandle(idOrHandle)),
    storeFile(extension, bytes) {
      const file = `${this.newId()}.${extension}`;
      writeFileSync(join(mediaDir, file), bytes);
      return file;
    },
    addMedia: (id, file) => remember({ kind: 'media', id, file }),
    mediaFile: (id) => media.get(id),
    addImage: (image) => remember({ kind: 'image', ...image }),
    imageByKey: (key) => images.get(key),
    close: () => journal.close(),
  };
}

const contentKey = ({ account, text, inReplyTo }: Pick<SandboxPost, 'account' | 'text' | 'inReplyTo'>): string =>
  JSON.stringify([account, inReplyTo, text]);

function idOf(handle: string): string {
  const digest = createHash('sha256').update(normalizeHandle(handle)).digest();
  return String(1_000_000_000n + (digest.readBigUInt64BE() % 1_000_000_000_000_000n));
}
