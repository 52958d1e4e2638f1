import type { HandleFault, NewQueueMessage, ReceivedMessage, SentMessage } from '../../domain/queue.ts';
import type { Queues } from '../store.ts';
import type { Connection } from '../sqlite/connection.ts';
import { byQueue } from './sqlite-calls.ts';
import type { QueueDepths } from './sqlite-depths.ts';
import { Handles } from './sqlite-handles.ts';
import type { MessageTables } from './sqlite-messages.ts';
import type { QueueTables } from './sqlite-queues.ts';
import { Receives } from './sqlite-receives.ts';

export function queueVerbs(
  db: Connection,
  queues: QueueTables,
  messages: MessageTables,
  depths: QueueDepths,
): Queues {
  const receives = new Receives(db, queues, depths);
  const handles = new Handles(db, depths);
  const send = byQueue<{ messages: readonly NewQueueMessage[] }, readonly SentMessage[] | undefined>(
    (tx, queue, calls, now) => messages.sendTogether(tx, queue, calls, now),
  );
  const receive = byQueue<{ limit: number }, readonly ReceivedMessage[]>((tx, queue, calls, now) =>
    receives.receiveTogether(tx, queue, calls, now),
  );
  const remove = byQueue<{ handles: readonly string[] }, readonly (HandleFault | null)[]>(
    (tx, queue, calls, now) => handles.deleteTogether(tx, queue, calls, now),
  );
  return {
    createQueue: (accountId, name, attributes, actor) =>
      db.write((tx) => queues.create(tx, accountId, name, attributes, actor)),
    setQueueAttributes: (accountId, name, attributes, actor, expected) =>
      db.write((tx) => queues.setAttributes(tx, accountId, name, attributes, actor, expected)),
    deleteQueue: (accountId, name, actor, expected) =>
      db.write((tx) => queues.remove(tx, accountId, name, actor, expected)),
    findQueue: (accountId, name) => db.read(() => queues.find(accountId, name)),
    sampleQueues: (limit) => db.read(() => queues.sample(limit)),
    listQueues: (accountId, prefix, after, limit) =>
      db.read(() => queues.list(accountId, prefix, after, limit)),
    countMessages: (queue) => db.read(() => depths.count(queue, db.now())),
    countQueuedMessages: (accountId) => db.read(() => queues.countMessages(accountId)),
    findOldestMessage: (queue) => db.read(() => messages.findOldest(queue, db.now())),
    findNextReady: (queue) => db.read(() => messages.findNextReady(queue)),
    sendMessages: (queue, sent, now) => db.writeShared(send, { queue, messages: sent, now }),
    receiveMessages: (queue, limit, now) => db.writeShared(receive, { queue, limit, now }),
    peekMessages: (queue, limit, now) => db.write((tx) => receives.peek(tx, queue, limit, now)),
    unreceiveMessages: (queue, texts) => db.write((tx) => handles.unreceive(tx, queue, texts)),
    deleteMessages: (queue, texts, now) => db.writeShared(remove, { queue, handles: texts, now }),
    changeVisibility: (queue, text, seconds, now) =>
      db.write((tx) => handles.changeVisibility(tx, queue, text, seconds, now)),
  };
}
