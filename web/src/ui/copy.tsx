import { CheckOutlined, CopyOutlined } from '@ant-design/icons';
import { App, Button, Tooltip } from 'antd';
import { useEffect, useState } from 'react';
import { useTexts } from '../i18n/language.tsx';

/** Puts a text on the clipboard; browsers give pages without HTTPS no clipboard but this older way. */
async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Not allowed, or not there.
    const area = document.createElement('textarea');
    area.value = text;
    area.setAttribute('aria-hidden', 'true');
    area.style.position = 'fixed';
    area.style.opacity = '0';
    document.body.append(area);
    area.select();
    const isCopied = document.execCommand('copy');
    area.remove();
    return isCopied;
  }
}

/** A button that copies; `what` names the thing for those who cannot see beside what it stands. */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const t = useTexts();
  const { message } = App.useApp();
  // A dialog that comes up again with another text keeps the button.
  const [copied, setCopied] = useState<string | null>(null);
  const isDone = copied === text;
  useEffect(() => {
    if (copied === null) return;
    const timer = setTimeout(() => {
      setCopied(null);
    }, 2000);
    return () => {
      clearTimeout(timer);
    };
  }, [copied]);
  const copy = async (): Promise<void> => {
    if (await copyText(text)) setCopied(text);
    else message.error(t('copy.failed'));
  };
  return (
    <Tooltip title={isDone ? t('copy.done') : t('copy.copy')}>
      <Button
        type="text"
        size="small"
        aria-label={t('copy.label', { what })}
        icon={isDone ? <CheckOutlined /> : <CopyOutlined />}
        onClick={() => void copy()}
      />
    </Tooltip>
  );
}

/** A name or id in fixed width with a button to copy it. */
export function Copyable({ text, what }: { text: string; what: string }) {
  return (
    <span className="copyable">
      <code>{text}</code>
      <CopyButton text={text} what={what} />
    </span>
  );
}

/** A block of code or JSON, to scroll and to copy. */
export function CodeBlock({ text, what }: { text: string; what: string }) {
  return (
    <div className="code-block">
      <div className="code-copy">
        <CopyButton text={text} what={what} />
      </div>
      <pre tabIndex={0} aria-label={what} role="region">
        <code>{text}</code>
      </pre>
    </div>
  );
}
