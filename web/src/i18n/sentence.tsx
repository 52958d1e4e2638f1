import { Fragment } from 'react';
import type { ReactNode } from 'react';

/** A text with its `{names}` filled in by anything that can be shown; a name without a value stays as it is written. */
export function Sentence({
  text,
  values,
}: {
  text: string;
  values: Readonly<Record<string, ReactNode>>;
}): ReactNode {
  return text.split(/(\{\w+\})/).map((part, index) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1];
    return <Fragment key={index}>{name === undefined ? part : (values[name] ?? part)}</Fragment>;
  });
}
