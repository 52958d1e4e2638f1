// Files of the business on their whole way: a key by the SDK, the form post, and the address that it answers in a message, in a
// template and in a link for somebody else, up to what the simulated WhatsApp gets.
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { it } from 'node:test';
import * as cams from '@alicloud/cams20200606';
import PopCore from '@alicloud/pop-core';
import { request } from 'undici';
import { rootAccount, waitUntil } from '../support/service.ts';
import { number, openWhatsappService } from '../support/whatsapp-service.ts';

const picture = Buffer.concat([Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), Buffer.alloc(2000, 5)]);

it('sends an uploaded picture, shows it in a template, and gives a link to it', async (t) => {
  const { sdk, service, proxy } = await openWhatsappService(t);
  const asked = await sdk.getChatappUploadAuthorization(
    new cams.GetChatappUploadAuthorizationRequest({ custSpaceId: 'wa' }),
  );
  const made = asked.body?.data;
  assert.ok(made?.accessKeySecret !== undefined);
  const policy = Buffer.from(
    JSON.stringify({
      expiration: new Date(Date.now() + 60_000).toISOString(),
      conditions: [['content-length-range', 0, 5_000_000]],
    }),
  ).toString('base64');
  const form = new FormData();
  form.set('OSSAccessKeyId', made.accessKeyId ?? '');
  form.set('x-oss-security-token', made.securityToken ?? '');
  form.set('key', `${made.dir ?? ''}/a cat.png`);
  form.set('policy', policy);
  form.set('Signature', createHmac('sha1', made.accessKeySecret).update(policy).digest('base64'));
  form.set('success_action_status', '201');
  form.set('file', new Blob([picture]), 'a cat.png');
  const address = `${made.endPoint ?? ''}/${made.bucketName ?? ''}`;
  const encoded = new Response(form);
  const posted = await request(address, {
    method: 'POST',
    headers: { 'content-type': encoded.headers.get('content-type') ?? '' },
    body: Buffer.from(await encoded.arrayBuffer()),
  });
  const answer = await posted.body.text();
  assert.equal(posted.statusCode, 201, answer);
  const location = /<Location>(.*)<\/Location>/.exec(answer)?.[1] ?? '';

  const { body: message } = await sdk.sendChatappMessage(
    new cams.SendChatappMessageRequest({
      channelType: 'whatsapp',
      type: 'message',
      messageType: 'image',
      content: JSON.stringify({ link: location, caption: 'A cat' }),
      custSpaceId: 'wa',
      from: number,
      to: '8613900000000',
    }),
  );
  assert.equal(message?.code, 'OK', message?.message);
  const findSent = () => proxy.calls.find(({ path }) => path.endsWith('/messages'));
  await waitUntil('the message has been sent', 60_000, () => findSent() !== undefined);
  const { image } = JSON.parse(findSent()?.body.toString() ?? '') as { image: { link: string } };
  assert.notEqual(image.link, location);
  await assertPicture(image.link);

  const { body: template } = await sdk.createChatappTemplate(
    new cams.CreateChatappTemplateRequest({
      name: 'cat_news',
      language: 'en',
      category: 'MARKETING',
      templateType: 'WHATSAPP',
      custSpaceId: 'wa',
      components: [
        new cams.CreateChatappTemplateRequestComponents({ type: 'HEADER', format: 'IMAGE', url: location }),
        new cams.CreateChatappTemplateRequestComponents({ type: 'BODY', text: 'Hello' }),
      ],
    }),
  );
  assert.equal(template?.code, 'OK', template?.message);
  const findTemplate = () =>
    proxy.calls.find(({ method, path }) => method === 'POST' && path.endsWith('/message_templates'));
  await waitUntil('the template has been handed in', 60_000, () => findTemplate() !== undefined);
  assert.ok(
    proxy.calls.some(({ body }) => body.equals(picture)),
    'the sample has been uploaded to WhatsApp',
  );
  assert.match(findTemplate()?.body.toString() ?? '', /"header_handle":\["[^"]+"\]/);

  // The SDK of TypeScript lacks this one.
  const rpc = new PopCore({
    accessKeyId: rootAccount.keyId,
    accessKeySecret: rootAccount.keySecret,
    endpoint: service.url,
    apiVersion: '2020-06-06',
  });
  const signed = await rpc.request<{ Data: { Url: string } }>('GeneratePresignedUrl', { FilePath: location });
  await assertPicture(signed.Data.Url);
});

async function assertPicture(url: string): Promise<void> {
  const read = await request(url);
  assert.deepEqual([read.statusCode, read.headers['content-type']], [200, 'image/png'], url);
  assert.ok(picture.equals(Buffer.from(await read.body.arrayBuffer())));
}
