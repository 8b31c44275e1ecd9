import type { Flag } from './check.ts';
import { addFlag } from './check.ts';

const EMAIL = /[\p{L}\p{N}._%+-]+@[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*\.\p{L}{2,}/u;
const SOCIAL_SECURITY = /(?<!\d)(?!000|666|9\d\d)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?!\d)/u;
const CARD = /(?<![\d.])(?:\d[ -]?){12,18}\d(?![\d.])/gu;
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){3,7}(?: ?[A-Z0-9]{1,3})?\b/u;
const SECRET =
  /\b(?:sk-[A-Za-z0-9_-]{16,}|AKIA[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{30,}|xox[abpr]-[A-Za-z0-9-]{10,}|AIza[\w-]{30,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{5,})|-----BEGIN [A-Z ]*PRIVATE KEY-----|\b(?:0x)?[a-f0-9]{64}\b/u;
const STREET =
  /\b\d{1,5} (?:\p{Lu}\p{L}+ ){1,3}(?:Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Boulevard|Blvd|Drive|Court)\b\.?/u;
const PHONE = /(?<![\p{L}\d#$€£@./:-])(?:\+|00)?\(?\d(?:[\d\s().-]{6,20})\d(?![\p{L}\d%]|[.,]\d)/gu;

/** E-mail addresses, telephone numbers, street addresses; card, bank and identity numbers; keys and tokens. */
export function findPersonalData(text: string): Flag[] {
  const prose = text.replace(/\bhttps?:\/\/\S+/gi, ' ');
  const flags: Flag[] = [];
  if (SECRET.test(text)) addFlag(flags, 'SECRET', 'HIGH', 'Contains what looks like a key, token or password.');
  if (SOCIAL_SECURITY.test(prose))
    addFlag(flags, 'PERSONAL_DATA', 'HIGH', 'Contains what looks like a social security number.');
  if ((prose.match(CARD) ?? []).some(passesLuhn))
    addFlag(flags, 'PERSONAL_DATA', 'HIGH', 'Contains what looks like a payment card number.');
  if (IBAN.test(prose)) addFlag(flags, 'PERSONAL_DATA', 'HIGH', 'Contains what looks like a bank account number.');
  if (EMAIL.test(prose)) addFlag(flags, 'PERSONAL_DATA', 'HIGH', 'Contains an e-mail address.');
  if ((prose.match(PHONE) ?? []).some(looksLikePhone))
    addFlag(flags, 'PERSONAL_DATA', 'HIGH', 'Contains a telephone number.');
  if (STREET.test(prose)) addFlag(flags, 'PERSONAL_DATA', 'MEDIUM', 'Contains what looks like a street address.');
  return flags;
}

function passesLuhn(candidate: string): boolean {
  const digits = [...candidate]
    .filter((character) => /\d/u.test(character))
    .map(Number)
    .reverse();
  if (digits.length < 13 || new Set(digits).size === 1) return false;
  const sum = digits.reduce(
    (total, digit, at) => total + (at % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2),
    0,
  );
  return sum % 10 === 0;
}

/** Nine to fifteen digits, grouped like a number to dial: not a date, a year range, or a figure with thousands. */
function looksLikePhone(candidate: string): boolean {
  const digits = candidate.replace(/\D/gu, '');
  if (digits.length < 9 || digits.length > 15) return false;
  if (
    /\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{4}|(?:19|20)\d{2}\s?-\s?(?:19|20)\d{2}/u.test(candidate)
  )
    return false;
  if (/^\d{1,3}(?:[ .]\d{3})+$/u.test(candidate.trim())) return /^0/u.test(candidate.trim());
  return /^(?:\+|00|0|\()/u.test(candidate) || /\d{3}[\s.-]\d{3}[\s.-]\d{3,4}/u.test(candidate) || digits.length === 10;
}
