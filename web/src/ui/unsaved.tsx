import { useBlocker } from '@tanstack/react-router';
import { App, Form, Modal } from 'antd';
import type { ModalProps } from 'antd';
import { createContext, use, useCallback, useEffect, useRef, useState } from 'react';
import { useTexts } from '../i18n/language.tsx';

/** What a form is saved by. */
interface Saving {
  readonly isPending: boolean;
  readonly isSuccess: boolean;
  readonly submittedAt: number;
}

/** How a form tells the dialog around it whether it holds what is not saved. */
const DialogContext = createContext<((isUnsaved: boolean) => void) | null>(null);

/** Asks whether to give up what is not saved; resolves to whether so. */
function useQuestion(): () => Promise<boolean> {
  const t = useTexts();
  const { modal } = App.useApp();
  return () =>
    new Promise((resolve) => {
      modal.confirm({
        title: t('unsaved.title'),
        content: t('unsaved.text'),
        okText: t('unsaved.leave'),
        cancelText: t('unsaved.stay'),
        okButtonProps: { danger: true },
        onOk: () => {
          resolve(true);
        },
        onCancel: () => {
          resolve(false);
        },
      });
    });
}

/** Whether the form around it holds edits that are neither saved nor taken back. */
function useIsUnsaved({ isPending, isSuccess, submittedAt }: Saving): boolean {
  const form = Form.useFormInstance<object>();
  const text = Form.useWatch((values) => JSON.stringify(values), { form, preserve: true });
  const [saved, setSaved] = useState({ text, submittedAt: 0 });
  const isTouched = form.isFieldsTouched();
  const isJustSaved = isSuccess && submittedAt !== saved.submittedAt;
  if (isJustSaved || (!isTouched && text !== saved.text))
    setSaved({ text, submittedAt: isSuccess ? submittedAt : saved.submittedAt });
  return isTouched && !isPending && !isJustSaved && text !== saved.text;
}

/** Inside a form: edits that `change` has not saved are asked about before they are lost, by going elsewhere as by closing the window. */
export function Unsaved({ change }: { change: Saving }) {
  const isUnsaved = useIsUnsaved(change);
  const ask = useQuestion();
  const tell = use(DialogContext);
  useEffect(() => {
    tell?.(isUnsaved);
    return () => tell?.(false);
  }, [tell, isUnsaved]);
  useBlocker({
    disabled: !isUnsaved,
    enableBeforeUnload: isUnsaved,
    shouldBlockFn: async ({ current, next }) => current.pathname !== next.pathname && !(await ask()),
  });
  return null;
}

/** A dialog with a form in it, which has an {@link Unsaved}: closing asks as well. */
export function FormModal({ onCancel, children, ...modal }: ModalProps) {
  const isUnsaved = useRef(false);
  const ask = useQuestion();
  const tell = useCallback((value: boolean) => {
    isUnsaved.current = value;
  }, []);
  return (
    <Modal
      {...modal}
      mask={{ closable: false }}
      onCancel={(event) => {
        if (!isUnsaved.current) onCancel?.(event);
        else
          void ask().then((isGivenUp) => {
            if (isGivenUp) onCancel?.(event);
          });
      }}
    >
      <DialogContext value={tell}>{children}</DialogContext>
    </Modal>
  );
}
