import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { renderAsync } from '@resvg/resvg-js';

export const ASPECT_RATIOS = {
  '1:1': [1024, 1024],
  '4:5': [1024, 1280],
  '16:9': [1280, 720],
  '9:16': [720, 1280],
} as const;
export const POSTER_STYLES = ['realistic', 'anime', 'artistic'] as const;

export interface PosterInput {
  prompt: string;
  style: (typeof POSTER_STYLES)[number];
  aspectRatio: keyof typeof ASPECT_RATIOS;
  character?: string;
  seed: number;
}

const FONT_FILES = ['dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf', 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf'].map((file) =>
  createRequire(import.meta.url).resolve(file),
);
/** Width of DejaVu Sans Bold's average character, in em. */
const CHARACTER_EM = 0.64;

/** A poster of the prompt: the same input gives the same bytes; a character keeps its palette over all its pictures. */
export async function renderPoster(input: PosterInput): Promise<{ png: Buffer; width: number; height: number }> {
  const [width, height] = ASPECT_RATIOS[input.aspectRatio];
  const image = await renderAsync(drawPoster(input, width, height), {
    font: { loadSystemFonts: false, fontFiles: FONT_FILES, defaultFontFamily: 'DejaVu Sans' },
  });
  return { png: image.asPng(), width, height };
}

function drawPoster(input: PosterInput, width: number, height: number): string {
  const palette = randomOf(`${input.seed}/${input.character ?? input.prompt}`);
  const shape = randomOf(`${input.seed}/${input.prompt}/${input.style}`);
  const hue = palette() * 360;
  const colors = [0, 35, 160].map((turn, index) => hsl(hue + turn, 66 - index * 6, 34 + index * 14));
  const size = Math.round(Math.min(width, height * 1.1) / (input.prompt.length > 120 ? 25 : 18));
  const lines = wrap(input.prompt, Math.floor((width * 0.84) / (size * CHARACTER_EM)), 6);
  const panelHeight = lines.length * size * 1.35 + size * 2.4;
  const top = height - panelHeight;
  const text = lines
    .map((line, index) => `<tspan x="${width * 0.08}" dy="${index === 0 ? 0 : size * 1.35}">${escapeXml(line)}</tspan>`)
    .join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">
<defs>
<linearGradient id="sky" x1="0" y1="0" x2="${shape().toFixed(2)}" y2="1">
<stop offset="0" stop-color="${colors[0]}"/><stop offset=".55" stop-color="${colors[1]}"/><stop offset="1" stop-color="${colors[2]}"/>
</linearGradient>
<linearGradient id="shade" x1="0" y1="0" x2="0" y2="1"><stop offset="0" stop-opacity="0"/><stop offset=".35" stop-opacity=".62"/><stop offset="1" stop-opacity=".82"/></linearGradient>
</defs>
<rect width="${width}" height="${height}" fill="url(#sky)"/>
${MOTIFS[input.style](shape, width, height, hue)}
<rect y="${top - size * 2}" width="${width}" height="${panelHeight + size * 2}" fill="url(#shade)"/>
<rect x="${width * 0.08}" y="${top - size * 0.2}" width="${size * 2.2}" height="${size * 0.16}" rx="${size * 0.08}" fill="${hsl(hue + 40, 90, 68)}"/>
<text y="${top + size * 1.2}" font-family="DejaVu Sans" font-weight="bold" font-size="${size}" fill="#fff">${text}</text>
</svg>`;
}

type Random = () => number;
type Motif = (random: Random, width: number, height: number, hue: number) => string;

const repeat = (times: number, draw: (index: number) => string): string =>
  Array.from({ length: times }, (_, i) => draw(i)).join('');

const MOTIFS: Record<PosterInput['style'], Motif> = {
  /** Out-of-focus lights. */
  realistic: (random, width, height, hue) =>
    repeat(26, () => {
      const radius = width * (0.015 + random() ** 2 * 0.16);
      return `<circle cx="${random() * width}" cy="${random() * height}" r="${radius}" fill="${hsl(hue + random() * 80, 85, 72)}" fill-opacity="${0.08 + random() * 0.28}"/>`;
    }),
  /** A sunburst behind a disc. */
  anime(random, width, height, hue) {
    const [x, y] = [width * (0.3 + random() * 0.4), height * (0.28 + random() * 0.15)];
    const reach = width + height;
    const rays = repeat(18, (index) => {
      const [from, to] = [(index / 18) * 2 * Math.PI, ((index + 0.5) / 18) * 2 * Math.PI];
      const point = (angle: number) => `${x + Math.cos(angle) * reach},${y + Math.sin(angle) * reach}`;
      return `<polygon points="${x},${y} ${point(from)} ${point(to)}" fill="#fff" fill-opacity=".13"/>`;
    });
    return `${rays}<circle cx="${x}" cy="${y}" r="${width * 0.19}" fill="${hsl(hue + 50, 95, 66)}"/><circle cx="${x}" cy="${y}" r="${width * 0.15}" fill="#fff" fill-opacity=".35"/>`;
  },
  /** Layered waves. */
  artistic: (random, width, height, hue) =>
    repeat(7, (layer) => {
      const base = height * (0.12 + layer * 0.12);
      const swing = () => base + (random() - 0.5) * height * 0.28;
      const curve = `M0 ${swing()} C${width * 0.3} ${swing()} ${width * 0.6} ${swing()} ${width} ${swing()} V${height} H0 Z`;
      return `<path d="${curve}" fill="${hsl(hue + layer * 26, 70, 62 - layer * 5)}" fill-opacity=".5"/>`;
    }),
};

function hsl(hue: number, saturation: number, lightness: number): string {
  return `hsl(${Math.round(hue % 360)}, ${saturation}%, ${lightness}%)`;
}

/** A stream of numbers in [0, 1) that depends on the text only (mulberry32). */
function randomOf(text: string): Random {
  let state = createHash('sha256').update(text).digest().readUInt32BE();
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function wrap(text: string, columns: number, maxLines: number): string[] {
  const lines: string[] = [];
  // The font has no emoji: they would be drawn as boxes.
  for (const word of text
    .replace(/\p{Extended_Pictographic}|\uFE0F/gu, '')
    .split(/\s+/)
    .filter(Boolean)) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < columns) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word.slice(0, columns));
  }
  if (lines.length <= maxLines) return lines;
  return [...lines.slice(0, maxLines - 1), `${lines[maxLines - 1]} …`];
}

export function escapeXml(text: string): string {
  return text
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
