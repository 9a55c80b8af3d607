/** More signatures than any file has, and more bytes than an object with one has. */
const MAX_SIGNATURES = 64;
const MAX_OBJECT = 4 * 1024 * 1024;
const MAX_DEPTH = 16;
const KEY = Buffer.from('/ByteRange');

const [TAB, LF, FF, CR, SPACE] = [9, 10, 12, 13, 32];
const SPACES = new Set([0, TAB, LF, FF, CR, SPACE]);
const DELIMITERS = new Set(Buffer.from('()<>[]{}/%'));
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)$/;
const PLACE = /^\d{1,15}$/;
const NOT_HEX = /[^0-9A-Fa-f]/;
const TIME = /^\(D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|([+-])(\d\d)'(\d\d)).*\)$/s;
const char = (/** @type {string} */ text) => text.charCodeAt(0);

/**
 * @typedef {object} PdfSignature what a signature dictionary says (ISO 32000-2 §12.8)
 * @property {string} subFilter "ETSI.CAdES.detached", "adbe.pkcs7.detached"; empty without one
 * @property {Buffer} contents DER of SignedData, with zeros behind it
 * @property {[Buffer, Buffer]} signed the bytes that it is over, without Contents between them
 * @property {Date | null} time M, when it names its time zone
 * @property {number} addedAfter bytes of the file behind what is signed
 */

/**
 * One object of a file, read strictly: what is not written as ISO 32000-2 §7.2 and §7.3 say is an error. The C twin of
 * this file is src/crypto/pdf_signature.c.
 */
class ObjectReader {
  /** @type {PdfSignature | 'unreadable' | null} of the dictionary whose ByteRange stands at `key` */
  found = null;

  /**
   * @param {Buffer} file
   * @param {number} at
   * @param {number} key
   */
  constructor(file, at, key) {
    this.file = file;
    this.at = at;
    this.key = key;
    this.end = Math.min(file.length, at + MAX_OBJECT);
  }

  /** @returns {boolean} false: it is not written as it should be */
  read() {
    this.#skipSpace();
    return this.#skipValue(MAX_DEPTH);
  }

  #peek(more = 0) {
    return this.at + more < this.end ? this.file[this.at + more] : -1;
  }

  #is(/** @type {string} */ text) {
    return this.#peek() === char(text[0]) && (text.length === 1 || this.#peek(1) === char(text[1]));
  }

  #skipSpace() {
    for (let comment = false; this.at < this.end; this.at++) {
      const byte = this.file[this.at];
      comment = comment ? byte !== LF && byte !== CR : byte === char('%');
      if (!comment && !SPACES.has(byte)) return;
    }
  }

  #takeWord() {
    const from = this.at;
    while (this.at < this.end && !SPACES.has(this.file[this.at]) && !DELIMITERS.has(this.file[this.at])) this.at++;
    return this.file.toString('latin1', from, this.at);
  }

  #skipText() {
    for (let open = 0; this.at < this.end; this.at++) {
      const byte = this.file[this.at];
      if (byte === char('\\')) this.at++;
      else if (byte === char('(')) open++;
      else if (byte === char(')') && --open === 0) {
        this.at++;
        return true;
      }
    }
    return false;
  }

  #skipHex() {
    for (this.at++; this.at < this.end; this.at++) {
      const byte = this.file[this.at];
      if (byte === char('>')) {
        this.at++;
        return true;
      }
      if (!SPACES.has(byte) && NOT_HEX.test(String.fromCharCode(byte))) return false;
    }
    return false;
  }

  /** @param {number} depth @returns {boolean} */
  #skipArray(depth) {
    this.at++;
    for (;;) {
      this.#skipSpace();
      if (this.#is(']')) {
        this.at++;
        return true;
      }
      if (!this.#skipValue(depth)) return false;
    }
  }

  /** A number alone, or with its generation and R a reference. */
  #skipWord() {
    const word = this.#takeWord();
    return NUMBER.test(word) || ['true', 'false', 'null', 'R'].includes(word);
  }

  /** @param {number} depth @returns {boolean} */
  #skipValue(depth) {
    if (depth === 0) return false;
    if (this.#is('(')) return this.#skipText();
    if (this.#is('[')) return this.#skipArray(depth - 1);
    if (this.#is('<<')) return this.#readDictionary(depth - 1);
    if (this.#is('<')) return this.#skipHex();
    if (!this.#is('/')) return this.#skipWord();
    this.at++;
    this.#takeWord();
    return true;
  }

  /** @param {number} depth */
  #readDictionary(depth) {
    /** @type {Map<string, [number, number][]>} key → where its values stand */
    const fields = new Map();
    let wanted = false;
    for (this.at += 2; ; ) {
      this.#skipSpace();
      if (this.#is('>>')) {
        this.at += 2;
        if (wanted) this.found = settle(this.file, fields, this.at);
        return true;
      }
      if (!this.#is('/')) return false;
      wanted ||= this.at === this.key;
      this.at++;
      const name = this.#takeWord();
      this.#skipSpace();
      const from = this.at;
      if (!this.#skipValue(depth)) return false;
      fields.set(name, [...(fields.get(name) ?? []), [from, this.at]]);
      // "12 0 R": what follows a number in a dictionary, else a name or the end
      for (this.#skipSpace(); !this.#is('/') && !this.#is('>'); this.#skipSpace()) {
        if (!this.#skipWord()) return false;
      }
    }
  }
}

/**
 * @param {Buffer} file
 * @param {Map<string, [number, number][]>} fields
 * @param {number} dictionaryEnd
 * @returns {PdfSignature | 'unreadable'} a range must begin the file, leave out the digits of Contents with their
 *   brackets and nothing else, and hold the dictionary
 */
function settle(file, fields, dictionaryEnd) {
  const [ranges = [], contents = []] = ['ByteRange', 'Contents'].map((name) => fields.get(name));
  if (ranges.length !== 1 || contents.length !== 1) return 'unreadable';
  const text = ([from, to] = /** @type {[number, number]} */ ([0, 0])) => file.toString('latin1', from, to);
  const range = text(ranges[0]).slice(1, -1).trim().split(/[\0\t\n\f\r ]+/);
  const [[begin, end]] = contents;
  const digits = file.toString('latin1', begin + 1, end - 1);
  if (text(ranges[0])[0] !== '[' || range.length !== 4 || !range.every((place) => PLACE.test(place))) return 'unreadable';
  const [zero, gap, rest, length] = range.map(Number);
  const fits = zero === 0 && gap === begin && rest === end && rest + length >= dictionaryEnd && rest + length <= file.length;
  if (!fits || file[begin] !== char('<') || digits === '' || digits.length % 2 !== 0 || NOT_HEX.test(digits)) return 'unreadable';
  return {
    subFilter: text(fields.get('SubFilter')?.at(-1)).replace(/^\//, ''),
    contents: Buffer.from(digits, 'hex'),
    signed: [file.subarray(0, begin), file.subarray(end, end + length)],
    time: readTime(text(fields.get('M')?.at(-1))),
    addedAfter: file.length - end - length,
  };
}

/** @param {string} text ISO 32000-2 §7.9.4 */
function readTime(text) {
  const [, year, month, day, hour, minute, second, sign = '+', hours = '00', minutes = '00'] = TIME.exec(text) ?? [];
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${sign}${hours}:${minutes}`);
  return Number.isNaN(time.getTime()) ? null : time;
}

/**
 * Where the object begins that `before` ends in: behind the last "obj" after a number or a space.
 * @param {Buffer} file
 * @param {number} from
 * @param {number} before
 */
function findObject(file, from, before) {
  const part = file.subarray(from, before);
  for (let word = part.lastIndexOf('obj'); word > 0; word = part.lastIndexOf('obj', word - 1)) {
    const byte = part[word - 1];
    if (SPACES.has(byte) || (byte >= char('0') && byte <= char('9'))) return from + word + 3;
  }
  return -1;
}

/**
 * The signatures of a PDF file, in the order in which they stand there; 'unreadable' for a dictionary that can't be
 * judged. Nothing is unpacked and no cross-reference is followed: a ByteRange counts bytes of the file.
 * @param {Buffer} file
 * @returns {(PdfSignature | 'unreadable')[]}
 */
export function findPdfSignatures(file) {
  /** @type {(PdfSignature | 'unreadable')[]} */
  const found = [];
  let from = 0;
  for (let key = file.indexOf(KEY); key >= 0; key = file.indexOf(KEY, from)) {
    const object = findObject(file, from, key);
    from = key + 1;
    if (object < 0) continue;
    const reader = new ObjectReader(file, object, key);
    const ok = reader.read();
    from = Math.max(from, reader.at);
    const signature = ok ? reader.found : 'unreadable';
    // the key of no dictionary: it stands in a stream or a text, where it means nothing
    if (!signature) continue;
    if (found.length === MAX_SIGNATURES) return ['unreadable'];
    found.push(signature);
  }
  return found;
}
