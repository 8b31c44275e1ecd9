const LANGUAGES: readonly [string, RegExp][] = [
  [
    'Spanish',
    /[¿¡]|\b(?:me|mucho|mucha|gusta|abre|la|el|que|qué|está|estoy|muy|para|gracias|hola|pero|porque|cómo|cuando|cuándo|dónde|esto|tienes|quiero|los|las|una|del)\b/giu,
  ],
  ['French', /\b(?:est|les|des|vous|merci|bonjour|pour|avec|pas|que|une|je|c'est|très|mais|où|quand|votre|dans)\b/giu],
  ['German', /\b(?:ist|nicht|und|das|die|der|ich|danke|aber|wie|wann|wo|ein|eine|sehr|auch|mit|bitte|schön)\b/giu],
  [
    'Portuguese',
    /[ãõ]|\b(?:dos|das|pelo|pela|dias|cinco|chega|da|ao|que|em|com|não|você|obrigad[oa]|está|muito|uma|para|como|quando|onde|isso|mais|meu|minha)\b/giu,
  ],
  ['Italian', /\b(?:che|non|grazie|ciao|sono|molto|bello|bella|come|quando|dove|questo|questa|una|per|più)\b/giu],
  ['Indonesian', /\b(?:yang|dan|tidak|saya|kamu|terima|kasih|ini|itu|sangat|bagus|apa|kapan|dimana|bisa)\b/giu],
  ['Swahili', /\b(?:asante|sana|habari|nzuri|kwa|yako|yangu|hii|karibu|rafiki|ndiyo|hapana)\b/giu],
  ['Turkish', /\b(?:bir|çok|için|teşekkür\w*|nasıl|güzel|değil|ve|bu|ne|merhaba)\b/giu],
];
const ENGLISH =
  /\b(?:the|and|is|are|you|to|of|in|for|it|this|that|on|my|with|was|be|have|not|but|what|your|just|so|me|at|we)\b/giu;

/** The language of a text by its function words, or "another script"; English where it cannot be told. */
export function languageOf(text: string): string {
  const letters = text.match(/\p{L}/gu)?.length ?? 0;
  const latin = text.match(/\p{sc=Latin}/gu)?.length ?? 0;
  if (letters >= 4 && latin / letters < 0.6) return 'another script';
  const english = text.match(ENGLISH)?.length ?? 0;
  const [name = 'English', count = 0] = LANGUAGES.map(
    ([language, pattern]) => [language, text.match(pattern)?.length ?? 0] as const,
  ).reduce((best, next) => (next[1] > best[1] ? next : best), ['English', 0] as readonly [string, number]);
  return count >= 2 && count > english * 1.5 ? name : 'English';
}
