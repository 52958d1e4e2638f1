// CSV as RFC 4180 has it, for programs and for spreadsheets, which read more into a cell than stands there.

/** What a cell may hold. */
export type CsvCell = string | number | boolean | null;

/** Begins a file for spreadsheets, which would take UTF-8 for something else. */
const byteOrderMark = '\ufeff';
/** A spreadsheet runs a cell that begins so as a formula; a user may have written it. */
const formula = /^\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r]/;
/** A spreadsheet reads more digits than it can hold as a number, and shows zeros for the last of them. */
const manyDigits = /^\d{12,}$/;

/** How cells are written; `spreadsheet`: with a mark of UTF-8 before the first, and ids of many digits as text. */
interface CsvForm {
  readonly spreadsheet: boolean;
}

/** The line that names the columns. */
export function toCsvHead(names: readonly string[], { spreadsheet }: CsvForm): string {
  return (spreadsheet ? byteOrderMark : '') + toCsvLine(names, { spreadsheet: false });
}

/** One line; text that a spreadsheet would run has an apostrophe before it. */
export function toCsvLine(cells: readonly CsvCell[], form: CsvForm): string {
  return `${cells.map((cell) => toCell(cell, form)).join(',')}\r\n`;
}

function toCell(cell: CsvCell, { spreadsheet }: CsvForm): string {
  if (typeof cell !== 'string') return cell === null ? '' : String(cell);
  if (spreadsheet && manyDigits.test(cell)) return `"\t${cell}"`;
  const safe = formula.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]|^\s|\s$/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
