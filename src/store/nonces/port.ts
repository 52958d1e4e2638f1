// Signature nonces, each good for once.
export interface NonceEngine {
  /**
   * Remembers a signature nonce; resolves to false when it was used before. What the caller writes after that is never on the
   * disk without the nonce.
   */
  useNonce(keyId: string, nonce: string, now: number): Promise<boolean>;
  /** Resolves when every nonce that was used before is on the disk. */
  keepNonces(): Promise<void>;
}

export interface Nonces extends NonceEngine {
  /** How many are on the disk. Takes the longer the more there are. */
  countNonces(): Promise<number>;
}
