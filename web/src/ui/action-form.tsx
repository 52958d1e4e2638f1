import { Button, Form } from 'antd';
import type { FormInstance } from 'antd';
import type { ReactNode } from 'react';
import { FormProblem } from './form-problem.tsx';
import { Unsaved } from './unsaved.tsx';

interface Change<Fields> {
  readonly mutate: (fields: Fields) => void;
  readonly error: Error | null;
  readonly isPending: boolean;
  readonly isSuccess: boolean;
  readonly submittedAt: number;
}

/** Fields with one button that does `change` with them; why it was not done stands above the button. */
export function ActionForm<Fields extends object>({
  name,
  change,
  submit,
  look = 'primary',
  form,
  showNow,
  children,
}: {
  /** Tells its fields from those of other forms on the page: ids begin with it. */
  name: string;
  change: Change<Fields>;
  submit: string;
  look?: 'primary' | 'default' | 'danger';
  form?: FormInstance<Fields>;
  /** Fills it anew, where somebody else may have changed what it shows. */
  showNow?: () => void;
  children: ReactNode;
}) {
  return (
    <Form<Fields>
      name={name}
      {...(form !== undefined && { form })}
      layout="vertical"
      className="narrow"
      onFinish={(fields) => {
        change.mutate(fields);
      }}
    >
      {children}
      <Unsaved change={change} />
      <FormProblem error={change.error} {...(showNow !== undefined && { showNow })} />
      <div className="form-actions">
        <Button
          type={look === 'primary' ? 'primary' : 'default'}
          danger={look === 'danger'}
          htmlType="submit"
          loading={change.isPending}
        >
          {submit}
        </Button>
      </div>
    </Form>
  );
}
