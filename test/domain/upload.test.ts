import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { headBytes, toFileType, uploadExtensions } from '../../src/domain/upload.ts';

/** How files of each extension begin; those that are written one way have one row. */
const beginnings: readonly (readonly [extensions: string, head: string])[] = [
  ['jpg jpeg', '\xff\xd8\xff\xe0'],
  ['png', '\x89PNG\r\n\x1a\n'],
  ['gif', 'GIF89a'],
  ['webp', 'RIFF\x24\x00\x00\x00WEBPVP8 '],
  ['mp4 m4v mov 3gp m4a', '\x00\x00\x00\x20ftypisom'],
  ['aac mp3', '\xff\xf1\x50\x80'],
  ['mp3', 'ID3\x04\x00'],
  ['amr', '#!AMR\n'],
  ['ogg', 'OggS\x00\x02'],
  ['wav', 'RIFF\x24\x00\x00\x00WAVEfmt '],
  ['pdf', '%PDF-1.7'],
  ['doc xls ppt', '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1'],
  ['docx xlsx pptx odt ods', 'PK\x03\x04\x14\x00'],
  ['rtf', '{\\rtf1'],
  ['txt csv', 'name;price\nhat;9\n'],
];

const begins = (extension: string, head: string): boolean | undefined =>
  toFileType(`a.${extension}`)?.begins(Buffer.from(head, 'latin1'));

describe('a file that may be uploaded', () => {
  it('has a row here for each extension', () => {
    const tried = new Set(beginnings.flatMap(([extensions]) => extensions.split(' ')));
    assert.deepEqual([...tried].toSorted(), uploadExtensions.toSorted());
  });

  for (const [extensions, head] of beginnings)
    for (const extension of extensions.split(' '))
      it(`begins as ${extension} does: ${JSON.stringify(head)}`, () => {
        assert.equal(begins(extension, head), true);
        // One byte before it, and nothing at all, are other files; but a text may begin anyhow.
        if (!['txt', 'csv'].includes(extension)) {
          assert.equal(begins(extension, `\n${head}`), false);
          assert.equal(begins(extension, ''), false);
        }
      });

  it('does not begin as a file of another type does', () => {
    for (const extension of uploadExtensions.filter((one) => !['txt', 'csv'].includes(one)))
      for (const [extensions, head] of beginnings)
        if (!extensions.split(' ').includes(extension))
          assert.equal(begins(extension, head), false, `${extension}: ${JSON.stringify(head)}`);
  });

  it('is a text without a zero that is no program', () => {
    assert.deepEqual(
      ['a\0b', 'MZ\x90', '\x7fELF', '#!/bin/sh', ''].map((head) => begins('txt', head)),
      [false, false, false, false, true],
    );
  });

  it('is MPEG audio by all eleven bits of its frame', () => {
    assert.deepEqual(
      ['\xff\xe0', '\xff\xdf', '\xfe\xe0', '\xff'].map((head) => begins('aac', head)),
      [true, false, false, false],
    );
  });

  it('tells its type within the bytes that are looked at', () => {
    for (const [, head] of beginnings) assert.ok(head.length <= headBytes);
  });
});
