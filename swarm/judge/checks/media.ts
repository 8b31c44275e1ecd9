import { generateImageOutput } from '../../../domain/task/task-types.ts';
import type { Flag, Judged, JudgedMedia } from './check.ts';
import { addFlag } from './check.ts';

const MEDIA_PLATFORMS: ReadonlySet<Judged['platform']> = new Set(['INSTAGRAM', 'TIKTOK']);
const IMAGE_TYPES = new Set(['image/png', 'image/jpeg', 'image/webp']);
/** Below it looks broken on a telephone; above no platform takes it. */
const MIN_SIDE_PIXELS = 320;
const MAX_SIDE_PIXELS = 8192;
const MAX_BYTES = 8 * 1024 * 1024;
/** Width by height that Instagram's feed shows uncut. */
const INSTAGRAM_RATIO = { min: 0.8, max: 1.91 } as const;

/** Files that are missing, broken, or not what the platform or the output says they are. */
export function findMediaFlags(judged: Judged): Flag[] {
  const { taskType, platform, mediaUrls, media } = judged;
  const flags = media.flatMap((file) => fileFlags(file, platform));
  if (taskType === 'POST_CONTENT' && mediaUrls.length === 0 && MEDIA_PLATFORMS.has(platform)) {
    addFlag(flags, 'MEDIA_MISSING', 'HIGH', `${platform} takes no post without an image.`);
  }
  const expected = taskType === 'GENERATE_IMAGE' ? Math.max(1, mediaUrls.length) : mediaUrls.length;
  if (media.length < expected)
    addFlag(flags, 'MEDIA_MISSING', 'HIGH', `${expected - media.length} of ${expected} media files could not be read.`);
  if (taskType === 'GENERATE_IMAGE' && !matchesOutput(judged))
    addFlag(flags, 'MEDIA_MISMATCH', 'MEDIUM', 'The file differs in size from what the output says.');
  return flags;
}

function fileFlags({ width, height, bytes, mimeType, decodable }: JudgedMedia, platform: Judged['platform']): Flag[] {
  const broken = (message: string): Flag[] => [{ code: 'MEDIA_BROKEN', risk: 'HIGH', message }];
  if (!decodable || bytes <= 0) return broken('A media file cannot be decoded.');
  if (!IMAGE_TYPES.has(mimeType)) return broken(`A media file is ${mimeType}, not an image.`);
  if (!(Math.min(width, height) >= MIN_SIDE_PIXELS && Math.max(width, height) <= MAX_SIDE_PIXELS)) {
    return broken(
      `An image is ${width}×${height}; sides of ${MIN_SIDE_PIXELS} to ${MAX_SIDE_PIXELS} pixels are allowed.`,
    );
  }
  if (bytes > MAX_BYTES) return broken(`An image has ${bytes} bytes; ${MAX_BYTES} are allowed.`);
  const ratio = width / height;
  if (platform === 'INSTAGRAM' && (ratio < INSTAGRAM_RATIO.min - 0.005 || ratio > INSTAGRAM_RATIO.max + 0.005)) {
    return [{ code: 'MEDIA_RATIO', risk: 'LOW', message: `Instagram cuts an image of ${width}×${height}.` }];
  }
  return [];
}

function matchesOutput({ output, media }: Judged): boolean {
  const declared = generateImageOutput.safeParse(output);
  const [file] = media;
  return (
    !declared.success ||
    file === undefined ||
    (declared.data.width === file.width && declared.data.height === file.height)
  );
}
