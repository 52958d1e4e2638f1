// What CAMS operations that set callback URLs tell beside their answer.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { NewNotice } from '../../../src/domain/notice.ts';
import { openCamsApp } from '../../support/cams-app.ts';

test('a callback URL whose host has no address yet is set, with a notice', async (t) => {
  const notices: NewNotice[] = [];
  const app = await openCamsApp({ raiseNotice: (notice) => notices.push(notice) });
  t.after(() => app.close());
  const set = (host: string) =>
    app.call('UpdatePhoneWebhook', {
      CustSpaceId: 'sandbox',
      PhoneNumber: '15550100001',
      HttpFlag: 'Y',
      QueueFlag: 'N',
      StatusCallbackUrl: `https://${host}/status`,
      UpCallbackUrl: 'https://callback.example/up',
    });
  const answer = await set('crm.unmade.example');
  assert.equal(answer.body['Code'], 'OK', answer.text);
  assert.deepEqual(
    notices.map(({ accountId, code, params }) => [accountId, code, params]),
    [[app.accountId, 'callback_unresolved', { host: 'crm.unmade.example' }]],
  );
  await set('callback.example');
  assert.equal(notices.length, 1);
});
