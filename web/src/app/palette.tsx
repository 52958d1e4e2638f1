import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { LinkProps } from '@tanstack/react-router';
import { useEffect, useId, useRef, useState } from 'react';
import type { KeyboardEvent } from 'react';
import { api, take } from '../api/client.ts';
import type { Lookup } from '../api/model.ts';
import { useTexts } from '../i18n/language.tsx';
import type { Translate } from '../i18n/language.tsx';
import type { TextKey } from '../i18n/texts.ts';
import { Time } from '../ui/time.tsx';

/** Something that was found, with the page that it opens. */
interface Hit {
  readonly key: string;
  readonly title: string;
  readonly detail: string;
  readonly at?: string;
  readonly place: LinkProps;
}

interface Group {
  readonly title: TextKey;
  readonly hits: readonly Hit[];
}

const pauseMs = 200;
const minLength = 2;

/** One field for whatever somebody has in hand, over the page: what is found opens by a click, or by the arrow keys and Enter. */
export function Palette({ onClose }: { onClose: () => void }) {
  const t = useTexts();
  const [typed, setTyped] = useState('');
  const { dialog, input } = useDialog();
  const { text, query, groups, isCurrent } = useFound(typed.trim());
  const hits = groups.flatMap((group) => group.hits);
  const [active, setActive] = useState(0);
  const at = Math.min(active, Math.max(0, hits.length - 1));
  const id = useId();
  const choose = useChoice({ at, count: hits.length, setActive }, () => {
    if (isCurrent) document.getElementById(`${id}-${at}`)?.click();
  });
  return (
    <dialog
      ref={dialog}
      className="palette"
      aria-labelledby={`${id}-title`}
      onClose={onClose}
      onPointerDown={(event) => {
        // What lies beside it is the dialog's own backdrop.
        if (event.target === event.currentTarget) onClose();
      }}
    >
      <h2 id={`${id}-title`} className="palette-head">
        {t('search.title')}
      </h2>
      <input
        ref={input}
        className="palette-field"
        value={typed}
        maxLength={512}
        autoComplete="off"
        spellCheck={false}
        role="combobox"
        aria-label={t('search.title')}
        aria-busy={query.isFetching}
        aria-expanded={hits.length > 0}
        aria-controls={`${id}-list`}
        aria-autocomplete="list"
        aria-activedescendant={hits.length > 0 ? `${id}-${at}` : undefined}
        onChange={(event) => {
          setTyped(event.target.value);
          setActive(0);
        }}
        onKeyDown={choose}
      />
      <Results id={id} groups={groups} active={hits[at]} onOpen={onClose} />
      <p role="status" className="palette-hint">
        {query.error !== null
          ? t('search.failed')
          : text.length >= minLength && query.isSuccess && hits.length === 0
            ? t('search.none')
            : hits.length === 0 && t('search.hint')}
      </p>
    </dialog>
  );
}

/** A dialog that is open for as long as it is there, and begins in its field. */
function useDialog() {
  const input = useRef<HTMLInputElement>(null);
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    dialog.current?.showModal();
    input.current?.focus();
  }, []);
  return { dialog, input };
}

/** Arrow keys go round what was found; Enter opens the one that was chosen, unless it ends a word of an input method. */
function useChoice(
  { at, count, setActive }: { at: number; count: number; setActive: (at: number) => void },
  open: () => void,
) {
  return (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    const isEnter = event.key === 'Enter' && !event.nativeEvent.isComposing;
    if (count === 0 || (step === 0 && !isEnter)) return;
    event.preventDefault();
    if (isEnter) open();
    else setActive((at + step + count) % count);
  };
}

/** What was found, kind by kind; the options are numbered through. */
function Results({
  id,
  groups,
  active,
  onOpen,
}: {
  id: string;
  groups: readonly Group[];
  active: Hit | undefined;
  onOpen: () => void;
}) {
  const t = useTexts();
  const hits = groups.flatMap((group) => group.hits);
  return (
    <div id={`${id}-list`} role="listbox" aria-label={t('search.found')} className="palette-list">
      {groups.map((group) => (
        <div key={group.title} role="group" aria-label={t(group.title)}>
          <div className="palette-group" aria-hidden>
            {t(group.title)}
          </div>
          {group.hits.map((hit) => (
            <Option
              key={hit.key}
              hit={hit}
              id={`${id}-${hits.indexOf(hit)}`}
              isActive={active === hit}
              onOpen={onOpen}
            />
          ))}
        </div>
      ))}
    </div>
  );
}

