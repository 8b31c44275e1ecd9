/** The parts of a multipart/form-data body by field name; binary parts stay as they are, also without a file name. */
export function parseMultipart(body: Buffer, contentType: string): Map<string, Buffer> {
  const boundary = /boundary="?([^";]+)"?/.exec(contentType)?.[1];
  const parts = new Map<string, Buffer>();
  if (!boundary) return parts;
  const delimiter = Buffer.from(`--${boundary}`);
  let start = body.indexOf(delimiter);
  while (start !== -1) {
    const partStart = start + delimiter.length + 2;
    const next = body.indexOf(delimiter, partStart);
    const headersEnd = body.indexOf('\r\n\r\n', partStart);
    if (next === -1 || headersEnd === -1 || headersEnd > next) break;
    const name = /name="([^"]*)"/.exec(body.toString('utf8', partStart, headersEnd))?.[1];
    if (name) parts.set(name, body.subarray(headersEnd + 4, next - 2));
    start = next;
  }
  return parts;
}
