import { describe } from 'node:test';
import { accountContract } from './contract/accounts.ts';
import { aliasContract } from './contract/aliases.ts';
import { backlogContract } from './contract/backlog.ts';
import { channelContract } from './contract/channels.ts';
import { clockContract } from './contract/clock.ts';
import { deliveryContract } from './contract/deliveries.ts';
import type { OpenStore } from './contract/fixture.ts';
import { erasureContract } from './contract/erasures.ts';
import { fallbackContract } from './contract/fallbacks.ts';
import { handleContract } from './contract/handles.ts';
import { idContract } from './contract/ids.ts';
import { journalContract } from './contract/journal.ts';
import { mediaContract } from './contract/media.ts';
import { nonceContract } from './contract/nonces.ts';
import { outboundContract } from './contract/outbound.ts';
import { queueContract } from './contract/queues.ts';
import { receiptContract } from './contract/receipts.ts';
import { removedSenderContract } from './contract/removed-senders.ts';
import { replayContract } from './contract/replays.ts';
import { togetherContract } from './contract/together.ts';
import { rateContract } from './contract/rates.ts';
import { templateContract } from './contract/templates.ts';
import { versionContract } from './contract/versions.ts';
import { upkeepContract } from './contract/upkeep.ts';
import { userContract } from './contract/users.ts';
import { uploadContract } from './contract/uploads.ts';

/** What every adapter of the store port keeps, as tests. `open` makes an empty store for each of them. */
export function storeContract(name: string, open: OpenStore): void {
  describe(`the store port over ${name}`, () => {
    accountContract(open);
    userContract(open);
    channelContract(open);
    receiptContract(open);
    deliveryContract(open);
    replayContract(open);
    backlogContract(open);
    outboundContract(open);
    removedSenderContract(open);
    nonceContract(open);
    fallbackContract(open);
    templateContract(open);
    queueContract(open);
    handleContract(open);
    togetherContract(open);
    mediaContract(open);
    uploadContract(open);
    erasureContract(open);
    aliasContract(open);
    clockContract(open);
    idContract(open);
    journalContract(open);
    rateContract(open);
    upkeepContract(open);
    versionContract(open);
  });
}
