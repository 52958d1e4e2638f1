import { Form } from 'antd';
import type { FormInstance } from 'antd';
import { useEffect } from 'react';
import { Problem } from '../api/client.ts';
import { useFindings } from '../i18n/language.tsx';
import { ProblemAlert, SaveProblem } from './problem.tsx';

type Aliases = Readonly<Record<string, string>>;

/** The name of the field that a problem is about; undefined where the form shows none. */
function findField(form: FormInstance, error: unknown, aliases: Aliases): string | undefined {
  if (!(error instanceof Problem) || error.field === null) return undefined;
  const name = aliases[error.field] ?? error.field;
  // What is wrong with one of a list stands at the field of all of them.
  return [name, name.replace(/\.\d+$/, '')].find(
    (one) => (form.getFieldInstance(one.split('.')) as unknown) !== undefined,
  );
}

/** Inside a form: why it was not saved, at the field that it is about where there is one, else here. */
export function FormProblem({
  error,
  showNow,
  aliases = {},
}: {
  error: Error | null;
  showNow?: () => void;
  /** Fields by what the service calls them, where the form calls them otherwise. */
  aliases?: Aliases;
}) {
  const form = Form.useFormInstance<object>();
  const tell = useFindings();
  const field = findField(form, error, aliases);
  const text = error instanceof Problem ? tell.fault(error) : '';
  useEffect(() => {
    if (error === null || field === undefined) return;
    const name = field.split('.');
    form.setFields([{ name: name, errors: [text] }]);
    form.scrollToField(name, { focus: true });
  }, [form, error, field, text]);
  if (error === null || field !== undefined) return null;
  return showNow === undefined ? (
    <ProblemAlert error={error} />
  ) : (
    <SaveProblem error={error} showNow={showNow} />
  );
}
