import { createTable, draw, type Random, type Table, whole } from './random.ts'

/** Fonts that come together, with a program or a habit. */
type Bundle = readonly string[]

const OFFICE: Bundle = [
  'Agency FB',
  'Century',
  'Century Gothic',
  'Franklin Gothic',
  'Haettenschweiler',
  'Lucida Bright',
  'Lucida Sans',
  'MS Outlook',
  'MT Extra',
  'Monotype Corsiva',
  'Pristina',
]

// Names probes ask for: those of fingerprint-generator's browsers, and of common programs, designers and programmers.
const SINGLES =
  'MYRIAD PRO|Minion Pro|TRAJAN PRO|GOTHAM|EUROSTILE|Clarendon|Letter Gothic|ARNO PRO|Staccato222 BT|AvantGarde Bk BT|SCRIPTINA|Univers CE 55 Medium|Serifa|Bitstream Vera Sans Mono|BankGothic Md BT|Futura Bk BT|Futura Md BT|Humanst521 BT|ZWAdobeF|HELV|Small Fonts|Arial Unicode MS|Arabic Typesetting|Microsoft Uighur|Leelawadee|Levenim MT|Vrinda|Batang|PMingLiU|SimHei|MS Mincho|Meiryo UI|Fira Code|JetBrains Mono|Source Code Pro|Cascadia Code|Hack|Inconsolata|Iosevka|Roboto|Roboto Mono|Open Sans|Lato|Montserrat|Poppins|Raleway|Oswald|Inter|Nunito|Ubuntu|Ubuntu Mono|Cantarell|Noto Sans|Noto Serif|Noto Sans CJK|Noto Color Emoji|DejaVu Sans|DejaVu Serif|Liberation Sans|Linux Libertine|FreeSans|Gentium|Junicode|Bebas Neue|Playfair Display|Merriweather|Source Sans Pro|Fira Sans|PT Sans|PT Serif|Droid Sans|Exo 2|Comfortaa|Lobster|Pacifico|Dancing Script|Helvetica|Avenir|DIN|Proxima Nova|Frutiger|Akzidenz Grotesk|Gill Sans Nova|Rockwell Nova|Bahnschrift Condensed|Aptos|Tw Cen MT|Harlow Solid|Chiller|Jokerman|Papyrus|Stencil|OCR A|Symbol Neu|Wingdings 4|Code2000|Unifont|Old English Text|Minecraft|Font Awesome'.split(
    '|',
  )

const PAIRS: readonly Bundle[] = [
  ['MYRIAD PRO', 'Minion Pro'],
  ['MYRIAD PRO', 'Minion Pro', 'TRAJAN PRO', 'ARNO PRO', 'Source Sans Pro', 'Source Code Pro'],
  ['Roboto', 'Open Sans', 'Lato'],
  ['Fira Code', 'Fira Sans'],
  ['Futura Bk BT', 'Futura Md BT', 'Humanst521 BT', 'BankGothic Md BT'],
  ['Batang', 'PMingLiU', 'SimHei', 'MS Mincho'],
  ['DejaVu Sans', 'DejaVu Serif', 'Liberation Sans'],
  ['Noto Sans', 'Noto Serif', 'Noto Color Emoji'],
  ['Montserrat', 'Poppins', 'Raleway', 'Oswald'],
]

/** Popular ones before rare ones. */
const BUNDLES: Table<Bundle> = createTable([
  [OFFICE, 60],
  ...PAIRS.map((bundle, rank) => [bundle, 40 / (rank + 2)] as const),
  ...SINGLES.map((font, rank) => [[font], 60 / (rank + 6)] as const),
])

/** So many bundles on average, at least one; how many is geometric, as with most hoards. */
export function drawOwnFonts(meanBundles: number, random: Random): readonly string[] {
  const fonts = new Set(draw(BUNDLES, random))
  while (random() < 1 - 1 / meanBundles) for (const font of draw(BUNDLES, random)) fonts.add(font)
  return [...fonts]
}

/** One program more, or less. */
export function changeOwnFonts(own: readonly string[], random: Random): readonly string[] {
  if (own.length > 0 && random() < 0.2) return own.toSpliced(whole(0, own.length - 1, random), 1)
  return [...new Set([...own, ...draw(BUNDLES, random)])]
}

export const sortFonts = (base: readonly string[], own: readonly string[]): readonly string[] =>
  own.length === 0 ? base : [...new Set([...base, ...own])].sort()
