import { PauseOutlined, PlayCircleOutlined } from '@ant-design/icons';
import { Badge, Button, Empty, Input } from 'antd';
import { useDeferredValue, useId, useState } from 'react';
import type { Receipt } from '../api/model.ts';
import { usePageTexts } from '../i18n/use-page-texts.ts';
import { FilterBar, useFilters } from '../ui/filter.tsx';
import { Page } from '../ui/page.tsx';
import { useChannelFilter } from './channels/queries.ts';
import { useLatest } from './messages/latest.ts';
import { ReceiptLine } from './messages/receipt-line.tsx';
import { toReceiptUser } from './messages/receipt-summary.ts';
import { toReceiptType, useReceiptTypeFilter } from './messages/receipt-types.ts';

/** More than a screen or two is nothing to watch; the lists have everything. */
const maxShown = 200;

const tones = { connecting: 'processing', open: 'success' } as const;

/** Receipts of the last minutes and as they come, newest on top. */
export function Tail() {
  const t = usePageTexts();
  const { filters } = useFilters();
  const { channelId, senderId } = filters;
  const [isPaused, setPaused] = useState(false);
  const latest = useLatest({ type: toReceiptType(filters['type']), channelId, senderId }, isPaused);
  // These are looked for here and are in no address, so that no log has them.
  const [user, setUser] = useState('');
  const [text, setText] = useState('');
  const isWanted = toMatch(useDeferredValue(user), useDeferredValue(text));
  const shown = latest.shown.filter(isWanted).slice(0, maxShown);
  return (
    <Page
      title={t('nav.tail')}
      hint={t('tail.hint')}
      actions={
        <>
          <Badge className="tail-state" status={tones[latest.state]} text={t(`tail.state.${latest.state}`)} />
          <Button
            icon={isPaused ? <PlayCircleOutlined /> : <PauseOutlined />}
            onClick={() => {
              if (isPaused) latest.release();
              setPaused(!isPaused);
            }}
          >
            {isPaused ? t('tail.resume', { count: latest.held.length }) : t('tail.pause')}
          </Button>
          <Button onClick={latest.clear}>{t('tail.clear')}</Button>
        </>
      }
    >
      <FilterBar
        fields={[
          useReceiptTypeFilter(),
          useChannelFilter(),
          { kind: 'text', name: 'senderId', label: t('sender.id') },
        ]}
      />
      <div className="filters">
        <HereFilter label={t('message.number')} value={user} onChange={setUser} />
        <HereFilter label={t('tail.text')} value={text} onChange={setText} />
      </div>
      {latest.hasSkipped && <p role="status">{t('tail.skipped')}</p>}
      {shown.length === 0 ? (
        <Empty description={latest.shown.length === 0 ? t('tail.empty') : t('tail.none')} />
      ) : (
        <ol className="tail" aria-label={t('nav.tail')}>
          {shown.map((receipt) => (
            <ReceiptLine key={receipt.receiptId} receipt={receipt} />
          ))}
        </ol>
      )}
    </Page>
  );
}

function HereFilter({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
}) {
  const id = useId();
  return (
    <div className="filter filter-wide">
      <label htmlFor={id}>{label}</label>
      <Input
        id={id}
        allowClear
        value={value}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      />
    </div>
  );
}

/** Whether a receipt is of the user and holds the text that were typed in; a number with or without its signs. */
function toMatch(user: string, text: string): (receipt: Receipt) => boolean {
  const typed = user.trim().toLowerCase();
  const id = /^[+\d\s().-]+$/.test(typed) ? typed.replaceAll(/\D/g, '') : typed;
  const words = text.trim().toLowerCase();
  return (receipt) =>
    (id === '' || toReceiptUser(receipt).toLowerCase().includes(id)) &&
    (words === '' || holds([receipt.facts, receipt.content], words));
}

/** Whether a text stands in one of the values of what a receipt tells. */
function holds(value: unknown, words: string): boolean {
  if (typeof value === 'object' && value !== null)
    return Object.values(value).some((inner: unknown) => holds(inner, words));
  return (
    (typeof value === 'string' || typeof value === 'number') && String(value).toLowerCase().includes(words)
  );
}
