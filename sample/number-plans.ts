/**
 * Mobile ranges in which every number is valid, so that sample numbers need no checking when they are made; a test checks
 * them against libphonenumber. The numbers are made up, but somebody may have them: they are for testing, not for calling.
 */

export interface SamplePlan {
  country: string;
  callingCode: string;
  /** Prefixes of national numbers, each followed by `digits` more. */
  prefixes: string[];
  digits: number;
  /** How many of a thousand contacts have a number of this plan, roughly. */
  weight: number;
  /** Whose names its people have, the usual ones first: NAMES in names.ts. */
  people: string[];
}

function plan(
  country: string,
  callingCode: string,
  prefixes: string,
  digits: number,
  weight: number,
  people: string,
): SamplePlan {
  return { country, callingCode, prefixes: prefixes.split(' '), digits, weight, people: people.split(' ') };
}

const US_AREAS = [202, 212, 213, 303, 305, 312, 404, 415, 503, 512, 602, 617, 646, 702, 713, 773, 808, 917];
const CANADA_AREAS = [416, 514, 604, 613, 403, 647];
/** A North American number goes on with 2 to 9. */
const northAmerican = (areas: number[]) =>
  areas.flatMap((area) => [2, 3, 4, 6, 7, 8].map((next) => `${area}${next}`)).join(' ');

/** A business with customers all over the world, most of them in a few countries. */
export const SAMPLE_PLANS: SamplePlan[] = [
  plan('US', '1', northAmerican(US_AREAS), 6, 190, 'english english english spanish chinese vietnamese'),
  plan('CA', '1', northAmerican(CANADA_AREAS), 6, 25, 'english french chinese indian'),
  plan('GB', '44', '7400 7450 7512 7725 7806 7912 7980 7701 7880', 6, 90, 'english english english indian polish'),
  plan('DE', '49', '1511 1512 1515 1517 1520 1570 1573 1590', 7, 75, 'german german german turkish'),
  plan('FR', '33', '61 62 66 67 68', 7, 55, 'french french french arabic'),
  plan('AM', '374', '91 93 94 95 96 98 99 77 55 43 41', 6, 50, 'armenian armenian armenianLatin russian'),
  plan('IN', '91', '98 99 97 96', 8, 50, 'indian indian hindi'),
  plan('ES', '34', '61 62 65 66', 7, 40, 'spanish'),
  plan('IT', '39', '320 328 333 347 349', 7, 35, 'italian'),
  plan('BR', '55', '1197 1198 2198 3198 4199', 7, 35, 'portuguese'),
  plan('PL', '48', '501 601 692 724 781 888', 6, 30, 'polish'),
  plan('UA', '380', '50 63 66 67 68 93 95 96 97 98', 7, 28, 'ukrainian ukrainian russian'),
  plan('TR', '90', '530 532 542 505 551', 7, 28, 'turkish'),
  plan('NL', '31', '61 62 64 65', 7, 25, 'dutch dutch turkish'),
  plan('MX', '52', '552 553 554 332 818', 7, 20, 'spanish'),
  plan('JP', '81', '901 902 903 904 801 802', 7, 20, 'japanese'),
  plan('CN', '86', '138 139 136 186 158', 8, 18, 'chinese'),
  plan('GE', '995', '555 577 591 593 599', 6, 16, 'georgian georgian armenianLatin'),
  plan('AE', '971', '50 52 55 56', 7, 16, 'arabic indian english'),
  plan('KZ', '7', '701 702 705 707 777', 7, 15, 'russian'),
  plan('AU', '61', '400 401 402 411 412', 6, 15, 'english english greek chinese'),
  plan('IL', '972', '502 503 504 522 523 524 542 543 544', 6, 14, 'hebrew hebrew russian'),
  plan('GR', '30', '694 695 697 698', 7, 14, 'greek'),
  plan('KR', '82', '102 103 104', 7, 12, 'korean'),
  plan('VN', '84', '90 91 97 98', 7, 12, 'vietnamese'),
  plan('TH', '66', '81 84 86 89', 7, 10, 'thai'),
  plan('SA', '966', '50 53 54 55', 7, 10, 'arabic'),
  plan('EG', '20', '100 101 111 122', 7, 10, 'arabic'),
  plan('ZA', '27', '72 73 82 83', 7, 10, 'african english dutch'),
  plan('NG', '234', '803 805 806', 7, 10, 'african'),
  plan('KE', '254', '710 711 720 722', 6, 8, 'african'),
  plan('SE', '46', '70 72 73 76', 7, 10, 'nordic'),
  plan('DK', '45', '26 28', 6, 6, 'nordic'),
  plan('NO', '47', '90 91 92 95', 6, 6, 'nordic'),
  plan('FI', '358', '401 405 451 501', 6, 6, 'finnish'),
  plan('CH', '41', '76 78 79', 7, 9, 'german french italian'),
  plan('AT', '43', '664 676 699', 7, 9, 'german german turkish'),
  plan('BE', '32', '470 475 485 495', 6, 9, 'dutch french'),
  plan('PT', '351', '91 93 96', 7, 9, 'portuguese'),
  plan('IE', '353', '83 85 86 87', 7, 8, 'english english polish'),
  plan('CZ', '420', '601 602 603 724 777', 6, 9, 'czech'),
  plan('RO', '40', '721 722 730 740', 6, 9, 'romanian'),
  plan('HU', '36', '20 30 70', 7, 8, 'hungarian'),
  plan('BG', '359', '87 88 89', 7, 6, 'bulgarian'),
  plan('RS', '381', '60 62 63 64', 7, 6, 'serbian'),
  plan('HR', '385', '91 95 98', 7, 5, 'serbian'),
  plan('LT', '370', '61 62 65 68', 6, 4, 'baltic'),
  plan('LV', '371', '26 28 29', 6, 4, 'baltic'),
  plan('CY', '357', '96 97 99', 6, 4, 'greek'),
  plan('AR', '54', '9112 9113 9114 9115 9116', 7, 10, 'spanish'),
  plan('CO', '57', '300 301 310 311 320', 7, 8, 'spanish'),
  plan('CL', '56', '98', 7, 6, 'spanish'),
  plan('PE', '51', '98 99', 7, 5, 'spanish'),
  plan('PK', '92', '300 301 321 333', 7, 8, 'arabic indian'),
  plan('PH', '63', '917 918 919 927', 7, 8, 'spanish english'),
  plan('ID', '62', '811 812 813', 7, 8, 'indonesian'),
  plan('MY', '60', '122 123 162 163 172 173', 6, 6, 'indonesian chinese indian'),
  plan('SG', '65', '91 92 96 97', 6, 6, 'chinese english indian'),
];
