import { Link } from '@tanstack/react-router';
import { Collapse } from 'antd';
import { Fragment } from 'react';
import { api, take } from '../../api/client.ts';
import type { Change, Destination } from '../../api/model.ts';
import { useLanguage } from '../../i18n/language.tsx';
import { usePageTexts } from '../../i18n/use-page-texts.ts';
import { FilterBar, useFilters } from '../../ui/filter.tsx';
import { ListingTable, useListing } from '../../ui/listing.tsx';
import { Time } from '../../ui/time.tsx';
import { useDestinations } from '../deliveries/queries.ts';
import { changeTexts } from './change-texts.ts';

/** Who changed what, newest first, as sentences. */
export function AuditLog() {
  const t = usePageTexts();
  const { language } = useLanguage();
  const { filters } = useFilters();
  const { actor, action, subject, since, until } = filters;
  const destinations = useDestinations();
  const known = destinations.data ?? [];
  const wanted = {
    ...(actor !== undefined && { actor: toActor(actor) }),
    ...(action !== undefined && { action }),
    ...(subject !== undefined && { subject: toSubject(subject, known) }),
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
          {
            title: t('log.what'),
            key: 'what',
            render: (_value, change) => <Sentence of={change} destinations={known} />,
          },
        ]}
      />
    </div>
  );
}

/** A name of a user, or what stands for somebody in the log. */
function toActor(text: string): string {
  if (text.includes('/')) return text;
  return /^LTAI/.test(text) ? `key/${text}` : `user/${text.toLowerCase()}`;
}

/** A thing as the log writes it, from how its sentences do: a callback URL by its number, a sender behind its channel. */
function toSubject(text: string, destinations: readonly Destination[]): string {
  const destination = destinations.find(({ name, url }) => text === url || text === name);
  return destination === undefined ? text.replace(/ +\/ +/g, '/sender/') : `destination/${destination.id}`;
}

function withoutThing(text: string): string {
  return text
    .replace(/( from |：从 )\{from\}.*$/, '')
    .replace(/ ?[（(]?\{thing\}[)）]? ?/, ' ')
    .replace(/ (的|，)/, '$1')
    .trim();
}

/** Who did what to which thing; what else the log holds opens below. */
function Sentence({ of: change, destinations }: { of: Change; destinations: readonly Destination[] }) {
  const { actor, action, detail } = change;
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
          if (part === 'thing') return <Thing key={at} of={change} destinations={destinations} />;
          return <code key={at}>{toText(detail[part] ?? '')}</code>;
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
  if (kind === 'user') return <b className="url">{id}</b>;
  if (kind === 'key')
    return (
      <>
        {t('log.key')} <code>{id}</code>
      </>
    );
  if (kind === 'portal')
    return (
      <>
        {t('log.portal')} <code>{id}</code>
      </>
    );
  return <b>{t(id === 'command-line' ? 'log.command' : 'log.system')}</b>;
}

/** What it was done to, by what people call it: a callback URL that is still there leads to its page. */
function Thing({
  of: { subject, detail },
  destinations,
}: {
  of: Change;
  destinations: readonly Destination[];
}) {
  const [kind, id] = subject.split('/');
  const destination = kind === 'destination' ? destinations.find((one) => String(one.id) === id) : undefined;
  if (destination !== undefined)
    return (
      <Link
        to="/destinations/$destinationId"
        params={{ destinationId: String(destination.id) }}
        className="url in-sentence"
      >
        {destination.name === '' ? destination.url : destination.name}
      </Link>
    );
  const { name, url } = detail;
  const called = kind === 'destination' ? url : kind !== undefined && namedByUs.has(kind) ? name : undefined;
  return (
    <code className="url">{typeof called === 'string' && called !== '' ? called : toThing(subject)}</code>
  );
}

/** Kinds of things whose ids nobody chose. */
const namedByUs: ReadonlySet<string> = new Set(['template', 'notice-target', 'portal-link']);

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
