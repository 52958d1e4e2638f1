/** Does `work` as a user who owns nothing, where the tests are root's, who may do everything; as whoever runs them otherwise. */
export async function asStranger(work: () => unknown): Promise<void> {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(65_534);
  try {
    await work();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
}
