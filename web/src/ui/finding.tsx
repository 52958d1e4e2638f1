/** What was looked at, and what was found there. */
export function Finding({ name, text }: { name: string; text: string }) {
  return (
    <span>
      <strong>{name}</strong> — {text}
    </span>
  );
}
