import { timingSafeEqual } from 'node:crypto';

/** Whether two texts are the same, in a time that tells nothing of how much of them is; their lengths are no secret. */
export function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.byteLength === right.byteLength && timingSafeEqual(left, right);
}
