import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { toSoundType } from '../../../src/core/media/file-kind.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const text = (value: string): Buffer => Buffer.from(value, 'latin1');
const boxes = (brand: string): Buffer =>
  Buffer.concat([hex('00000018'), text(`ftyp${brand}`), hex('00000200')]);
const riff = (form: string): Buffer => Buffer.concat([text('RIFF'), hex('24000000'), text(form)]);

const mp4 = boxes('isom');
const png = hex('89504e470d0a1a0a0000000d49484452');
const jpeg = hex('ffd8ffe000104a464946');

/** What was told, first the channel's word in the event, then the head of the answer; the bytes; and the type that is kept. */
const rows: readonly (readonly [string, readonly (string | null)[], Buffer, string])[] = [
  ['a type that the bytes bear out', ['image/jpeg', 'image/jpeg'], jpeg, 'image/jpeg'],
  ['a picture of another kind than usual', ['image/jpeg', 'image/png'], png, 'image/png'],
  ['a picture whose server says nothing', ['image/jpeg', null], png, 'image/png'],
  ['a video without a known ending', ['application/octet-stream', 'video/mp4'], mp4, 'video/mp4'],
  [
    'a video that is served as bytes',
    ['application/octet-stream', 'application/octet-stream'],
    mp4,
    'video/mp4',
  ],
  ['a video in the place of a picture', ['image/jpeg', 'image/jpeg'], mp4, 'video/mp4'],
  ['a voice in a video container', ['audio/mp4', 'video/mp4'], mp4, 'audio/mp4'],
  [
    'a voice with its parameters',
    ['audio/ogg; codecs=opus', 'audio/ogg'],
    text('OggS\0'),
    'audio/ogg; codecs=opus',
  ],
  ['a photo of a phone', ['image/jpeg', 'image/heic'], boxes('heic'), 'image/heic'],
  ['a film of a phone', ['video/mp4', 'video/quicktime'], boxes('qt  '), 'video/mp4'],
  ['a song without tags', ['audio/mp4', 'audio/mpeg'], hex('fffb9064'), 'audio/mpeg'],
  ['a sound of frames', ['application/octet-stream', null], hex('fff15080'), 'audio/aac'],
  ['a wave', ['audio/mp4', 'audio/x-wav'], riff('WAVE'), 'audio/x-wav'],
  ['a sticker', ['image/png', null], riff('WEBP'), 'image/webp'],
  [
    'a document in a container',
    ['application/octet-stream', 'application/vnd.oasis.opendocument.text'],
    hex('504b0304'),
    'application/vnd.oasis.opendocument.text',
  ],
  ['an archive that nobody named', ['application/octet-stream', null], hex('504b0304'), 'application/zip'],
  [
    'a page that is a file',
    ['application/octet-stream', 'text/html; charset=utf-8'],
    text('<!doctype html>'),
    'text/html; charset=utf-8',
  ],
  ['a page in the place of a picture', ['image/jpeg', 'text/html'], text('<html>'), 'text/html'],
  [
    'a page that calls itself a picture',
    ['image/jpeg', 'image/jpeg'],
    text('<script>'),
    'application/octet-stream',
  ],
  ['a picture that calls itself a page', ['application/octet-stream', 'text/html'], png, 'image/png'],
  [
    'bytes that call themselves a film',
    ['video/mp4', 'video/mp4'],
    text('hello'),
    'application/octet-stream',
  ],
  ['a type that no bytes tell', ['text/csv', 'application/octet-stream'], text('a;b'), 'text/csv'],
  ['a type of another kind of picture', ['image/jpeg', 'image/tiff'], hex('49492a00'), 'image/tiff'],
  ['a type that is none', ['text/plain\r\nx: y', 'words'], text('hello'), 'application/octet-stream'],
  ['an empty file', ['image/jpeg', null], Buffer.alloc(0), 'application/octet-stream'],
];

describe('the type of a file', () => {
  for (const [name, told, head, type] of rows)
    it(`is sound: ${name}`, () => assert.equal(toSoundType(told, head), type));
});
