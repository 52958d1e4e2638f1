/** What became of an event that was played on a sandbox. */
export interface PlayedEvent {
  readonly messageId: string;
  readonly receiptId: string;
  readonly outcome: 'fresh' | 'repeat' | 'dropped';
}
