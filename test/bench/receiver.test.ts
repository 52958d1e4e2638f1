import assert from 'node:assert/strict';
import { it } from 'node:test';
import { request } from 'undici';
import { startProcess } from '../../bench/bed.ts';

it('marked events are told apart: those that arrived, came twice, or are of a run that was forgotten', async (t) => {
  const { child, url } = await startProcess('receiver.ts');
  t.after(() => child.kill('SIGKILL'));
  const post = async (text: string): Promise<void> => {
    await request(`${url}/marked`, { method: 'POST', body: JSON.stringify({ text: { body: text } }) });
  };
  const count = async () => {
    const { receipts, distinct, unexplained } = (await (await request(url)).body.json()) as Record<
      string,
      number
    >;
    return { receipts, distinct, unexplained };
  };
  await post('at 1 wamid.7.1.0.0 xxx');
  await post('at 1 wamid.7.1.1.0 ');
  await post('at 1 wamid.7.1.1.0 ');
  assert.deepEqual(await count(), { receipts: 3, distinct: 2, unexplained: 1 });
  await request(url, { method: 'DELETE' });
  await post('at 1 wamid.7.1.2.0 xxx');
  await post('at 1 wamid.7.2.0.0 xxx');
  assert.deepEqual(await count(), { receipts: 1, distinct: 1, unexplained: 0 });
});
