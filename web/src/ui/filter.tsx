import { FilterOutlined } from '@ant-design/icons';
import { Button, DatePicker, Input, Select } from 'antd';
import dayjs from 'dayjs';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useId, useState } from 'react';
import type { ReactNode } from 'react';
import { useTexts } from '../i18n/language.tsx';
import { phoneWidth, useMedia } from './media.ts';

/** What a page filters by, kept in its address, so that it can be linked to and gone back to. */
export function useFilters(): {
  readonly filters: Readonly<Record<string, string | undefined>>;
  readonly setFilter: (name: string, value: string | undefined) => void;
  readonly setFilters: (values: Readonly<Record<string, string | undefined>>) => void;
} {
  const given: Readonly<Record<string, string | undefined>> = useSearch({ strict: false });
  // A link may have been pasted together with blanks around what it filters by.
  const search = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, value?.trim()]));
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

/** One filter of a page, by the name that it has in the address; a period has two, `since` and `until`. */
export type FilterField =
  | { readonly kind: 'text'; readonly name: string; readonly label: string }
  | {
      readonly kind: 'choice';
      readonly name: string;
      readonly label: string;
      readonly options: readonly { readonly value: string; readonly label: string }[];
    }
  | { readonly kind: 'period' };

/** The filters of a page in a row; on a phone behind one button that says how many are set. */
export function FilterBar({ fields }: { fields: readonly FilterField[] }) {
  const t = useTexts();
  const { filters } = useFilters();
  const id = useId();
  const isPhone = useMedia(phoneWidth);
  const [isOpen, setOpen] = useState(false);
  if (!isPhone) return <FilterFields fields={fields} />;
  const names = fields.flatMap((field) => (field.kind === 'period' ? [['since', 'until']] : [[field.name]]));
  const count = names.filter((own) => own.some((name) => filters[name] !== undefined)).length;
  return (
    <>
      <div>
        <Button
          icon={<FilterOutlined aria-hidden />}
          aria-expanded={isOpen}
          aria-controls={id}
          onClick={() => {
            setOpen(!isOpen);
          }}
        >
          {count === 0 ? t('filter.fold') : t('filter.fold.count', { count })}
        </Button>
      </div>
      <div id={id} hidden={!isOpen}>
        {isOpen && <FilterFields fields={fields} />}
      </div>
    </>
  );
}

/** Each bound to its place in the address. */
function FilterFields({ fields }: { fields: readonly FilterField[] }) {
  const { filters, setFilter, setFilters } = useFilters();
  return (
    <div className="filters">
      {fields.map((field) => {
        if (field.kind === 'period')
          return (
            <PeriodFilter
              key="period"
              since={filters['since']}
              until={filters['until']}
              onChange={(since, until) => {
                setFilters({ since, until });
              }}
            />
          );
        const { name, label } = field;
        const bound = {
          label,
          value: filters[name],
          onChange: (value: string | undefined) => {
            setFilter(name, value);
          },
        };
        return field.kind === 'text' ? (
          <TextFilter key={name} {...bound} />
        ) : (
          <ChoiceFilter key={name} {...bound} options={field.options} />
        );
      })}
    </div>
  );
}

/** Words to look for, looked for once typing has paused. */
function TextFilter({
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
function ChoiceFilter({
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
function PeriodFilter({
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
