import { Resvg } from '@resvg/resvg-js';
import type { MediaStore } from '../media-store.ts';
import type { JudgedMedia } from './checks/check.ts';

/**
 * Reads a stored medium back and decodes the whole of it: an image that no reader could open is not published.
 * The decoder renders it at 1×1 through an SVG `<image>`, which draws nothing for bytes it cannot decode.
 */
export async function decodeMedia(
  store: MediaStore,
  item: { width: number | null; height: number | null; bytes: number; mimeType: string; storageKey: string },
): Promise<JudgedMedia> {
  const bytes = await store.get(item.storageKey);
  return {
    width: item.width ?? 0,
    height: item.height ?? 0,
    bytes: bytes?.byteLength ?? 0,
    mimeType: item.mimeType,
    decodable: bytes !== null && bytes.byteLength === item.bytes && isDrawable(bytes, item.mimeType),
  };
}

function isDrawable(bytes: Uint8Array, mimeType: string): boolean {
  try {
    const href = `data:${mimeType};base64,${Buffer.from(bytes).toString('base64')}`;
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="1" height="1"><image width="1" height="1" preserveAspectRatio="none" xlink:href="${href}"/></svg>`;
    const { pixels } = new Resvg(svg, { font: { loadSystemFonts: false } }).render();
    return (pixels[3] ?? 0) > 0;
  } catch {
    return false;
  }
}
