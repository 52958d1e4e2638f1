import { Alert, Button, Input, Modal } from 'antd';
import { useId, useState } from 'react';
import { api, take } from '../../api/client.ts';
import type { Erasure } from '../../api/model.ts';
import { useIsAtLeast } from '../../app/session.ts';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import type { TranslatePage } from '../../i18n/use-page-texts.ts';
import { useChange } from '../../ui/change.ts';
import { ProblemAlert } from '../../ui/problem.tsx';

/** For who may: a button that erases what one user wrote and was written to. `number` is whom the reader looks at. */
export function EraseUser({ number }: { number: string | undefined }) {
  const t = usePageTexts();
  const mayErase = useIsAtLeast('operator');
  const [isOpen, setOpen] = useState(false);
  if (!mayErase) return null;
  return (
    <>
      <Button
        danger
        onClick={() => {
          setOpen(true);
        }}
      >
        {t('erase.open')}
      </Button>
      {isOpen && (
        <Erasing
          number={number ?? ''}
          onClose={() => {
            setOpen(false);
          }}
        />
      )}
    </>
  );
}

/** Says how much there is, erases it, and tells what is left. */
function Erasing({ number, onClose }: { number: string; onClose: () => void }) {
  const t = usePageTexts();
  const id = useId();
  const [userId, setUserId] = useState(number);
  const count = useErasure({ dryRun: true });
  const erasure = useErasure({ dryRun: false });
  const wanted = userId.trim();
  const step = erasure.isSuccess ? 'done' : count.isSuccess ? 'counted' : 'asked';
  return (
    <Modal
      open
      title={t('erase.title')}
      mask={{ closable: false }}
      onCancel={onClose}
      footer={
        <>
          <Button onClick={onClose}>{t(step === 'done' ? 'action.close' : 'action.cancel')}</Button>
          {step === 'asked' && <Step text={t('erase.count')} change={count} userId={wanted} />}
          {step === 'counted' && <Step text={t('erase.do')} change={erasure} userId={wanted} danger />}
        </>
      }
    >
      <div className="stack">
        <p>{t('erase.text')}</p>
        <div>
          <label htmlFor={id}>{t('erase.user')}</label>
          <Input
            id={id}
            value={userId}
            disabled={step === 'done'}
            autoComplete="off"
            spellCheck={false}
            aria-describedby={`${id}-hint`}
            onChange={({ target }) => {
              setUserId(target.value);
              // What was counted was somebody else's.
              count.reset();
            }}
          />
          <div id={`${id}-hint`} className="hint">
            {t('erase.user.hint')}
          </div>
        </div>
        <div aria-live="polite" className="stack">
          {step === 'counted' && count.data !== undefined && <Found found={count.data} />}
          {step === 'done' && erasure.data !== undefined && <Done erased={erasure.data} />}
        </div>
        {count.error !== null && <ProblemAlert error={count.error} />}
        {erasure.error !== null && <ProblemAlert error={erasure.error} />}
      </div>
    </Modal>
  );
}

/** The button that leads on; without a user there is nothing to do. */
function Step({
  text,
  change,
  userId,
  danger = false,
}: {
  text: string;
  change: ReturnType<typeof useErasure>;
  userId: string;
  danger?: boolean;
}) {
  return (
    <Button
      type="primary"
      danger={danger}
      disabled={userId === ''}
      loading={change.isPending}
      onClick={() => {
        change.mutate(userId);
      }}
    >
      {text}
    </Button>
  );
}

function useErasure({ dryRun }: { dryRun: boolean }) {
  return useChange(
    (userId: string) => take(api.POST('/api/v1/erasures', { body: { userId, dryRun } })),
    // Whatever page is read next may have shown what is gone.
    { refresh: dryRun ? [] : [[]], quiet: true },
  );
}

function Found({ found }: { found: Erasure }) {
  const t = usePageTexts();
  const isNothing = found.receipts + found.messages + found.media + found.apart === 0;
  return (
    <Alert
      type={isNothing ? 'info' : 'warning'}
      showIcon
      title={isNothing ? t('erase.nothing') : t('erase.found', toCounts(found))}
      description={isNothing ? undefined : t('erase.found.text')}
    />
  );
}

function Done({ erased }: { erased: Erasure }) {
  const t = usePageTexts();
  return (
    <>
      <Alert type="success" showIcon title={t('erase.done', toCounts(erased))} />
      <section aria-label={t('erase.left')}>
        <h3>{t('erase.left')}</h3>
        <ul>
          {toLeft(erased, t).map((text) => (
            <li key={text}>{text}</li>
          ))}
        </ul>
      </section>
    </>
  );
}

/** Rows that damage had set apart were receipts or messages, of which nothing more is known. */
function toCounts({ receipts, messages, media, apart }: Erasure) {
  return { receipts: receipts + apart, messages, media };
}

/** What an erasure does not reach. */
function toLeft({ unreadable, keptFiles }: Erasure, t: TranslatePage): readonly string[] {
  return [
    t('erase.left.facts'),
    t('erase.left.given'),
    t('erase.left.backups'),
    ...(unreadable === 0 ? [] : [t('erase.left.unreadable', { count: unreadable })]),
    ...(keptFiles.length === 0 ? [] : [t('erase.left.files', { files: keptFiles.join(', ') })]),
  ];
}
