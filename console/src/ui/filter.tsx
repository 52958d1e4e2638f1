import { DatePicker, Input, Select } from 'antd';
import dayjs from 'dayjs';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useId, useState } from 'react';
import type { ReactNode } from 'react';
import { useTexts } from '../i18n/language.tsx';

/** What a page filters by, kept in its address, so that it can be linked to and gone back to. */
export function useFilters(): {
  readonly filters: Readonly<Record<string, string | undefined>>;
  readonly setFilter: (name: string, value: string | undefined) => void;
  readonly setFilters: (values: Readonly<Record<string, string | undefined>>) => void;
} {
  const search: Readonly<Record<string, string | undefined>> = useSearch({ strict: false });
  const navigate = useNavigate();
  const setFilters = (values: Readonly<Record<string, string | undefined>>): void => {
    const next = Object.fromEntries(
      Object.entries({ ...search, ...values }).filter(([, value]) => value !== undefined && value !== ''),
    ) as Record<string, string>;
    void navigate({ to: '.', search: next, replace: true });
  };
  return {
    filters: search,
    setFilters,
    setFilter: (name, value) => {
      setFilters({ [name]: value });
    },
  };
}

function Labelled({
  label,
  children,
  wide = false,
}: {
  label: string;
  children: (id: string) => ReactNode;
  wide?: boolean;
}) {
  const id = useId();
  return (
    <div className={wide ? 'filter filter-wide' : 'filter'}>
      <label htmlFor={id}>{label}</label>
      {children(id)}
    </div>
  );
}

/** Words to look for, looked for once typing has paused. */
export function TextFilter({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const [typed, setTyped] = useState(value ?? '');
  const [last, setLast] = useState(value);
  if (last !== value) {
    setLast(value);
    setTyped(value ?? '');
  }
  useEffect(() => {
    const text = typed.trim();
    if (text === (value ?? '')) return;
    const timer = setTimeout(() => {
      onChange(text === '' ? undefined : text);
    }, 400);
    return () => {
      clearTimeout(timer);
    };
  }, [typed, value, onChange]);
  return (
    <Labelled label={label} wide>
      {(id) => (
        <Input
          id={id}
          allowClear
          value={typed}
          autoComplete="off"
          spellCheck={false}
          onChange={(event) => {
            setTyped(event.target.value);
          }}
        />
      )}
    </Labelled>
  );
}

/** One of several values, or any. */
export function ChoiceFilter({
  label,
  value,
  options,
  onChange,
}: {
  label: string;
  value: string | undefined;
  options: readonly { value: string; label: string }[];
  onChange: (value: string | undefined) => void;
}) {
  const t = useTexts();
  return (
    <Labelled label={label}>
      {(id) => (
        <Select
          id={id}
          aria-label={label}
          allowClear
          value={value ?? null}
          placeholder={t('filter.any')}
          options={[...options]}
          onChange={(chosen: string | null | undefined) => {
            onChange(chosen ?? undefined);
          }}
        />
      )}
    </Labelled>
  );
}

/** From when until when, in the reader's zone. */
export function PeriodFilter({
  since,
  until,
  onChange,
}: {
  since: string | undefined;
  until: string | undefined;
  onChange: (since: string | undefined, until: string | undefined) => void;
}) {
  const t = useTexts();
  return (
    <Labelled label={t('filter.period')} wide>
      {(id) => (
        <DatePicker.RangePicker
          id={{ start: id, end: `${id}-until` }}
          showTime={{ format: 'HH:mm' }}
          format="YYYY-MM-DD HH:mm"
          allowEmpty={[true, true]}
          aria-label={t('filter.period')}
          value={[since === undefined ? null : dayjs(since), until === undefined ? null : dayjs(until)]}
          onChange={(range) => {
            onChange(range?.[0]?.toISOString(), range?.[1]?.toISOString());
          }}
        />
      )}
    </Labelled>
  );
}
