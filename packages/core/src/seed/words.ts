/** What a person typed, read as words. */
export interface TypedWords {
  /** As a word list is searched for them: NFKD, lower case. In the order of their numbers, where they have numbers. */
  words: string[];
  /** False where numbers stand beside the words that are not 1 to the last, one before each word. */
  isNumberedRight: boolean;
}

/** Zero-width spaces and joiners, byte order marks, marks of direction, soft hyphens; what makes a digit an emoji of a key. */
const INVISIBLE = /\p{Cf}|\p{Variation_Selector}|\u20e3/gu;
/** Each Chinese character is a word of its own: nobody needs white space between them. */
const WORD = /\p{Script=Han}|(?:(?!\p{Script=Han})[\p{L}\p{M}\p{N}])+/gu;
/** UAX #15, "Stream-Safe Text Format": more marks on one letter are no writing, and to normalise them takes the square of their number. */
const MARKS_BEYOND_30 = /(\p{M}{30})\p{M}+/gu;
/** Of 24 words nobody types as much; what is longer holds none. */
const MAX_TYPED_LENGTH = 2_000_000;
const NUMBER = /^\d{1,2}$/;
const MAX_NUMBER = 99;

/**
 * Reads text as a person types or pastes it: any white space (the ideographic U+3000 too) and punctuation between words, any
 * case, either form of Unicode, characters that cannot be seen, and the numbers of a list as in `1. abandon 2. ability`. Numbers
 * say the order: who copies a list of two columns row by row gets the words as they are numbered.
 *
 * @see https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki "From mnemonic to seed", for NFKD
 */
export function readWords(typed: string): TypedWords {
  const tokens = wordKey(visible(typed)).match(WORD) ?? [];
  const numbers = tokens.filter((token) => NUMBER.test(token)).map(Number);
  const words = tokens.filter((token) => !NUMBER.test(token));
  if (numbers.length === 0) return { words, isNumberedRight: true };
  // More than numbers of two digits can count are not looked through, however many there are.
  const isOneBeforeEach =
    numbers.length === words.length &&
    words.length <= MAX_NUMBER &&
    tokens.every((token, at) => NUMBER.test(token) === (at % 2 === 0));
  const order = isOneBeforeEach ? words.map((_, at) => numbers.indexOf(at + 1)) : [-1];
  const isNumberedRight = !order.includes(-1);
  return { words: isNumberedRight ? order.map((at) => words[at] as string) : words, isNumberedRight };
}

/** Text without what cannot be seen in it, nothing of one that is too long, and ready to be normalised. */
export function visible(text: string): string {
  if (text.length > MAX_TYPED_LENGTH) return "";
  return text.replace(INVISIBLE, "").replace(MARKS_BEYOND_30, "$1");
}

/** In which words are compared. Case is that of Unicode, whatever the language of the device: Turkish has another `i`. */
export function wordKey(word: string): string {
  return word.normalize("NFKD").toLowerCase();
}

/** Accents of Latin letters. Not the voice marks of Japanese, which make another letter. */
const ACCENTS = /[\u0300-\u036f]/g;
/** What keyboards and their corrections write in the place of letters that the lists have. */
const LIGATURES: Readonly<Record<string, string>> = { ı: "i", œ: "oe", æ: "ae" };

/** A word's key without what people leave out or keyboards put in. */
export function bareKey(key: string): string {
  return key.replace(ACCENTS, "").replace(/[ıœæ]/g, (letter) => LIGATURES[letter] as string);
}
