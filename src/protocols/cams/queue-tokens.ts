// QueryTokenForMnsQueue of Dybase: a key for one queue of receipts (docs/protocols/cams.md).
import { receiptTypes } from '../../domain/receipt.ts';
import { invalid } from '../../domain/refusal.ts';
import { toReceiptQueueName } from '../../domain/subscription.ts';
import { toCloudTime } from './cloud-time.ts';
import type { Answer, Call, OperationDeps } from './operation.ts';

/** What these operations work with. */
export type QueueTokenDeps = OperationDeps<'keepNonces'>;

const hour = 3_600_000;
/** How much longer a queue token is good than its text says: more than any two time zones are apart. */
const tokenGraceMs = 24 * hour;

/**
 * A key for one queue of receipts, good for an hour by what it says. The times are of GMT+8 and do not say so: a puller that takes them
 * for its own clock's asks for the next key up to 20 hours late, so this one stays good for a day beyond.
 */
export async function queryTokenForMnsQueue(deps: QueueTokenDeps, call: Call): Promise<Answer> {
  const { parameters } = call;
  const given = parameters.required('MessageType');
  const type = receiptTypes.find((known) => known === given);
  if (type === undefined) throw invalid('MessageType', `has to be one of ${receiptTypes.join(', ')}`);
  const own = toReceiptQueueName(call.accountId, type);
  const queueName = parameters.text('QueueName') ?? own;
  if (queueName !== own) throw invalid('QueueName', `has to be ${own}`);
  // Nothing else is written: without this a request replayed after a crash could be given a secret.
  await deps.store.keepNonces();
  const saidEnd = deps.now() + hour;
  const key = deps.temporaryKeys.issue({
    accountId: call.accountId,
    issuerId: call.actor.id,
    queueName,
    expiresAt: saidEnd + tokenGraceMs,
  });
  return {
    MessageTokenDTO: {
      AccessKeyId: key.id,
      AccessKeySecret: key.secret,
      SecurityToken: key.securityToken,
      CreateTime: toCloudTime(key.createdAt),
      ExpireTime: toCloudTime(saidEnd),
    },
  };
}
