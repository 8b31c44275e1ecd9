import { ToolFailed } from '../tool-result.ts';

const BYTE_ORDER_MARKS = [
  { bytes: [0xef, 0xbb, 0xbf], charset: 'utf-8' },
  { bytes: [0xff, 0xfe], charset: 'utf-16le' },
  { bytes: [0xfe, 0xff], charset: 'utf-16be' },
];

/** Bytes to text: byte order mark, then the Content-Type's charset, then the XML declaration, then UTF-8. */
export function decodeDocument(bytes: Buffer, contentType = ''): string {
  const mark = BYTE_ORDER_MARKS.find(({ bytes: start }) => start.every((byte, index) => bytes[index] === byte));
  const header = /charset\s*=\s*["']?([\w.:-]+)/i.exec(contentType)?.[1];
  const declared = /^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]+)["']/i.exec(
    bytes.toString('latin1', 0, 300),
  )?.[1];
  const charset = mark?.charset ?? header ?? declared ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(bytes);
  } catch {
    throw new ToolFailed('INVALID_OUTPUT', `unknown character set ${charset}`);
  }
}
