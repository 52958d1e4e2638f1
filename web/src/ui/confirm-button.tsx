import { App, Button } from 'antd';
import type { ReactNode } from 'react';

/** A button of a row for what cannot be undone: asks before it does it. `what` tells screen readers of which row it is. */
export function ConfirmButton({
  text,
  what,
  title,
  content,
  onConfirm,
}: {
  text: string;
  what: string;
  title: string;
  content?: ReactNode;
  onConfirm: () => Promise<unknown>;
}) {
  const { modal } = App.useApp();
  return (
    <Button
      type="link"
      size="small"
      danger
      aria-label={`${text} ${what}`}
      onClick={() =>
        void modal.confirm({
          title,
          content,
          okText: text,
          okButtonProps: { danger: true },
          onOk: () => onConfirm().catch(() => undefined),
        })
      }
    >
      {text}
    </Button>
  );
}