function Option({
  hit: { title, detail, at, place },
  id,
  isActive,
  onOpen,
}: {
  hit: Hit;
  id: string;
  isActive: boolean;
  onOpen: () => void;
}) {
  const option = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isActive) option.current?.scrollIntoView({ block: 'nearest' });
  }, [isActive]);
  return (
    <Link
      {...place}
      ref={option}
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isActive}
      className="palette-hit"
      onClick={({ ctrlKey, metaKey, shiftKey }) => {
        if (!ctrlKey && !metaKey && !shiftKey) onOpen();
      }}
    >
      <span className="palette-title">{title}</span>
      <span className="palette-detail">
        {detail} {at !== undefined && <Time at={at} />}
      </span>
    </Link>
  );
}

/** What is found of a text once typing has paused; what was found before stays until it is there, and is not current. */
function useFound(typed: string) {
  const t = useTexts();
  const [text, setText] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => {
      setText(typed);
    }, pauseMs);
    return () => {
      clearTimeout(timer);
    };
  }, [typed]);
  const query = useQuery({
    queryKey: ['search', text],
    queryFn: () => take(api.GET('/api/v1/search', { params: { query: { q: text } } })),
    enabled: text.length >= minLength,
    placeholderData: (before) => (text.length >= minLength ? before : undefined),
  });
  return {
    text,
    query,
    groups: query.data === undefined ? [] : toGroups(query.data, text, t),
    isCurrent: text === typed && !query.isPlaceholderData,
  };
}

function toGroups(found: Lookup, text: string, t: Translate): readonly Group[] {
  const groups: readonly Group[] = [
    { title: 'nav.messages', hits: toMessageHits(found, text, t) },
    {
      title: 'receipts.title',
      hits: found.receipts.map(({ receiptId, type, recordedAt }) => ({
        ...{
          key: `receipt ${receiptId}`,
          title: receiptId,
          detail: t(`receipt.type.${type}`),
          at: recordedAt,
        },
        place: { to: '/receipts/$receiptId', params: { receiptId } },
      })),
    },
    {
      title: 'nav.templates',
      hits: found.templates.map(({ channelId, code, language, name }) => ({
        ...{
          key: `template ${channelId} ${code} ${language}`,
          title: name,
          detail: `${language} · ${code} · ${channelId}`,
        },
        place: { to: '/templates/$channelId/$code/$language', params: { channelId, code, language } },
      })),
    },
    {
      title: 'nav.channels',
      hits: found.channels.map(({ id, name }) => ({
        ...{ key: `channel ${id}`, title: name || id, detail: id },
        place: { to: '/channels/$channelId', params: { channelId: id } },
      })),
    },
    {
      title: 'senders.sandbox',
      hits: found.senders.map(({ channelId, id, name }) => ({
        ...{ key: `sender ${channelId} ${id}`, title: name || id, detail: `${id} · ${channelId}` },
        place: {
          to: '/channels/$channelId/senders/$senderId/webhook',
          params: { channelId, senderId: id },
        },
      })),
    },
    {
      title: 'nav.queues',
      hits: found.queues.map(({ name }) => ({
        ...{ key: `queue ${name}`, title: name, detail: '' },
        place: { to: '/queues/$name', params: { name } },
      })),
    },
    {
      title: 'destinations.title',
      hits: found.destinations.map(({ id, name, url }) => ({
        ...{ key: `destination ${id}`, title: url, detail: name },
        place: { to: '/destinations/$destinationId', params: { destinationId: String(id) } },
      })),
    },
  ];
  return groups.filter(({ hits }) => hits.length > 0);
}

/** Messages, and behind those of a user all of them. */
function toMessageHits({ messages }: Lookup, text: string, t: Translate): readonly Hit[] {
  const hits = messages.map(
    ({ direction, messageId, receiptId, number, text, type, templateName, at }): Hit => {
      const id = direction === 'mo' ? (receiptId ?? messageId) : messageId;
      const words = text === '' ? (templateName ?? type) : text;
      return {
        ...{
          key: `message ${id}`,
          title: `${number}: ${words}`,
          detail: t(`message.direction.${direction}`),
          at,
        },
        place: { to: '/messages/$messageId', params: { messageId: id } },
      };
    },
  );
  const named = messages.some((one) =>
    [one.messageId, one.channelMessageId, one.receiptId, one.taskId].includes(text),
  );
  const directions = named ? [] : [...new Set(messages.map(({ direction }) => direction))];
  const all = directions.map((direction): Hit => ({
    ...{
      key: `all ${direction}`,
      title: t('search.all', { text }),
      detail: t(`message.direction.${direction}`),
    },
    place: { to: '/messages', search: { direction, number: text } },
  }));
  return [...hits, ...all];
}
