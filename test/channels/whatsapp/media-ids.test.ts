import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { openReceiver } from '../../support/receiver.ts';
import type { Receiver } from '../../support/receiver.ts';
import { channel, openGraphBed, sender, toOutgoing } from '../../support/graph.ts';
import type { GraphBed } from '../../support/graph.ts';

let now = 0;
let uploads = 0;
let bed: GraphBed;
let site: Receiver;
let refusal: number | undefined;
before(async () => {
  site = await openReceiver((call, response) => {
    if (call.path === '/gone.png') response.writeHead(404).end('none');
    else if (call.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
    else response.writeHead(200, { 'content-type': 'image/png', etag: '"v1"' }).end('png bytes');
  });
  bed = await openGraphBed(
    (call) => {
      if (call.path.endsWith('/media')) return { body: { id: `upload-${(uploads += 1)}` } };
      if (refusal !== undefined) return { status: 400, body: { error: { message: 'media', code: refusal } } };
      return { body: { messages: [{ id: 'wamid.X' }] } };
    },
    () => now,
  );
});
after(async () => {
  await bed.close();
  await site.close();
});

const uploading = { ...channel, options: { mediaBy: 'upload' } };
const picture = (path: string) =>
  toOutgoing({ messageType: 'image', content: { link: `${site.url}${path}`, caption: 'c' } });
const sentImage = () => (JSON.parse(bed.calls.at(-1)?.body ?? '') as { image: object }).image;

describe('a file that is uploaded', () => {
  it('goes by its id, and once for all messages that link to it', async () => {
    await Promise.all([1, 2, 3].map(() => bed.connector.send(uploading, sender, picture('/a.png'))));
    assert.equal(uploads, 1);
    assert.deepEqual(sentImage(), { id: 'upload-1', caption: 'c' });
    const form = bed.calls.find(({ path }) => path.endsWith('/media'));
    assert.match(String(form?.headers['content-type']), /^multipart\/form-data; boundary=/);
    assert.match(form?.body ?? '', /name="messaging_product"\r\n\r\nwhatsapp\r\n/);
    assert.match(form?.body ?? '', /content-type: image\/png\r\n\r\npng bytes\r\n--/);
  });

  it('is asked for anew after ten minutes, and uploaded again only when it has changed', async () => {
    now += 11 * 60_000;
    const asked = site.calls.length;
    await bed.connector.send(uploading, sender, picture('/a.png'));
    assert.equal(site.calls.length, asked + 1);
    assert.equal(uploads, 1);
    assert.deepEqual(sentImage(), { id: 'upload-1', caption: 'c' });
  });

  it('goes by its link where it cannot be fetched here', async () => {
    await bed.connector.send(uploading, sender, picture('/gone.png'));
    assert.deepEqual(sentImage(), { link: `${site.url}/gone.png`, caption: 'c' });
  });

  it('takes the place of a link that Meta could not fetch', async () => {
    await bed.connector.send(channel, sender, picture('/b.png'));
    assert.deepEqual(sentImage(), { link: `${site.url}/b.png`, caption: 'c' });
    refusal = 131053;
    const refused = await bed.connector.send(channel, sender, picture('/b.png'));
    assert.partialDeepStrictEqual(refused, { failure: 'media', code: '131053' });
    refusal = undefined;
    await bed.connector.send(channel, sender, picture('/b.png'));
    assert.deepEqual(sentImage(), { id: 'upload-2', caption: 'c' });
  });
});
