// What somebody means who writes down a user: people write numbers with blanks and brackets, and some countries' in two spellings.

/** What numbers are written with beside their digits; a pasted one may bring marks of its direction along. */
const written = /^\+?[\d\s()./\u00ad\u2010-\u2015\u2212-]+$/;
const unseen = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/**
 * The ids that a text may mean, the likeliest first: a number in bare digits, however it is written, with what else it is called where
 * its country has two spellings; else the text itself.
 */
export function toMeantIds(text: string): readonly string[] {
  const plain = text.replace(unseen, '').trim();
  if (!written.test(plain)) return [plain];
  // In +49 (0)151 the zero is dialled within the country alone.
  const digits = plain.replace(/^((?:\+|00)[\d\s]+)\(0\)/, '$1').replace(/\D/g, '');
  if (digits === '') return [plain];
  const ids = digits.startsWith('00') ? [digits.slice(2), digits] : [digits];
  return [...new Set(ids.flatMap((id) => [id, ...toOtherSpellings(id)]))];
}

/**
 * What else a mobile number is called: in Brazil with and without its ninth digit, in Mexico with and without a 1 behind the country's
 * code, in Argentina with and without a 9 there. WhatsApp knows each user by one of both, and does not say by which before it has told it.
 */
function toOtherSpellings(digits: string): readonly string[] {
  const brazil = /^(55\d\d)(9?)([6-9]\d{7})$/.exec(digits);
  if (brazil !== null) return [`${brazil[1]}${brazil[2] === '' ? '9' : ''}${brazil[3]}`];
  const mexico = /^52(1?)(\d{10})$/.exec(digits);
  if (mexico !== null) return [`52${mexico[1] === '' ? '1' : ''}${mexico[2]}`];
  const argentina = /^54(9?)(\d{10})$/.exec(digits);
  if (argentina !== null) return [`54${argentina[1] === '' ? '9' : ''}${argentina[2]}`];
  return [];
}
