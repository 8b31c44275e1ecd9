import zlib from 'node:zlib';

/** Decodes an 8-bit RGBA PNG completely: signature, chunk checksums, inflated scan lines. Throws when anything is off. */
export function readPng(bytes: Buffer): { width: number; height: number; colours: number } {
  if (bytes.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n') throw new Error('no PNG signature');
  let width = 0;
  let height = 0;
  const data: Buffer[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const content = bytes.subarray(at + 8, at + 8 + length);
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== bytes.readUInt32BE(at + 8 + length))
      throw new Error(`checksum of ${type}`);
    if (type === 'IHDR') {
      [width, height] = [content.readUInt32BE(0), content.readUInt32BE(4)];
      if (content[8] !== 8 || content[9] !== 6) throw new Error('not 8-bit RGBA');
    }
    if (type === 'IDAT') data.push(content);
    at += 12 + length;
  }
  const lines = zlib.inflateSync(Buffer.concat(data));
  if (lines.length !== height * (width * 4 + 1)) throw new Error(`${lines.length} bytes for ${width}×${height}`);
  const colours = new Set<number>();
  for (let at = 1; at + 4 <= lines.length; at += 4) colours.add(lines.readUInt32BE(at));
  return { width, height, colours: colours.size };
}

function crc32(bytes: Buffer): number {
  let crc = 0xffff_ffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xedb8_8320 : crc >>> 1;
  }
  return (crc ^ 0xffff_ffff) >>> 0;
}
