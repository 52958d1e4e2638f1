// What kind of file bytes are, by how they begin. Sources: the formats' own specifications, and mimesniff.spec.whatwg.org
// sections 6.1 to 6.3, read in November 2026.

/** As much of a file as is looked at. */
export const headBytes = 64;

interface Family {
  /** What such a file is called where nobody says it better. */
  readonly type: string;
  /** Other names of it, or of what is put into the same container. */
  readonly also: RegExp;
  readonly is: (head: Buffer) => boolean;
}

const begins =
  (hex: string, at = 0) =>
  (head: Buffer): boolean =>
    head.toString('hex', at, at + hex.length / 2) === hex;
const says =
  (text: string, at = 0) =>
  (head: Buffer): boolean =>
    head.toString('latin1', at, at + text.length) === text;
/** The major brand of a file of boxes (ISO/IEC 14496-12); undefined where it is none. */
const brandOf = (head: Buffer): string | undefined =>
  says('ftyp', 4)(head) ? head.toString('latin1', 8, 12) : undefined;
const hasBrand =
  (brand: RegExp) =>
  (head: Buffer): boolean =>
    brand.test(brandOf(head) ?? '');
const riff =
  (form: string) =>
  (head: Buffer): boolean =>
    says('RIFF')(head) && says(form, 8)(head);

const none = /^$/;
const boxes = /^(video|audio)\/(mp4|x-m4v|m4v|x-m4a|m4a|aac|quicktime|3gpp2?)$/;

/** The first that fits decides. */
const families: readonly Family[] = [
  { type: 'image/jpeg', also: /^image\/(jpg|pjpeg)$/, is: begins('ffd8ff') },
  { type: 'image/png', also: /^image\/(apng|x-png)$/, is: begins('89504e470d0a1a0a') },
  { type: 'image/gif', also: none, is: says('GIF8') },
  { type: 'image/webp', also: none, is: riff('WEBP') },
  { type: 'audio/wav', also: /^audio\/(x-wav|wave|vnd\.wave)$/, is: riff('WAVE') },
  { type: 'video/x-msvideo', also: /^video\/(avi|msvideo)$/, is: riff('AVI ') },
  {
    type: 'image/heic',
    also: /^image\/hei[cf](-sequence)?$/,
    is: hasBrand(/^(hei[cxms]|hev[cxms]|mif1|msf1)$/),
  },
  { type: 'image/avif', also: none, is: hasBrand(/^avi[fs]$/) },
  { type: 'audio/mp4', also: boxes, is: hasBrand(/^M4[AB] $/) },
  { type: 'video/quicktime', also: boxes, is: hasBrand(/^qt {2}$/) },
  { type: 'video/3gpp', also: boxes, is: hasBrand(/^3g/) },
  { type: 'video/mp4', also: boxes, is: (head) => brandOf(head) !== undefined },
  { type: 'video/webm', also: /^(video|audio)\/(webm|x-matroska)$/, is: begins('1a45dfa3') },
  { type: 'audio/ogg', also: /^(audio|video|application)\/(ogg|opus)$/, is: says('OggS') },
  { type: 'audio/amr', also: /^audio\/amr-wb$/, is: says('#!AMR') },
  { type: 'audio/flac', also: /^audio\/x-flac$/, is: says('fLaC') },
  { type: 'audio/mpeg', also: /^audio\/(mp3|x-mp3|mpeg3)$/, is: says('ID3') },
  // Frames without a head before them: ADTS has the layer 0, MPEG another.
  {
    type: 'audio/aac',
    also: /^audio\/(aacp|x-aac|vnd\.dlna\.adts)$/,
    is: ([first, second = 0]) => first === 0xff && (second & 0xf6) === 0xf0,
  },
  {
    type: 'audio/mpeg',
    also: /^audio\/(mp3|x-mp3|mpeg3)$/,
    is: ([first, second = 0]) => first === 0xff && (second & 0xe0) === 0xe0 && (second & 0x06) !== 0,
  },
  { type: 'application/pdf', also: none, is: says('%PDF-') },
  // What office programs and others put into these containers is told apart by its name alone.
  { type: 'application/zip', also: /^application\/(?!octet-stream$|pdf$)/, is: begins('504b0304') },
  {
    type: 'application/x-ole-storage',
    also: /^application\/(?!octet-stream$|pdf$)/,
    is: begins('d0cf11e0a1b11ae1'),
  },
  { type: 'application/gzip', also: /^application\/(?!octet-stream$|pdf$)/, is: begins('1f8b') },
];

const unknownType = 'application/octet-stream';
const nameForm = /^[a-z]+\/[a-z0-9][a-z0-9.+-]*$/;

/**
 * The type of a file: the first of those that were told which its first bytes bear out, with its parameters; else what the bytes are.
 * A type is not borne out where the bytes are of another kind, or of none and the type is of a kind that would be known by them.
 */
export function toSoundType(told: readonly (string | null)[], head: Buffer): string {
  const family = families.find(({ is }) => is(head));
  const sound = told.find((type): type is string => type !== null && isSound(type, family));
  return sound?.trim().toLowerCase() ?? family?.type ?? unknownType;
}

function isSound(type: string, family: Family | undefined): boolean {
  const name = (type.split(';')[0] ?? '').trim().toLowerCase();
  // What follows goes into a header one day.
  if (!nameForm.test(name) || !/^[\x20-\x7e]{1,200}$/.test(type)) return false;
  if (family !== undefined) return name === family.type || family.also.test(name);
  return name !== unknownType && !families.some((one) => one.type === name || isAlias(one, name));
}

/** Another name of a kind of picture, video or sound; those of containers for anything say nothing. */
function isAlias({ type, also }: Family, name: string): boolean {
  return !type.startsWith('application/') && also.test(name);
}
