import { Collapse } from 'antd';
import { Fragment } from 'react';
import { api, take } from '../../api/client.ts';
import type { Change } from '../../api/model.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { FilterBar, useFilters } from '../../ui/filter.tsx';
import { ListingTable, useListing } from '../../ui/listing.tsx';
import { Time } from '../../ui/time.tsx';
import { changeTexts } from './change-texts.ts';

/** Who changed what, newest first, as sentences. */
export function AuditLog() {
  const t = usePageTexts();
  const { language } = useLanguage();
  const { filters } = useFilters();
  const { actor, action, subject, since, until } = filters;
  const wanted = {
    ...(actor !== undefined && { actor: toActor(actor) }),
    ...(action !== undefined && { action }),
    ...(subject !== undefined && { subject }),
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
  };
  const listing = useListing(['changes', wanted], (page) =>
    take(api.GET('/api/v1/changes', { params: { query: { ...wanted, ...page } } })),
  );
  return (
    <div className="stack">
      <FilterBar
        fields={[
          { kind: 'text', name: 'actor', label: t('log.actor') },
          {
            kind: 'choice',
            name: 'action',
            label: t('log.action'),
            options: Object.entries(changeTexts[language]).map(([value, text]) => ({
              value,
              label: withoutThing(text),
            })),
          },
          { kind: 'text', name: 'subject', label: t('log.subject') },
          { kind: 'period' },
        ]}
      />
      <p className="hint">{t('log.hint')}</p>
      <ListingTable<Change>
        listing={listing}
        label={t('settings.log')}
        empty={t('log.empty')}
        rowKey="id"
        columns={[
          { title: t('field.time'), dataIndex: 'at', render: (at: string) => <Time at={at} /> },
          { title: t('log.what'), key: 'what', render: (_value, change) => <Sentence of={change} /> },
        ]}
      />
    </div>
  );
}

/** A name of a user, or what stands for somebody in the log. */
function toActor(text: string): string {
  if (text.includes('/')) return text;
  return /^LTAI/.test(text) ? `key/${text}` : `user/${text}`;
}

function withoutThing(text: string): string {
  return text
    .replace(/( from |：从 )\{from\}.*$/, '')
    .replace(/ ?[（(]?\{thing\}[)）]? ?/, ' ')
    .replace(/ (的|，)/, '$1')
    .trim();
}

/** Who did what to which thing; what else the log holds opens below. */
function Sentence({ of: { actor, action, subject, detail } }: { of: Change }) {
  const t = usePageTexts();
  const { language } = useLanguage();
  const parts = (changeTexts[language][action] ?? `${action} {thing}`).split(/\{(\w+)\}/);
  const facts = Object.entries(detail).filter(([name]) => !parts.includes(name));
  return (
    <div className="stack-small">
      <span>
        <Actor actor={actor} />{' '}
        {parts.map((part, at) => {
          if (at % 2 === 0) return part;
          return <code key={at}>{part === 'thing' ? toThing(subject) : toText(detail[part] ?? '')}</code>;
        })}
      </span>
      {facts.length > 0 && (
        <Collapse
          ghost
          size="small"
          items={[{ key: 'detail', label: t('log.detail'), children: <Detail facts={facts} /> }]}
        />
      )}
    </div>
  );
}

/** A user by his name, a key by its id, and the service as itself. */
function Actor({ actor }: { actor: string }) {
  const t = usePageTexts();
  const at = actor.indexOf('/');
  const [kind, id] = [actor.slice(0, at), actor.slice(at + 1)];
  if (kind === 'user') return <b>{id}</b>;
  if (kind === 'key')
    return (
      <>
        {t('log.key')} <code>{id}</code>
      </>
    );
  return <b>{t('log.system')}</b>;
}

/** `channel/shop/sender/1555` is sender 1555 of shop. */
function toThing(subject: string): string {
  const [, ...rest] = subject.split('/');
  return rest.filter((part) => part !== 'sender').join(' / ');
}

/** What was changed to what, each by its name in the API. */
function Detail({ facts }: { facts: readonly (readonly [string, unknown])[] }) {
  return (
    <dl className="ways">
      {facts.map(([name, value]) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>
            <code>{toText(value)}</code>
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}

function toText(value: unknown): string {
  if (value === '' || (Array.isArray(value) && value.length === 0)) return '—';
  if (Array.isArray(value)) return value.map(toText).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
