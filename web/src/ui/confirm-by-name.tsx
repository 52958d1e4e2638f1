import { Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { useTexts } from '../i18n/language.tsx';

/** Asks for the name of what is to be destroyed; the button works once it has been typed. */
export function ConfirmByName({
  name,
  title,
  text,
  isOpen,
  isBusy,
  onConfirm,
  onCancel,
}: {
  name: string;
  title: string;
  text: string;
  isOpen: boolean;
  isBusy: boolean;
  onConfirm: () => void;
  onCancel: () => void;
}) {
  const t = useTexts();
  const id = useId();
  const [typed, setTyped] = useState('');
  return (
    <Modal
      open={isOpen}
      title={title}
      okText={t('action.delete')}
      okButtonProps={{ danger: true, disabled: typed !== name, loading: isBusy }}
      onOk={onConfirm}
      onCancel={onCancel}
      afterClose={() => {
        setTyped('');
      }}
      destroyOnHidden
    >
      <p>{text}</p>
      <label htmlFor={id}>{t('confirm.type_name', { name })}</label>
      <Input
        id={id}
        value={typed}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          setTyped(event.target.value);
        }}
        onPressEnter={() => {
          if (typed === name) onConfirm();
        }}
      />
    </Modal>
  );
}
