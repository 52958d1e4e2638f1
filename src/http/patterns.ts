// What the patterns of our schemas ask for, in words for whoever wrote something else.

const letters = 'letters, digits';

/** What stands behind the name of a member; a test holds that each pattern of the API's document is here. */
const patternRules: Readonly<Record<string, string>> = {
  '^[0-9]{1,16}$': 'has to be 1 to 16 digits',
  '^[0-9]{1,32}$': 'has to be 1 to 32 digits',
  '^[0-9]{6}$': 'has to be six digits',
  '^#[0-9a-fA-F]{6}$': 'has to be a colour such as #0b5cd6',
  '^[1-9][0-9]{0,15}$': 'has to be 1 to 16 digits, the first of them not 0',
  '^[A-Za-z0-9][A-Za-z0-9-]*$': `has to be ${letters} and "-", the first a letter or a digit`,
  '^[A-Za-z0-9][A-Za-z0-9._-]*$': `has to be ${letters}, ".", "_" and "-", the first a letter or a digit`,
  '^([+][0-9]+|[A-Za-z0-9][A-Za-z0-9._-]*)$': `has to be "+" and digits, or ${letters}, ".", "_" and "-", the first a letter or a digit`,
  '^[A-Za-z0-9_-]{16,128}$': `has to be 16 to 128 ${letters}, "-" and "_"`,
  '^[0-9A-Fa-f.:/, ]+$': 'has to be addresses and CIDR ranges with commas between them',
  '^[\\u0021-\\u007e]+$': 'may hold letters, digits and signs of ASCII alone: no blank, no line break',
  '^[^\\u0000-\\u001f\\u007f]*$': 'may hold no control character, such as a line break',
  '^https?://[^\\s/?#@]+(/[^\\s?#]*[^\\s?#/])?$':
    'has to be an http or https address without a user, a query or a "/" at its end',
};

/** What a pattern asks for, in words; undefined for one that is none of ours. */
export function toPatternRule(pattern: unknown): string | undefined {
  return typeof pattern === 'string' && Object.hasOwn(patternRules, pattern)
    ? patternRules[pattern]
    : undefined;
}
