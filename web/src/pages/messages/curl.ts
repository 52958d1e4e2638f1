/** A POST as it is made. */
interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** One word of a shell, whatever is in it: between single quotes nothing is special but the single quote. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The command that makes the same POST by hand, for any POSIX shell. */
export function toCurl({ url, headers, body }: Post): string {
  const lines = [
    // Brackets in an address are none of curl's own signs here.
    `curl --globoff --request POST ${quote(url)}`,
    ...Object.entries(headers).map(([name, value]) => `--header ${quote(`${name}: ${value}`)}`),
    // Unlike --data, this takes a body that begins with @ as it is.
    `--data-raw ${quote(body)}`,
  ];
  return lines.join(' \\\n  ');
}
