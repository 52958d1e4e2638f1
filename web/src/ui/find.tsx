import { Input } from 'antd';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { usePageTexts } from '../i18n/use-page-texts.ts';

/** A list that is this long is not looked through by eye. */
const manyRows = 10;

/** A field above a list that is all there, and the rows that hold what is typed; no field above a short one. */
export function useFind<Row>(
  rows: readonly Row[],
  toWords: (row: Row) => readonly (string | null | undefined)[],
): { readonly field: ReactNode; readonly found: readonly Row[] } {
  const t = usePageTexts();
  const id = useId();
  const [wanted, setWanted] = useState('');
  if (rows.length <= manyRows) return { field: null, found: rows };
  return {
    field: (
      <div className="filter">
        <label htmlFor={id}>{t('list.find')}</label>
        <Input
          id={id}
          type="search"
          allowClear
          value={wanted}
          onChange={({ target }) => {
            setWanted(target.value);
          }}
        />
      </div>
    ),
    found: rows.filter((row) => holds(toWords(row), wanted)),
  };
}

function holds(words: readonly (string | null | undefined)[], wanted: string): boolean {
  const sought = wanted.trim().toLowerCase();
  // A number is found however it is written.
  const number = /^[+()\d\s-]+$/.test(sought) ? sought.replace(/\D/g, '') : sought;
  return words.some((word) => [sought, number].some((text) => word?.toLowerCase().includes(text) === true));
}
