/**
 * RFC 4648 §4 with padding and nothing else: one text for one value.
 * @param {unknown} text
 * @param {number} maxBytes
 * @returns {Buffer | null} null when it is not that, is empty or too long
 */
export function decodeBase64(text, maxBytes) {
  if (typeof text !== 'string' || text === '' || text.length > Math.ceil(maxBytes / 3) * 4) return null;
  const bytes = Buffer.from(text, 'base64');
  return bytes.length <= maxBytes && bytes.toString('base64') === text ? bytes : null;
}
