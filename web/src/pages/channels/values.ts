// Between what the forms of a channel hold and what the API takes.
import type { Channel } from '../../api/model.ts';
import { credentialNames, optionFields, optionNames } from './fields.ts';
import type { ChannelBody, ChannelKind, CredentialName } from './fields.ts';

type Value = string | boolean | { readonly toISOString: () => string } | null | undefined;

export type CredentialValues = Readonly<Partial<Record<CredentialName, Value>>>;
export type OptionValues = Readonly<Record<string, Value>>;

function toText(value: Value): string {
  if (typeof value === 'object' && value !== null) return value.toISOString();
  return typeof value === 'string' ? value.trim() : '';
}

/** Leaves out what the reader left empty. */
export function toCredentials(values: CredentialValues | undefined): Record<string, string> {
  return Object.fromEntries(
    credentialNames.flatMap((name) => {
      const text = toText(values?.[name]);
      return text === '' ? [] : [[name, text]];
    }),
  );
}

/** What is given, and null for what could be read in `channel` and was emptied. */
export function toCredentialChange(
  values: CredentialValues | undefined,
  { openCredentials }: Pick<Channel, 'openCredentials'>,
): Record<string, string | null> {
  const given = toCredentials(values);
  const emptied = Object.keys(openCredentials).filter(
    (name) => given[name] === undefined && values !== undefined && name in values,
  );
  return { ...given, ...Object.fromEntries(emptied.map((name) => [name, null])) };
}

/** The options of a kind of channel, which replace those that it had; what is off or empty is not among them. */
export function toOptions(kind: ChannelKind, values: OptionValues | undefined): ChannelBody['options'] {
  const entries = optionNames
    .filter((name) => optionFields[name].kinds.includes(kind))
    .flatMap((name): [string, string | boolean][] => {
      const value = values?.[name];
      if (optionFields[name].input === 'switch') return value === true ? [[name, true]] : [];
      const text = toText(value);
      return text === '' ? [] : [[name, text]];
    });
  return Object.fromEntries(entries);
}
