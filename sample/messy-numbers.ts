/** One valid number as different people write it. Every spelling is the same contact. */
import type { Person } from './people.ts';
import type { Random } from './random.ts';

/** Countries that dial a 0 inside, which people put in brackets into their international numbers. */
const WITH_TRUNK_ZERO = new Set(['GB', 'DE', 'FR', 'NL', 'AT', 'CH', 'SE']);
const ARABIC_ZERO = 0x0660;
const FULL_WIDTH_ZERO = 0xff10;

export function spellNumber({ plan, national, contact }: Person, random: Random): string {
  const code = plan.callingCode;
  const plain = contact.number;
  switch (random.below(20)) {
    case 0:
    case 1:
    case 2:
      return code + national;
    case 3:
    case 4:
      return `00${code}${national}`;
    case 5:
    case 6:
      return `+${code} ${inGroups(national, ' ')}`;
    case 7:
      return `+${code} (${national.slice(0, 3)}) ${national.slice(3, 6)}-${national.slice(6)}`;
    case 8:
      return `+${code}-${inGroups(national, '-')}`;
    case 9:
      return `+${code}.${inGroups(national, '.')}`;
    case 10:
      return `+${code} ${national.slice(0, 4)}/${national.slice(4)}`;
    case 11:
      return `00 ${code} ${inGroups(national, ' ')}`;
    case 12:
      return `(+${code}) ${inGroups(national, '\u00A0')}`;
    case 13:
      return ` ${plain}  `;
    case 14:
      if (random.chance(0.3)) return inDigits(plain, FULL_WIDTH_ZERO).replace('+', '＋');
      return random.chance(0.3) ? inDigits(plain, ARABIC_ZERO) : plain;
    case 15:
      // A telephone's address book wraps numbers into signs for the direction of writing.
      return random.chance(0.3) ? `\u202A${plain}\u202C` : `+${code} ${national}`;
    case 16:
      return WITH_TRUNK_ZERO.has(plan.country) ? `+${code} (0)${inGroups(national, ' ')}` : plain;
    default:
      return plain;
  }
}

function inGroups(digits: string, between: string): string {
  return digits.replace(/(\d{2,3})(?=(?:\d{3})+$|\d{2}$)/g, `$1${between}`);
}

function inDigits(text: string, zero: number): string {
  return text.replace(/\d/g, (digit) => String.fromCharCode(zero + Number(digit)));
}
