// Which operations keys that may not do everything may call. By their names, so that a new one is closed until it is listed.
import type { KeyRole } from '../domain/account.ts';

/** What belongs to sending a message. */
const sending = /^(Send|GetChatappUploadAuthorization$|GeneratePresignedUrl$)/;
/** What a puller of receipts needs. */
const receiving = /^QueryTokenForMnsQueue$/;
const reading = /^(List|Query|Get)/;

/** Whether a key of that role may call the operation. */
export function mayCall(role: KeyRole, operation: string): boolean {
  switch (role) {
    case 'full':
      return true;
    case 'send':
      return sending.test(operation);
    case 'receive':
      return receiving.test(operation);
    case 'read':
      return reading.test(operation) && !sending.test(operation) && !receiving.test(operation);
  }
}
