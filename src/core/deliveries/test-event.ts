import { createHash } from 'node:crypto';
import type { Attempt, Destination } from '../../domain/delivery.ts';
import type { Client } from '../../http/client.ts';
import { judge, maxAnswerBytes } from './judge.ts';
import { toHeaders } from './signature.ts';
import type { Time } from '../../runtime/clock.ts';

/** A test event as it went out, and what came back. */
export interface TestEvent {
  readonly request: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
  };
  readonly attempt: Attempt;
}

interface TestEventDeps extends Time {
  readonly client: Pick<Client, 'post'>;
}

/**
 * Posts one receipt that is plainly a test to a destination, signed like any other. It is recorded nowhere, moves no
 * breaker and is not retried.
 */
export async function sendTestEvent(
  { client, now, monotonic }: TestEventDeps,
  destination: Destination,
): Promise<TestEvent> {
  const at = now();
  const id = createHash('sha256').update(`test/${destination.id}/${at}`).digest('hex').slice(0, 32);
  const receipt = {
    MessageId: `test-${id.slice(0, 16)}`,
    CustSpaceId: 'test',
    WabaId: '',
    From: '10000000000',
    To: '10000000001',
    Timestamp: at,
    DisplayName: 'Chasqui',
    Name: 'Chasqui',
    NoticeType: 'inbound',
    Type: 'TEXT',
    Message: 'This is a test event. Nobody wrote it.',
    ReceiptId: id,
  };
  const body = JSON.stringify([receipt]);
  const headers = {
    ...toHeaders({ id, at, body, secrets: destination.secrets, attempt: 1, cause: null }),
    'chasqui-test': 'true',
  };
  const startedAt = monotonic();
  const { timeoutMs, preset } = destination.settings;
  const result = await client.post(destination.url, { headers, body, timeoutMs, maxBytes: maxAnswerBytes });
  const { status, outcome, answer } = judge(result, preset, now(), [id]);
  return {
    request: { url: destination.url, headers, body },
    attempt: { at, durationMs: monotonic() - startedAt, status, outcome, answer },
  };
}
