/** Brands spelled so that no common word matches: naming one that the campaign does not name is for a person to decide. */
export const BRANDS = [
  'Nike',
  'Adidas',
  'Reebok',
  'Under Armour',
  'Lululemon',
  'Gucci',
  'Prada',
  'Chanel',
  'Dior',
  'Louis Vuitton',
  'Hermès',
  'Balenciaga',
  'Burberry',
  'Versace',
  'Zara',
  'H&M',
  'Uniqlo',
  'Shein',
  'Primark',
  'Asos',
  'ASOS',
  'Levi’s',
  "Levi's",
  'Coca-Cola',
  'Pepsi',
  'Red Bull',
  'Starbucks',
  "McDonald's",
  'Burger King',
  'KFC',
  'Nestlé',
  'Nespresso',
  'Heineken',
  'Samsung',
  'Sony',
  'Huawei',
  'Xiaomi',
  'Microsoft',
  'Google',
  'Netflix',
  'Spotify',
  'Disney',
  'IKEA',
  'Walmart',
  'eBay',
  'AliExpress',
  'Temu',
  'Tesla',
  'BMW',
  'Mercedes-Benz',
  'Audi',
  'Toyota',
  'Volkswagen',
  'L’Oréal',
  "L'Oréal",
  'Sephora',
  'Maybelline',
  'Nivea',
  'Fenty',
  'OpenAI',
  'ChatGPT',
  'Binance',
  'Coinbase',
  'PayPal',
  'Airbnb',
  'Uber',
  'Ryanair',
] as const;

export interface ClaimRule {
  code: string;
  message: string;
  pattern: RegExp;
  /** Where the pattern is slow: what every text that it matches holds, and hardly another. */
  needs?: RegExp;
}

/** Statements that are fine when the campaign makes them, and need a person when only the model does. */
export const CLAIM_RULES: readonly ClaimRule[] = [
  {
    code: 'UNVERIFIED_CLAIM',
    message: 'Claims evidence that nobody gave',
    pattern:
      /\b(?:scientifically|clinically|medically) (?:proven|tested)\b|\b(?:studies|research|science|experts?|doctors?|scientists?) (?:show|prove|proves|shows|say|says|agree|confirm|recommend)s?\b|\bproven to\b/i,
  },
  {
    code: 'UNVERIFIED_CLAIM',
    message: 'States a figure that nobody gave',
    pattern:
      /\b\d{1,3}(?:[.,]\d+)? ?% of (?:all )?\p{L}+|\b\d+ (?:out of|in) \d+ (?:people|women|men|users|customers|experts|doctors)\b|\b\d+x (?:faster|better|cheaper|more)\b/iu,
    needs: /% of |\d (?:out of|in) \d|\dx /i,
  },
  {
    code: 'UNVERIFIED_CLAIM',
    message: 'Promises more than anybody can',
    pattern:
      /\b100 ?% (?:safe|effective|natural|guaranteed|organic|pure)\b|\bguarantee[ds]?\b|\bthe (?:world's|number one|no\. ?1|#1)\b|#1 (?:brand|choice|product)\b|\brisk[- ]free\b|\bno side effects\b/i,
  },
  {
    code: 'UNVERIFIED_OFFER',
    message: 'Makes an offer that nobody gave',
    pattern:
      /\b\d{1,2} ?% off\b|\b(?:use|with) (?:my |the |our )?(?:promo |discount )?code\b|\b(?:discount code|promo code|giveaway|free shipping|buy one get one|bogo|refund)\b|(?:[$€£]|usd |eur )\d[\d.,]*/i,
  },
  {
    code: 'UNPLANNED_PROMOTION',
    message: 'Reads like paid promotion',
    pattern: /#ad\b|#sponsored\b|\b(?:paid partnership|sponsored by|in collaboration with|partnered with)\b/i,
  },
  {
    code: 'POLITICS',
    message: 'Touches politics',
    pattern:
      /\b(?:trump|biden|obama|clinton|putin|democrats?|republicans?|gop|maga|antifa|conservatives?|liberals?|leftists?|senator|congress|parliament|prime minister|election|gun control|nra|abortion|immigra(?:nts?|tion)|refugees?|migrants?|brexit|border wall|white house|supreme court|gaza|israel|palestine|islam|muslims?)\b|#(?:blm|blacklivesmatter|maga\w*)/i,
  },
];
