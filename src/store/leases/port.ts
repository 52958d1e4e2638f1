// Which of several nodes does what one does for all.
export interface Leases {
  /**
   * Takes a lease that nobody holds, or lengthens it for its holder, to `leaseMs` from now; resolves to whether it is his. At no time
   * do two hold one.
   */
  takeLease(name: string, holder: string, leaseMs: number): Promise<boolean>;
  /** Gives a lease back, so that others need not wait for its end; nothing for whoever does not hold it. */
  returnLease(name: string, holder: string): Promise<void>;
}
